/*
 * Accesses of the fields of the run-time state.
 */
#ifndef VSP_LOWER_FIELDS_H
#define VSP_LOWER_FIELDS_H

#include "context.h"

/* Loads a field of rt by its offset. */
LLVMValueRef vsp_lower_state_load(vsp_fn *f, LLVMTypeRef type, size_t offset, const char *name);
void vsp_lower_state_store(vsp_fn *f, LLVMValueRef value, size_t offset);
LLVMValueRef vsp_lower_state_ptr(vsp_fn *f, size_t offset);
LLVMValueRef vsp_lower_field_ptr(vsp_fn *f, LLVMValueRef base, size_t offset);
/*
 * Marks an access as one of the runtime's state or scratch memory, which linear memory never
 * overlaps.
 */
LLVMValueRef vsp_lower_tag_state(vsp_fn *f, LLVMValueRef access);

/* The offset of a field of rt, and loads of a field and of the memory's base and size. */
#define AT(f, field) ((f)->lower->state.at[VSP_STATE_##field])
#define STATE_FIELD(f, type, field) vsp_lower_state_load(f, (f)->lower->type, AT(f, field), #field)
static inline LLVMValueRef memory_base(vsp_fn *f)
{
	return vsp_lower_state_load(f, f->lower->memory, AT(f, caller), "memory");
}
static inline LLVMValueRef memory_size(vsp_fn *f)
{
	return vsp_lower_state_load(f, f->lower->i64, AT(f, caller) + f->lower->state.memory_size, "memory_size");
}

#endif
