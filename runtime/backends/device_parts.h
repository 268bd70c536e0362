/* The parts of device.h that several files share. */
#ifndef VSP_RUNTIME_DEVICE_PARTS_H
#define VSP_RUNTIME_DEVICE_PARTS_H

#include "device.h"

/* A kernel that was asked for. */
typedef struct vsp_device_kernel {
	bool known;       /* it has been prepared, or was refused */
	void *handle;     /* null: refused */
	uint32_t needs;   /* VSP_DEVICE_* */
	char reason[120]; /* why it was refused */
} vsp_device_kernel;

/* An operation that was begun, for its trap. */
enum { VSP_DEVICE_BEGUN_MAX = 256 };
typedef struct vsp_device_begun {
	uint8_t kind;
	uint32_t index;
	uint64_t first, argument;
} vsp_device_begun;

/* A copy of an argument block, which the program may change while the original is still to
   travel. */
typedef struct vsp_device_copy {
	struct vsp_device_copy *next;
	size_t size; /* of all of it, which the account was charged with */
	uint8_t bytes[];
} vsp_device_copy;

struct vsp_device {
	const vsp_device_driver *driver;
	vsp_account *account; /* of the program: charged with the mirror, copies and the list of kernels */
	void *handle;
	uint32_t exact;
	uint64_t mirror_size;
	vsp_intervals here, newer; /* bytes that the mirror has, and those of them that linear memory has not */
	uint32_t begun;            /* operations since the last wait */
	vsp_batch_observer told;   /* of the instance; what the driver tells goes there */
	vsp_device_begun operations[VSP_DEVICE_BEGUN_MAX];
	vsp_device_copy *copies;
	vsp_device_kernel items[VSP_DEVICE_ITEMS];
	vsp_device_kernel *kernels; /* one per function of the module, or null */
	uint32_t kernel_count;
	char broken[140]; /* why the device is not used any more, or "" */
	uint32_t forks;   /* the forks behind the process that has opened it */
	uint32_t serial;  /* of the program that they belong to */
	uint64_t bytes_up, bytes_down;
};

/* One operation, as work items. */
typedef struct vsp_device_task {
	const vsp_device_kernel *kernel;
	const vsp_ranges *ranges; /* the last one is the argument block */
	uint64_t items, argument;
	uint64_t budget;  /* of kernels without loops: what else the instruction says */
	uint8_t kind;     /* enum vsp_batch_kind */
	uint32_t index;   /* LAUNCH: the function, for traps */
	uint8_t *partial; /* VRED: where the record's goes, or null */
} vsp_device_task;

/* device.c: runs or begins a task, as an operation of provider.h. */
int vsp_device_run(vsp_device *d, vsp_rt *rt, const vsp_device_task *task, char *reason, size_t reason_size);
/* device_kernels.c: the kernel that is item, prepared. Null: reason says why there is none. */
const vsp_device_kernel *vsp_device_item(vsp_device *d, vsp_rt *rt, unsigned item, char *reason, size_t reason_size);
/*
 * device.c: is this a child of the process that has opened the device? The driver's threads do not
 * exist here, so nothing of it may be called. The device is then broken.
 */
bool vsp_device_is_orphan(vsp_device *d);
/* Fills reason, and returns VSP_DECLINED. */
int vsp_device_decline(char *reason, size_t size, const char *format, ...);
/* device_mirror.c: is there room for ranges, in the mirror and in the sets? Otherwise a wait comes
   first. */
bool vsp_device_fits(const vsp_device *d, const vsp_ranges *ranges);
/*
 * device_mirror.c: makes the mirror large enough, while nothing is begun, and copies the argument
 * block, which vsp_device_send sends. Returns null or a message; the operation then runs elsewhere.
 */
const char *vsp_device_room(vsp_device *d, const vsp_rt *rt, const vsp_ranges *ranges);
/* device_mirror.c: begins the journeys of an operation's ranges. Returns null or a message. */
const char *vsp_device_send(vsp_device *d, vsp_rt *rt, const vsp_ranges *ranges);
/*
 * device_mirror.c: the ranges that a LAUNCH declared, operation number of those that were begun
 * since the last wait. None: they are not known.
 */
void vsp_device_ranges_of(const vsp_device *d, uint32_t number, vsp_ranges *ranges);
/* device_mirror.c: frees copies, which are no longer needed. */
void vsp_device_forget(vsp_device *d);
/* device_mirror.c: frees the list of kernels; the driver's handles live until it is closed. */
void vsp_device_forget_kernels(vsp_device *d);

#endif
