/*
 * The end of a manager. The last thread that uses it, the instance's or the compile thread, calls
 * this.
 */
#include "parts.h"
#include "runtime/base/alloc.h"

static void release(vsp_manager *m, vsp_jit_unit *built)
{
	if (built->cached)
		vsp_image_unload(built);
	else if (built->handle && !m->broken)
		m->api->release(m->jit, built);
}

static void free_units(vsp_manager *m)
{
	for (uint32_t f = 0; m->funcs && f < m->module->func_count; f++)
		for (vsp_manager_unit *u = m->funcs[f].units, *next; u; u = next) {
			next = u->next;
			for (int tier = 1; tier < TIERS; tier++) {
				vsp_manager_hide(u, tier);
				release(m, &u->built[tier]);
			}
			vsp_free_memory(u);
		}
	vsp_free_memory(m->host_calls);
	vsp_free_memory(m->called);
	vsp_free_memory(m->table);
	vsp_free_memory(m->funcs);
}

static void free_jobs(vsp_manager *m)
{
	for (vsp_manager_job *j = m->first, *next; j; j = next) {
		next = j->next;
		vsp_free_memory(j);
	}
}

void vsp_manager_end(vsp_manager *m)
{
	vsp_pass_times_destroy(m->passes);
	vsp_manager_close_cache(m);
	free_jobs(m);
	free_units(m);
	if (m->jit && !m->broken)
		m->api->destroy(m->jit);
	vsp_slab_destroy(&m->slab);
	if (m->lock)
		vsp_plat_mutex_destroy(m->lock);
	if (m->orphan) {
		vsp_profile_destroy(m->options.profile);
		vsp_trace_destroy(m->options.trace);
	}
	vsp_module_free(m->options.owner);
	vsp_free_memory(m);
}
