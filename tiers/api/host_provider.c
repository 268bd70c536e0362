/*
 * Back ends of the host: the public table (vsp_provider.h) behind the table that the runtime knows.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <vsp/vsp_provider.h>

#include "api.h"
#include "runtime/backends/device_code.h"
#include "runtime/backends/provider.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/host/host.h"

/* One back end of one instance; the state of its slot. */
typedef struct host_provider {
	vsp_provider own;         /* what the runtime sees */
	vsp_provider_table table; /* whose name is the one below */
	char name[VSP_PROVIDER_NAME_MAX + 1];
	void *state;                    /* the host's */
	const vsp_provider_op *current; /* the LAUNCH in run now, or null */
	vsp_rt *rt;
	vsp_instance *instance;
	struct host_provider *next;
} host_provider;

/*
 * What the host has said, which is one line and ends, into reason. said has room for
 * VSP_REASON_SIZE bytes, was empty, and is the host's; silent stands for nothing.
 */
static void take_reason(char *reason, size_t size, char *said, const char *silent)
{
	said[VSP_REASON_SIZE - 1] = 0;
	for (char *c = said; *c; c++)
		*c = (unsigned char)*c < ' ' || *c == 0x7F ? ' ' : *c;
	snprintf(reason, size, "%s", *said ? said : silent);
}

/* Fills reason for DECLINED. */
static int result_of(host_provider *p, int result, char *said, char *reason, size_t size)
{
	char why[VSP_REASON_SIZE];
	if (result == VSP_PROVIDER_DONE)
		return vsp_rt_poll(p->rt);
	if (result == VSP_PROVIDER_DECLINED) {
		take_reason(reason, size, said, "it declined and gave no reason");
		return VSP_DECLINED;
	}
	take_reason(why, sizeof why, said, "it failed and gave no reason");
	return vsp_rt_fail(p->rt, VSP_TRAP_BACKEND, "%s: %s", p->name, why);
}

static bool host_probe(vsp_rt *rt, void **state, char *reason, size_t size)
{
	host_provider *p = *state;
	p->rt = rt;
	p->state = p->table.user;
	if (!p->table.open)
		return true;
	char said[VSP_REASON_SIZE] = "";
	vsp_plat_region *region = vsp_host_begin(rt);
	int failed = p->table.open(p->table.user, &p->state, said, sizeof said);
	vsp_host_end(rt, region);
	if (failed)
		take_reason(reason, size, said, "it cannot be opened and gave no reason");
	return failed == 0;
}

static void host_close(void *state)
{
	host_provider *p = state;
	if (p->table.close)
		p->table.close(p->state);
}

static_assert(sizeof(vsp_provider_range) == sizeof(vsp_range), "ranges are shown as they are");
static_assert(VSP_PROVIDER_IN == (int)VSP_RANGE_IN && VSP_PROVIDER_OUT == (int)VSP_RANGE_OUT, "flags are");

/* What only LAUNCH has. */
static void show_launch(const host_provider *p, const vsp_batch_op *op, vsp_provider_op *shown)
{
	shown->kernel = op->index;
	shown->kernel_name = vsp_module_func_name(p->instance->module->data, op->index);
	shown->argument = op->argument;
	shown->ranges = (const vsp_provider_range *)(const void *)op->ranges->list;
	shown->range_count = op->ranges->count;
}

static vsp_provider_op public_op(const host_provider *p, const vsp_batch_op *op)
{
	const vsp_rt *rt = p->rt;
	const vsp_rt_model *model =
	        op->kind == VSP_BATCH_INFER && op->index < rt->model_count ? &rt->models[op->index] : NULL;
	vsp_provider_op shown = {.size = sizeof(vsp_provider_op),
	        .instance = p->instance,
	        .operation = op->kind,
	        .selector = op->sel,
	        .rate = op->rate,
	        .memory = rt->memory.base,
	        .memory_size = rt->memory.size,
	        .destination = op->dst,
	        .source = op->src,
	        .count = op->count,
	        .result = op->result,
	        .model = op->index,
	        .asynchronous = rt->batch > 0 && !rt->deterministic,
	        .model_name = model ? model->name : NULL,
	        .model_bytes = model ? model->data : NULL,
	        .model_size = model ? model->size : 0};
	if (op->kind == VSP_BATCH_LAUNCH)
		show_launch(p, op, &shown);
	return shown;
}

