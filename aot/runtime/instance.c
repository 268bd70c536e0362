/*
 * Instances of a program compiled ahead of time: creation, imports, the host, and the state that
 * hosts can read. enter.c runs them.
 */
#include "instance.h"

#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/backends/provider.h"
#include "runtime/base/error.h"
#include "runtime/memory.h"
#include "runtime/platform/platform.h"
#include "runtime/base/sized.h"

/* ---- creation ---- */

static vsp_status check_abi(const vsp_aot_config *config, vsp_error *error)
{
	uint32_t own = vsp_aot_module.abi_version;
	if (config->abi_version == own)
		return VSP_OK;
	return vsp_error_set(error, VSP_E_UNSUPPORTED,
	        "the host was compiled for version %u of the interface of compiled programs, but this program has "
	        "version "
	        "%u; compile the one that is older again",
	        (unsigned)config->abi_version, (unsigned)own);
}

static vsp_status check_features(vsp_error *error)
{
	const vsp_aot_program *p = vsp_aot_module.program;
	return p->check_features ? p->check_features(vsp_aot_module.features, error) : VSP_OK;
}

static vsp_status create_memory(vsp_aot_instance *instance, const vsp_aot_config *config, vsp_error *error)
{
	const vsp_aot_descriptor *d = &vsp_aot_module;
	const vsp_aot_program *p = instance->program;
	uint64_t most = config->max_memory ? config->max_memory : p->max_memory;
	uint64_t limit = most && most / VSP_PAGE < d->maximum_pages ? most / VSP_PAGE : d->maximum_pages;
	if (d->initial_pages > limit)
		return vsp_error_set(error, VSP_E_MEMORY,
		        "the program needs %llu bytes of memory, but the limit is %llu",
		        (unsigned long long)d->initial_pages * VSP_PAGE, (unsigned long long)most);
	vsp_account_open(&instance->rt.account, limit * VSP_PAGE, 0);
	vsp_bounds bounds = d->flags & VSP_AOT_EXPLICIT_BOUNDS ? VSP_BOUNDS_EXPLICIT : VSP_BOUNDS_GUARD;
	vsp_status status = vsp_memory_create(&instance->rt.memory, d->initial_pages, (uint32_t)limit, bounds);
	if (status == VSP_E_UNSUPPORTED)
		return vsp_error_set(
		        error, status, "guard pages cannot be had here; compile the program with --bounds=explicit");
	if (status != VSP_OK)
		return vsp_error_set(error, status, "no room for %llu KiB of linear memory",
		        (unsigned long long)d->initial_pages * 64);
	return VSP_OK;
}

static bool create_tables(vsp_aot_instance *instance)
{
	uint32_t imports = vsp_aot_module.import_count;
	vsp_rt *rt = &instance->rt;
	instance->import_fns = vsp_alloc(imports, sizeof *instance->import_fns);
	instance->import_users = vsp_alloc(imports, sizeof *instance->import_users);
	if (vsp_guarded_create(&instance->call_stack, VSP_MAX_CALLS, sizeof *rt->call_stack))
		rt->call_stack = instance->call_stack.block;
	const vsp_aot_program *p = instance->program;
	if (p->create_backends && !(rt->backends = p->create_backends(p->providers, p->provider_count)))
		return false;
	return instance->import_fns && instance->import_users && rt->call_stack;
}

/* The back ends of a program with batch instructions. */
static void configure_backends(vsp_backends *backends, const vsp_aot_config *config)
{
	const vsp_aot_program *p = vsp_aot_module.program;
	backends->asked = (uint8_t)config->backend;
	for (uint32_t i = 0; i < backends->count; i++)
		backends->slot[i].costed = VSP_COSTS_NONE; /* there is nowhere to keep what was measured */
	if (p->find_unit)
		backends->source = (vsp_device_source){.get = p->find_unit, .serial = 1};
}

