/* Code generation with passes that are kept from module to module; see emitter.h and kept_passes.h. */
#include "emitter.h"

#include <stdlib.h>

#include "kept_passes.h"
#include "runtime/alloc.h"

struct vsp_emitter {
	llvm_kept_passes kept;
};

vsp_emitter *vsp_emitter_create(LLVMTargetMachineRef machine)
{
	vsp_emitter *emitter = vsp_alloc(1, sizeof *emitter);
	if (!emitter || vsp_kept_open(&emitter->kept, machine))
		return emitter;
	vsp_emitter_destroy(emitter);
	return NULL;
}

LLVMMemoryBufferRef vsp_emitter_run(vsp_emitter *emitter, LLVMModuleRef module)
{
	return vsp_kept_run(&emitter->kept, module);
}

void vsp_emitter_destroy(vsp_emitter *emitter)
{
	if (!emitter)
		return;
	LLVMDisposePassManager(emitter->kept.passes);
	if (emitter->kept.bytes.begin != emitter->kept.bytes.first)
		free(emitter->kept.bytes.begin); /* from LLVM, not from runtime/alloc.h */
	vsp_free_memory(emitter);
}
