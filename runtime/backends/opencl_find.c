/*
 * The loader of OpenCL and the choice of a device.
 */
#include "opencl_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/platform/library_names.h"
#include "runtime/platform/platform.h"

#define LOADER VSP_LIBRARY_OPENCL

enum { PLATFORMS = 16, DEVICES = 16 };

/* Written once, before anything reads it; the loader stays open. */
static struct {
	opencl_api api;
	const char *failed;
	char unusable[256];      /* what failed may say */
	uint32_t forks;          /* behind the process that has opened it */
	vsp_plat_mutex *opening; /* held while a device is opened */
} loader;

/* A pointer to a function from dlsym goes through an integer: ISO C has no conversion. */
#define SYMBOL(type, library, name) ((type)(uintptr_t)vsp_plat_dlsym(library, name))

static void open_loader(void)
{
	loader.forks = vsp_plat_forks();
	loader.opening = vsp_plat_mutex_create();
	if (!loader.opening) {
		loader.failed = "out of memory";
		return;
	}
	if (!vsp_opencl_vendors_are_files(loader.unusable, sizeof loader.unusable)) {
		loader.failed = loader.unusable;
		return;
	}
	void *library = vsp_plat_dlopen(LOADER);
	if (!library) {
		loader.failed = vsp_plat_opens_libraries() ? LOADER
		                        " cannot be opened (Debian: apt install ocl-icd-libopencl1)"
		                                           : LOADER VSP_LIBRARIES_NEVER;
		return;
	}
#define FUNCTION(name, result, parameters) \
	loader.api.name = SYMBOL(result(*) parameters, library, #name); \
	if (!loader.api.name) \
		loader.failed = LOADER " has no " #name;
	OPENCL_FUNCTIONS(FUNCTION)
#undef FUNCTION
	loader.api.clCreateProgramWithIL = SYMBOL(opencl_create_program_with_il, library, "clCreateProgramWithIL");
}

/* ---- devices ---- */

static uint64_t number_of(const opencl_api *cl, cl_object id, cl_uint what, size_t size)
{
	uint64_t value = 0;
	uint32_t word = 0;
	if (size == sizeof word)
		return cl->clGetDeviceInfo(id, what, sizeof word, &word, NULL) == CL_SUCCESS ? word : 0;
	return cl->clGetDeviceInfo(id, what, sizeof value, &value, NULL) == CL_SUCCESS ? value : 0;
}

static bool has_text(const opencl_api *cl, cl_object id, cl_uint what, const char *text)
{
	char all[8192] = "";
	return cl->clGetDeviceInfo(id, what, sizeof all - 1, all, NULL) == CL_SUCCESS && strstr(all, text);
}

static bool takes_il(const opencl_api *cl, cl_object id)
{
	return cl->clCreateProgramWithIL && has_text(cl, id, CL_DEVICE_IL_VERSION, "SPIR-V_1");
}

static uint32_t exact_floats(const opencl_api *cl, cl_object id)
{
	enum { PLAIN = CL_FP_DENORM | CL_FP_INF_NAN | CL_FP_ROUND_TO_NEAREST };
	enum { SINGLE = PLAIN | CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT };
	uint64_t single = number_of(cl, id, CL_DEVICE_SINGLE_FP_CONFIG, 8);
	uint64_t wide = number_of(cl, id, CL_DEVICE_DOUBLE_FP_CONFIG, 8);
	return ((wide & PLAIN) == PLAIN ? VSP_DEVICE_F64 : 0u) | ((single & SINGLE) == SINGLE ? VSP_DEVICE_F32 : 0u);
}

/*
 * PoCL ends the process when it finds no linker for its kernels, which it looks for on the path,
 * and nowhere without one. The path is not set for it: other threads of the host may read it.
 */
static const char *lacks_linker(const opencl_api *cl, cl_object id)
{
	static const char *const words[] = {"ld", "--version", NULL};
	const char *path = getenv("PATH");
	char output[16];
	int status = 0;
	if (!has_text(cl, id, CL_DEVICE_VERSION, "PoCL") && !has_text(cl, id, CL_DEVICE_VERSION, "pocl"))
		return NULL;
	if (!path || !*path)
		return "PoCL needs a linker, which it looks for on the path, and PATH is not set";
	return vsp_plat_run(words, output, sizeof output, &status) == VSP_PLAT_RUN_MISSING
	               ? "PoCL needs a linker, and ld is not on the path (Debian: apt install binutils)"
	               : NULL;
}

/* Why a device cannot be used, or null. */
static const char *unusable(const opencl_api *cl, cl_object id)
{
	if (!number_of(cl, id, CL_DEVICE_AVAILABLE, 4) || !number_of(cl, id, CL_DEVICE_COMPILER_AVAILABLE, 4))
		return "it is not available";
	if (number_of(cl, id, CL_DEVICE_ADDRESS_BITS, 4) != 64 || !number_of(cl, id, CL_DEVICE_ENDIAN_LITTLE, 4))
		return "its addresses do not have 64 bits, or it is big-endian";
	if (!takes_il(cl, id) && !has_text(cl, id, CL_DEVICE_EXTENSIONS, "cl_khr_spir"))
		return "it takes neither SPIR-V nor SPIR";
	return lacks_linker(cl, id);
}

static void take(opencl_device *d, cl_object id)
{
	d->id = id;
	d->il = takes_il(d->api, id);
	d->exact = exact_floats(d->api, id);
	d->most_memory = number_of(d->api, id, CL_DEVICE_MAX_MEM_ALLOC_SIZE, 8);
}

/* The first usable device of a type. False: there is none; *why tells about one that was not
   usable. */
static bool find_type(opencl_device *d, const cl_object *platforms, cl_uint count, cl_bitfield type, const char **why)
{
	for (cl_uint p = 0; p < count; p++) {
		cl_object devices[DEVICES];
		cl_uint found = 0;
		if (d->api->clGetDeviceIDs(platforms[p], type, DEVICES, devices, &found) != CL_SUCCESS)
			continue;
		for (cl_uint i = 0; i < found && i < DEVICES; i++) {
			const char *problem = unusable(d->api, devices[i]);
			if (!problem) {
				take(d, devices[i]);
				return true;
			}
			*why = problem;
		}
	}
	return false;
}

const char *vsp_opencl_enter(void)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	vsp_plat_call_once(&once, open_loader);
	if (loader.failed)
		return loader.failed;
	if (loader.forks != vsp_plat_forks())
		return "OpenCL " VSP_DEVICE_FORKED;
	vsp_plat_mutex_lock(loader.opening);
	return NULL;
}

