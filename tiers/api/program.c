/*
 * The program of an instance: everything that is made for it when it is loaded, the state after
 * loading, and what remains when another one takes its place.
 */
#include "api.h"

#include <string.h>

#include "tiers/observe/registry.h"
#include "runtime/base/alloc.h"
#include "runtime/backends/provider.h"
#include "runtime/base/error.h"
#include "runtime/memory.h"

static_assert(
        (int)VSP_CONFIG_BOUNDS_GUARD == VSP_BOUNDS_GUARD && (int)VSP_CONFIG_BOUNDS_EXPLICIT == VSP_BOUNDS_EXPLICIT,
        "the public bounds modes are the runtime's");

void vsp_instance_detach(vsp_instance *instance)
{
	vsp_rt *rt = &instance->rt;
	vsp_backends_abandon(rt);
	vsp_exec_destroy(instance->exec);
	instance->exec = NULL;
	vsp_instance_remove_baseline(instance);
	vsp_backends_close(rt->backends);
	if (rt->backends)
		rt->backends->observer = (vsp_batch_observer){NULL, NULL};
	bool ended = vsp_manager_destroy(instance->manager);
	instance->manager = NULL;
	if (instance->perf)
		vsp_perf_close();
	instance->perf = false;
	if (ended) { /* otherwise the compile thread still needs them */
		vsp_profile_destroy(instance->profile);
		vsp_trace_destroy(instance->trace);
	}
	instance->profile = NULL;
	instance->trace = NULL;
	vsp_memory_destroy(&rt->memory);
	vsp_payloads_close(rt);
	rt->caller.memory = NULL;
	rt->caller.memory_size = 0;
	vsp_free_memory(rt->funcs);
	rt->funcs = NULL;
	rt->func_count = 0;
	vsp_free_memory(instance->import_fns);
	vsp_free_memory(instance->import_users);
	vsp_free_memory(instance->import_sigs);
	instance->import_fns = NULL;
	instance->import_users = NULL;
	instance->import_sigs = NULL;
	rt->import_count = 0;
	vsp_module_free(instance->module);
	instance->module = NULL;
	instance->linked = instance->stepping = instance->interrupted = instance->broken = false;
	instance->ready_for = 0;
}

static bool attach_functions(vsp_rt *rt, const vsp_module_data *m)
{
	rt->funcs = vsp_alloc(m->func_count, sizeof *rt->funcs);
	if (!rt->funcs)
		return false;
	rt->func_count = m->func_count;
	rt->code_size = m->code_size;
	rt->integer_only = !m->has_floats;
	for (uint32_t i = 0; i < m->func_count; i++) {
		const vsp_func *f = &m->funcs[i];
		vsp_rt_func *to = &rt->funcs[i];
		atomic_init(&to->code, NULL);
		to->params = f->params;
		to->results = f->results;
		to->kind = f->kind;
		to->start = f->start;
	}
	return true;
}

static bool attach_imports(vsp_instance *instance, const vsp_module_data *m)
{
	vsp_rt *rt = &instance->rt;
	instance->import_fns = vsp_alloc(m->import_count, sizeof *instance->import_fns);
	instance->import_users = vsp_alloc(m->import_count, sizeof *instance->import_users);
	instance->import_sigs = vsp_alloc(m->import_count, sizeof *instance->import_sigs);
	if (!instance->import_fns || !instance->import_users || !instance->import_sigs)
		return false;
	for (uint32_t i = 0; i < m->import_count; i++) {
		instance->import_sigs[i].params = m->imports[i].params;
		instance->import_sigs[i].results = m->imports[i].results;
	}
	rt->imports = instance->import_fns;
	rt->import_users = instance->import_users;
	rt->import_sigs = instance->import_sigs;
	rt->import_count = m->import_count;
	return true;
}

static vsp_status attach_memory(vsp_instance *instance, const vsp_module_data *m, vsp_error *error)
{
	uint64_t limit = instance->config.max_memory ? instance->config.max_memory / VSP_PAGE : VSP_MAX_PAGES;
	uint32_t max_pages = limit < m->max_pages ? (uint32_t)limit : m->max_pages;
	vsp_account_open(
	        &instance->rt.account, (uint64_t)max_pages * VSP_PAGE, vsp_backends_kept(instance->rt.backends));
	uint32_t pages = instance->start ? vsp_snapshot_pages(instance->start) : m->initial_pages;
	if (pages > limit)
		return vsp_error_set(error, VSP_E_MEMORY,
		        "the program needs %llu bytes of memory, but the limit is %llu",
		        (unsigned long long)pages * VSP_PAGE, (unsigned long long)instance->config.max_memory);
	vsp_bounds bounds = instance->config.no_signals ? VSP_BOUNDS_EXPLICIT : (vsp_bounds)instance->config.bounds;
	vsp_status status = vsp_memory_create(&instance->rt.memory, pages, max_pages, bounds);
	if (status == VSP_E_UNSUPPORTED)
		return vsp_error_set(error, status, "guard pages cannot be had here; use explicit bounds checks");
	if (status != VSP_OK)
		return vsp_error_set(
		        error, status, "no room for %llu KiB of linear memory", (unsigned long long)pages * 64);
	if (instance->start && !vsp_snapshot_fill(instance->start, &instance->rt.memory))
		return vsp_error_set(error, VSP_E_MEMORY, "no room for the snapshot's memory");
	return VSP_OK;
}

