/*
 * The run-time state as LLVM structs, made from the same list as the C structs. On all supported
 * targets LLVM lays out plain structs as C does.
 */
#include "state.h"

/* The element types of the list. */
typedef struct kinds {
	LLVMTypeRef POINTER, BITS8, BITS32, BITS64, FLOAT, CALLER;
} kinds;

static LLVMTypeRef struct_of(LLVMContextRef c, LLVMTypeRef *members, unsigned count)
{
	return LLVMStructTypeInContext(c, members, count, false);
}

static kinds make_kinds(LLVMContextRef c)
{
	kinds k = {.POINTER = LLVMPointerTypeInContext(c, 0),
	        .BITS8 = LLVMInt8TypeInContext(c),
	        .BITS32 = LLVMInt32TypeInContext(c),
	        .BITS64 = LLVMInt64TypeInContext(c),
	        .FLOAT = LLVMFloatTypeInContext(c)};
	/* vsp_caller: memory, memory_size, instance */
	k.CALLER = struct_of(c, (LLVMTypeRef[]){k.POINTER, k.BITS64, k.POINTER, k.BITS32}, 4);
	return k;
}

vsp_state_layout vsp_state_layout_of(LLVMContextRef c, LLVMTargetDataRef target)
{
	kinds k = make_kinds(c);
	LLVMTypeRef state[] = {
#define STATE(kind, type, name) k.kind,
#define STATE_ARRAY(kind, type, name, count) LLVMArrayType2(k.kind, count),
#include "runtime/state.def"
	};
	LLVMTypeRef func[] = {
#define FUNC(kind, type, name) k.kind,
#include "runtime/state.def"
	};
	LLVMTypeRef rt_type = struct_of(c, state, VSP_STATE_FIELDS), func_type = struct_of(c, func, VSP_FUNC_FIELDS);
	vsp_state_layout l = {
	        .size = LLVMABISizeOfType(target, rt_type), .func_size = LLVMABISizeOfType(target, func_type)};
	l.align = LLVMABIAlignmentOfType(target, rt_type);
	l.pointer_size = LLVMPointerSize(target);
	l.memory_size = LLVMOffsetOfElement(target, k.CALLER, 1);
	for (unsigned i = 0; i < VSP_STATE_FIELDS; i++)
		l.at[i] = LLVMOffsetOfElement(target, rt_type, i);
	for (unsigned i = 0; i < VSP_FUNC_FIELDS; i++)
		l.func_at[i] = LLVMOffsetOfElement(target, func_type, i);
	return l;
}
