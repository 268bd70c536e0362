/*
 * Device code of a finished module. LLVM remembers the numbers that it gave to basic blocks in
 * SPIR-V by the address of the function, which a later function may have again, and the block's
 * place in it (spirv_numbers.c). Where that leaves two blocks with the same number, the module is
 * made once more with so many empty blocks in front that no place is one that has been used; they
 * are left out again afterwards.
 */
#include "emit.h"

#include <llvm-c/Core.h>
#include <string.h>

#include "machine.h"
#include "runtime/base/alloc.h"
#include "spirv.h"
#include "spirv_numbers.h"
#include "turn.h"

static const char no_memory[] = "out of memory", no_code[] = "LLVM cannot generate code for the device";

static const char *keep(vsp_device_code *code, const void *bytes, size_t size)
{
	code->size = size;
	code->bytes = vsp_alloc(size + 1, 1);
	if (code->bytes)
		memcpy(code->bytes, bytes, size);
	return code->bytes ? NULL : no_memory;
}

/* Null when LLVM cannot. */
static LLVMMemoryBufferRef generate(LLVMTargetMachineRef machine, LLVMModuleRef module, LLVMCodeGenFileType file)
{
	char *message = NULL;
	LLVMMemoryBufferRef buffer;
	if (!LLVMTargetMachineEmitToMemoryBuffer(machine, module, file, &message, &buffer))
		return buffer;
	LLVMDisposeMessage(message);
	return NULL;
}

const char *vsp_gpu_emit_text(LLVMTargetMachineRef machine, LLVMModuleRef module, vsp_device_code *code)
{
	LLVMMemoryBufferRef buffer = generate(machine, module, LLVMAssemblyFile);
	if (!buffer)
		return no_code;
	const char *why = keep(code, LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
	LLVMDisposeMemoryBuffer(buffer);
	return why;
}

/* ---- SPIR-V ---- */

/*
 * Above every place of a block in a function that LLVM has had in this process. Only touched by the
 * thread whose turn it is.
 */
static uint32_t unused_place;
/*
 * LLVM may make a few blocks of its own that are not in the code. More than MOST_EMPTY blocks take
 * longer than a kernel on the CPU is worth.
 */
enum { SPARE = 64, MOST_EMPTY = 1 << 18, ATTEMPTS = 3 };

static void add_empty_blocks(LLVMValueRef fn, uint32_t count)
{
	LLVMContextRef context = LLVMGetTypeContext(LLVMTypeOf(fn));
	LLVMBuilderRef b = LLVMCreateBuilderInContext(context);
	for (LLVMBasicBlockRef first = LLVMGetFirstBasicBlock(fn); count; count--) {
		LLVMBasicBlockRef empty = LLVMInsertBasicBlockInContext(context, first, "");
		LLVMPositionBuilderAtEnd(b, empty);
		LLVMBuildBr(b, first);
		first = empty;
	}
	LLVMDisposeBuilder(b);
}

/*
 * The code of a module, which is consumed. The machine is new, because it remembers types and
 * constants of the last module that it has made code of.
 */
static LLVMMemoryBufferRef generate_spirv(LLVMModuleRef module, const char **why)
{
	LLVMTargetMachineRef machine = vsp_gpu_machine(VSP_DEVICE_SPIRV, why);
	LLVMMemoryBufferRef buffer = NULL;
	if (machine && !(buffer = generate(machine, module, LLVMObjectFile)))
		*why = no_code;
	LLVMDisposeModule(module);
	if (machine)
		LLVMDisposeTargetMachine(machine);
	return buffer;
}

/* The words that LLVM makes of a copy of the module, to be freed; null: see *why. */
static uint32_t *make_words(LLVMModuleRef module, uint32_t empty, size_t *count, const char **why)
{
	LLVMModuleRef copy = LLVMCloneModule(module);
	for (LLVMValueRef fn = empty ? LLVMGetFirstFunction(copy) : NULL; fn; fn = LLVMGetNextFunction(fn))
		if (!LLVMIsDeclaration(fn))
			add_empty_blocks(fn, empty);
	LLVMMemoryBufferRef buffer = generate_spirv(copy, why);
	if (!buffer)
		return NULL;
	*count = LLVMGetBufferSize(buffer) / sizeof(uint32_t);
	uint32_t *words = vsp_spirv_plain((const uint32_t *)(const void *)LLVMGetBufferStart(buffer), count);
	LLVMDisposeMemoryBuffer(buffer);
	if (!words)
		*why = no_memory;
	return words;
}

static const char *result_of(enum vsp_spirv_numbers state, vsp_device_code *code, const uint32_t *words, size_t count)
{
	switch (state) {
	case VSP_SPIRV_NUMBERED: return keep(code, words, count * sizeof *words);
	case VSP_SPIRV_NO_MEMORY: return no_memory;
	case VSP_SPIRV_MIXED: return "LLVM gives basic blocks the same number in SPIR-V";
	case VSP_SPIRV_WRONG: break;
	}
	return "LLVM makes SPIR-V that kernels cannot have";
}

static const char *emit_with(LLVMModuleRef module, uint32_t empty, enum vsp_spirv_numbers *state, vsp_device_code *code)
{
	const char *why = NULL;
	size_t count;
	uint32_t blocks, *words = make_words(module, empty, &count, &why);
	*state = VSP_SPIRV_WRONG;
	if (!words)
		return why;
	*state = vsp_spirv_number(words, &count, empty, &blocks);
	if (blocks + SPARE > unused_place)
		unused_place = blocks + SPARE;
	why = result_of(*state, code, words, count);
	vsp_free_memory(words);
	return why;
}

const char *vsp_gpu_emit_spirv(LLVMModuleRef module, vsp_device_code *code)
{
	enum vsp_spirv_numbers state = VSP_SPIRV_MIXED;
	const char *why = "LLVM failed on another thread that made SPIR-V";
	if (!vsp_gpu_turn_take())
		return why;
	for (uint32_t attempt = 0, empty = 0; attempt < ATTEMPTS && state == VSP_SPIRV_MIXED; attempt++) {
		why = emit_with(module, empty, &state, code);
		empty = unused_place < MOST_EMPTY ? unused_place : MOST_EMPTY;
	}
	vsp_gpu_turn_give();
	return why;
}
