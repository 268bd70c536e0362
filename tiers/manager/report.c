/*
 * The reports of the tier manager: counts, sizes and reasons per function, and the LLVM IR of
 * everything compiled. For the IR the jobs are described again, since no unit keeps its IR.
 */
#include <string.h>

#include "parts.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"

uint32_t vsp_manager_pending(vsp_manager *m)
{
	vsp_manager_after_fork(m);
	vsp_plat_mutex_lock(m->lock);
	uint32_t pending = m->pending;
	vsp_plat_mutex_unlock(m->lock);
	return pending;
}

/* In a child of fork nobody is at work unless the child itself has asked for something. */
void vsp_manager_settle(vsp_manager *m)
{
	vsp_manager_after_fork(m);
	vsp_plat_mutex_lock(m->lock);
	while (m->pending && m->thread)
		vsp_plat_mutex_wait(m->lock, UINT64_MAX);
	vsp_plat_mutex_unlock(m->lock);
}

bool vsp_manager_pass(vsp_manager *m, uint32_t index, vsp_pass_time *out)
{
	if (m->passes && !index)
		vsp_manager_settle(m);
	return m->passes && vsp_pass_times_get(m->passes, index, out);
}

const char *vsp_manager_reason(const vsp_manager *m)
{
	const char *why = atomic_load(&m->no_jit);
	return why ? why : "";
}

int vsp_manager_tier(const vsp_manager *m) { return m->ran; }

vsp_manager_stats vsp_manager_stats_of(const vsp_manager *m, uint32_t func)
{
	vsp_manager_stats stats = {.reason = ""};
	for (const vsp_manager_unit *u = m->funcs[func].units; u; u = u->next)
		for (int tier = 1; tier < TIERS; tier++) {
			const char *why = atomic_load(&u->failed[tier]);
			if (why)
				stats.reason = why;
			if (!atomic_load(&u->code[tier]))
				continue;
			const vsp_jit_unit *b = &u->built[tier];
			if (b->note && !*stats.reason)
				stats.reason = b->note;
			stats.tier = tier > stats.tier ? tier : stats.tier;
			stats.compile_ns += b->lower_ns + b->optimise_ns + b->emit_ns + b->link_ns;
			stats.code_size += b->code_size;
			stats.cached += b->cached;
		}
	return stats;
}

bool vsp_manager_tier_stats(const vsp_manager *m, uint32_t func, uint32_t tier, vsp_tier_stats *stats)
{
	bool any = false;
	stats->reason = "";
	for (const vsp_manager_unit *u = m->funcs[func].units; u; u = u->next) {
		const vsp_jit_unit *b = &u->built[tier];
		const char *why = atomic_load(&u->failed[tier]);
		any |= why != NULL;
		if (why)
			stats->reason = why;
		if (!atomic_load(&u->code[tier]))
			continue;
		any = true;
		if (b->note && !*stats->reason)
			stats->reason = b->note;
		stats->units++;
		stats->lower_ns += b->lower_ns;
		stats->optimise_ns += b->optimise_ns;
		stats->emit_ns += b->emit_ns;
		stats->link_ns += b->link_ns;
		stats->code_size += b->code_size;
	}
	return any;
}

const char *vsp_manager_cache_folder(const vsp_manager *m) { return m->cache ? vsp_cache_folder(m->cache) : NULL; }

vsp_cache_stats vsp_manager_cache_stats(const vsp_manager *m)
{
	bool shown = m->options.cache && !m->cache;
	if (m->cache)
		return vsp_cache_stats_of(m->cache);
	return (vsp_cache_stats){
	        .reason = shown ? "code that is shown to tools, or that counts, is compiled anew" : ""};
}

/* False, with an error: the unit cannot be added. */
static bool add_unit(vsp_manager *m, const vsp_manager_unit *u, vsp_error *error)
{
	uint32_t inlined[MAX_INLINED];
	int tier;
	if (!vsp_manager_best_code(u, 0, &tier))
		return true;
	const char *why = vsp_manager_need_jit(m); /* all code may have come from the cache */
	if (!why) {
		vsp_jit_job described = vsp_manager_describe(m, u, tier, inlined);
		why = m->api->text_add(m->jit, &described, tier == 2);
	}
	return !why || vsp_error_set(error, VSP_E_UNSUPPORTED, "%s", why) == VSP_OK;
}

/* A copy of the compiler's output in memory of our own; "" where nothing has been compiled. */
static char *take_text(vsp_manager *m, size_t *length, vsp_error *error)
{
	char *printed = m->jit ? m->api->text_take(m->jit) : NULL;
	*length = printed ? strlen(printed) : 0;
	char *copy = vsp_alloc(*length + 1, 1);
	if (copy && printed)
		memcpy(copy, printed, *length);
	if (printed)
		m->api->free_text(printed);
	if (!copy)
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	return copy;
}

/* A request for the LLVM IR of everything compiled. */
typedef struct text_request {
	char *text; /* null: error has the reason */
	size_t *length;
	vsp_error *error;
} text_request;

static void make_text(vsp_manager *m, void *arg)
{
	text_request *r = arg;
	bool good = true;
	for (uint32_t f = 0; f < m->module->func_count; f++)
		for (const vsp_manager_unit *u = m->funcs[f].units; u && good; u = u->next)
			good = add_unit(m, u, r->error);
	char *text = take_text(m, r->length, r->error);
	if (good)
		r->text = text;
	else
		vsp_free_memory(text);
}

static bool has_compiled(const vsp_manager *m)
{
	for (uint32_t f = 0; f < m->module->func_count; f++)
		if (m->funcs[f].units)
			return true;
	return false;
}

char *vsp_manager_text(vsp_manager *m, size_t *length, vsp_error *error)
{
	text_request r = {.length = length, .error = error};
	vsp_manager_settle(m); /* no jobs from here on, as only the caller's thread makes any */
	if (!has_compiled(m))
		make_text(m, &r); /* there is nothing for LLVM to do */
	else if (!vsp_manager_run_errand(m, make_text, &r)) {
		vsp_error_clear(error); /* the errand may have begun to fill it */
		vsp_error_set(error, VSP_E_UNSUPPORTED, "%s", m->broken ? m->last_words : "no thread for the compiler");
		return NULL;
	}
	return r.text;
}
