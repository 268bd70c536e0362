/*
 * Instances: what their configuration may say, their creation and their end.
 */
#include "api.h"

#include <string.h>

#include "tiers/observe/elf_image.h"
#include "runtime/base/alloc.h"
#include "runtime/backends/provider.h"
#include "runtime/backends/threads.h"
#include "runtime/base/error.h"
#include "runtime/arith/mask.h"

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
