/*
 * Calls from hosts, by name and by handle, and the short way into compiled code.
 *
 * A call checks a lot that seldom changes: the thread's stack and signals, the program's imports,
 * whether loops on this thread can be stopped. An outermost call that has found all of it in order
 * notes its thread (ready_for); the next call on that thread, from a place on the stack with room,
 * only compares. Whatever changes one of the conditions clears ready_for: another way of running,
 * an interrupt, a failed reset, another program or stack. Traces and counts of calls need the long
 * way.
 *
 * What such calls enter is looked up once for each function (vsp_manager_host_call). Functions that
 * can only end by their RET are called like any function in C; around others there is a protected
 * call. The modes for floats are read where the function depends on them.
 */
#include "api.h"

#include <stddef.h>
#include <string.h>

#include "runtime/base/error.h"
#include "runtime/platform/thread.h"
#include "runtime/run_end.h"

#if defined(__GNUC__)
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define APART __attribute__((noinline))
#define RARE __attribute__((noinline, cold))
#else
#define LIKELY(condition) (condition)
#define APART
#define RARE
#endif

/* ---- the short way ---- */

static inline bool is_interrupted(const vsp_rt *rt)
{
	return atomic_load_explicit(&rt->interrupt, memory_order_relaxed);
}

static inline bool is_ready(const vsp_instance *instance)
{
	VSP_STACK_POINTER(here);
	return vsp_plat_is_thread(instance->ready_for) && !instance->active && !is_interrupted(&instance->rt) &&
	       (uintptr_t)here - (uintptr_t)instance->ready_low < instance->ready_size;
}

/* How function f is called at once; null: not known yet. */
static inline const vsp_host_call *known_call(const vsp_instance *instance, uint32_t f)
{
	const vsp_host_call *call = &instance->calls[f % VSP_HOST_CALLS];
	return call->func == f && call->code ? call : NULL;
}

static inline void copy_results(int64_t *results, const uint64_t *regs, unsigned n)
{
	if (n)
		results[0] = (int64_t)regs[0];
	for (unsigned i = 1; i < n; i++)
		results[i] = (int64_t)regs[i];
}

/*
 * The call has trapped, been interrupted, ended the program (then regs is null), or freed the
 * instance.
 */
static RARE vsp_status end_otherwise(
        vsp_instance *instance, const vsp_host_call *call, const uint64_t *regs, int64_t *results, vsp_error *error)
{
	if (regs)
		instance->rt.sp = instance->module->data->stack_top;
	vsp_status status = vsp_exec_fail_call(instance->exec, regs != NULL, error);
	if (status == VSP_OK)
		copy_results(results, regs, call->results);
	instance->active = 1;
	vsp_instance_run_end(instance, status);
	return status;
}

static inline vsp_status call_short(
        vsp_instance *instance, const vsp_host_call *call, const int64_t *args, int64_t *results, vsp_error *error)
{
	const uint64_t *regs = vsp_exec_call_short(instance->exec, call->code, call->params, args);
	if (!LIKELY(!is_interrupted(&instance->rt)))
		return end_otherwise(instance, call, regs, results, error);
	copy_results(results, regs, call->results);
	return VSP_OK;
}

static APART vsp_status call_short_floats(
        vsp_instance *instance, const vsp_host_call *call, const int64_t *args, int64_t *results, vsp_error *error)
{
	uint64_t modes = vsp_plat_fp_enter();
	const uint64_t *regs = vsp_exec_call_short(instance->exec, call->code, call->params, args);
	vsp_plat_fp_restore(modes);
	if (!LIKELY(!is_interrupted(&instance->rt)))
		return end_otherwise(instance, call, regs, results, error);
	copy_results(results, regs, call->results);
	return VSP_OK;
}

/* The environment of an outermost run, as vsp_rt_enter makes it; this thread blocks no signals. */
static inline void enter(vsp_instance *instance, bool floats)
{
	vsp_rt *rt = &instance->rt;
	instance->active = 1;
	vsp_run_begin(rt);
	rt->sp = instance->module->data->stack_top;
	rt->stack.low = rt->stack.thread_low;
	rt->stack.high = rt->stack.thread_high;
	rt->ranges = NULL;
	if (floats)
		vsp_rt_enter_fp(rt);
}

