/*
 * Control of the OpenCL that tests put in the place of libOpenCL.so.1: it counts calls, can make
 * any of them fail once or all from one on, and runs kernels as C functions. Commands are done when
 * something waits for their queue, not when they are enqueued. In programs of others it is
 * controlled by variables of the environment, FAKE_OPENCL_FAIL and FAKE_OPENCL_LOST, and tells the
 * count of calls and of objects that are left on stderr when the process ends. One thread at a time
 * may call it.
 */
#ifndef VSP_TEST_FAKE_OPENCL_H
#define VSP_TEST_FAKE_OPENCL_H

typedef struct fake_opencl {
	int calls;   /* since the last reset */
	int fail_at; /* this call fails; 0: none */
	int lost_at; /* this call and all later ones fail; 0: none */
	int objects; /* of every kind that exist */
	int kernels; /* launched */
	int traps;   /* makes the kernel of LAUNCH trap in this iteration, counted from 1; 0: none */
} fake_opencl;

/* The library's symbol with the control: fake_opencl *. */
#define FAKE_OPENCL_SYMBOL "fake_opencl_control"

#endif
