/*
 * The part of the API about back ends: what this build has and finds, what an instance asks for and
 * has used.
 */
#include "api.h"

#include <stdio.h>
#include <string.h>

#include "runtime/backends/provider.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/base/sized.h"
#include "runtime/platform/platform.h"
#include "tiers/cache/costs.h"

static_assert((int)VSP_BACKEND_AUTO == VSP_HINT_ANY && (int)VSP_BACKEND_CPU == VSP_HINT_CPU &&
                      (int)VSP_BACKEND_GPU == VSP_HINT_GPU && (int)VSP_BACKEND_NPU == VSP_HINT_NPU,
        "kinds of back ends are the runtime's hints");
#define KIND(NAME, cpu_ns, moved) \
	static_assert((int)VSP_OPERATION_##NAME == VSP_BATCH_##NAME, "public operations are the runtime's");
#include "runtime/backends/kinds.def"
static_assert((int)VSP_OPERATION_EMERGE == VSP_BATCH_KINDS, "EMERGE comes after the kinds");

/* All providers of this build; the null at the end is no provider. */
#define PROVIDER(name, users) extern const vsp_provider vsp_provider_##name;
#include "runtime/backends/providers.def"
static const vsp_provider *const builtin[] = {&vsp_provider_cpu,
#define PROVIDER(name, users) &vsp_provider_##name,
#include "runtime/backends/providers.def"
        NULL};
enum { BUILTIN = sizeof builtin / sizeof *builtin - 1 };

const char *vsp_operation_name(uint32_t operation)
{
	static const char *const names[] = {
#define KIND(NAME, cpu_ns, moved) #NAME,
#include "runtime/backends/kinds.def"
	        "EMERGE"};
	static_assert(sizeof names / sizeof *names == VSP_OPERATIONS, "every operation has a name");
	return operation < VSP_OPERATIONS ? names[operation] : "unknown";
}

const char *vsp_backend_name(uint32_t index) { return index < BUILTIN ? builtin[index]->name : NULL; }

/* ---- what there is ---- */

static uint32_t operations_of(const vsp_provider *p)
{
	uint32_t mask = p->emerge ? 1u << VSP_OPERATION_EMERGE : 0;
	for (unsigned i = 0; i < VSP_BATCH_KINDS; i++)
		mask |= p->run[i] ? 1u << i : 0;
	return mask;
}

/* Constants from the cache, or measured now and kept there. */
static bool measured(const vsp_provider *p, const char *cache, vsp_costs *costs)
{
	if (!p->measure)
		return false;
	if (cache && vsp_costs_load(cache, p, costs))
		return true;
	vsp_device_source source = vsp_items_source();
	if (!p->measure(NULL, NULL, &source, costs))
		return false;
	if (cache)
		vsp_costs_save(cache, p, costs);
	return true;
}

static void add_costs(const vsp_provider *p, const char *cache, vsp_backend_view *view)
{
	vsp_costs costs;
	memset(&costs, 0, sizeof costs);
	if (view->missing[0] || !measured(p, cache, &costs))
		return;
	view->measured = 1;
	view->launch_ns = costs.launch_ns;
	view->byte_ns = costs.byte_ns;
	memcpy(view->work_ns, costs.work_ns, sizeof costs.work_ns);
}

static void add_facts(const vsp_provider *p, vsp_backend_view *view)
{
	vsp_provider_facts facts;
	memset(&facts, 0, sizeof facts);
	if (p->describe)
		p->describe(&facts);
	if (p == &vsp_provider_cpu) {
		vsp_plat_processor_name(facts.device, sizeof facts.device);
		snprintf(facts.driver, sizeof facts.driver, "VSP %s", VSP_VERSION);
	}
	snprintf(view->device, sizeof view->device, "%s", facts.device);
	snprintf(view->driver, sizeof view->driver, "%s", facts.driver);
	snprintf(view->missing, sizeof view->missing, "%s", facts.missing);
	view->memory = facts.memory;
}

vsp_status vsp_backend_describe(uint32_t index, const char *cache, vsp_backend_view *view)
{
	if (!view || !view->size || index >= BUILTIN)
		return VSP_E_ARGUMENT;
	const vsp_provider *p = builtin[index];
	vsp_backend_view full = VSP_BACKEND_VIEW_INIT;
	full.kind = p->hint;
	full.name = p->name;
	full.operations = operations_of(p);
	add_facts(p, &full);
	add_costs(p, cache, &full);
	vsp_copy_sized(view, view->size, &full, sizeof full);
	return VSP_OK;
}

/* ---- instances ---- */

/* A host's back end knows its constants; files are for those that were measured, and named by
   VSP. */
static bool is_builtin(const vsp_provider *provider)
{
	for (unsigned i = 0; i < BUILTIN; i++)
		if (builtin[i] == provider)
			return true;
	return false;
}

static bool load_costs(void *user, const vsp_provider *provider, vsp_costs *costs)
{
	const vsp_instance *instance = user;
	return instance->cache && is_builtin(provider) && vsp_costs_load(instance->cache, provider, costs);
}

static void save_costs(void *user, const vsp_provider *provider, const vsp_costs *costs)
{
	const vsp_instance *instance = user;
	if (instance->cache && is_builtin(provider))
		vsp_costs_save(instance->cache, provider, costs);
}

bool vsp_instance_attach_backends(vsp_instance *instance)
{
	if (instance->rt.backends)
		return true;
	vsp_backends *b = vsp_backends_create(builtin + 1, BUILTIN - 1);
	if (!b)
		return false;
	b->asked = (uint8_t)instance->config.backend;
	b->npu = instance->npu;
	b->keeper = (vsp_costs_keeper){load_costs, save_costs, instance};
	instance->rt.backends = b;
	if (instance->module)
		vsp_instance_give_device_code(instance);
	return true;
}

bool vsp_instance_needs_backends(const vsp_instance *instance)
{
	return instance->module->data->uses_backends || instance->config.backend != VSP_BACKEND_AUTO || instance->npu ||
	       instance->model_count;
}

static vsp_status check_kind(vsp_instance *instance, uint8_t kind, vsp_error *error)
{
	return vsp_backends_check(
	        &instance->rt, kind, "this build of VSP has none; --list-backends shows what there is", error);
}

/* A model of the host must be one that can be run. */
static vsp_status check_model(vsp_instance *instance, uint32_t index, vsp_error *error)
{
	vsp_backends *b = instance->rt.backends;
	const char *why = "this build of VSP has no back end that runs models";
	for (uint32_t i = b->count; i-- > 1;) {
		vsp_backend *s = &b->slot[i];
		if (!s->provider->run[VSP_BATCH_INFER])
			continue;
		why = s->stats.reason;
		if (vsp_backends_open(&instance->rt, s) &&
		        (!s->provider->load_model || s->provider->load_model(s->state, &instance->rt, index,
		                                             s->stats.reason, VSP_REASON_SIZE)))
			return VSP_OK;
	}
	return vsp_error_set(
	        error, VSP_E_UNSUPPORTED, "model '%s' cannot be used: %s", instance->rt.models[index].name, why);
}

static vsp_status check_models(vsp_instance *instance, vsp_error *error)
{
	vsp_status status = VSP_OK;
	if (instance->model_count && !(instance->rt.capabilities & VSP_CAP_MODELS))
		return vsp_error_set(error, VSP_E_ARGUMENT,
		        "model '%s' is given, but not the capability models: add --allow=models, or set it in the "
		        "host's configuration",
		        instance->models[0].name);
	for (uint32_t i = 0; instance->model_count && i < instance->rt.model_count && status == VSP_OK; i++)
		if (vsp_instance_is_host_model(instance, i))
			status = check_model(instance, i, error);
	return status;
}

vsp_status vsp_instance_check_backend(vsp_instance *instance, vsp_error *error)
{
	vsp_status status = VSP_OK;
	if (instance->model_count && !vsp_instance_attach_backends(instance))
		return vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	if (!instance->rt.backends)
		return VSP_OK; /* nothing is asked for */
	uint8_t asked = instance->rt.backends->asked;
	if (asked == VSP_HINT_GPU || asked == VSP_HINT_NPU)
		status = check_kind(instance, asked, error);
	if (status == VSP_OK && instance->npu)
		status = check_kind(instance, VSP_HINT_NPU, error);
	return status == VSP_OK ? check_models(instance, error) : status;
}

/* May an instruction of the program run on the provider? The hints decide when they are
   executed. */
static bool is_used(const vsp_instance *instance, const vsp_provider *p)
{
	const vsp_module_data *m = instance->module->data;
	bool models = instance->rt.capabilities & VSP_CAP_MODELS;
	vsp_insn i = {0};
	for (uint32_t pc = 0; pc < m->code_size; pc += i.length) {
		vsp_insn_decode(m->code, m->code_size, pc, &i);
		if (i.form == VSP_I_EMERGE && p->emerge && (p->own_model || (instance->rt.emerge_model && models)))
			return true;
		if (i.form == VSP_I_INFER && p->run[VSP_BATCH_INFER] && models)
			return true;
		if (vsp_insn_info(&i)->effects & VSP_FX_BATCH && i.form != VSP_I_INFER && p->hint == VSP_HINT_GPU)
			return true;
	}
	return false;
}

bool vsp_instance_uses_gpu(const vsp_instance *instance)
{
	const vsp_backends *b = instance->rt.backends;
	for (uint32_t i = 1; b && i < b->count; i++)
		if (b->slot[i].provider->hint == VSP_HINT_GPU && b->slot[i].probed == VSP_PROBE_GOOD)
			return true;
	return false;
}

vsp_status vsp_backends_prepare(vsp_instance *instance, vsp_error *error)
{
	vsp_error_clear(error);
	if (!instance || !instance->module || instance->active)
		return vsp_error_set(error, VSP_E_ARGUMENT,
		        !instance           ? "instance is null"
		        : !instance->module ? "the instance has no program"
		                            : "the instance is running");
	vsp_backends *b = instance->rt.backends;
	for (uint32_t i = 1; b && i < b->count; i++)
		if (is_used(instance, b->slot[i].provider) &&
		        (b->asked != VSP_HINT_CPU || b->slot[i].provider->run[VSP_BATCH_INFER]))
			vsp_backends_open(&instance->rt, &b->slot[i]);
	return vsp_instance_check_backend(instance, error);
}

/* An instance that needs none has done nothing on any. */
static vsp_status describe_unused(uint32_t index, vsp_backend_stats *stats)
{
	if (!stats || !stats->size || index >= BUILTIN)
		return VSP_E_ARGUMENT;
	vsp_backend_stats full = VSP_BACKEND_STATS_INIT;
	full.kind = builtin[index]->hint;
	full.name = builtin[index]->name;
	full.reason = full.placed = "";
	vsp_copy_sized(stats, stats->size, &full, sizeof full);
	return VSP_OK;
}

vsp_status vsp_stats_backend(const vsp_instance *instance, uint32_t index, vsp_backend_stats *stats)
{
	if (instance && !instance->rt.backends)
		return describe_unused(index, stats);
	return vsp_backends_stats(instance ? instance->rt.backends : NULL, index, stats);
}

static const char *name_of(const vsp_instance *instance, const vsp_backend_refusal *r)
{
	const char *name = NULL;
	if (r->operation == VSP_OPERATION_LAUNCH && instance->module && r->index < instance->module->data->func_count)
		name = vsp_module_func_name(instance->module->data, r->index);
	else if (r->operation == VSP_OPERATION_INFER && r->index < instance->rt.model_count)
		name = instance->rt.models[r->index].name;
	return name ? name : "";
}

vsp_status vsp_stats_refusal(
        const vsp_instance *instance, uint32_t index, uint32_t number, vsp_backend_refusal *refusal)
{
	vsp_backend_refusal full = VSP_BACKEND_REFUSAL_INIT;
	if (!refusal || !refusal->size ||
	        vsp_backends_refusal(instance ? instance->rt.backends : NULL, index, number, &full) != VSP_OK)
		return VSP_E_ARGUMENT;
	full.name = name_of(instance, &full);
	vsp_copy_sized(refusal, refusal->size, &full, sizeof full);
	return VSP_OK;
}