/* The parts that stay the same until the instance is freed. */
static void configure(vsp_aot_instance *instance, const vsp_aot_config *config)
{
	vsp_rt *rt = &instance->rt;
	const vsp_aot_descriptor *d = &vsp_aot_module;
	const vsp_aot_program *p = instance->program;
	rt->funcs = (vsp_rt_func *)(uintptr_t)p->funcs; /* never written: all code is there */
	rt->func_count = d->function_count;
	rt->imports = instance->import_fns;
	rt->import_users = instance->import_users;
	rt->import_sigs = p->import_sigs;
	rt->import_count = d->import_count;
	rt->max_depth = p->max_depth ? p->max_depth : UINT32_MAX;
	rt->depth_exact = p->max_depth != 0;
	instance->fuel = config->fuel ? config->fuel : p->fuel;
	rt->fuel_on = d->flags & VSP_AOT_FUEL;
	rt->deterministic = d->flags & VSP_AOT_DETERMINISTIC;
	rt->check_kernels = p->check_kernels != 0;
	rt->emerge_model = p->emerge_model != 0;
	rt->integer_only = p->integer_only != 0;
	rt->models = p->models;
	rt->model_count = p->model_count;
	rt->code_size = p->code_size;
	rt->capabilities = config->capabilities;
	rt->run_function = vsp_aot_run_function;
	rt->kernels = p->kernels;
	rt->no_signals = d->flags & VSP_AOT_NO_SIGNALS;
	rt->threads = d->flags & (VSP_AOT_DETERMINISTIC | VSP_AOT_PRECISE_TRAPS) ? 1 : config->threads;
	if (rt->backends)
		configure_backends(rt->backends, config);
	if (config->host)
		vsp_copy_sized(&rt->host, sizeof rt->host, config->host, config->host->size);
}

static vsp_caller caller_of(vsp_aot_instance *instance)
{
	bool translated = vsp_aot_module.flags & VSP_AOT_WEBASSEMBLY;
	return (vsp_caller){.memory = instance->rt.memory.base,
	        .memory_size = instance->rt.memory.size,
	        .instance = instance,
	        .wasm_offset = translated ? vsp_aot_module.stack_top - VSP_NULL_ZONE : 0};
}

/* The state after loading, in memory that is all zeros. */
static void start_over(vsp_aot_instance *instance)
{
	vsp_rt *rt = &instance->rt;
	const vsp_aot_descriptor *d = &vsp_aot_module;
	if (d->data_size)
		memcpy(rt->memory.base + d->stack_top, instance->program->data, d->data_size);
	vsp_payloads_start(rt);
	rt->caller = caller_of(instance);
	rt->sp = d->stack_top;
	rt->mode = (uint8_t)instance->program->mode;
	rt->collapse = rt->flags = 0;
	rt->hint = VSP_HINT_ANY;
	rt->batch = rt->depth = rt->calls = rt->lent = 0;
	rt->ranges = NULL;
	rt->fuel = instance->fuel;
	rt->end = VSP_END_NONE;
	rt->end_pc = VSP_NO_PC;
	rt->exit_code = 0;
	memset(&rt->trap, 0, sizeof rt->trap);
	memset(rt->g, 0, sizeof rt->g);
	memset(rt->r, 0, sizeof rt->r);
	atomic_store(&rt->interrupt, 0);
	vsp_stop_slot_rest(&instance->stopper);
	instance->interrupted = instance->broken = false;
	instance->ready_for = 0;
}

/* What the host asks for by name must be there. */
static vsp_status check_backend(vsp_aot_instance *instance, const vsp_aot_config *config, vsp_error *error)
{
	const vsp_aot_program *p = instance->program;
	uint32_t kind = config->backend;
	if (kind > VSP_BACKEND_NPU)
		return vsp_error_set(error, VSP_E_ARGUMENT, "the configuration names no kind of back end");
	if (kind == VSP_BACKEND_AUTO || kind == VSP_BACKEND_CPU)
		return VSP_OK;
	if (!p->check_backend)
		return vsp_error_set(
		        error, VSP_E_UNSUPPORTED, "a back end is asked for, but the program has no batch instructions");
	return p->check_backend(&instance->rt, (uint8_t)kind,
	        kind == VSP_BACKEND_GPU ? "the program has no device code; compile it with --gpu=on --allow=gpu"
	                                : "the program has no models",
	        error);
}

