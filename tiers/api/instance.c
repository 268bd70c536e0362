/*
 * Instances: their creation, the program that they contain, imports, and the state after loading.
 */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/grow.h"
#include "tiers/observe/elf_image.h"
#include "tiers/observe/registry.h"
#include "runtime/base/alloc.h"
#include "runtime/backends/provider.h"
#include "runtime/backends/threads.h"
#include "runtime/base/error.h"
#include "runtime/arith/mask.h"
#include "runtime/memory.h"

static_assert(
        (int)VSP_CONFIG_BOUNDS_GUARD == VSP_BOUNDS_GUARD && (int)VSP_CONFIG_BOUNDS_EXPLICIT == VSP_BOUNDS_EXPLICIT,
        "the public bounds modes are the runtime's");

/* ---- creation ---- */

static vsp_status check_config(const vsp_config *c, vsp_error *error)
{
	if (c->tier < VSP_TIER_BASELINE || c->tier > VSP_TIER_2)
		return vsp_error_set(error, VSP_E_ARGUMENT, "config.tier is %d; it must be -2 to 2", c->tier);
	if (c->bounds < VSP_CONFIG_BOUNDS_AUTO || c->bounds > VSP_CONFIG_BOUNDS_EXPLICIT)
		return vsp_error_set(error, VSP_E_ARGUMENT, "config.bounds is %d; it must be 0 to 2", c->bounds);
	if (c->spectre > VSP_SPECTRE_MASK)
		return vsp_error_set(
		        error, VSP_E_ARGUMENT, "config.spectre is %u; it must be 0 or 1", (unsigned)c->spectre);
	if (c->spectre && c->bounds == VSP_CONFIG_BOUNDS_GUARD)
		return vsp_error_set(error, VSP_E_ARGUMENT,
		        "addresses can be masked only where bounds are checked, not by guard pages");
	if (c->spectre && (!VSP_HAS_MASKS || sizeof(void *) < sizeof(uint64_t)))
		return vsp_error_set(error, VSP_E_UNSUPPORTED,
		        "addresses cannot be masked on this machine, or by this build's compiler");
	if (c->no_signals && c->bounds == VSP_CONFIG_BOUNDS_GUARD)
		return vsp_error_set(error, VSP_E_ARGUMENT,
		        "config.no_signals and guard pages exclude each other: these are caught by a signal handler");
	if (c->observe & ~(VSP_OBSERVE_TRACE | VSP_OBSERVE_PASSES | VSP_OBSERVE_CODE))
		return vsp_error_set(error, VSP_E_ARGUMENT, "config.observe is 0x%x, which has bits without a meaning",
		        (unsigned)c->observe);
	if (c->observe & VSP_OBSERVE_CODE && !vsp_elf_machine())
		return vsp_error_set(
		        error, VSP_E_UNSUPPORTED, "compiled code cannot be shown to tools on this machine");
	if (c->profile > VSP_PROFILE_COMPLETE)
		return vsp_error_set(error, VSP_E_ARGUMENT, "config.profile is %d; it must be 0 to 2", c->profile);
	if (c->profile == VSP_PROFILE_COMPLETE && c->tier == VSP_TIER_2)
		return vsp_error_set(
		        error, VSP_E_ARGUMENT, "a run in tier 2 alone cannot be counted completely; use another tier");
	if (c->backend > VSP_BACKEND_NPU)
		return vsp_error_set(
		        error, VSP_E_ARGUMENT, "config.backend is %u; it must be 0 to 3", (unsigned)c->backend);
	char why[VSP_REASON_SIZE];
	if (c->npu && !vsp_npu_is_written_well(c->npu, why, sizeof why))
		return vsp_error_set(error, VSP_E_ARGUMENT, "config.npu is '%.60s': %s", c->npu, why);
	if (c->limit_fuel && c->fuel < 0)
		return vsp_error_set(error, VSP_E_ARGUMENT, "config.fuel is negative");
	return VSP_OK;
}

