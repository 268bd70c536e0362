/*
 * The sizes of stack frames as LLVM has laid them out. Lowered functions have an attribute which
 * makes LLVM report each frame above VSP_FRAME_TOLD bytes; the checks of the machine's stack allow
 * for frames up to that size. LLVM's errors, which would otherwise end the process, come the same
 * way.
 */
#ifndef VSP_LLVM_FRAMES_H
#define VSP_LLVM_FRAMES_H

#include <llvm-c/Core.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct vsp_frames {
	uint64_t most; /* bytes of the largest frame; 0: all are small */
	bool failed;   /* the generated code is of no use */
} vsp_frames;

/* From here to unwatch, diagnostics of code generation in the context are recorded in frames. */
void vsp_frames_watch(LLVMContextRef context, vsp_frames *frames);
void vsp_frames_unwatch(LLVMContextRef context);

#endif
