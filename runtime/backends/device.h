/*
 * What the providers for devices share: the mirror of linear memory, the journeys of declared
 * ranges, and kernels that have been prepared. A provider adds a table of primitive operations of
 * its driver (OpenCL, CUDA); everything here is the same for both.
 *
 * The mirror is memory of the device at the same offsets as linear memory, of this instance alone
 * and zeroed before its first use. Between BATCH and UNBATCH work is only begun: bytes that a
 * kernel needs travel once, and results come back at the wait. Otherwise every operation is
 * finished before the program goes on.
 *
 * Nothing reaches linear memory before all that was begun has ended well. So an operation that the
 * device could not do is done by the CPU, from the state before it.
 */
#ifndef VSP_RUNTIME_DEVICE_H
#define VSP_RUNTIME_DEVICE_H

#include "device_code.h"
#include "intervals.h"
#include "provider.h"

/* The arguments of an entry point, in the order of ir/lower/kernel.h; memory and record come from
   the device. */
typedef struct vsp_device_arguments {
	uint64_t size, first, count, argument, budget, operation;
} vsp_device_arguments;

/* What kernels leave behind. */
typedef struct vsp_device_record {
	uint64_t trap;         /* see ir/lower/kernel.h; 0: none */
	uint8_t partial[1016]; /* of VRED */
} vsp_device_record;

/*
 * A driver's primitive operations. They return null, or a message that is valid until the next one;
 * begun work is in the order in which it was begun, unless said otherwise.
 */
typedef struct vsp_device_driver {
	const char *name; /* the provider's */
	uint8_t format;   /* enum vsp_device_format */
	/*
	 * Opens the device: *device is the driver's own, *exact what it computes exactly
	 * (VSP_DEVICE_*). False: reason says why it cannot be used.
	 */
	bool (*open)(void **device, uint32_t *exact, char *reason, size_t reason_size);
	void (*close)(void *device);
	/* Makes the mirror, in place of one that there was before; no work is in progress. It may
	   hold anything. Size 0 only frees that one. */
	const char *(*mirror)(void *device, uint64_t size);
	/* Writes zeros to a part of the mirror, and waits for that. */
	const char *(*zero)(void *device, uint64_t at, uint64_t size);
	/*
	 * Begins a copy to the mirror. Later: after the kernels begun so far; otherwise it may
	 * overtake them. The bytes stay as they are until finish.
	 */
	const char *(*upload)(void *device, uint64_t at, const void *bytes, uint64_t size, bool later);
	/* Begins a copy from the mirror. */
	const char *(*download)(void *device, uint64_t at, void *bytes, uint64_t size);
	/* A unit of code, and an entry point in it; handles that live until close. */
	const char *(*load)(void *device, const vsp_device_code *code, void **unit);
	const char *(*entry)(void *device, void *unit, const char *name, void **kernel);
	const char *(*launch)(void *device, void *kernel, const vsp_device_arguments *arguments);
	/* Waits for everything begun, and reads the record, whose trap is 0 again afterwards. */
	const char *(*finish)(void *device, vsp_device_record *record);
	/*
	 * From now on finish tells the times of all copies and kernels since the one before: a
	 * span's index is the operation of its launch, and its provider and kind are not filled.
	 * While nothing is begun.
	 */
	const char *(*observe)(void *device, vsp_batch_observer observer);
} vsp_device_driver;

/* Why a driver that was opened before a fork is not used in the child. */
#define VSP_DEVICE_FORKED "was opened before a fork, and does not work in the child"

/* The state of a provider; opaque. */
typedef struct vsp_device vsp_device;

/* A provider's table, but for its name, its description and the probe that names its driver. */
#define VSP_DEVICE_PROVIDER \
	.hint = VSP_HINT_GPU, .capability = VSP_CAP_GPU, .open_ns = 3e8, .close = vsp_device_close, \
	.compile_kernel = vsp_device_compile, .wait = vsp_device_wait, .abandon = vsp_device_abandon, \
	.run = {[VSP_BATCH_GRADB] = vsp_device_gradb, \
	        [VSP_BATCH_DESCB] = vsp_device_descb, \
	        [VSP_BATCH_VMAP] = vsp_device_vmap, \
	        [VSP_BATCH_VRED] = vsp_device_vred, \
	        [VSP_BATCH_LAUNCH] = vsp_device_launch}

/*
 * The functions of the providers' tables, with the driver as a parameter where the table has none.
 * They are as in provider.h.
 */
bool vsp_device_probe(const vsp_device_driver *driver, vsp_rt *rt, void **state, char *reason, size_t reason_size);
bool vsp_device_measure(const vsp_device_driver *driver, const vsp_device_source *source, vsp_costs *costs);
void vsp_device_close(void *state);
int vsp_device_compile(void *state, vsp_rt *rt, uint32_t index, char *reason, size_t reason_size);
int vsp_device_launch(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size);
int vsp_device_gradb(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size);
int vsp_device_descb(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size);
int vsp_device_vmap(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size);
int vsp_device_vred(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size);
int vsp_device_wait(void *state, vsp_rt *rt);
void vsp_device_abandon(void *state);

#endif
