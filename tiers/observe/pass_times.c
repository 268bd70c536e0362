/*
 * The sums of pass times, see pass_times.h: a list of some dozens, which is searched from its
 * start, and sorted when somebody asks.
 */
#include "pass_times.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/grow.h"
#include "runtime/platform/platform.h"

struct vsp_pass_times {
	vsp_plat_mutex *lock;
	vsp_pass_time *list; /* the names are owned */
	uint32_t count, room;
};

vsp_pass_times *vsp_pass_times_create(void)
{
	vsp_pass_times *t = vsp_alloc(1, sizeof *t);
	if (t && !(t->lock = vsp_plat_mutex_create())) {
		vsp_free_memory(t);
		return NULL;
	}
	return t;
}

void vsp_pass_times_destroy(vsp_pass_times *t)
{
	if (!t)
		return;
	for (uint32_t i = 0; i < t->count; i++)
		vsp_free_memory((char *)(uintptr_t)t->list[i].name);
	vsp_free_memory(t->list);
	vsp_plat_mutex_destroy(t->lock);
	vsp_free_memory(t);
}

/* Under the lock: the sum of a pass, created on first use. Null: out of memory. */
static vsp_pass_time *find(vsp_pass_times *t, int tier, const char *name)
{
	for (uint32_t i = 0; i < t->count; i++)
		if (t->list[i].tier == tier && strcmp(t->list[i].name, name) == 0)
			return &t->list[i];
	vsp_pass_time *grown = vsp_grow(t->list, t->count, &t->room, sizeof *grown, 64);
	if (!grown)
		return NULL;
	t->list = grown;
	size_t size = strlen(name) + 1;
	char *copy = vsp_alloc(size, 1);
	if (!copy)
		return NULL;
	memcpy(copy, name, size);
	t->list[t->count] = (vsp_pass_time){tier, copy, 0, 0};
	return &t->list[t->count++];
}

void vsp_pass_times_add(vsp_pass_times *t, int tier, const char *name, uint64_t ns)
{
	vsp_plat_mutex_lock(t->lock);
	vsp_pass_time *sum = find(t, tier, name);
	if (sum) {
		sum->runs++;
		sum->ns += ns;
	}
	vsp_plat_mutex_unlock(t->lock);
}

static int by_tier_and_time(const void *a, const void *b)
{
	const vsp_pass_time *x = a, *y = b;
	if (x->tier != y->tier)
		return y->tier - x->tier;
	if (x->ns != y->ns)
		return x->ns < y->ns ? 1 : -1;
	return strcmp(x->name, y->name);
}

bool vsp_pass_times_get(vsp_pass_times *t, uint32_t index, vsp_pass_time *out)
{
	vsp_plat_mutex_lock(t->lock);
	bool there = index < t->count;
	if (there) {
		qsort(t->list, t->count, sizeof *t->list, by_tier_and_time);
		*out = t->list[index];
	}
	vsp_plat_mutex_unlock(t->lock);
	return there;
}
