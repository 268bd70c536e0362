/* Compiling the training programs, see training.h. */
#include "training.h"

#include <stdbool.h>
#include <stddef.h>

#include <vsp/vsp.h>

static vsp_error error = VSP_ERROR_INIT;

static bool run(const char *path, int tier)
{
	vsp_module *module = vsp_module_load_file(path, NULL, &error);
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = tier;
	config.sync_compile = 1;
	config.capabilities = UINT32_MAX;
	vsp_instance *instance = module ? vsp_instantiate(module, &config, &error) : NULL;
	if (instance) {
		vsp_error end = VSP_ERROR_INIT;
		vsp_run(instance, &end);
	}
	vsp_free(instance);
	vsp_module_free(module);
	return instance != NULL;
}

const char *training_run(char *const *paths, int count)
{
	static const int tiers[] = {VSP_TIER_AUTO, 1, 2};
	for (size_t tier = 0; tier < sizeof tiers / sizeof tiers[0]; tier++)
		for (int i = 0; i < count; i++)
			if (!run(paths[i], tiers[tier]))
				return error.message;
	return NULL;
}