static void configure_rt(vsp_instance *instance)
{
	vsp_rt *rt = &instance->rt;
	const vsp_config *c = &instance->config;
	rt->caller.instance = instance;
	rt->capabilities = c->capabilities;
	rt->deterministic = c->deterministic != 0;
	rt->check_kernels = c->check_kernels != 0;
	rt->fuel_on = c->limit_fuel != 0;
	rt->no_signals = c->no_signals != 0;
	rt->threads = c->deterministic || c->precise_traps ? 1 : c->threads;
	rt->end_pc = VSP_NO_PC;
	vsp_set_host(instance, c->host);
	instance->config.host = NULL;
}

static char *copy_text(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = vsp_alloc(size, 1);
	if (copy)
		memcpy(copy, text, size);
	return copy;
}

static vsp_instance *create(const vsp_config *config, vsp_error *error)
{
	vsp_config own = VSP_CONFIG_INIT;
	if (config)
		vsp_copy_sized(&own, sizeof own, config, config->size);
	if (check_config(&own, error) != VSP_OK)
		return NULL;
	if (!own.threads && vsp_threads_asked(&own.threads, error) != VSP_OK)
		return NULL;
	vsp_instance *instance = vsp_alloc(1, sizeof *instance);
	if (!instance) {
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
		return NULL;
	}
	instance->config = own;
	instance->config.cache = instance->config.npu = NULL;
	if (own.spectre) /* masking protects the explicit check */
		instance->config.bounds = VSP_CONFIG_BOUNDS_EXPLICIT;
	if ((own.cache && !(instance->cache = copy_text(own.cache))) ||
	        (own.npu && !(instance->npu = copy_text(own.npu)))) {
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
		vsp_free(instance);
		return NULL;
	}
	configure_rt(instance);
	return instance;
}

vsp_instance *vsp_new(const vsp_config *config) { return create(config, NULL); }

vsp_instance *vsp_new_interpreted(void)
{
	return create(&(vsp_config){.size = sizeof(vsp_config), .tier = VSP_TIER_INTERP}, NULL);
}

vsp_instance *vsp_new_jit(int tier)
{
	if (tier < VSP_TIER_AUTO)
		return NULL;
	return create(&(vsp_config){.size = sizeof(vsp_config), .tier = tier}, NULL);
}

/* start: null, or the snapshot from which it starts. */
static vsp_instance *instantiate(
        vsp_module *module, const vsp_snapshot *start, const vsp_config *config, vsp_error *error)
{
	vsp_instance *instance = create(config, error);
	if (instance && start)
		instance->start = vsp_snapshot_retain(start);
	if (instance && vsp_instance_attach(instance, module, error) != VSP_OK) {
		vsp_free(instance);
		instance = NULL;
	}
	return instance;
}

vsp_instance *vsp_instantiate(vsp_module *module, const vsp_config *config, vsp_error *error)
{
	vsp_error_clear(error);
	if (module)
		return instantiate(module, NULL, config, error);
	vsp_error_set(error, VSP_E_ARGUMENT, "module is null");
	return NULL;
}

vsp_instance *vsp_instantiate_from(const vsp_snapshot *snapshot, const vsp_config *config, vsp_error *error)
{
	vsp_error_clear(error);
	if (snapshot)
		return instantiate(vsp_snapshot_module(snapshot), snapshot, config, error);
	vsp_error_set(error, VSP_E_ARGUMENT, "snapshot is null");
	return NULL;
}

void vsp_free(vsp_instance *instance)
{
	if (!instance)
		return;
	if (instance->active) {
		instance->doomed = true;
		return;
	}
	if (instance->slot) {
		instance->give(instance->slot);
		return;
	}
	vsp_instance_detach(instance);
	vsp_snapshot_free((vsp_snapshot *)instance->start);
	vsp_machine_stack_free(&instance->rt.stack);
	vsp_backends_destroy(instance->rt.backends);
	vsp_instance_free_providers(instance);
	for (uint32_t i = 0; i < instance->definition_count; i++)
		vsp_free_memory(instance->definitions[i].name);
	vsp_free_memory(instance->definitions);
	vsp_free_memory(instance->capture.text);
	vsp_free_memory(instance->cache);
	vsp_free_memory(instance->npu);
	vsp_instance_free_models(instance);
	vsp_free_memory(instance);
}

/* ---- the program ---- */

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

/* ---- imports ---- */

