/*
 * The interface of the shared object with LLVM's code generators for devices (libvsp-gpu), which is
 * opened when a program's first kernel goes to a device. It is apart from the compiler of the
 * processor's code, whose start it must not slow down.
 */
#ifndef VSP_TIERS_GPU_H
#define VSP_TIERS_GPU_H

#include "ir/module.h"
#include "runtime/backends/device_code.h"
#include "runtime/platform/library_names.h"

enum { VSP_GPU_VERSION = 1 };
#define VSP_GPU_LIBRARY VSP_LIBRARY_OWN("gpu")
#define VSP_GPU_SYMBOL "vsp_gpu_provider"

/* What to compile into one unit of device code. */
typedef struct vsp_gpu_request {
	const vsp_module_data *data;
	enum vsp_device_format format;
	const uint32_t *kernels; /* functions of kind kernel, or items; entry points are called VSP_DEVICE_KERNEL */
	uint32_t count;
	bool deterministic; /* canonical NaNs */
} vsp_gpu_request;

typedef struct vsp_gpu_api {
	uint32_t version;
	/*
	 * Compiles a request, whatever LLVM does. why[i], of request->count, becomes null or says
	 * why kernel i is not in the code: a constant. The code is empty when nothing is in it, and
	 * is to be freed. Returns null, or says why there is no code at all: a text that stays.
	 */
	const char *(*compile)(const vsp_gpu_request *request, const char **why, vsp_device_code *code);
	void (*free)(vsp_device_code *code);
} vsp_gpu_api;

typedef const vsp_gpu_api *(*vsp_gpu_provider_fn)(void);

/* gpu_open.c: compile and free of the shared object, which the first call opens, from several
   threads too. */
const char *vsp_gpu_make(const vsp_gpu_request *request, const char **why, vsp_device_code *code);
void vsp_gpu_drop(vsp_device_code *code);

#endif