/* Is there anything about a LAUNCH that a back end does not know of? */
static const char *unsuitable(const vsp_rt *rt)
{
	if (rt->check_kernels)
		return "ranges are checked (--check-kernels)";
	if (rt->depth_exact && rt->max_depth - rt->depth <= VSP_KERNEL_DEPTH)
		return "the maximum depth of calls is near";
	return NULL;
}

static int host_run(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t size)
{
	host_provider *p = state;
	const char *why = op->kind == VSP_BATCH_LAUNCH ? unsuitable(rt) : NULL;
	if (why) {
		snprintf(reason, size, "%s", why);
		return VSP_DECLINED;
	}
	char said[VSP_REASON_SIZE] = "";
	vsp_provider_op shown = public_op(p, op);
	const vsp_provider_op *outer = p->current; /* the host may run the program meanwhile */
	p->current = op->kind == VSP_BATCH_LAUNCH ? &shown : NULL;
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = p->table.run(p->state, &shown, said, sizeof said);
	vsp_host_end(rt, region);
	p->current = outer;
	return result_of(p, result, said, reason, size);
}

static int host_emerge(void *state, vsp_rt *rt, const float in[32], float out[32])
{
	host_provider *p = state;
	char said[VSP_REASON_SIZE] = "", reason[VSP_REASON_SIZE];
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = p->table.emerge(p->state, in, out, said, sizeof said);
	vsp_host_end(rt, region);
	return result_of(p, result, said, reason, sizeof reason);
}

/* Declining comes too late here. */
static int host_wait(void *state, vsp_rt *rt)
{
	host_provider *p = state;
	char said[VSP_REASON_SIZE] = "", reason[VSP_REASON_SIZE];
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = p->table.wait(p->state, said, sizeof said);
	vsp_host_end(rt, region);
	int end = result == VSP_PROVIDER_DONE ? result : VSP_PROVIDER_FAILED;
	return result_of(p, end, said, reason, sizeof reason);
}

static void host_interrupt(void *state)
{
	host_provider *p = state;
	p->table.interrupt(p->state);
}

/* The same in every process: the host knows its device. */
static bool host_measure(void *state, vsp_rt *rt, const vsp_device_source *source, vsp_costs *costs)
{
	(void)source;
	const host_provider *p = state;
	(void)rt;
	costs->launch_ns = p->table.launch_ns;
	costs->byte_ns = p->table.byte_ns;
	memcpy(costs->work_ns, p->table.work_ns, sizeof costs->work_ns);
	return true;
}

/* ---- code of kernels ---- */

static vsp_status get_code(
        const vsp_provider_op *op, enum vsp_provider_format format, vsp_provider_kernel *own, vsp_error *error)
{
	const vsp_device_source *source = &op->instance->rt.backends->source;
	vsp_device_code code = {0};
	const char *why = "this build makes no device code";
	if (source->get)
		why = source->get(source->user, (unsigned)format, op->kernel, &code);
	if (why)
		return vsp_error_set(error, VSP_E_UNSUPPORTED, "%s", why);
	own->needs = code.needs & (VSP_DEVICE_F64 | VSP_DEVICE_F32);
	own->code = code.bytes;
	own->code_size = code.size;
	snprintf(own->entry, sizeof own->entry, VSP_DEVICE_KERNEL, (unsigned)op->kernel);
	return VSP_OK;
}

/* Is one of the instance's back ends in run with a LAUNCH? */
static bool is_launching(const vsp_instance *instance)
{
	for (const host_provider *p = instance ? instance->providers : NULL; p; p = p->next)
		if (p->current)
			return true;
	return false;
}

static bool is_kernel(const vsp_instance *instance, uint32_t index)
{
	const vsp_module_data *m = instance->module->data;
	return index < m->func_count && m->funcs[index].kind == VSP_KIND_KERNEL;
}

