/*
 * LAUNCH on the CPU in compiled code. A kernel's compiled form is a loop over iterations
 * (vsp_lower_loop), which is called for some of them at a time. A tier that can make such code
 * gives the functions here to the CPU provider, which goes on as before where there are none
 * (rt->kernels).
 */
#ifndef VSP_RUNTIME_BACKENDS_LAUNCH_H
#define VSP_RUNTIME_BACKENDS_LAUNCH_H

#include "provider.h"
#include "runtime/platform/platform.h"

/* Iterations begin to end - 1 of a kernel; there is at least one. */
typedef struct vsp_kernel_part {
	uint32_t func;
	uint64_t begin, end, argument; /* argument: R1 */
} vsp_kernel_part;

typedef struct vsp_kernel_calls {
	/* vsp_launch: the functions of this table are reached only where LAUNCH is used. */
	int (*launch)(vsp_rt *rt, const vsp_batch_op *op);
	/*
	 * The code of a kernel's loop; null: there is none, and run_function must run the kernel.
	 * iterations: how many the current LAUNCH has left. On the instance's thread, which may
	 * then call run.
	 */
	const void *(*find)(vsp_rt *rt, uint32_t func, uint64_t iterations);
	/*
	 * Runs a part in code that find has returned. Returns 0, or the trap as vsp_trap_leave_run
	 * does. On any thread, with a copy of the instance's state and a stopper that stops that
	 * thread, or null where the code polls. With the instance's own state stopper is null.
	 */
	int (*run)(vsp_rt *rt, const void *code, const vsp_kernel_part *part, vsp_plat_stopper *stopper);
	/* vsp_team_run; null: there are no other threads. */
	int (*team)(vsp_rt *rt, const void *code, const vsp_batch_op *op, uint64_t size, uint64_t *next);
} vsp_kernel_calls;

/* When a LAUNCH takes other threads; hostile builds take them at once (launch_limits.c). */
typedef struct vsp_launch_limits_table {
	uint64_t first_part; /* iterations of the first part */
	uint64_t sure_ns;    /* a part that took so long tells how long the others will */
	uint64_t team_ns;    /* the time left that is worth waking other threads for */
} vsp_launch_limits_table;
extern const vsp_launch_limits_table vsp_launch_limits;

/* Runs a LAUNCH. Returns 0 or the trap. */
int vsp_launch(vsp_rt *rt, const vsp_batch_op *op);

#endif