static vsp_status open_perf(vsp_instance *instance, vsp_error *error)
{
	const char *path, *why = vsp_perf_open(&path);
	instance->perf = !why;
	return why ? vsp_error_set(error, VSP_E_IO, "cannot write '%s' for perf: %s", path, why) : VSP_OK;
}

/* Creates the tier manager, if programs may rise above tier 0. */
static vsp_status attach_manager(vsp_instance *instance, vsp_error *error)
{
	const vsp_config *c = &instance->config;
	vsp_error own = VSP_ERROR_INIT;
	if (c->tier < VSP_TIER_AUTO || !VSP_COMPILER)
		return VSP_OK;
	vsp_manager_options options = {.tier = c->tier,
	        .tier1_threshold = c->tier1_threshold,
	        .tier2_threshold = c->tier2_threshold,
	        .sync = c->sync_compile != 0,
	        .precise = c->precise_traps != 0,
	        .mask = c->spectre == VSP_SPECTRE_MASK,
	        .count = c->count != 0,
	        .observe = c->observe,
	        .profile = instance->profile,
	        .tally = c->profile == VSP_PROFILE_COMPLETE,
	        .owner = instance->module,
	        .trace = instance->trace,
	        .cache = instance->cache,
	        .cache_limit = c->cache_limit,
	        .beside = &instance->beside};
	instance->manager = vsp_manager_create(&instance->rt, instance->module->data, &options, &own);
	if (!instance->manager && own.code != VSP_OK)
		return vsp_error_set(error, own.code, "%s", own.message);
	return instance->manager ? VSP_OK : VSP_E_MEMORY;
}

/* Counts are for a profile file, or for tier 2, for which tier 0 takes samples. */
static bool attach_profile(vsp_instance *instance)
{
	const vsp_config *c = &instance->config;
	bool rises = c->tier == VSP_TIER_AUTO && !c->sync_compile && VSP_COMPILER;
	if (c->profile != VSP_PROFILE_COMPLETE && !rises)
		return true;
	instance->profile = vsp_profile_create(instance->module->data);
	if (instance->profile)
		instance->profile->account = &instance->rt.account;
	return instance->profile != NULL;
}

static vsp_status attach_exec(vsp_instance *instance, vsp_error *error)
{
	const vsp_config *c = &instance->config;
	vsp_exec_options options = {.count = c->count != 0, .profile = c->profile != 0};
	/* 0 lets tier 0 choose its own maximum, which it does at each creation. */
	instance->rt.max_depth = c->max_depth;
	instance->rt.depth_exact = c->max_depth != 0;
	if (c->observe & VSP_OBSERVE_TRACE && !(instance->trace = vsp_trace_create(instance->module->data)))
		return VSP_E_MEMORY;
	if (instance->trace && instance->rt.backends)
		instance->rt.backends->observer = (vsp_batch_observer){vsp_trace_add_span, instance->trace};
	if (!attach_profile(instance))
		return VSP_E_MEMORY;
	if (c->tier != VSP_TIER_INTERP && c->observe & VSP_OBSERVE_PERF && open_perf(instance, error) != VSP_OK)
		return VSP_E_IO;
	vsp_status status = attach_manager(instance, error);
	if (status != VSP_OK)
		return status;
	bool tally = c->profile == VSP_PROFILE_COMPLETE;
	options.tally = tally ? instance->profile : NULL;
	options.sample = tally || !instance->manager ? NULL : instance->profile;
	options.compiler = vsp_manager_compiler(instance->manager);
	vsp_instance_add_baseline(instance);
	options.faster = vsp_baseline_faster(instance->baseline);
	instance->exec = vsp_exec_create(&instance->rt, instance->module->code, &options);
	return instance->exec ? VSP_OK : VSP_E_MEMORY;
}

/* Sets the state after loading, in memory that is all zeros, or filled from the snapshot. */
static void start_over(vsp_instance *instance)
{
	vsp_rt *rt = &instance->rt;
	const vsp_module_data *m = instance->module->data;
	if (m->data_size && !instance->start)
		memcpy(rt->memory.base + m->stack_top, m->data, m->data_size);
	if (!instance->start)
		vsp_payloads_start(rt);
	rt->caller.memory = rt->memory.base;
	rt->caller.memory_size = rt->memory.size;
	rt->caller.wasm_offset = vsp_module_wasm_offset(m);
	rt->sp = m->stack_top;
	rt->mode = m->mode;
	rt->collapse = rt->flags = 0;
	rt->hint = VSP_HINT_ANY;
	rt->batch = rt->depth = rt->calls = 0;
	rt->fuel = instance->config.fuel;
	rt->charged = 0;
	rt->end = VSP_END_NONE;
	rt->end_pc = VSP_NO_PC;
	rt->exit_code = 0;
	memset(&rt->trap, 0, sizeof rt->trap);
	memset(rt->g, 0, sizeof rt->g);
	memset(rt->r, 0, sizeof rt->r);
	atomic_store(&rt->interrupt, 0);
	if (instance->start)
		vsp_snapshot_restore(instance->start, rt);
	instance->stepping = instance->interrupted = instance->broken = false;
	vsp_capture_clear(&instance->capture);
}

