/* The parts of the CUDA provider that several files share. */
#ifndef VSP_RUNTIME_CUDA_PARTS_H
#define VSP_RUNTIME_CUDA_PARTS_H

#include "cuda_api.h"
#include "device.h"

/* The functions of the driver. */
typedef struct cuda_api {
#define FUNCTION(name, symbol, parameters) cu_result(*name) parameters;
	CUDA_FUNCTIONS(FUNCTION)
#undef FUNCTION
} cuda_api;

typedef struct cuda_device {
	const cuda_api *api;
	cu_device id;
	cu_object context, copies, kernels, copied;
	cu_address mirror, record;
	bool copying;             /* copies have begun that no kernel has waited for */
	struct cuda_times *times; /* who wants to know them, and of what; or null */
	cu_object *modules;
	uint32_t module_count;
	char message[400];
} cuda_device;

/* cuda_times.c, all within the device's context: a driver's observe. */
const char *vsp_cuda_observe(void *device, vsp_batch_observer observer);
/* A step is begun in a stream; operation: of KERNEL. */
void vsp_cuda_step(cuda_device *d, cu_object stream, enum vsp_batch_step step, uint64_t amount, uint64_t operation);
/* The work of the last step that was begun is in the stream. */
void vsp_cuda_step_done(cuda_device *d, cu_object stream);
/* Tells all steps, which have ended. */
void vsp_cuda_tell(cuda_device *d);
/* Nobody wants to know any more. */
void vsp_cuda_forget(cuda_device *d);

#endif
