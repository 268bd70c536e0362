/*
 * The registers of code that a signal interrupted, with a section per kind of system and processor:
 * its program counter, the same to be changed, and its floating-point modes.
 *
 * VSP_CONTEXT_EXACT_FAULTS is 0 where the system reports no more than the page of a fault.
 * vsp_context_pc is null, and vsp_context_set_pc false, where they cannot be had.
 * VSP_CONTEXT_HAS_PC tells of the former. The compiler knows these machines too (stops_loops in
 * aot/triple.c), because loops have to poll on the others. vsp_context_restore_fp gives the thread
 * the modes of the interrupted code, if the system gives its handlers other modes: Linux does on
 * x86-64. That code may have run in the modes of its host.
 */
#ifndef VSP_RUNTIME_PLATFORM_MACHINE_CONTEXT_H
#define VSP_RUNTIME_PLATFORM_MACHINE_CONTEXT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

enum {
#if defined(__s390__)
	VSP_CONTEXT_EXACT_FAULTS = 0
#else
	VSP_CONTEXT_EXACT_FAULTS = 1
#endif
};

#if defined(__linux__) && defined(__x86_64__)

static inline const void *vsp_context_pc(const ucontext_t *u) { return (const void *)u->uc_mcontext.gregs[REG_RIP]; }

static inline bool vsp_context_set_pc(ucontext_t *u, const void *pc)
{
	u->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)pc;
	return true;
}

static inline void vsp_context_restore_fp(const ucontext_t *u)
{
	if (u->uc_mcontext.fpregs)
		__asm__ volatile("fldcw %0\n\tldmxcsr %1"
		        :
		        : "m"(u->uc_mcontext.fpregs->cwd), "m"(u->uc_mcontext.fpregs->mxcsr));
}

#elif defined(__linux__) && defined(__aarch64__)

static inline const void *vsp_context_pc(const ucontext_t *u) { return (const void *)u->uc_mcontext.pc; }

static inline bool vsp_context_set_pc(ucontext_t *u, const void *pc)
{
	u->uc_mcontext.pc = (uintptr_t)pc;
	return true;
}

static inline void vsp_context_restore_fp(const ucontext_t *u) { (void)u; }

#else

#if defined(__linux__) && defined(__riscv)
#define VSP_CONTEXT_PC(u) (u)->uc_mcontext.__gregs[REG_PC]
#elif defined(__linux__) && defined(__i386__)
#define VSP_CONTEXT_PC(u) (u)->uc_mcontext.gregs[REG_EIP]
#elif defined(__linux__) && defined(__arm__)
#define VSP_CONTEXT_PC(u) (u)->uc_mcontext.arm_pc
#elif defined(__linux__) && defined(__s390x__)
#define VSP_CONTEXT_PC(u) (u)->uc_mcontext.psw.addr
#elif defined(__APPLE__) && defined(__aarch64__)
#define VSP_CONTEXT_PC(u) (u)->uc_mcontext->__ss.__pc
#elif defined(__APPLE__) && defined(__x86_64__)
#define VSP_CONTEXT_PC(u) (u)->uc_mcontext->__ss.__rip
#else
#define VSP_CONTEXT_PC(u) ((void)(u), (uintptr_t)0)
#define VSP_CONTEXT_HAS_PC false
#endif

static inline const void *vsp_context_pc(const ucontext_t *u) { return (const void *)(uintptr_t)VSP_CONTEXT_PC(u); }

static inline bool vsp_context_set_pc(ucontext_t *u, const void *pc)
{
	(void)u, (void)pc;
	return false;
}

static inline void vsp_context_restore_fp(const ucontext_t *u) { (void)u; }

#endif

#if !defined(VSP_CONTEXT_HAS_PC)
#define VSP_CONTEXT_HAS_PC true
#endif

#endif