static vsp_status fill_instance(vsp_aot_instance *instance, const vsp_aot_config *config, vsp_error *error)
{
	vsp_status status = create_memory(instance, config, error);
	if (status != VSP_OK)
		return status;
	if (!create_tables(instance) || !vsp_payloads_open(&instance->rt, &instance->program->payloads))
		return vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	configure(instance, config);
	start_over(instance);
	return check_backend(instance, config, error);
}

vsp_aot_instance *vsp_aot_instantiate(const vsp_aot_config *config, vsp_error *error)
{
	vsp_aot_config own = {.size = sizeof own, .abi_version = vsp_aot_module.abi_version};
	vsp_error_clear(error);
	if (config)
		vsp_copy_sized(&own, sizeof own, config, config->size);
	if (check_abi(&own, error) != VSP_OK || check_features(error) != VSP_OK)
		return NULL;
	vsp_aot_instance *instance = vsp_alloc(1, sizeof *instance);
	if (!instance) {
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
		return NULL;
	}
	instance->program = vsp_aot_module.program;
	instance->error = (vsp_error)VSP_ERROR_INIT;
	if (fill_instance(instance, &own, error) != VSP_OK) {
		vsp_aot_free(instance);
		return NULL;
	}
	return instance;
}

/* An instance freed by a callback is released when its run has ended, which is soon: nobody will
   see its result. */
static void doom(vsp_aot_instance *instance)
{
	instance->doomed = true;
	vsp_aot_interrupt(instance);
}

void vsp_aot_free(vsp_aot_instance *instance)
{
	if (!instance)
		return;
	if (instance->active) {
		doom(instance);
		return;
	}
	vsp_stop_slot_close(&instance->stopper);
	vsp_machine_stack_free(&instance->rt.stack);
	vsp_backends_destroy(instance->rt.backends); /* copies to linear memory may be under way */
	vsp_memory_destroy(&instance->rt.memory);
	vsp_guarded_destroy(&instance->call_stack);
	vsp_payloads_close(&instance->rt);
	if (instance->wasi)
		instance->program->wasi->close(instance->wasi);
	vsp_free_memory(instance->import_fns);
	vsp_free_memory(instance->import_users);
	vsp_free_memory(instance);
}

/* Keeps the error. */
static vsp_status refuse(vsp_aot_instance *instance, vsp_status status, const char *what, const char *name)
{
	vsp_error_clear(&instance->error);
	return vsp_error_set(&instance->error, status, what, name);
}

vsp_status vsp_aot_reset(vsp_aot_instance *instance)
{
	if (!instance)
		return VSP_E_ARGUMENT;
	if (instance->active)
		return refuse(instance, VSP_E_ARGUMENT, "%s", "the instance is running");
	vsp_backends_abandon(&instance->rt);
	if (!vsp_memory_reset(&instance->rt.memory, vsp_aot_module.initial_pages)) {
		instance->rt.caller = caller_of(instance);
		instance->broken = true;
		instance->ready_for = 0;
		return refuse(instance, VSP_E_MEMORY, "%s", "no room for linear memory");
	}
	start_over(instance);
	vsp_error_clear(&instance->error);
	return VSP_OK;
}

/* ---- imports and the host ---- */

static vsp_status refuse_signature(
        vsp_aot_instance *instance, const vsp_aot_function *import, uint32_t params, uint32_t results)
{
	vsp_error_clear(&instance->error);
	return vsp_error_set(&instance->error, VSP_E_LINK,
	        "the program imports '%s' as %u -> %u, but the host defines it as %u -> %u", import->name,
	        (unsigned)import->params, (unsigned)import->results, (unsigned)params, (unsigned)results);
}

