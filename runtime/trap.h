/*
 * Traps, from where they are raised to the error that a host sees, for all tiers and for compiled
 * programs.
 *
 * The record of a trap, rt->trap, is written here alone, in three steps:
 *
 *   1. The trap is raised (vsp_rt_fail): its kind and message are known, its place is missing.
 *   2. Places are added. The first one is the trap's own, the others are the calls around it, the
 *      innermost first.
 *   3. The trap is reported (vsp_trap_report).
 *
 * At most one place is missing at any time, the last one: the trap's own, or that of an instruction
 * whose helper has run a function in which the trap was (vsp_trap_leave_run). Whoever knows that
 * place gives it (vsp_trap_at), and need not know which of the two it is, or whether somebody has
 * given it before. So nobody else keeps account of how far a trap has come.
 *
 * Tiers differ in how a place is found: tier 0 has its cells; compiled code names the place, or is
 * asked for it by the address of its machine code (vsp_trap_code). The names of functions and lines
 * are asked for as well (vsp_trap_source).
 */
#ifndef VSP_RUNTIME_TRAP_H
#define VSP_RUNTIME_TRAP_H

#include "runtime/platform/platform.h"
#include "state.h"

/* ---- raising ---- */

/*
 * Helpers return this instead of a trap when SYSCALL exit has ended the run; rt->exit_code is set.
 */
enum { VSP_RT_EXIT = 255 };

/*
 * Sets rt->trap to kind with an optional printf-style message (NULL: none); its place is missing.
 * Returns kind.
 */
int vsp_rt_fail(vsp_rt *rt, vsp_trap kind, const char *format, ...)
#if defined(__GNUC__)
        __attribute__((format(printf, 3, 4)))
#endif
        ;

/* The farthest address that an instruction reaches: where translated code goes to trap. */
#define VSP_EA_FARTHEST (2 * (int64_t)UINT32_MAX)

/* The kind of trap of an invalid access whose first byte is at the exact address ea. */
static inline vsp_trap vsp_access_trap(int64_t ea)
{
	return ea >= VSP_STACK_ZONE && ea < VSP_NULL_ZONE ? VSP_TRAP_STACK_OVERFLOW : VSP_TRAP_OUT_OF_BOUNDS;
}

/* Raises EXPLICIT with its code and a message, which may be null. */
void vsp_trap_explicit(vsp_rt *rt, uint32_t code, const char *message);
/* Raises the trap of an access to so many bytes (0: not known how many) at ea. */
void vsp_trap_access(vsp_rt *rt, int64_t ea, unsigned bytes);
/*
 * Raises the trap of an access outside the ranges that a kernel declares, on a device, of which no
 * more is known. Returns its kind.
 */
int vsp_trap_undeclared(vsp_rt *rt);

/* The trap, whichever it was, has become an interrupt; its places stay. */
void vsp_trap_becomes_interrupt(vsp_rt *rt);

/* ---- places ---- */

/*
 * The trap ends the run (rt->end, end_pc). It has reached an instruction at pc of function func,
 * which is the missing place if there is one.
 */
void vsp_trap_at(vsp_rt *rt, uint32_t pc, uint32_t func);

/*
 * Adds the call at pc of func, around all places so far. Places beyond VSP_TRAP_FRAMES are dropped.
 */
void vsp_trap_add_caller(vsp_rt *rt, uint32_t pc, uint32_t func);

/*
 * A run that an instruction's helper began has ended, as rt->end says. Returns the result of that
 * helper, a vsp_trap or VSP_RT_EXIT. After a trap the place of that instruction is missing.
 */
int vsp_trap_leave_run(vsp_rt *rt);

/* The index of the function that contains the code address pc; VSP_NO_PC for VSP_NO_PC. */
uint32_t vsp_trap_func_at(const vsp_rt *rt, uint32_t pc);

/* ---- places of machine code ---- */

/*
 * A call that was replaced by its callee's body. It may be inside such a body itself (outer;
 * VSP_NO_SITE: it is not). Each body has sites of its own.
 */
enum { VSP_NO_SITE = 0xFFFFFFFF };
typedef struct vsp_code_site {
	uint32_t pc, outer;
} vsp_code_site;

/* What is known about an address of machine code. */
typedef struct vsp_machine_place {
	uint32_t pc;   /* code address of the instruction to which the machine code belongs, or VSP_NO_PC */
	uint32_t func; /* the function that it was compiled for */
	bool marks;    /* the code stores the place of each access in rt->access_pc */
	uint32_t site; /* the replaced call in whose callee the instruction is, or VSP_NO_SITE */
	const vsp_code_site *sites;
} vsp_machine_place;

/* Compiled code that was entered in a protected call. */
typedef struct vsp_trap_code {
	uint32_t func; /* the function that was entered */
	uint32_t pc;   /* its place; VSP_NO_PC: it is not shown */
	/* Completes what is known about machine_pc. In place only func is known so far. */
	void (*find)(void *arg, const void *machine_pc, vsp_machine_place *place);
	void *arg;
} vsp_trap_code;

/*
 * The protected call left the frames of compiled code (its outcome is not VSP_PLAT_RETURNED), or
 * has returned because the run is over. Raises the trap if a guard page was hit or the code was
 * stopped, and adds the places of the code that was left.
 */
void vsp_trap_left_code(vsp_rt *rt, vsp_plat_outcome outcome, const vsp_plat_region *region, const vsp_trap_code *code);

/* ---- text ---- */

/* Name and meaning of a vsp_trap, or "unknown". */
const char *vsp_trap_kind_name(uint32_t kind);
const char *vsp_trap_kind_text(uint32_t kind);

/* The place of a code address in the source. */
typedef struct vsp_source_place {
	const char *function, *file; /* "": unknown */
	uint32_t line, column;       /* 0: unknown */
} vsp_source_place;
typedef struct vsp_trap_source {
	/* Completes place, in which nothing is known so far. pc and func may be VSP_NO_PC. */
	void (*find)(const void *arg, uint32_t pc, uint32_t func, vsp_source_place *place);
	const void *arg;
} vsp_trap_source;

/* Fills error, which is the caller's own and has all fields, from rt->trap. */
void vsp_trap_report(const vsp_rt *rt, const vsp_trap_source *source, vsp_error *error);

#endif
