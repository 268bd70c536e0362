/*
 * Declarations that the files of the runtime of compiled programs share. One program is in each
 * link, so vsp_aot_module is the program of every instance.
 */
#ifndef VSP_AOT_RUNTIME_INSTANCE_H
#define VSP_AOT_RUNTIME_INSTANCE_H

#include "program.h"
#include "runtime/platform/guarded.h"
#include "runtime/platform/platform.h"
#include "runtime/platform/stop_slot.h"

struct vsp_aot_instance {
	vsp_rt rt;
	const vsp_aot_program *program;
	vsp_error error;           /* of the last call; its texts are an older one's while the code is VSP_OK */
	int64_t fuel;              /* at the start */
	vsp_import_fn *import_fns; /* null: not defined yet */
	void **import_users;
	struct vsp_wasi *wasi;  /* of vsp_aot_wasi_define, or null */
	vsp_guarded call_stack; /* rt's */
	uint32_t active;        /* runs and calls on the stack */
	bool linked;            /* all imports are there */
	bool interrupted;       /* a run trapped INTERRUPTED: the instance cannot go on until it is reset */
	bool broken;            /* a reset failed: the same */
	bool doomed;            /* vsp_aot_free was called from a callback */
	vsp_stop_slot stopper;
	/* The serial number of the thread for which all of this has been checked, so that its
	   calls can begin at once where its frames are in [ready_low, +ready_size); 0: none. */
	uint64_t ready_for;
	const char *ready_low;
	uintptr_t ready_size;
	vsp_plat_region region; /* of calls that begin at once */
};
static_assert(offsetof(struct vsp_aot_instance, rt) == 0, "compiled code takes an instance for its state");

/* VSP_OK when all imports are defined, else VSP_E_LINK with the error set. */
vsp_status vsp_aot_link(vsp_aot_instance *instance);
/* main.c: reports how the command's run ended and frees all it had; the exit status. */
int vsp_aot_end_command(vsp_status status);
/* main.c: the instance of the command; null before there is one. */
vsp_aot_instance *vsp_aot_command_instance(void);
/* rt->run_function of compiled programs. */
int vsp_aot_run_function(vsp_rt *rt, uint32_t func, uint64_t regs[16]);

/* The part of a run that a fault or a stop may abandon. stopper: the thread's. */
vsp_plat_region vsp_aot_region(const vsp_rt *rt, vsp_plat_stopper *stopper);
/* The limit for compiled code on a stack whose lowest address is low. */
const char *vsp_aot_stack_limit(const char *low);

/* ends.c */

/* The region's call of function func ended with outcome, and its run has not returned:
   vsp_trap_left_code. */
void vsp_aot_left(vsp_rt *rt, vsp_plat_outcome outcome, const vsp_plat_region *region, uint32_t func);
/* Makes rt->trap the instance's error. */
void vsp_aot_report_trap(vsp_aot_instance *instance);

#endif
