/*
 * LAUNCH in compiled programs: kernels have loop forms, which run on the instance's thread in
 * protected calls of their own, so that a trap returns to the LAUNCH.
 */
#include "instance.h"

#include "runtime/backends/launch.h"
#include "runtime/compiled.h"

static const void *find(vsp_rt *rt, uint32_t func, uint64_t iterations)
{
	(void)rt, (void)iterations;
	const vsp_aot_program *program = vsp_aot_module.program;
	return (const void *)(uintptr_t)program->loops[func];
}

typedef struct loop_call {
	vsp_rt *rt;
	vsp_aot_code code;
	uint64_t regs[3]; /* the first iteration, the one behind the last, and R1 */
	uint32_t end_pc;
} loop_call;

static void call_loop(void *opaque)
{
	loop_call *c = opaque;
	c->end_pc = c->code(c->rt, c->regs, 0, c->rt->calls);
}

static int run(vsp_rt *rt, const void *code, const vsp_kernel_part *part, vsp_plat_stopper *stopper)
{
	vsp_aot_instance *instance = (vsp_aot_instance *)rt; /* its first member */
	vsp_plat_region region = vsp_aot_region(instance);
	loop_call call = {
	        .rt = rt, .code = (vsp_aot_code)(uintptr_t)code, .regs = {part->begin, part->end, part->argument}};
	(void)stopper; /* the region has the instance's */
	if ((const char *)&call < (const char *)rt->stack_limit)
		return vsp_rt_fail(rt, VSP_TRAP_CALL_DEPTH, "the machine's stack is used up");
	rt->depth++;
	vsp_plat_outcome outcome = vsp_plat_protect(&region, call_loop, &call);
	rt->depth--;
	if (outcome == VSP_PLAT_RETURNED && call.end_pc != VSP_RUN_ENDED)
		return 0;
	vsp_aot_left(instance, outcome, &region, part->func);
	return vsp_trap_leave_run(rt);
}

const vsp_kernel_calls vsp_aot_kernel_calls = {.launch = vsp_launch, .find = find, .run = run};
