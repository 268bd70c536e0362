/*
 * What the files of the runtime of compiled programs share. One program is in each link, so vsp_aot_module is the program of every
 * instance.
 */
#ifndef VSP_AOT_RUNTIME_INSTANCE_H
#define VSP_AOT_RUNTIME_INSTANCE_H

#include "program.h"

struct vsp_aot_instance {
	vsp_rt rt;
	const vsp_aot_program *program;
	vsp_error error;
	vsp_import_fn *import_fns; /* null: not defined yet */
	void **import_users;
	uint32_t active;                            /* runs and calls on the stack */
	bool linked;                                /* all imports are there */
	bool interrupted;                           /* a run trapped INTERRUPTED: the instance cannot go on */
	_Atomic(struct vsp_plat_stopper *) stopper; /* of the thread that ran last; null before, and without signals */
	const char *stack_low, *stack_high;         /* of the thread that ran last */
};

/* VSP_OK when all imports are defined, else VSP_E_LINK with the error set. */
vsp_status vsp_aot_link(vsp_aot_instance *instance);
/* rt->run_function of compiled programs. */
int vsp_aot_run_function(vsp_rt *rt, uint32_t func, uint64_t regs[16]);

#endif
