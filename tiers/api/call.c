/*
 * Calls from hosts, by name and by handle, and the short way into compiled code.
 *
 * A call checks a lot that seldom changes: the thread's stack and signals, the program's imports,
 * whether loops on this thread can be stopped. An outermost call that has found all of it in order
 * notes its thread (ready_for); the next call on that thread, from a place on the stack with room,
 * only compares. Whatever changes one of the conditions clears ready_for: another way of running,
 * an interrupt, a failed reset, another program. Traces and counts of calls need the long way.
 */
#include "api.h"

#include <string.h>

#include "runtime/base/error.h"
#include "runtime/run_end.h"

/* ---- the short way ---- */

static inline bool is_ready(const vsp_instance *instance)
{
	return instance->ready_for == vsp_plat_thread_serial() && !instance->active &&
	       !atomic_load_explicit(&instance->rt.interrupt, memory_order_relaxed);
}

static inline void copy_results(int64_t *results, const uint64_t *regs, unsigned n)
{
	if (n)
		results[0] = (int64_t)regs[0];
	for (unsigned i = 1; i < n; i++)
		results[i] = (int64_t)regs[i];
}

/* Enters code with the machine's stack begun. */
static vsp_status enter(
        vsp_instance *instance, uint32_t f, const void *code, const int64_t *args, int64_t *results, vsp_error *error)
{
	vsp_rt *rt = &instance->rt;
	const vsp_module_data *m = instance->module->data;
	vsp_status status = VSP_OK;
	uint64_t *regs = vsp_exec_open_call(instance->exec, f, args);
	instance->active = 1;
	vsp_run_begin(rt);
	rt->sp = m->stack_top;
	rt->host_fp = vsp_plat_fp_enter();
	rt->inside = true;
	rt->ranges = NULL; /* as vsp_rt_enter; this thread blocks no signals */
	bool returned = vsp_manager_call(instance->manager, f, code, regs);
	if (returned)
		rt->sp = m->stack_top;
	if (returned && !atomic_load_explicit(&rt->interrupt, memory_order_relaxed))
		vsp_exec_close_call(instance->exec);
	else
		status = vsp_exec_fail_call(instance->exec, returned, error);
	if (status == VSP_OK)
		copy_results(results, regs, m->funcs[f].results);
	vsp_plat_fp_restore(rt->host_fp);
	rt->inside = false;
	return status;
}

/* Calls function f of an instance that is ready. False: the long way must be taken. */
static inline bool call_at_once(
        vsp_instance *instance, uint32_t f, const int64_t *args, int64_t *results, vsp_error *error, vsp_status *status)
{
	vsp_rt *rt = &instance->rt;
	const vsp_func *func = &instance->module->data->funcs[f];
	if ((func->params && !args) || (func->results && !results))
		return false;
	const void *code = vsp_manager_final_code(instance->manager, f);
	if (!code || !vsp_machine_stack_begin(&rt->stack))
		return false;
	*status = enter(instance, f, code, args, results, error);
	vsp_machine_stack_end(&rt->stack);
	if (*status == VSP_OK && !instance->doomed)
		instance->active = 0;
	else
		vsp_instance_run_end(instance, *status);
	return true;
}

static inline void clear_error(vsp_error *error)
{
	if (error && (error->code != VSP_OK || error->size < sizeof *error || error->message[0]))
		vsp_error_clear(error);
}

/* ---- by name ---- */

/* The function exported by that name, or VSP_NO_PC. Hosts tend to call one function many times. */
static uint32_t find_called(vsp_instance *instance, const char *name)
{
	const vsp_module_data *m = instance->module->data;
	uint32_t last = instance->last_called;
	if (!name)
		return VSP_NO_PC;
	if (last < m->func_count && m->funcs[last].flags & VSP_FUNC_EXPORTED &&
	        m->funcs[last].symbol != VSP_NO_SYMBOL && strcmp(name, vsp_module_func_name(m, last)) == 0)
		return last;
	uint32_t f = vsp_module_find_export(m, name);
	if (f != VSP_NO_PC)
		instance->last_called = f;
	return f;
}

static vsp_status refuse_name(const char *name, vsp_error *error)
{
	return vsp_error_set(error, VSP_E_ARGUMENT, "the program exports no function '%s'", name ? name : "(null)");
}

vsp_status vsp_call(vsp_instance *instance, const char *name, const int64_t *args, int64_t *results, vsp_error *error)
{
	vsp_status status = VSP_OK;
	bool ready = instance && is_ready(instance);
	if (ready)
		clear_error(error);
	else if ((status = vsp_instance_check_ready(instance, error)) != VSP_OK)
		return status;
	uint32_t f = find_called(instance, name);
	if (f == VSP_NO_PC)
		return refuse_name(name, error);
	if (ready && call_at_once(instance, f, args, results, error, &status))
		return status;
	return vsp_instance_call(instance, f, args, results, error);
}

/* ---- by handle ---- */

vsp_status vsp_module_lookup(const vsp_module *module, const char *name, uint32_t params, uint32_t results,
        vsp_function *function, vsp_error *error)
{
	vsp_error_clear(error);
	if (!module || !name || !function || !function->size)
		return vsp_error_set(error, VSP_E_ARGUMENT, "%s",
		        !module     ? "module is null"
		        : !name     ? "name is null"
		        : !function ? "function is null"
		                    : "function->size is 0; start from VSP_FUNCTION_INIT");
	const vsp_module_data *m = module->data;
	uint32_t f = vsp_module_find_export(m, name), size = function->size;
	if (f == VSP_NO_PC)
		return refuse_name(name, error);
	const vsp_func *func = &m->funcs[f];
	if (func->params != params || func->results != results)
		return vsp_error_set(error, VSP_E_LINK, "'%s' is %u -> %u, but the host calls it as %u -> %u", name,
		        func->params, func->results, (unsigned)params, (unsigned)results);
	vsp_function full = {.size = size,
	        .index = f,
	        .module = module->number,
	        .params = params,
	        .results = results,
	        .kind = func->kind,
	        .type = vsp_payloads_type(&m->payloads, f)};
	vsp_copy_sized(function, size, &full, sizeof full);
	return VSP_OK;
}

/* Does the handle name a function of this module that hosts may call? */
static inline bool belongs(const vsp_function *function, const vsp_module *module)
{
	const vsp_module_data *m = module->data;
	return function->module == module->number && function->index < m->func_count &&
	       m->funcs[function->index].flags & VSP_FUNC_EXPORTED;
}

vsp_status vsp_call_function(
        vsp_instance *instance, const vsp_function *function, const int64_t *args, int64_t *results, vsp_error *error)
{
	vsp_status status;
	if (instance && function && is_ready(instance) && belongs(function, instance->module)) {
		clear_error(error);
		if (call_at_once(instance, function->index, args, results, error, &status))
			return status;
	}
	if ((status = vsp_instance_check_ready(instance, error)) != VSP_OK)
		return status;
	if (!function)
		return vsp_error_set(error, VSP_E_ARGUMENT, "function is null");
	if (!belongs(function, instance->module))
		return vsp_error_set(error, VSP_E_ARGUMENT,
		        "the handle is not of this instance's program; look the function up in it");
	return vsp_instance_call(instance, function->index, args, results, error);
}
