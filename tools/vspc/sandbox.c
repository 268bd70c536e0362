/*
 * The rights that a run of vspc still needs once its files are open, and the report of those it has
 * given up.
 */
#include "vspc.h"

#include <string.h>

#include "runtime/platform/random_name.h"
#include "tiers/api/api.h"
#include "tiers/jit.h"

#if !defined(VSP_COMPILER_ALONE) /* is the compiler library the only one beyond those of vspc? */
#define VSP_COMPILER_ALONE false
#endif

enum { FOLDERS = 2, PATH_ROOM = 64 };

/* Names the folder for times of passes, and tells the instance. */
static void name_folder(char folder[PATH_ROOM], vsp_instance *instance)
{
	char digits[VSP_RANDOM_DIGITS];
	vsp_random_digits(digits);
	snprintf(folder, PATH_ROOM, VSP_PASSES_FOLDER, digits);
	vsp_manager_use_folder(instance->manager, folder);
}

static int confine(const vspc_options *options, const vspc_outputs *outputs, const vspc_wasi *wasi,
        vsp_instance *instance, vsp_plat_confined *result)
{
	/* Null outputs last. */
	vsp_plat_output *written[] = {NULL, NULL, NULL, NULL};
	unsigned count = 0;
	vsp_plat_output *const all[] = {outputs->trace, outputs->profile, outputs->llvm};
	for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i])
			written[count++] = all[i];
	static char scratch[PATH_ROOM]; /* the compile thread may outlive the run */
	const char *passes = options->config.observe & VSP_OBSERVE_PASSES && instance->manager ? scratch : NULL;
	const char *folders[FOLDERS] = {instance->manager ? vsp_manager_cache_folder(instance->manager) : NULL, NULL};
	bool compiles = options->config.tier != VSP_TIER_INTERP; /* baseline code is made executable too */
	vsp_plat_confinement confinement = {.folders = folders,
	        .grants = wasi->grants,
	        .cleared = folders[0] ? options->config.cache : NULL,
	        .scratch = passes,
	        .outputs = written,
	        .library = compiles ? VSP_JIT_LIBRARY : NULL,
	        .library_alone = VSP_COMPILER_ALONE,
	        .careful = options->config.spectre != VSP_SPECTRE_OFF};
	if (vsp_instance_uses_gpu(instance)) {
		result->calls = result->files = "the driver of the GPU needs system calls and files of its own choice";
		return 0;
	}
	if (passes)
		name_folder(scratch, instance);
	vsp_plat_confine(&confinement, result);
	return result->failed ? vspc_error("cannot start what writes files for a confined run: %s; --no-sandbox runs "
	                                   "it without limits",
	                                result->failed)
	                      : 0;
}

int vspc_confine(const vspc_options *options, const vspc_outputs *outputs, const vspc_wasi *wasi,
        vsp_instance *instance, vsp_plat_confined *result)
{
	char text[256];
	if (options->no_sandbox)
		result->calls = result->files = "--no-sandbox";
	else if (options->mpi)
		result->calls = result->files = "MPI needs system calls and files of its own choice";
	else if (confine(options, outputs, wasi, instance, result))
		return VSPC_WRONG;
	vspc_sandbox_text(result, text, sizeof text);
	if (options->verbose)
		fprintf(stderr, "vspc: sandbox: %s\n", text);
	return 0;
}

void vspc_sandbox_text(const vsp_plat_confined *confined, char *out, size_t size)
{
	const char *calls = confined->calls, *files = confined->files;
	if (!calls && !files)
		snprintf(out, size, "system calls and files");
	else if (!calls)
		snprintf(out, size, "system calls; not files: %s", files);
	else if (!files)
		snprintf(out, size, "files; not system calls: %s", calls);
	else
		snprintf(out, size, "none: %s", calls);
}
