/*
 * The runs of an instance: the checks around the interpreter's entry points, and the rules for runs
 * that nest.
 */
#include "api.h"

#include <string.h>

#include "runtime/backends/provider.h"
#include "runtime/base/error.h"

vsp_status vsp_instance_check_ready(vsp_instance *instance, vsp_error *error)
{
	vsp_error_clear(error);
	if (!instance)
		return vsp_error_set(error, VSP_E_ARGUMENT, "instance is null");
	if (!instance->module)
		return vsp_error_set(error, VSP_E_ARGUMENT, "the instance has no program");
	if (instance->doomed)
		return vsp_error_set(error, VSP_E_ARGUMENT, "the instance has been freed");
	if (instance->broken)
		return vsp_error_set(error, VSP_E_ARGUMENT,
		        "the last reset found no room for linear memory; reset the instance again first");
	if (instance->interrupted)
		return vsp_error_set(error, VSP_E_ARGUMENT, "the last run was interrupted; reset the instance first");
	return vsp_instance_link(instance, error);
}

/* The same for functions that must not be called from a callback. */
static vsp_status check_outermost(vsp_instance *instance, vsp_error *error)
{
	vsp_status status = vsp_instance_check_ready(instance, error);
	if (status == VSP_OK && instance->active)
		status = vsp_error_set(error, VSP_E_ARGUMENT, "the instance is running; callbacks use vsp_call");
	return status;
}

static void run_begin(vsp_instance *instance)
{
	instance->ready_for = 0;
	if (!instance->active++ && !instance->stepping)
		instance->rt.sp = instance->module->data->stack_top;
}

void vsp_instance_run_end(vsp_instance *instance, vsp_status status)
{
	bool interrupted = status == VSP_TRAPPED && instance->rt.trap.kind == VSP_TRAP_INTERRUPTED;
	instance->interrupted = interrupted && instance->active == 1;
	if (instance->interrupted)
		instance->ready_for = 0;
	/*
	 * The interrupt also applies to an outer run, whatever the callback makes of the result; a
	 * host's own callback may have requested the end.
	 */
	if (interrupted && instance->active > 1)
		vsp_exec_interrupt(instance->exec);
	if (!--instance->active && instance->doomed)
		vsp_free(instance);
}

/* Adds the end of a run or call of a function to the trace. */
static void trace_run(const vsp_instance *instance, uint32_t func, uint64_t start, vsp_status status)
{
	const vsp_rt *rt = &instance->rt;
	const char *end = vsp_status_name(status);
	if (!instance->trace)
		return;
	if (status == VSP_TRAPPED)
		end = vsp_trap_name((vsp_trap)rt->trap.kind);
	else if (status == VSP_OK || status == VSP_HALTED)
		end = rt->end == VSP_END_HALTED ? "halted" : rt->end == VSP_END_EXITED ? "exited" : "returned";
	vsp_trace_add(instance->trace,
	        &(vsp_trace_event){
	                .kind = VSP_TRACE_RUN, .func = func, .pc = rt->end_pc, .start_ns = start, .end = end});
}

/* ---- on the stack chosen for a run ---- */

typedef struct stack_call {
	vsp_exec *exec;
	uint32_t func;
	const int64_t *args;
	int64_t *results;
	vsp_error *error;
	vsp_status status;
} stack_call;

static void run_here(void *opaque)
{
	stack_call *c = opaque;
	c->status = vsp_exec_run(c->exec, c->error);
}

static void step_here(void *opaque)
{
	stack_call *c = opaque;
	c->status = vsp_exec_step(c->exec, c->error);
}

static void call_here(void *opaque)
{
	stack_call *c = opaque;
	c->status = vsp_exec_call(c->exec, c->func, c->args, c->results, c->error);
}

