/* Code generation through LLVM's C interface alone; see emitter.h. */
#include "emitter.h"

#include "runtime/alloc.h"

struct vsp_emitter {
	LLVMTargetMachineRef machine;
};

vsp_emitter *vsp_emitter_create(LLVMTargetMachineRef machine)
{
	vsp_emitter *emitter = vsp_alloc(1, sizeof *emitter);
	if (emitter)
		emitter->machine = machine;
	return emitter;
}

LLVMMemoryBufferRef vsp_emitter_run(vsp_emitter *emitter, LLVMModuleRef module)
{
	char *message = NULL;
	LLVMMemoryBufferRef object;
	if (!LLVMTargetMachineEmitToMemoryBuffer(emitter->machine, module, LLVMObjectFile, &message, &object))
		return object;
	LLVMDisposeMessage(message);
	return NULL;
}

void vsp_emitter_destroy(vsp_emitter *emitter) { vsp_free_memory(emitter); }
