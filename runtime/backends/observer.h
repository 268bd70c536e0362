/*
 * Who is told of batch operations and of what devices do for them, with their times: the trace. All
 * calls come on the instance's thread, after the fact.
 */
#ifndef VSP_RUNTIME_BACKENDS_OBSERVER_H
#define VSP_RUNTIME_BACKENDS_OBSERVER_H

#include <stdint.h>

enum vsp_batch_step {
	VSP_STEP_OPERATION, /* a batch instruction on its provider, which may only have begun it */
	VSP_STEP_UPLOAD,    /* bytes of a declared range travel to the device */
	VSP_STEP_BLOCK,     /* an argument block travels, in its turn between kernels */
	VSP_STEP_KERNEL,    /* work items run on the device */
	VSP_STEP_DOWNLOAD   /* results travel back */
};

typedef struct vsp_batch_span {
	const char *provider;      /* a constant, or as long as the instance */
	uint8_t step;              /* enum vsp_batch_step */
	uint8_t kind;              /* of OPERATION and KERNEL: enum vsp_batch_kind */
	uint32_t index;            /* of LAUNCH: the kernel */
	uint64_t amount;           /* items, work items, or bytes */
	uint64_t start_ns, end_ns; /* by vsp_plat_clock_ns */
} vsp_batch_span;

typedef struct vsp_batch_observer {
	void (*tell)(void *user, const vsp_batch_span *span); /* null: nobody */
	void *user;
} vsp_batch_observer;

#endif
