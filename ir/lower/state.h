/*
 * Where the fields of the run-time state are on the target that is compiled for, whose pointers may be of another size than this machine's.
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
	uint64_t at[VSP_STATE_FIELDS]; /* in vsp_rt */
	uint64_t size, align;          /* of that part of vsp_rt */
	uint64_t memory_size;          /* of memory_size in vsp_caller, in which memory is at 0 */
	uint64_t func_at[VSP_FUNC_FIELDS];
	uint64_t func_size;
	unsigned pointer_size;
} vsp_state_layout;

/* LLVM keeps what it found of a struct with the target's data, by the struct's address: target must not have seen those of a context that is gone. */
vsp_state_layout vsp_state_layout_of(LLVMContextRef context, LLVMTargetDataRef target);

#endif
