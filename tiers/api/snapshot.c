/*
 * Snapshots: the state of an instance at rest, from which others start. The snapshot never changes;
 * its owners are the host and the instances that start from it, since a reset leads back to it.
 */
#include "api.h"

#include <assert.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/image.h"

/* What a run leaves in an instance beside memory and globals: fields of vsp_rt. */
#define RESTING(FIELD) \
	FIELD(uint32_t, sp, ) \
	FIELD(uint8_t, mode, ) \
	FIELD(uint8_t, collapse, ) \
	FIELD(uint8_t, flags, ) \
	FIELD(uint8_t, hint, ) \
	FIELD(float, g, [VSP_REGISTERS]) \
	FIELD(uint64_t, r, [VSP_REGISTERS])
#define SAME_SIZE(type, name, dims) static_assert(sizeof(((vsp_rt *)0)->name) == sizeof(type dims), "as in vsp_rt");
RESTING(SAME_SIZE)

struct vsp_snapshot {
	_Atomic uint32_t owners;
	vsp_module *module;
	vsp_memory_image image;
	uint64_t *globals;
#define MEMBER(type, name, dims) type name dims;
	RESTING(MEMBER)
};

/* ---- taking ---- */

/* What a snapshot cannot hold. */
static vsp_status check_rest(const vsp_instance *instance, vsp_error *error)
{
	if (instance->active)
		return vsp_error_set(
		        error, VSP_E_ARGUMENT, "the instance is running; take the snapshot when the run has ended");
	if (instance->stepping)
		return vsp_error_set(
		        error, VSP_E_ARGUMENT, "a stepped run has not ended; finish it with vsp_run or vsp_reset");
	if (instance->interrupted || instance->broken || instance->doomed)
		return vsp_error_set(error, VSP_E_ARGUMENT, "the instance cannot run; reset it first");
	if (instance->rt.batch)
		return vsp_error_set(error, VSP_E_UNSUPPORTED, "a BATCH is open, whose work a snapshot cannot hold");
	if (instance->wasi)
		return vsp_error_set(error, VSP_E_UNSUPPORTED,
		        "the instance has the files of a vsp_wasi, which a snapshot cannot hold");
	if (instance->rt.host.broadcast || instance->rt.host.receive)
		return vsp_error_set(error, VSP_E_UNSUPPORTED,
		        "the host's callbacks broadcast and receive make channels, whose states a snapshot cannot "
		        "hold");
	return VSP_OK;
}

static bool copy_globals(vsp_snapshot *s, const vsp_rt *rt)
{
	size_t count = vsp_payloads_globals(rt->payloads);
	if (!count)
		return true;
	s->globals = vsp_alloc(count, sizeof *s->globals);
	if (s->globals)
		memcpy(s->globals, rt->globals, count * sizeof *s->globals);
	return s->globals != NULL;
}

static void copy_state(vsp_snapshot *s, const vsp_rt *rt)
{
#define COPY(type, name, dims) memcpy(&s->name, &rt->name, sizeof s->name);
	RESTING(COPY)
}

vsp_snapshot *vsp_snapshot_new(vsp_instance *instance, vsp_error *error)
{
	vsp_error_clear(error);
	if (!instance || !instance->module) {
		vsp_error_set(error, VSP_E_ARGUMENT, instance ? "the instance has no program" : "instance is null");
		return NULL;
	}
	if (check_rest(instance, error) != VSP_OK)
		return NULL;
	vsp_snapshot *s = vsp_alloc(1, sizeof *s);
	if (s) {
		atomic_init(&s->owners, 1);
		s->module = vsp_module_retain(instance->module);
	}
	vsp_exec_show(instance->exec);
	if (!s || !copy_globals(s, &instance->rt) || !vsp_memory_image_take(&s->image, &instance->rt.memory)) {
		vsp_snapshot_free(s);
		vsp_error_set(error, VSP_E_MEMORY, "no room for a copy of the instance's memory");
		return NULL;
	}
	copy_state(s, &instance->rt);
	return s;
}

void vsp_snapshot_free(vsp_snapshot *s)
{
	if (!s || atomic_fetch_sub_explicit(&s->owners, 1, memory_order_acq_rel) != 1)
		return;
	vsp_memory_image_free(&s->image);
	vsp_module_free(s->module);
	vsp_free_memory(s->globals);
	vsp_free_memory(s);
}

const vsp_snapshot *vsp_snapshot_retain(const vsp_snapshot *s)
{
	atomic_fetch_add_explicit(&((vsp_snapshot *)s)->owners, 1, memory_order_relaxed);
	return s;
}

/* ---- starting from one ---- */

vsp_module *vsp_snapshot_module(const vsp_snapshot *s) { return s->module; }
uint32_t vsp_snapshot_pages(const vsp_snapshot *s) { return (uint32_t)(s->image.size / VSP_PAGE); }

bool vsp_snapshot_fill(const vsp_snapshot *s, vsp_linear_memory *memory)
{
	return vsp_memory_image_apply(&s->image, memory);
}

void vsp_snapshot_restore(const vsp_snapshot *s, vsp_rt *rt)
{
	size_t count = vsp_payloads_globals(rt->payloads);
#define RESTORE(type, name, dims) memcpy(&rt->name, &s->name, sizeof s->name);
	RESTING(RESTORE)
	if (count)
		memcpy(rt->globals, s->globals, count * sizeof *s->globals);
}
