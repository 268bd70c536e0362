/*
 * Control of the CUDA driver that tests put in the place of libcuda.so.1: it records calls, can
 * make any of them fail, and runs kernels as C functions. Its devices' memory is the process's. It
 * may be called by several threads at once.
 */
#ifndef VSP_TEST_FAKE_CUDA_H
#define VSP_TEST_FAKE_CUDA_H

#include <stdint.h>

typedef struct fake_cuda {
	_Atomic int fail_at;       /* call number n from now on fails once; 0: none */
	_Atomic int calls;         /* since the last reset */
	int devices;               /* how many there are */
	_Atomic int objects;       /* contexts, streams, events, modules and blocks of memory that exist */
	_Atomic uint64_t up, down; /* bytes copied, without those of the record */
	_Atomic int launches;
	int asked;                /* for how long something took */
	char name[64];            /* of the entry point looked up last */
	const char *_Atomic code; /* that was loaded last: text */
	/* One work item: the driver's arguments are pointers to the kernel's. */
	void (*kernel)(uint64_t item, void **arguments);
} fake_cuda;

/* The driver's symbol with the control: fake_cuda *. */
#define FAKE_CUDA_SYMBOL "fake_cuda_control"

#endif
