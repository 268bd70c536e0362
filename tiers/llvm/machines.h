/*
 * LLVM's description of this machine, and target machines for it, one for each tier of a session. What the machine is is found out once a
 * process: in a virtual machine each look at the processor costs microseconds.
 */
#ifndef VSP_LLVM_MACHINES_H
#define VSP_LLVM_MACHINES_H

#include <llvm-c/TargetMachine.h>

/* Prepares LLVM for this machine, once a process, whichever thread asks first. Null, or why it cannot be done: a constant. */
const char *vsp_machines_prepare(void);
/* A target machine for code of a tier; tier 0: one that compiles nothing and just has the target's data layout. Null: out of memory. */
LLVMTargetMachineRef vsp_machine_create(int tier);

#endif
