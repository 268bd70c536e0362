/*
 * LLVM's list of passes of code generation, kept for several modules. LLVM's C interface makes it anew for each, which is a sixth of tier 1's compile time; LLVM
 * itself can use one again (llc -compile-twice). So the function that fills the list is called by the name that the C++ ABI gives it, with a stream that
 * writes to memory: an llvm::raw_svector_ostream, whose members and table of virtual functions are named here, and the llvm::SmallVector<char> behind it. CMake
 * runs a check that the objects are those of the C interface, byte for byte; where it fails, the C interface is used.
 */
#ifndef VSP_LLVM_KEPT_PASSES_H
#define VSP_LLVM_KEPT_PASSES_H

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* llvm::SmallVector<char, n> */
typedef struct llvm_bytes {
	char *begin; /* first, or memory of LLVM's malloc once that is too small */
	size_t size, capacity;
	char first[8];
} llvm_bytes;

/* llvm::raw_svector_ostream without a buffer of its own */
typedef struct llvm_stream {
	const void *table;
	int kind;
	char *start, *end, *at;
	bool color;
	int buffering; /* 0: none */
	llvm_bytes *out;
} llvm_stream;
enum { LLVM_STREAM_TO_VECTOR = 2 };

typedef struct llvm_kept_passes {
	LLVMPassManagerRef passes;
	llvm_stream stream;
	llvm_bytes bytes;
} llvm_kept_passes;

extern const void *const llvm_stream_table[] __asm__("_ZTVN4llvm19raw_svector_ostreamE");
/* llvm::CodeGenTargetMachineImpl::addPassesToEmitFile; false: done */
bool llvm_add_passes(LLVMTargetMachineRef machine, LLVMPassManagerRef passes, llvm_stream *out, void *second_out,
        int type, bool unverified,
        void *module_info) __asm__("_ZN4llvm24CodeGenTargetMachineImpl19addPassesToEmitFileERNS_"
                                   "6legacy15PassManagerBaseERNS_17raw_pwrite_"
                                   "streamEPS4_NS_15CodeGenFileTypeEbPNS_28MachineModuleInfoWrapperPassE");

/* What is kept must stay where it is. False: the machine makes no objects. */
static inline bool vsp_kept_open(llvm_kept_passes *kept, LLVMTargetMachineRef machine)
{
	enum { OBJECT = 1, HEAD = 2 }; /* in front of a table's functions: an offset, and a type */
	kept->bytes.begin = kept->bytes.first;
	kept->bytes.capacity = sizeof kept->bytes.first;
	kept->stream =
	        (llvm_stream){.table = &llvm_stream_table[HEAD], .kind = LLVM_STREAM_TO_VECTOR, .out = &kept->bytes};
	kept->passes = LLVMCreatePassManager();
	return !llvm_add_passes(machine, kept->passes, &kept->stream, NULL, OBJECT, true, NULL);
}

static inline LLVMMemoryBufferRef vsp_kept_run(llvm_kept_passes *kept, LLVMModuleRef module)
{
	kept->bytes.size = 0;
	LLVMRunPassManager(kept->passes, module);
	return LLVMCreateMemoryBufferWithMemoryRangeCopy(kept->bytes.begin, kept->bytes.size, "object");
}

#endif
