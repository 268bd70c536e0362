/*
 * LLVM's time profiler of the calling thread (llvm/Support/TimeProfiler.h), by the names that the
 * C++ ABI gives its functions. Their parameters are passed as C passes structs with the same
 * members. The result of the writer, an llvm::Error, comes through a pointer to the caller's
 * memory, as C structs do that are larger than registers.
 */
#ifndef VSP_LLVM_TIME_PROFILER_H
#define VSP_LLVM_TIME_PROFILER_H

#include <llvm-c/Error.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct llvm_string_ref {
	const char *data;
	size_t size;
} llvm_string_ref;

typedef struct llvm_error_slot {
	uintptr_t payload; /* its lowest bit is set if LLVM checks that errors are looked at */
	uintptr_t room[7];
} llvm_error_slot;

void llvm_time_profiler_initialize(unsigned granularity_us, llvm_string_ref process, bool verbose) __asm__(
        "_ZN4llvm27timeTraceProfilerInitializeEjNS_9StringRefEb");
llvm_error_slot llvm_time_profiler_write(llvm_string_ref path, llvm_string_ref fallback) __asm__(
        "_ZN4llvm22timeTraceProfilerWriteENS_9StringRefES0_");
void llvm_time_profiler_cleanup(void) __asm__("_ZN4llvm24timeTraceProfilerCleanupEv");

static inline void vsp_time_profiler_start(void)
{
	llvm_time_profiler_initialize(0, (llvm_string_ref){"vsp", 3}, false);
}

static inline LLVMErrorRef vsp_time_profiler_write(const char *path)
{
	llvm_error_slot error =
	        llvm_time_profiler_write((llvm_string_ref){path, strlen(path)}, (llvm_string_ref){path, strlen(path)});
	return (LLVMErrorRef)(error.payload & ~(uintptr_t)1);
}

static inline void vsp_time_profiler_end(void) { llvm_time_profiler_cleanup(); }

#endif