vsp_status vsp_instance_attach(vsp_instance *instance, vsp_module *module, vsp_error *error)
{
	const vsp_module_data *m = module->data;
	vsp_module_retain(module);
	vsp_instance_detach(instance);
	instance->module = module;
	vsp_status status = VSP_OK;
	if (vsp_instance_needs_backends(instance) && !vsp_instance_attach_backends(instance))
		status = VSP_E_MEMORY;
	if (status == VSP_OK)
		status = attach_memory(instance, m, error);
	if (status == VSP_OK && (!attach_functions(&instance->rt, m) || !attach_imports(instance, m) ||
	                                !vsp_instance_attach_models(instance)))
		status = VSP_E_MEMORY;
	if (status == VSP_OK && !vsp_payloads_open(&instance->rt, &m->payloads))
		status = vsp_error_set(error, VSP_E_MEMORY, "no room for the program's globals and tables");
	if (status == VSP_OK)
		status = attach_exec(instance, error);
	if (status != VSP_OK) {
		vsp_instance_detach(instance);
		return vsp_error_set(error, status, "out of memory");
	}
	if (instance->rt.backends)
		vsp_instance_give_device_code(instance);
	start_over(instance);
	return VSP_OK;
}

/*
 * The common part of the functions that load: takes over module (null: it was refused, and own is
 * set).
 */
static vsp_status replace_program(vsp_instance *instance, vsp_module *module, vsp_error *own, vsp_error *error)
{
	if (module) {
		vsp_snapshot_free((vsp_snapshot *)instance->start);
		instance->start = NULL;
		vsp_instance_attach(instance, module, own);
	}
	vsp_module_free(module);
	return vsp_error_give(error, own);
}

static vsp_status check_at_rest(const vsp_instance *instance, vsp_error *error)
{
	vsp_error_clear(error);
	if (!instance)
		return vsp_error_set(error, VSP_E_ARGUMENT, "instance is null");
	if (instance->active)
		return vsp_error_set(error, VSP_E_ARGUMENT, "the instance is running");
	return VSP_OK;
}

/* May this instance get a program now? */
static vsp_status check_loadable(const vsp_instance *instance, vsp_error *error)
{
	vsp_status status = check_at_rest(instance, error);
	if (status == VSP_OK && instance->slot)
		status = vsp_error_set(error, VSP_E_ARGUMENT, "an instance of a pool keeps its program");
	return status;
}

vsp_status vsp_load(vsp_instance *instance, const void *bytes, size_t size, vsp_error *error)
{
	vsp_error own = VSP_ERROR_INIT;
	vsp_status status = check_loadable(instance, error);
	if (status != VSP_OK)
		return status;
	return replace_program(instance, vsp_module_load(bytes, size, &own), &own, error);
}

vsp_status vsp_load_file(vsp_instance *instance, const char *path, vsp_error *error)
{
	vsp_error own = VSP_ERROR_INIT;
	vsp_status status = check_loadable(instance, error);
	if (status != VSP_OK)
		return status;
	return replace_program(instance, vsp_module_load_file(path, NULL, &own), &own, error);
}

vsp_status vsp_load_bytes(vsp_instance *instance, const void *code, size_t code_size, const void *data,
        size_t data_size, vsp_error *error)
{
	vsp_error own = VSP_ERROR_INIT;
	vsp_status status = check_loadable(instance, error);
	if (status != VSP_OK)
		return status;
	return replace_program(instance, vsp_module_load_raw(code, code_size, data, data_size, &own), &own, error);
}

vsp_module *vsp_instance_module(const vsp_instance *instance) { return instance ? instance->module : NULL; }

static bool reset_memory(vsp_instance *instance)
{
	vsp_linear_memory *memory = &instance->rt.memory;
	return instance->start ? vsp_snapshot_fill(instance->start, memory)
	                       : vsp_memory_reset(memory, instance->module->data->initial_pages);
}

vsp_status vsp_reset(vsp_instance *instance, vsp_error *error)
{
	vsp_status status = check_at_rest(instance, error);
	if (status != VSP_OK)
		return status;
	if (!instance->module)
		return vsp_error_set(error, VSP_E_ARGUMENT, "the instance has no program");
	vsp_backends_abandon(&instance->rt);
	if (!reset_memory(instance)) {
		instance->rt.caller.memory = instance->rt.memory.base;
		instance->rt.caller.memory_size = instance->rt.memory.size;
		instance->broken = true;
		instance->ready_for = 0;
		return vsp_error_set(error, VSP_E_MEMORY, "no room for linear memory");
	}
	vsp_exec_reset(instance->exec);
	start_over(instance);
	return VSP_OK;
}