/* To be called after run_begin. An outer run may be on another stack, whose limit is restored. */
static vsp_status on_stack(vsp_instance *instance, void (*fn)(void *), stack_call *call)
{
	vsp_rt *rt = &instance->rt;
	const void *limit = rt->stack_limit;
	bool nested = instance->active > 1;
	vsp_plat_stopper *aside = nested ? vsp_manager_nest(rt->manager) : NULL;
	call->exec = instance->exec;
	vsp_machine_stack_run(&rt->stack, !nested, fn, call);
	rt->stack_limit = limit;
	if (nested)
		vsp_manager_unnest(rt->manager, aside);
	return call->status;
}

vsp_status vsp_set_stack(vsp_instance *instance, void *low, size_t size, vsp_error *error)
{
	vsp_error_clear(error);
	if (!instance)
		return vsp_error_set(error, VSP_E_ARGUMENT, "instance is null");
	if (size && (!low || size > UINTPTR_MAX - (uintptr_t)low))
		return vsp_error_set(error, VSP_E_ARGUMENT, "there can be no such stack");
	vsp_machine_stack_name(&instance->rt.stack, low, size);
	instance->ready_for = 0;
	return VSP_OK;
}

/* ---- runs ---- */

vsp_status vsp_run(vsp_instance *instance, vsp_error *error)
{
	vsp_status status = check_outermost(instance, error);
	if (status != VSP_OK)
		return status;
	uint64_t start = vsp_trace_clock(instance->trace);
	run_begin(instance);
	instance->rt.signals_open_on = 0; /* programs run long enough to ask again */
	status = on_stack(instance, run_here, &(stack_call){.error = error});
	instance->stepping = false;
	trace_run(instance, instance->module->data->entry_func, start, status);
	vsp_instance_run_end(instance, status);
	return status;
}

vsp_status vsp_step(vsp_instance *instance, vsp_error *error)
{
	vsp_status status = check_outermost(instance, error);
	if (status != VSP_OK)
		return status;
	run_begin(instance);
	status = on_stack(instance, step_here, &(stack_call){.error = error});
	instance->stepping = status == VSP_OK;
	vsp_instance_run_end(instance, status);
	return status;
}

/* An outermost call is about to end; the next ones of its thread may begin at once (call.c). */
static void make_ready(vsp_instance *instance)
{
	const vsp_rt *rt = &instance->rt;
	static const vsp_host_call none[VSP_HOST_CALLS];
	bool counted = instance->trace || instance->config.profile;
	if (!instance->manager || counted || instance->doomed || rt->stack.own_used ||
	        (!rt->no_signals && rt->signals_open_on != vsp_plat_thread_serial()) ||
	        !vsp_manager_prepare(instance->manager))
		return;
	instance->ready_for = vsp_plat_thread_serial();
	instance->calls = none;
	vsp_machine_stack_room(&rt->stack, &instance->ready_low, &instance->ready_size);
}

vsp_status vsp_instance_call(
        vsp_instance *instance, uint32_t f, const int64_t *args, int64_t *results, vsp_error *error)
{
	vsp_status status = vsp_instance_check_ready(instance, error);
	if (status != VSP_OK)
		return status;
	if (instance->stepping && !instance->active)
		return vsp_error_set(
		        error, VSP_E_ARGUMENT, "a stepped run has not ended; finish it with vsp_run or vsp_reset");
	const vsp_func *func = &instance->module->data->funcs[f];
	if ((func->params && !args) || (func->results && !results))
		return vsp_error_set(error, VSP_E_ARGUMENT, "'%s' is %u -> %u, but %s is null",
		        vsp_module_func_name(instance->module->data, f), func->params, func->results,
		        func->params && !args ? "args" : "results");
	uint64_t start = vsp_trace_clock(instance->trace);
	run_begin(instance);
	status = on_stack(
	        instance, call_here, &(stack_call){.func = f, .args = args, .results = results, .error = error});
	trace_run(instance, f, start, status);
	if (instance->active == 1)
		make_ready(instance);
	vsp_instance_run_end(instance, status);
	return status;
}

void vsp_interrupt(vsp_instance *instance)
{
	if (!instance)
		return;
	if (instance->exec)
		vsp_exec_interrupt(instance->exec);
	else
		atomic_store(&instance->rt.interrupt, 1);
	vsp_backends_interrupt(&instance->rt);
}