static vsp_definition *find_definition(const vsp_instance *instance, const char *name)
{
	for (uint32_t i = 0; i < instance->definition_count; i++)
		if (strcmp(instance->definitions[i].name, name) == 0)
			return &instance->definitions[i];
	return NULL;
}

/* A new definition with a copy of name, or null. */
static vsp_definition *add_definition(vsp_instance *instance, const char *name)
{
	vsp_definition *grown = vsp_grow(
	        instance->definitions, instance->definition_count, &instance->definition_capacity, sizeof *grown, 8);
	if (!grown)
		return NULL;
	instance->definitions = grown;
	size_t n = strlen(name) + 1;
	char *copy = vsp_alloc(n, 1);
	if (!copy)
		return NULL;
	memcpy(copy, name, n);
	vsp_definition *fresh = &instance->definitions[instance->definition_count++];
	*fresh = (vsp_definition){.name = copy};
	return fresh;
}

vsp_status vsp_define_import(vsp_instance *instance, const char *name, uint32_t params, uint32_t results,
        vsp_import_fn fn, void *user, vsp_error *error)
{
	vsp_error_clear(error);
	if (!instance || !name || !fn)
		return vsp_error_set(error, VSP_E_ARGUMENT, "%s is null",
		        !instance ? "instance"
		        : !name   ? "name"
		                  : "fn");
	if (params > VSP_REGISTERS || results > VSP_REGISTERS)
		return vsp_error_set(error, VSP_E_ARGUMENT, "an import has at most 16 params and 16 results");
	if (instance->linked)
		return vsp_error_set(error, VSP_E_ARGUMENT, "imports are defined before the first run");
	vsp_definition *d = find_definition(instance, name);
	if (!d && !(d = add_definition(instance, name)))
		return vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	d->params = params;
	d->results = results;
	d->fn = fn;
	d->user = user;
	return VSP_OK;
}

/* Names all imports without a definition, or as many as a message has room for. */
static vsp_status refuse_missing(const vsp_instance *instance, uint32_t missing, vsp_error *error)
{
	enum { ROOM = 400, ENTRY = 300 };
	const vsp_module_data *m = instance->module->data;
	char list[ROOM] = "";
	uint32_t named = 0;
	for (uint32_t i = 0; i < m->import_count && named < missing; i++) {
		const vsp_import *import = &m->imports[i];
		char entry[ENTRY];
		if (find_definition(instance, import->name))
			continue;
		const char *before = named == 0 ? "" : named + 1 == missing ? " and " : ", ";
		int n = snprintf(entry, sizeof entry, "%s'%.200s' (%u -> %u)", before, import->name,
		        (unsigned)import->params, (unsigned)import->results);
		if (strlen(list) + (size_t)n + sizeof " and 4294967295 more" > sizeof list)
			break;
		strcat(list, entry);
		named++;
	}
	if (named < missing)
		sprintf(list + strlen(list), " and %u more", (unsigned)(missing - named));
	return vsp_error_set(error, VSP_E_LINK, "the program imports %s, which the host does not define", list);
}

static uint32_t count_missing(const vsp_instance *instance)
{
	const vsp_module_data *m = instance->module->data;
	uint32_t missing = 0;
	for (uint32_t i = 0; i < m->import_count; i++)
		missing += !find_definition(instance, m->imports[i].name);
	return missing;
}

vsp_status vsp_instance_link(vsp_instance *instance, vsp_error *error)
{
	if (instance->linked)
		return VSP_OK;
	const vsp_module_data *m = instance->module->data;
	uint32_t missing = count_missing(instance);
	if (missing)
		return refuse_missing(instance, missing, error);
	for (uint32_t i = 0; i < m->import_count; i++) {
		const vsp_import *import = &m->imports[i];
		const vsp_definition *d = find_definition(instance, import->name);
		if (d->params != import->params || d->results != import->results)
			return vsp_error_set(error, VSP_E_LINK,
			        "the program imports '%s' as %u -> %u, but the host defines it as %u -> %u",
			        import->name, import->params, import->results, d->params, d->results);
		instance->import_fns[i] = d->fn;
		instance->import_users[i] = d->user;
	}
	vsp_status status = vsp_instance_check_backend(instance, error);
	instance->linked = status == VSP_OK;
	return status;
}
