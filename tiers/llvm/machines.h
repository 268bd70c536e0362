/*
 * LLVM's description of this machine, and target machines for it, one for each tier of a session.
 * The machine is examined only once per process: in a virtual machine each look at the processor
 * costs microseconds.
 */
#ifndef VSP_LLVM_MACHINES_H
#define VSP_LLVM_MACHINES_H

#include <llvm-c/TargetMachine.h>

/*
 * Prepares LLVM for this machine, once per process, on whichever thread asks first. Returns null,
 * or the reason why it cannot be done, which is a constant.
 */
const char *vsp_machines_prepare(void);
/*
 * A target machine for code of a tier. For tier 0, a machine that compiles nothing and only has the
 * target's data layout. Null: out of memory.
 */
LLVMTargetMachineRef vsp_machine_create(int tier);

#endif
