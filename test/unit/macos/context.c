/*
 * The registers of interrupted code on macOS, as machine_context.h reads them there, of a context
 * that is made here; compiled against the declarations of macOS.
 */
#include "runtime/platform/machine_context.h"

#include "context.h"

uintptr_t macos_pc(uintptr_t pc)
{
	struct __darwin_mcontext64 registers = {{0}, {0}};
#if defined(__aarch64__)
	registers.__ss.__pc = pc;
#else
	registers.__ss.__rip = pc;
#endif
	ucontext_t context = {.uc_mcontext = &registers};
	vsp_context_restore_fp(&context); /* the system has changed no modes */
	return (uintptr_t)vsp_context_pc(&context);
}

bool macos_sets_pc(void)
{
	struct __darwin_mcontext64 registers = {{0}, {0}};
	ucontext_t context = {.uc_mcontext = &registers};
	return vsp_context_set_pc(&context, &registers);
}

bool macos_faults_are_exact(void) { return VSP_CONTEXT_EXACT_FAULTS; }
