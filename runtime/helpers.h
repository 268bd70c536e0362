/*
 * The helpers: operations that are too complex to repeat in every tier. Each exists once, and the
 * interpreter, compiled code and AOT code call it.
 *
 * Conventions. A helper that can trap returns 0, or a vsp_trap that it has raised (runtime/trap.h)
 * without having changed anything else; the tier that called it adds the place. EXIT is reported as
 * VSP_RT_EXIT. regs is the activation's R0..RF. Helpers named after an instruction take its
 * operands in the order of its fields, and register numbers where the helper must write registers.
 * All pointers are non-null.
 */
#ifndef VSP_RUNTIME_HELPERS_H
#define VSP_RUNTIME_HELPERS_H

#include "state.h"
#include "trap.h"

/* ---- entering (runtime/host/host.c) ---- */

/*
 * Called around all program code that a host starts, including nested calls. The floating-point
 * environment is the program's inside, and the host's outside and in callbacks; so is the choice of
 * whether the signals that VSP needs are blocked. leave takes what enter returned.
 */
typedef struct vsp_rt_outside {
	uint64_t host_fp;
	bool odd, asked;
	unsigned signals;
} vsp_rt_outside;
vsp_rt_outside vsp_rt_enter(vsp_rt *rt);
void vsp_rt_leave(vsp_rt *rt, vsp_rt_outside outside);
/* The parts for floating-point modes, for an outermost run that needs no others. */
void vsp_rt_enter_fp(vsp_rt *rt);
void vsp_rt_leave_fp(vsp_rt *rt);
/* Returns 0, or INTERRUPTED when vsp_interrupt was called. For helpers that run long. */
int vsp_rt_poll(vsp_rt *rt);

/* ---- memory (runtime/access.c) ---- */

/* Returns 0, or the trap of an access of n bytes at the exact address ea (n >= 1). */
int vsp_rt_check(const vsp_rt *rt, int64_t ea, uint64_t n);
/* The same for batch instructions: OUT_OF_BOUNDS only, n = 0 is always valid, n up to 2^64-1. */
int vsp_rt_check_range(const vsp_rt *rt, uint32_t address, uint64_t n);
/*
 * The same for a load (write = 0) or store of a kernel while rt->ranges is set (--check-kernels).
 * Returns the trap of vsp_rt_check, or OUT_OF_BOUNDS unless declared ranges cover every byte. The
 * helpers of LSTATE and SSTATE check this themselves.
 */
int vsp_rt_check_kernel(const vsp_rt *rt, int64_t ea, uint64_t n, uint32_t write);

int vsp_rt_lstate(vsp_rt *rt, uint64_t *regs, int64_t ea);
int vsp_rt_sstate(vsp_rt *rt, const uint64_t *regs, int64_t ea);
uint64_t vsp_rt_memsize(const vsp_rt *rt);
/* MEMGROW waits for batches; *result is the old size in pages, or -1 as uint64_t. */
int vsp_rt_memgrow(vsp_rt *rt, uint64_t pages, uint64_t *result);

/* ---- integers and floats without a plain C form are in arith/arith.h and arith.c ---- */

/* ---- layers, transforms, modes (runtime/layers.c) ---- */

void vsp_rt_shiftl(uint64_t *regs, uint8_t *lost_not_null); /* the O flag */
void vsp_rt_rotatl(uint64_t *regs);
void vsp_rt_fold(uint64_t *regs);
void vsp_rt_spread(uint64_t *regs, unsigned a);
void vsp_rt_gather(uint64_t *regs, unsigned a);
void vsp_rt_grad(vsp_rt *rt, uint64_t *regs, unsigned a);
void vsp_rt_descent(vsp_rt *rt, uint64_t *regs, unsigned a, unsigned imm);
int vsp_rt_emerge(vsp_rt *rt, uint64_t *regs);
void vsp_rt_collapse(vsp_rt *rt, uint64_t *regs, unsigned a);
int vsp_rt_setmode(vsp_rt *rt, unsigned imm);
int vsp_rt_promote(vsp_rt *rt, unsigned imm);
int vsp_rt_demote(vsp_rt *rt, uint64_t *regs, unsigned imm); /* DEMOTE and XORDEM */
int vsp_rt_truncate(vsp_rt *rt, uint64_t *regs, unsigned imm);
int vsp_rt_avgdem(vsp_rt *rt, uint64_t *regs, unsigned imm);
int vsp_rt_maxdem(vsp_rt *rt, uint64_t *regs, unsigned imm);
int vsp_rt_compat(vsp_rt *rt, uint32_t address);

