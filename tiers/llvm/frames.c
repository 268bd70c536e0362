/*
 * The sizes of frames, read from LLVM's diagnostics; see frames.h. LLVM's C interface gives a
 * diagnostic only as text: "FILE:LINE:COLUMN: stack frame size (N) exceeds limit (M) in function
 * 'F'".
 */
#include "frames.h"

#include <stdlib.h>
#include <string.h>

/*
 * The size in a text about a frame; 0 for other texts. If LLVM says something unexpected about a
 * frame, the frame counts as larger than any other.
 */
static uint64_t size_in(const char *text)
{
	static const char about[] = "stack frame size";
	const char *found = strstr(text, about);
	uint64_t size = found && strncmp(found + sizeof about - 1, " (", 2) == 0
	                        ? strtoull(found + sizeof about + 1, NULL, 10)
	                        : 0;
	return !found || size ? size : UINT64_MAX;
}

static void note(LLVMDiagnosticInfoRef info, void *opaque)
{
	vsp_frames *frames = opaque;
	LLVMDiagnosticSeverity severity = LLVMGetDiagInfoSeverity(info);
	if (severity == LLVMDSRemark || severity == LLVMDSNote)
		return;
	char *text = LLVMGetDiagInfoDescription(info);
	uint64_t size = size_in(text);
	frames->most = size > frames->most ? size : frames->most;
	frames->failed |= severity == LLVMDSError;
	LLVMDisposeMessage(text);
}

void vsp_frames_watch(LLVMContextRef context, vsp_frames *frames)
{
	*frames = (vsp_frames){0};
	LLVMContextSetDiagnosticHandler(context, note, frames);
}

void vsp_frames_unwatch(LLVMContextRef context) { LLVMContextSetDiagnosticHandler(context, NULL, NULL); }
