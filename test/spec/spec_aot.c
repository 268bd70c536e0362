/*
 * Modules compiled ahead of time, see spec_aot.h. Shared objects are never unloaded, and each needs
 * some of the loader's static thread-local storage: the tests ask for room (spec.cmake).
 */
#define VSP_AOT_NO_PROTOTYPES
#include "spec_aot.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct spec_aot {
	vsp_aot_instance *instance;
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *config, vsp_error *error);
	vsp_status (*define)(vsp_aot_instance *instance, const char *name, uint32_t params, uint32_t results,
	        vsp_import_fn fn, void *user);
	vsp_status (*call)(vsp_aot_instance *instance, const char *name, const int64_t *args, int64_t *results);
	const vsp_error *(*last_error)(vsp_aot_instance *instance);
	void (*release)(vsp_aot_instance *instance);
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static void find(void *library, void *fn, size_t size, const char *name)
{
	void *symbol = dlsym(library, name);
	if (!symbol)
		fail(name, "not in the shared object");
	memcpy(fn, &symbol, size);
}
#define FIND(library, member, name) find(library, &(member), sizeof(member), name)

/* The module as a shared object of this process, whose file is gone again. */
static void *compile(const vsp_module *module, bool explicit_bounds)
{
	const char *options[] = {"-O2", "--deterministic", "--max-depth=1000", "--bounds=explicit"};
	char folder[] = "/tmp/vsp-spec-XXXXXX", path[sizeof folder + 16];
	vsp_error error = VSP_ERROR_INIT;
	if (!mkdtemp(folder))
		fail(folder, "cannot be made");
	snprintf(path, sizeof path, "%s/module.so", folder);
	if (vsp_aot_compile(module, path, options, explicit_bounds ? 4 : 3, &error) != VSP_OK)
		fail("compiling ahead of time", error.message);
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		fail("dlopen", dlerror());
	unlink(path);
	rmdir(folder);
	return library;
}

spec_aot *spec_aot_new(const vsp_module *module, bool explicit_bounds, vsp_error *error)
{
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	spec_aot *aot = calloc(1, sizeof *aot);
	if (!aot)
		abort();
	void *library = compile(module, explicit_bounds);
	FIND(library, aot->instantiate, "vsp_aot_instantiate");
	FIND(library, aot->define, "vsp_aot_define_import");
	FIND(library, aot->call, "vsp_aot_call");
	FIND(library, aot->last_error, "vsp_aot_last_error");
	FIND(library, aot->release, "vsp_aot_free");
	aot->instance = aot->instantiate(&config, error);
	if (aot->instance)
		return aot;
	free(aot);
	return NULL;
}

static vsp_status told(spec_aot *aot, vsp_status status, vsp_error *error)
{
	if (status != VSP_OK)
		*error = *aot->last_error(aot->instance);
	return status;
}

vsp_status spec_aot_define(spec_aot *aot, const char *name, uint32_t params, uint32_t results, vsp_import_fn fn,
        void *user, vsp_error *error)
{
	return told(aot, aot->define(aot->instance, name, params, results, fn, user), error);
}

vsp_status spec_aot_call(spec_aot *aot, const char *name, const int64_t *args, int64_t *results, vsp_error *error)
{
	return told(aot, aot->call(aot->instance, name, args, results), error);
}

void spec_aot_free(spec_aot *aot)
{
	if (aot)
		aot->release(aot->instance);
	free(aot);
}
