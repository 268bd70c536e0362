/*
 * The sizes of frames as LLVM has laid them out. Lowered functions have an attribute by which LLVM tells of each frame above VSP_FRAME_TOLD bytes; the checks of the
 * machine's stack reckon with that much. LLVM's errors, which would end the process, come the same way.
 */
#ifndef VSP_LLVM_FRAMES_H
#define VSP_LLVM_FRAMES_H

#include <llvm-c/Core.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct vsp_frames {
	uint64_t most; /* bytes of the largest frame; 0: all are small */
	bool failed;   /* what was generated is of no use */
} vsp_frames;

/* From here to unwatch, code generation in the context notes what it says in frames. */
void vsp_frames_watch(LLVMContextRef context, vsp_frames *frames);
void vsp_frames_unwatch(LLVMContextRef context);

#endif
