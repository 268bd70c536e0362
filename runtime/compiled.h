/*
 * The C side of compiled code: how it leaves, how it calls a function that has no code, and the
 * addresses of everything that it calls (compiled.def). In libvsp and in AOT output.
 *
 * A function that ends a run stores what happened in rt->end, end_pc and trap. Compiled code then
 * returns to the place where it was entered in one of two ways: vsp_rt_stop_* leave its frames,
 * which own nothing, through vsp_plat_leave; vsp_rt_end_* return, and every frame returns a status
 * to its caller. A program uses only one of the two (vsp_lower_options.status).
 */
#ifndef VSP_RUNTIME_COMPILED_H
#define VSP_RUNTIME_COMPILED_H

#include "helpers.h"

/* Traps with kind at pc of function func. */
void vsp_rt_end_trap(vsp_rt *rt, uint32_t kind, uint32_t pc, uint32_t func);
/* Traps EXPLICIT(code). */
void vsp_rt_end_explicit(vsp_rt *rt, uint32_t code, uint32_t pc, uint32_t func);
/* Traps for an invalid access at the exact address ea. */
void vsp_rt_end_access(vsp_rt *rt, int64_t ea, uint32_t pc, uint32_t func);
/*
 * A helper returned status: a vsp_trap that it has described, or VSP_RT_EXIT of a run that has
 * ended. Adds the place if it is missing.
 */
void vsp_rt_end_status(vsp_rt *rt, uint32_t status, uint32_t pc, uint32_t func);
/* HLT; the state shown has been stored. Waits for batches first, which may trap. */
void vsp_rt_end_halt(vsp_rt *rt, uint32_t pc, uint32_t func);
/*
 * SYSCALL exit returned status: VSP_RT_EXIT, with rt->exit_code and the state shown stored, or a
 * trap.
 */
void vsp_rt_end_exit(vsp_rt *rt, uint32_t status, uint32_t pc, uint32_t func);
/*
 * Runs func, which may have no code, with SP = rt->sp on regs: parameters in, results out. Not 0:
 * the run has ended in it.
 */
int vsp_rt_try_invoke(vsp_rt *rt, uint32_t func, uint64_t *regs);

/* The same, but these leave the frames of compiled code. */
_Noreturn void vsp_rt_stop_trap(vsp_rt *rt, uint32_t kind, uint32_t pc, uint32_t func);
_Noreturn void vsp_rt_stop_explicit(vsp_rt *rt, uint32_t code, uint32_t pc, uint32_t func);
_Noreturn void vsp_rt_stop_access(vsp_rt *rt, int64_t ea, uint32_t pc, uint32_t func);
_Noreturn void vsp_rt_stop_status(vsp_rt *rt, uint32_t status, uint32_t pc, uint32_t func);
_Noreturn void vsp_rt_stop_halt(vsp_rt *rt, uint32_t pc, uint32_t func);
_Noreturn void vsp_rt_stop_exit(vsp_rt *rt, uint32_t status, uint32_t pc, uint32_t func);
void vsp_rt_invoke(vsp_rt *rt, uint32_t func, uint64_t *regs);

/*
 * Forms that C can call return the address of their RET, or this when the run has ended before it.
 */
#define VSP_RUN_ENDED (UINT32_MAX - 1)

/*
 * A counter of tier 1 code has passed its threshold at pc of func. Returns the entry form in which
 * to continue, or null.
 */
const void *vsp_rt_hot(vsp_rt *rt, uint32_t func, uint32_t pc, uint32_t counter);
/* An INVOKEI with these counters (vsp_count) calls function func. */
void vsp_rt_tally(vsp_count *counts, uint32_t func);

/* Parameters and results are register values, see compiled.def. */
#define PURE1(name) uint64_t vsp_call_##name(uint64_t b);
#define PURE2(name) uint64_t vsp_call_##name(uint64_t b, uint64_t c);
#define PURE3(name) uint64_t vsp_call_##name(uint64_t a, uint64_t b, uint64_t c);
#include "compiled.def"

/*
 * The names and addresses of compiled.def, of functions or data that inlined bodies use, and of
 * library_calls.def.
 */
typedef struct vsp_call_address {
	const char *name;
	void (*address)(void);
} vsp_call_address;
extern const vsp_call_address vsp_call_addresses[];
extern const unsigned vsp_call_count;

#endif