void vsp_opencl_leave(void) { vsp_plat_mutex_unlock(loader.opening); }

const char *vsp_opencl_find(opencl_device *d)
{
	static const cl_bitfield types[] = {CL_DEVICE_TYPE_GPU, CL_DEVICE_TYPE_ACCELERATOR, CL_DEVICE_TYPE_CPU};
	d->api = &loader.api;
	cl_object platforms[PLATFORMS];
	cl_uint count = 0;
	if (d->api->clGetPlatformIDs(PLATFORMS, platforms, &count) != CL_SUCCESS || !count)
		return "OpenCL has no platform (an ICD of the device's maker, or pocl-opencl-icd)";
	count = count < PLATFORMS ? count : PLATFORMS;
	const char *why = "there is none";
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (find_type(d, platforms, count, types[i], &why))
			return NULL;
	snprintf(d->message, sizeof d->message, "no OpenCL device can be used: %s", why);
	return d->message;
}

static void describe_device(vsp_provider_facts *facts)
{
	opencl_device d = {0};
	const char *why = vsp_opencl_find(&d);
	if (why) {
		snprintf(facts->missing, sizeof facts->missing, "%s", why);
		return;
	}
	d.api->clGetDeviceInfo(d.id, CL_DEVICE_NAME, sizeof facts->device - 1, facts->device, NULL);
	d.api->clGetDeviceInfo(d.id, CL_DEVICE_VERSION, sizeof facts->driver - 1, facts->driver, NULL);
	if (!number_of(d.api, d.id, CL_DEVICE_HOST_UNIFIED_MEMORY, 4))
		facts->memory = number_of(d.api, d.id, CL_DEVICE_GLOBAL_MEM_SIZE, 8);
}

void vsp_opencl_describe(vsp_provider_facts *facts)
{
	const char *why = vsp_opencl_enter();
	if (why) {
		snprintf(facts->missing, sizeof facts->missing, "%s", why);
		return;
	}
	describe_device(facts);
	vsp_opencl_leave();
}
