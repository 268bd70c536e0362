/* Code generation by one target machine: modules in, objects out. emitter_kept.c keeps LLVM's passes between modules, emitter_plain.c does not. */
#ifndef VSP_LLVM_EMITTER_H
#define VSP_LLVM_EMITTER_H

#include <llvm-c/TargetMachine.h>
#include <stdbool.h>

typedef struct vsp_emitter vsp_emitter;

/* machine must outlive it. Null: out of memory, or the machine makes no objects. */
vsp_emitter *vsp_emitter_create(LLVMTargetMachineRef machine);
/* The object, the caller's; null: the module cannot be compiled. One module at a time. */
LLVMMemoryBufferRef vsp_emitter_run(vsp_emitter *emitter, LLVMModuleRef module);
void vsp_emitter_destroy(vsp_emitter *emitter); /* null is allowed */

#endif
