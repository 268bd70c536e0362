/*
 * The layout of the run-time state on the target of the compilation, whose pointers may differ in
 * size from this machine's.
 */
#ifndef VSP_LOWER_STATE_H
#define VSP_LOWER_STATE_H

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>

#include "runtime/state.h"

enum vsp_state_field {
#define STATE(kind, type, name) VSP_STATE_##name,
#define STATE_ARRAY(kind, type, name, count) VSP_STATE_##name,
#include "runtime/state.def"
	VSP_STATE_FIELDS
};

enum vsp_func_field {
#define FUNC(kind, type, name) VSP_FUNC_##name,
#include "runtime/state.def"
	VSP_FUNC_FIELDS
};

/* Offsets and sizes in bytes. */
typedef struct vsp_state_layout {
	uint64_t at[VSP_STATE_FIELDS]; /* offsets in vsp_rt */
	uint64_t size, align;          /* of this part of vsp_rt */
	uint64_t memory_size;          /* offset of memory_size in vsp_caller; that of memory is 0 */
	uint64_t func_at[VSP_FUNC_FIELDS];
	uint64_t func_size;
	unsigned pointer_size;
} vsp_state_layout;

/*
 * LLVM caches its layout of a struct in the target's data, by the struct's address: target must not
 * have seen structs of a context that is gone.
 */
vsp_state_layout vsp_state_layout_of(LLVMContextRef context, LLVMTargetDataRef target);

#endif
