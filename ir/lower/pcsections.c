/*
 * The places of accesses and calls without DWARF, by pcsections metadata. Guard faults and back
 * traces ask only for the places of accesses and calls; locations on all instructions, and the line
 * table made from them, cost tier 1 a sixth of its compile time. LLVM keeps metadata called
 * pcsections with an instruction through code generation. It writes the instruction's address to a
 * section that the metadata names, followed by the words in the metadata. lower.h has the format.
 *
 * Where LLVM's fast instruction selection cannot lower something, the slow one takes over for the
 * part of the block above it, and loses the metadata of calls. So blocks end after calls with an
 * entry, and entries are counted: a reader that finds too few compiles again with locations.
 */
#include "pcsections.h"

#include <assert.h>
#include <string.h>

/*
 * True if LLVM has the section for this target, and its fast selection handles the calls that are
 * made here.
 */
static bool has_pcsections(const char *triple)
{
	static const char arch[] = "x86_64";
	return strncmp(triple, arch, sizeof arch - 1) == 0 && strstr(triple, "linux");
}

bool vsp_lower_open_pcsections(vsp_lower *l, const char *triple)
{
	static const char kind[] = "pcsections", name[] = VSP_PCSECTION_NAME;
	if (!has_pcsections(triple))
		return false;
	l->pcsection_kind = LLVMGetMDKindIDInContext(l->context, kind, sizeof kind - 1);
	l->pcsection = LLVMMDStringInContext2(l->context, name, sizeof name - 1);
	return true;
}

uint32_t vsp_lower_pc_entry_count(const vsp_lower *l) { return l->pc_entry_count; }

static uint32_t word_of(uint32_t place)
{
	static_assert(VSP_MAX_CODE - 1 <= VSP_PC_ENTRY_PLACE, "an entry's word holds any code address");
	return VSP_PC_ENTRY_WORD | (place == VSP_NO_PC ? 0 : VSP_PC_ENTRY_PLACED | place);
}

static LLVMValueRef mark(vsp_fn *f, LLVMValueRef insn, uint32_t kind)
{
	vsp_lower *l = f->lower;
	if (!l->pcsection)
		return insn;
	uint64_t words = (uint64_t)l->pc_entry_count++ << 32 | kind | word_of(f->place);
	LLVMMetadataRef value =
	        LLVMValueAsMetadata(const_i64(f, words)); /* the machine's byte order is little-endian */
	LLVMMetadataRef parts[] = {l->pcsection, LLVMMDNodeInContext2(l->context, &value, 1)};
	LLVMMetadataRef node = LLVMMDNodeInContext2(l->context, parts, 2);
	LLVMSetMetadata(insn, l->pcsection_kind, LLVMMetadataAsValue(l->context, node));
	return insn;
}

LLVMValueRef vsp_lower_mark_access(vsp_fn *f, LLVMValueRef access) { return mark(f, access, 0); }

LLVMValueRef vsp_lower_mark_call(vsp_fn *f, LLVMValueRef call, bool returns)
{
	mark(f, call, VSP_PC_ENTRY_CALL);
	if (f->lower->pcsection && returns) {
		LLVMBasicBlockRef next = vsp_lower_block(f, "");
		LLVMBuildBr(f->b, next);
		LLVMMoveBasicBlockAfter(next, LLVMGetInsertBlock(f->b));
		LLVMPositionBuilderAtEnd(f->b, next);
	}
	return call;
}