static inline void leave(vsp_instance *instance, bool floats)
{
	vsp_rt *rt = &instance->rt;
	if (floats)
		vsp_rt_leave_fp(rt);
	rt->stack.low = rt->stack.high = NULL;
	instance->active = 0;
}

static APART vsp_status call_protected(
        vsp_instance *instance, const vsp_host_call *call, const int64_t *args, int64_t *results, vsp_error *error)
{
	bool floats = call->floats;
	uint64_t *regs = vsp_exec_open_call(instance->exec, call->func, args);
	enter(instance, floats);
	bool returned = vsp_manager_enter_call(instance->manager, call, regs);
	leave(instance, floats);
	if (!LIKELY(returned && !is_interrupted(&instance->rt) && !instance->doomed))
		return end_otherwise(instance, call, returned ? regs : NULL, results, error);
	instance->rt.sp = instance->module->data->stack_top;
	vsp_exec_close_call(instance->exec);
	copy_results(results, regs, call->results);
	return VSP_OK;
}

/* Calls a function of an instance that is ready, without a null pointer that it needs. */
static inline vsp_status call_at_once(
        vsp_instance *instance, const vsp_host_call *call, const int64_t *args, int64_t *results, vsp_error *error)
{
	if (!LIKELY(call->is_short))
		return call_protected(instance, call, args, results, error);
	return LIKELY(!call->floats) ? call_short(instance, call, args, results, error)
	                             : call_short_floats(instance, call, args, results, error);
}

static inline bool takes(const vsp_host_call *call, const int64_t *args, const int64_t *results)
{
	return (args || !call->params) && (results || !call->results);
}

/* Calls an exported function the long way, unless all is in order by now. */
static RARE vsp_status call_with_care(
        vsp_instance *instance, uint32_t f, const int64_t *args, int64_t *results, vsp_error *error)
{
	bool ready = is_ready(instance);
	const vsp_host_call *call = ready ? known_call(instance, f) : NULL;
	if (ready && !call && (call = vsp_manager_host_call(instance->manager, f)))
		instance->calls = call - f % VSP_HOST_CALLS;
	return call && takes(call, args, results) ? call_at_once(instance, call, args, results, error)
	                                          : vsp_instance_call(instance, f, args, results, error);
}

/* Does error already say that there is none? */
static inline bool is_clear(const vsp_error *error)
{
	return !error || (error->code == VSP_OK && error->size > offsetof(vsp_error, message) && !error->message[0]);
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
	bool ready = instance && is_ready(instance) && is_clear(error);
	if (!ready && (status = vsp_instance_check_ready(instance, error)) != VSP_OK)
		return status;
	uint32_t f = find_called(instance, name);
	if (f == VSP_NO_PC)
		return refuse_name(name, error);
	const vsp_host_call *call = ready ? known_call(instance, f) : NULL;
	if (call && takes(call, args, results))
		return call_at_once(instance, call, args, results, error);
	return call_with_care(instance, f, args, results, error);
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

static RARE vsp_status call_handle_with_care(
        vsp_instance *instance, const vsp_function *function, const int64_t *args, int64_t *results, vsp_error *error)
{
	vsp_status status = vsp_instance_check_ready(instance, error);
	if (status != VSP_OK)
		return status;
	if (!function)
		return vsp_error_set(error, VSP_E_ARGUMENT, "function is null");
	if (!belongs(function, instance->module))
		return vsp_error_set(error, VSP_E_ARGUMENT,
		        "the handle is not of this instance's program; look the function up in it");
	return call_with_care(instance, function->index, args, results, error);
}

/* Functions that are called at once are exported, and their pointers are checked here. */
vsp_status vsp_call_function(
        vsp_instance *instance, const vsp_function *function, const int64_t *args, int64_t *results, vsp_error *error)
{
	if (!LIKELY(instance && function) || !LIKELY(is_ready(instance)))
		return call_handle_with_care(instance, function, args, results, error);
	const vsp_host_call *call = known_call(instance, function->index);
	bool good = call && function->module == instance->module->number && takes(call, args, results);
	if (!LIKELY(good) || !LIKELY(is_clear(error)))
		return call_handle_with_care(instance, function, args, results, error);
	return call_at_once(instance, call, args, results, error);
}
