/*
 * A random program in one configuration of libvsp, see outcome.h.
 */
#include "outcome.h"

#include <stdio.h>
#include <string.h>

#include "tiers/api/api.h"

static vsp_status call_leaf(test_host *host, void *instance, const int64_t *args, int64_t *results)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_status status = vsp_call(instance, "leaf", args, results, &error);
	host->starved |= error.trap == VSP_TRAP_FUEL;
	return status;
}

static vsp_import_fn import_named(const char *name, uint32_t params, uint32_t results)
{
	if (params == 2 && results == 1 && strcmp(name, "test.mix") == 0)
		return test_host_mix;
	if (params == 2 && results == 1 && strcmp(name, "test.back") == 0)
		return test_host_back;
	return results ? test_host_answer : test_host_listen;
}

static bool define_imports(vsp_instance *instance, const vsp_module *module, test_host *host, vsp_error *error)
{
	for (uint32_t i = 0; i < vsp_module_import_count(module); i++) {
		const char *name;
		uint32_t params, results;
		vsp_module_import(module, i, &name, &params, &results);
		vsp_import_fn fn = import_named(name, params, results);
		if (vsp_define_import(instance, name, params, results, fn, host, error) != VSP_OK)
			return false;
	}
	return true;
}

vsp_instance *instantiate_for_test(vsp_module *module, vsp_config *config, test_host *host)
{
	vsp_error error = VSP_ERROR_INIT;
	test_host_init(host, call_leaf);
	config->deterministic = 1;
	config->fuel = config->fuel ? config->fuel : HOST_FUEL;
	config->capabilities = HOST_CAPABILITIES;
	config->host = &host->callbacks;
	vsp_instance *instance = vsp_instantiate(module, config, &error);
	if (!instance || !define_imports(instance, module, host, &error)) {
		fprintf(stderr, "cannot instantiate: %s\n", error.message);
		vsp_free(instance);
		return NULL;
	}
	return instance;
}

static void call_leaves(vsp_instance *instance, outcome *out)
{
	vsp_status last = out->status;
	for (unsigned n = 0; n < LEAF_CALLS && last != VSP_TRAPPED; n++) {
		vsp_error error = VSP_ERROR_INIT;
		int64_t args[2];
		leaf_arguments(n, args);
		last = out->leaf[n].status = vsp_call(instance, "leaf", args, &out->leaf[n].result, &error);
		out->leaf[n].trap = error.trap;
		out->starved |= error.trap == VSP_TRAP_FUEL;
	}
}

bool run_in_library(vsp_module *module, vsp_config config, uint32_t threads, outcome *out)
{
	vsp_error error = VSP_ERROR_INIT;
	test_host host;
	memset(out, 0, sizeof *out);
	vsp_instance *instance = instantiate_for_test(module, &config, &host);
	if (!instance)
		return false;
	if (threads) /* deterministic runs have one, which says nothing about results */
		instance->rt.threads = threads;
	out->status = vsp_run(instance, &error);
	out->state.size = sizeof out->state;
	vsp_state(instance, &out->state);
	out->memory = vsp_memory_fnv1a(instance);
	snprintf(out->message, sizeof out->message, "%s %s", vsp_trap_name(out->state.trap), error.message);
	call_leaves(instance, out);
	out->starved |= host.starved || out->state.trap == VSP_TRAP_FUEL;
	out->output = host.heard;
	vsp_free(instance);
	return true;
}
