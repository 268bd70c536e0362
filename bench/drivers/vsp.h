/*
 * Functions that the drivers over libvsp share: reading a tier's name, making an instance that
 * compiles synchronously, and failing.
 */
#ifndef VSP_BENCH_VSP_H
#define VSP_BENCH_VSP_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vsp/vsp.h>

#include "clock.h"

/* Prints the reason and ends the program with status 2. */
static inline _Noreturn void bench_fail(const char *what, const vsp_error *error)
{
	fprintf(stderr, "%s: %s\n", what, error->message);
	exit(2);
}

/* interp, 1, 2 or auto. */
static inline int bench_tier(const char *name)
{
	static const struct {
		const char *name;
		int tier;
	} named[] = {{"interp", VSP_TIER_INTERP}, {"baseline", VSP_TIER_BASELINE}, {"auto", VSP_TIER_AUTO}};
	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
		if (!strcmp(name, named[i].name))
			return named[i].tier;
	return atoi(name);
}

/* Fixed tiers compile synchronously, so that the first call pays for it; auto compiles in the
   background. cache: a directory, or null; backend: VSP_BACKEND_*. */
static inline vsp_instance *bench_instantiate_on(vsp_module *module, int tier, const char *cache, int backend)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = tier;
	config.sync_compile = tier > 0;
	config.cache = cache;
	config.backend = (uint32_t)backend;
	config.capabilities |= backend == VSP_BACKEND_GPU ? VSP_CAP_GPU : 0;
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	if (!instance)
		bench_fail("cannot instantiate", &error);
	return instance;
}

static inline vsp_instance *bench_instantiate(vsp_module *module, int tier)
{
	return bench_instantiate_on(module, tier, NULL, VSP_BACKEND_AUTO);
}

static inline vsp_module *bench_load(const char *path)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_module_load_file(path, NULL, &error);
	if (!module)
		bench_fail(path, &error);
	return module;
}

/* kernel(n). The error is the caller's, so that setting up its two kilobytes is in no measured
   call. */
static inline int64_t bench_call(vsp_instance *instance, int64_t n, vsp_error *error)
{
	int64_t result = 0;
	if (vsp_call(instance, "kernel", &n, &result, error) != VSP_OK)
		bench_fail("kernel", error);
	return result;
}

#endif