vsp_status vsp_provider_code(
        const vsp_provider_op *op, enum vsp_provider_format format, vsp_provider_kernel *kernel, vsp_error *error)
{
	vsp_error_clear(error);
	vsp_provider_kernel own = VSP_PROVIDER_KERNEL_INIT;
	if (!op || !kernel || !kernel->size || op->operation != VSP_OPERATION_LAUNCH)
		return vsp_error_set(
		        error, VSP_E_ARGUMENT, "code is there for a LAUNCH, and for a kernel with its size");
	if ((unsigned)format >= VSP_DEVICE_FORMATS)
		return vsp_error_set(error, VSP_E_ARGUMENT, "%u is no format of device code", (unsigned)format);
	if (!is_launching(op->instance))
		return vsp_error_set(error, VSP_E_ARGUMENT, "code is there while run has the LAUNCH, and not later");
	if (!is_kernel(op->instance, op->kernel))
		return vsp_error_set(
		        error, VSP_E_ARGUMENT, "function %u of the program is no kernel", (unsigned)op->kernel);
	vsp_status status = get_code(op, format, &own, error);
	if (status == VSP_OK)
		vsp_copy_sized(kernel, kernel->size, &own, sizeof own);
	return status;
}

void vsp_provider_code_free(vsp_provider_kernel *kernel)
{
	if (!kernel)
		return;
	vsp_free_memory(kernel->code);
	kernel->code = NULL;
	kernel->code_size = 0;
}

/* ---- adding ---- */

static void fill(host_provider *p)
{
	const vsp_provider_table *t = &p->table;
	vsp_provider *own = &p->own;
	own->name = p->name;
	own->hint = (uint8_t)t->kind;
	own->capability = t->capability;
	own->probe = host_probe;
	own->close = host_close;
	for (unsigned i = 0; i < VSP_BATCH_KINDS; i++)
		own->run[i] = t->operations >> i & 1 ? host_run : NULL;
	own->emerge = t->emerge ? host_emerge : NULL;
	own->own_model = true;
	own->wait = t->wait ? host_wait : NULL;
	own->interrupt = t->interrupt ? host_interrupt : NULL;
	own->measure = t->launch_ns > 0 ? host_measure : NULL;
}

static vsp_status check_instance(const vsp_instance *instance, const vsp_provider_table *table, vsp_error *error)
{
	if (!instance || !table)
		return vsp_error_set(error, VSP_E_ARGUMENT, "%s is null", instance ? "table" : "instance");
	if (!table->size)
		return vsp_error_set(error, VSP_E_ARGUMENT, "the table's size is not set");
	if (instance->linked || instance->active)
		return vsp_error_set(error, VSP_E_ARGUMENT, "back ends are added before the first run");
	return VSP_OK;
}

vsp_status vsp_add_provider(vsp_instance *instance, const vsp_provider_table *table, vsp_error *error)
{
	vsp_error_clear(error);
	vsp_provider_table own = VSP_PROVIDER_TABLE_INIT;
	vsp_status status = check_instance(instance, table, error);
	if (status != VSP_OK)
		return status;
	vsp_copy_sized(&own, sizeof own, table, table->size);
	status = vsp_host_table_check(instance, &own, error);
	if (status != VSP_OK)
		return status;
	host_provider *p = vsp_instance_attach_backends(instance) ? vsp_alloc(1, sizeof *p) : NULL;
	if (!p)
		return vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	p->table = own;
	memcpy(p->name, own.name, strlen(own.name));
	p->table.name = p->name;
	p->instance = instance;
	fill(p);
	if (!vsp_backends_add(instance->rt.backends, &p->own, p)) {
		vsp_free_memory(p);
		return vsp_error_set(error, VSP_E_ARGUMENT, "an instance has at most %d back ends", VSP_PROVIDERS_MAX);
	}
	p->next = instance->providers;
	instance->providers = p;
	return VSP_OK;
}

void vsp_instance_free_providers(vsp_instance *instance)
{
	for (host_provider *p = instance->providers, *next; p; p = next) {
		next = p->next;
		vsp_free_memory(p);
	}
}