vsp_status vsp_aot_define_import(
        vsp_aot_instance *instance, const char *name, uint32_t params, uint32_t results, vsp_import_fn fn, void *user)
{
	if (!instance)
		return VSP_E_ARGUMENT;
	if (!name || !fn)
		return refuse(instance, VSP_E_ARGUMENT, "the import's %s is null", name ? "function" : "name");
	if (instance->linked)
		return refuse(instance, VSP_E_ARGUMENT, "'%s': imports are defined before the first run", name);
	for (uint32_t i = 0; i < vsp_aot_module.import_count; i++) {
		const vsp_aot_function *import = &vsp_aot_module.imports[i];
		if (strcmp(import->name, name) != 0)
			continue;
		if (import->params != params || import->results != results)
			return refuse_signature(instance, import, params, results);
		instance->import_fns[i] = fn;
		instance->import_users[i] = user;
	}
	return VSP_OK;
}

vsp_status vsp_aot_wasi_define(vsp_aot_instance *instance, const vsp_wasi_config *config)
{
	if (!instance)
		return VSP_E_ARGUMENT;
	instance->error.code = VSP_OK;
	return instance->program->wasi ? instance->program->wasi->define(instance, config) : VSP_OK;
}

vsp_status vsp_aot_link(vsp_aot_instance *instance)
{
	for (uint32_t i = 0; !instance->linked && i < vsp_aot_module.import_count; i++)
		if (!instance->import_fns[i])
			return refuse(instance, VSP_E_LINK, "the program imports '%s', which the host does not define",
			        vsp_aot_module.imports[i].name);
	instance->linked = true;
	return VSP_OK;
}

vsp_status vsp_aot_set_host(vsp_aot_instance *instance, const vsp_host *host)
{
	if (!instance)
		return VSP_E_ARGUMENT;
	if (host && !host->size)
		return refuse(instance, VSP_E_ARGUMENT, "%s", "the host's size is not set");
	memset(&instance->rt.host, 0, sizeof instance->rt.host);
	if (host)
		vsp_copy_sized(&instance->rt.host, sizeof instance->rt.host, host, host->size);
	return VSP_OK;
}

vsp_status vsp_aot_set_stack(vsp_aot_instance *instance, void *low, size_t size)
{
	if (!instance)
		return VSP_E_ARGUMENT;
	if (size && (!low || size > UINTPTR_MAX - (uintptr_t)low))
		return refuse(instance, VSP_E_ARGUMENT, "%s", "there can be no such stack");
	vsp_machine_stack_name(&instance->rt.stack, low, size);
	instance->ready_for = 0;
	instance->error.code = VSP_OK;
	return VSP_OK;
}

/* ---- state ---- */

int64_t vsp_aot_register(vsp_aot_instance *instance, unsigned index)
{
	int64_t value = 0;
	if (instance && index < 16 && instance->rt.end != VSP_END_TRAPPED)
		memcpy(&value, &instance->rt.r[index], sizeof value);
	return value;
}

uint8_t *vsp_aot_memory(vsp_aot_instance *instance, uint64_t *size)
{
	if (size)
		*size = instance ? instance->rt.memory.size : 0;
	return instance ? instance->rt.memory.base : NULL;
}

vsp_status vsp_aot_backend(const vsp_aot_instance *instance, uint32_t index, vsp_backend_stats *stats)
{
	return vsp_backends_stats(instance ? instance->rt.backends : NULL, index, stats);
}

int vsp_aot_exit_code(vsp_aot_instance *instance)
{
	return instance && instance->rt.end == VSP_END_EXITED ? (int)instance->rt.exit_code : -1;
}

/* Successful calls leave the texts of earlier errors, since clearing them would cost more than
   the call. */
const vsp_error *vsp_aot_last_error(vsp_aot_instance *instance)
{
	if (instance && instance->error.code == VSP_OK)
		vsp_error_clear(&instance->error);
	return instance ? &instance->error : NULL;
}

void vsp_aot_interrupt(vsp_aot_instance *instance)
{
	if (!instance)
		return;
	atomic_store(&instance->rt.interrupt, 1);
	vsp_stop_slot_fire(&instance->stopper);
	vsp_backends_interrupt(&instance->rt);
}
