/*
 * Constant tables of the runtime's functions, moved to the address space that devices of OpenCL
 * have for them. In C they are in the common one, which for OpenCL is that of variables of one work
 * item. What reads them is made anew with pointers into the other space.
 */
#include "constants.h"

#include <stdint.h>

enum { CONSTANT_SPACE = 2 };

typedef struct mover {
	LLVMBuilderRef b;
	LLVMContextRef c;
	bool known;
} mover;

static void move_uses(mover *m, LLVMValueRef old, LLVMValueRef moved);

/*
 * SPIR-V's instructions have at most 65,535 words, and an array has one for each element. A longer
 * table of bytes becomes rows, which lie one behind the other as its elements did.
 */
enum { ROW = 256 };
static bool is_long(LLVMTypeRef type)
{
	return LLVMGetTypeKind(type) == LLVMArrayTypeKind && LLVMGetArrayLength2(type) > UINT16_MAX / 2 &&
	       LLVMGetTypeKind(LLVMGetElementType(type)) == LLVMIntegerTypeKind &&
	       LLVMGetIntTypeWidth(LLVMGetElementType(type)) == 8 && LLVMGetArrayLength2(type) % ROW == 0;
}

static LLVMValueRef in_rows(LLVMContextRef c, LLVMValueRef bytes)
{
	enum { ROWS_MAX = 1024 };
	LLVMValueRef rows[ROWS_MAX];
	size_t size;
	const char *data = LLVMGetAsString(bytes, &size);
	uint64_t count = size / ROW;
	if (!data || count > ROWS_MAX)
		return bytes;
	for (uint64_t i = 0; i < count; i++)
		rows[i] = LLVMConstStringInContext2(c, data + i * ROW, ROW, true);
	return LLVMConstArray2(LLVMTypeOf(rows[0]), rows, count);
}

/* The same address, computed before insn from the moved base. */
static LLVMValueRef index_anew(mover *m, LLVMValueRef gep, LLVMValueRef moved)
{
	enum { MOST = 4 };
	LLVMValueRef indices[MOST];
	unsigned count = (unsigned)LLVMGetNumOperands(gep) - 1;
	if (count > MOST) {
		m->known = false;
		return moved;
	}
	for (unsigned i = 0; i < count; i++)
		indices[i] = LLVMGetOperand(gep, i + 1);
	LLVMTypeRef type = LLVMGetGEPSourceElementType(gep);
	if (is_long(type)) /* by its last index, in bytes */
		return LLVMBuildInBoundsGEP2(m->b, LLVMGetElementType(type), moved, &indices[count - 1], 1, "");
	return LLVMBuildInBoundsGEP2(m->b, type, moved, indices, count, "");
}

static void load_anew(mover *m, LLVMValueRef load, LLVMValueRef moved)
{
	LLVMPositionBuilderBefore(m->b, load);
	LLVMValueRef made = LLVMBuildLoad2(m->b, LLVMTypeOf(load), moved, "");
	LLVMSetAlignment(made, LLVMGetAlignment(load));
	LLVMReplaceAllUsesWith(load, made);
	LLVMInstructionEraseFromParent(load);
}

static void move_instruction(mover *m, LLVMValueRef user, LLVMValueRef moved)
{
	if (LLVMIsALoadInst(user)) {
		load_anew(m, user, moved);
	} else if (LLVMIsAGetElementPtrInst(user)) {
		LLVMPositionBuilderBefore(m->b, user);
		move_uses(m, user, index_anew(m, user, moved));
		if (m->known)
			LLVMInstructionEraseFromParent(user);
	} else {
		m->known = false;
	}
}

static void move_uses(mover *m, LLVMValueRef old, LLVMValueRef moved)
{
	LLVMUseRef use = LLVMGetFirstUse(old);
	while (m->known && use) {
		LLVMValueRef user = LLVMGetUser(use);
		use = LLVMGetNextUse(use);
		move_instruction(m, user, moved);
	}
}

bool vsp_gpu_move_constants(LLVMModuleRef module)
{
	mover m = {.c = LLVMGetModuleContext(module), .known = true};
	m.b = LLVMCreateBuilderInContext(m.c);
	for (LLVMValueRef g = LLVMGetFirstGlobal(module), next; g && m.known; g = next) {
		next = LLVMGetNextGlobal(g);
		LLVMTypeRef type = LLVMGlobalGetValueType(g);
		if (LLVMGetPointerAddressSpace(LLVMTypeOf(g)) == CONSTANT_SPACE)
			continue;
		m.known = LLVMIsGlobalConstant(g) && LLVMGetInitializer(g);
		if (!m.known)
			break;
		LLVMValueRef value = is_long(type) ? in_rows(m.c, LLVMGetInitializer(g)) : LLVMGetInitializer(g);
		LLVMValueRef moved = LLVMAddGlobalInAddressSpace(module, LLVMTypeOf(value), "table", CONSTANT_SPACE);
		LLVMSetInitializer(moved, value);
		LLVMSetGlobalConstant(moved, true);
		LLVMSetLinkage(moved, LLVMInternalLinkage);
		LLVMSetAlignment(moved, LLVMGetAlignment(g));
		move_uses(&m, g, moved);
		if (m.known && !LLVMGetFirstUse(g))
			LLVMDeleteGlobal(g);
	}
	LLVMDisposeBuilder(m.b);
	return m.known;
}