/*
 * ---- batch instructions (backends/: batch.c, batch_order.c, pipe.c); operands are registers, op
 * is the form's selector ----
 */

int vsp_rt_gradb(vsp_rt *rt, uint64_t a, uint64_t b, uint64_t c);
int vsp_rt_descb(vsp_rt *rt, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
int vsp_rt_vmap(vsp_rt *rt, unsigned op, uint64_t a, uint64_t b, uint64_t c);
int vsp_rt_vred(vsp_rt *rt, unsigned op, uint64_t b, uint64_t c, uint64_t *result);
int vsp_rt_infer(vsp_rt *rt, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
int vsp_rt_launch(vsp_rt *rt, uint32_t kernel, uint64_t count, uint64_t block);
int vsp_rt_memcpy(vsp_rt *rt, uint64_t a, uint64_t b, uint64_t c);
int vsp_rt_memset(vsp_rt *rt, uint64_t a, uint64_t b, uint64_t c);
/* TRANS through the list at address; rt->run_function runs the transforms. */
int vsp_rt_pipe(vsp_rt *rt, uint64_t *regs, uint32_t address);
/*
 * The parts of PIPE, for a tier that runs the transforms itself: the bounds of the list with its
 * *count; transform *f of step i < count.
 */
int vsp_rt_pipe_open(vsp_rt *rt, uint32_t address, uint32_t *count);
int vsp_rt_pipe_step(vsp_rt *rt, uint32_t address, uint32_t i, uint32_t *f);

void vsp_rt_hint(vsp_rt *rt, unsigned hint);
void vsp_rt_batch(vsp_rt *rt, uint32_t n);
int vsp_rt_unbatch(vsp_rt *rt);
int vsp_rt_fence(vsp_rt *rt);
/* Waits for outstanding batch work, for HLT, the entry's RET, MEMGROW, HCALL and SYSCALL. */
int vsp_rt_wait(vsp_rt *rt);

/* ---- host (runtime/host/host.c, runtime/host/syscalls.c) ---- */

int vsp_rt_yield(vsp_rt *rt);
int vsp_rt_in(vsp_rt *rt, unsigned port, uint64_t *result);
int vsp_rt_out(vsp_rt *rt, unsigned port, uint64_t value);
int vsp_rt_sense(vsp_rt *rt, unsigned a, uint64_t *result, uint8_t *z); /* z: the Z flag */
int vsp_rt_act(vsp_rt *rt, unsigned a, uint64_t value);
int vsp_rt_sync(vsp_rt *rt, unsigned id);
int vsp_rt_broadcast(vsp_rt *rt, const uint64_t *regs, uint32_t channel);
int vsp_rt_receive(vsp_rt *rt, uint64_t *regs, uint32_t channel, uint8_t *z);
int vsp_rt_entangle(vsp_rt *rt, unsigned a, unsigned b, uint64_t value_a, uint64_t value_b);
/* The arguments are in regs[0..params), the results go to regs[0..results). */
int vsp_rt_hcall(vsp_rt *rt, uint32_t import, uint64_t *regs);
/* arg = id | arg16 << 8. flags (Z N O bits) are read and written; SYSCALLs 8 and 9 set N. */
int vsp_rt_syscall(vsp_rt *rt, uint64_t *regs, uint32_t id, uint8_t *flags);

/*
 * The functions of the SYSCALLs, and the table of them by number; rows without a function have a
 * null call. The table is not part of the runtime of compiled programs: each program has one with
 * the SYSCALLs that it uses (aot/descriptor.c), so that it does not contain the others.
 */
#define SYSCALL(NAME, ...) int vsp_rt_call_##NAME(vsp_rt *rt, uint64_t *regs, uint8_t *flags);
#include "runtime/syscalls.def"
typedef struct vsp_rt_service {
	int (*call)(vsp_rt *rt, uint64_t *regs, uint8_t *flags);
	const char *name;
	uintptr_t capability; /* VSP_CAP_*; 0: none */
} vsp_rt_service;
enum {
#define SYSCALL(NAME, id, ...) VSP_RT_SERVICE_##NAME = (id),
#include "runtime/syscalls.def"
	VSP_RT_SERVICES /* number of rows */
};
extern const vsp_rt_service vsp_rt_services[VSP_RT_SERVICES];

#endif
