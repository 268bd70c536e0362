/* The parts of the OpenCL provider that several files share. */
#ifndef VSP_RUNTIME_OPENCL_PARTS_H
#define VSP_RUNTIME_OPENCL_PARTS_H

#include "device.h"
#include "opencl_api.h"

/* The functions of the loader. */
typedef struct opencl_api {
#define FUNCTION(name, result, parameters) result(*name) parameters;
	OPENCL_FUNCTIONS(FUNCTION)
#undef FUNCTION
	opencl_create_program_with_il clCreateProgramWithIL; /* null before version 2.1 */
} opencl_api;

enum { OPENCL_EVENTS = 64 };

typedef struct opencl_device {
	const opencl_api *api;
	cl_object id, context, copies, kernels, mirror, record;
	bool il;                         /* takes SPIR-V; otherwise SPIR */
	uint32_t exact;                  /* VSP_DEVICE_* */
	uint64_t most_memory;            /* bytes in one piece */
	cl_object events[OPENCL_EVENTS]; /* copies that no kernel has waited for */
	uint32_t event_count;
	struct opencl_times *times; /* who wants to know them, and of what; or null */
	struct opencl_kernel {
		cl_object kernel, program;
	} *objects;
	uint32_t object_count;
	char message[400];
} opencl_device;

/* opencl_times.c: a driver's observe. */
const char *vsp_opencl_observe(void *device, vsp_batch_observer observer);
/*
 * opencl_times.c: where a call that enqueues a step is to store its event, or null when nobody
 * wants to know. operation: of KERNEL.
 */
cl_object *vsp_opencl_time(opencl_device *d, enum vsp_batch_step step, uint64_t amount, uint64_t operation);
/* opencl_times.c: tells all steps, which have ended. */
void vsp_opencl_tell(opencl_device *d);
/* opencl_times.c: nobody wants to know any more. */
void vsp_opencl_forget(opencl_device *d);
/*
 * opencl_find.c: opens the loader. Null, and then no other thread opens a device until the caller
 * leaves: drivers are not ready for threads that use them for the first time at once. Otherwise why
 * it cannot be used.
 */
const char *vsp_opencl_enter(void);
void vsp_opencl_leave(void);
/* opencl_find.c: chooses a device: id, api, il, exact, most_memory. For who has entered. */
const char *vsp_opencl_find(opencl_device *d);
/* opencl_find.c: what there is, see provider.h. */
void vsp_opencl_describe(vsp_provider_facts *facts);
/*
 * opencl_vendors.c: is all that the loader will read an ordinary file, at which it does not wait?
 * False: why says what is not.
 */
bool vsp_opencl_vendors_are_files(char *why, size_t size);
/* opencl_program.c: a program, built, for the caller to release. */
const char *vsp_opencl_program(opencl_device *d, const vsp_device_code *code, cl_object *program);

#endif
