/*
 * LAUNCH in compiled programs: kernels have loop forms, which run in protected calls of their own,
 * so that a trap returns to the LAUNCH. Other threads run them with a copy of the instance's state.
 */
#include "instance.h"

#include "runtime/backends/team.h"
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

/*
 * The instance's own thread has its stopper and its limit of the stack. Those of another thread are
 * found at the first part that it runs.
 */
static vsp_plat_stopper *prepare_thread(vsp_rt *rt, vsp_plat_stopper *stopper)
{
	vsp_aot_instance *instance = rt->caller.instance; /* the copies name it too */
	const void *low, *high;
	if (rt == &instance->rt)
		return atomic_load(&instance->stopper.stopper);
	if (!rt->stack_limit && vsp_plat_stack(&low, &high))
		rt->stack_limit = vsp_aot_stack_limit(low);
	return stopper;
}

static int run(vsp_rt *rt, const void *code, const vsp_kernel_part *part, vsp_plat_stopper *stopper)
{
	vsp_plat_region region = vsp_aot_region(rt, prepare_thread(rt, stopper));
	loop_call call = {
	        .rt = rt, .code = (vsp_aot_code)(uintptr_t)code, .regs = {part->begin, part->end, part->argument}};
	if ((const char *)&call < (const char *)rt->stack_limit)
		return vsp_rt_fail(rt, VSP_TRAP_CALL_DEPTH, "the machine's stack is used up");
	rt->depth++;
	vsp_plat_outcome outcome = vsp_plat_protect(&region, call_loop, &call);
	rt->depth--;
	if (outcome == VSP_PLAT_RETURNED && call.end_pc != VSP_RUN_ENDED)
		return 0;
	vsp_aot_left(rt, outcome, &region, part->func);
	return vsp_trap_leave_run(rt);
}

const vsp_kernel_calls vsp_aot_kernel_calls = {.launch = vsp_launch, .find = find, .run = run, .team = vsp_team_run};
