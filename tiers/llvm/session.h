/*
 * One ORC session: the LLJIT, target machines, the slab of code memory and the symbols compiled code refers to. Private to the compiler's
 * shared object. A unit is an object that was linked into the session; its memory goes when it is released.
 */
#ifndef VSP_LLVM_SESSION_H
#define VSP_LLVM_SESSION_H

#include <llvm-c/Core.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/OrcEE.h>
#include <llvm-c/TargetMachine.h>

#include "tiers/jit.h"
#include "tiers/slab.h"

/*
 * Memory and places of one linked object. All its pages are taken before the linker runs, enough for whatever it asks for, and its sections are put into
 * them one behind the other: the linker ends the process when it is refused memory.
 */
typedef struct vsp_unit {
	vsp_jit *jit;
	LLVMOrcResourceTrackerRef tracker;
	vsp_extent pages;            /* all that are the unit's */
	size_t code_used, data_used; /* bytes of both halves, from the first on */
	bool unsealed;               /* sealing them has failed */
	const uint8_t *text;         /* the first code section */
	size_t text_size;
	vsp_place *places; /* in order of machine code, place_count of them */
	uint32_t place_count;
	const uint8_t *unwind; /* .eh_frame */
	size_t unwind_size;
	vsp_code_map map; /* of jobs that are described */
} vsp_unit;

struct vsp_jit {
	const vsp_module_data *module;
	LLVMOrcLLJITRef lljit;
	LLVMTargetMachineRef machines[3]; /* by tier, made on first use; 0 is unused */
	LLVMContextRef context;           /* of jobs at tier 1, or null */
	uint32_t context_room;            /* bytes of code that may still be lowered in it */
	char *triple;
	LLVMTargetDataRef layout;
	vsp_slab *slab;               /* the caller's */
	vsp_unit *linking;            /* whose sections are being allocated */
	uint32_t serial;              /* units made: makes symbols unique */
	struct vsp_image *image;      /* of the unit compiled last, where it was asked for; or */
	const char *no_image;         /* why there is none */
	LLVMContextRef shown_context; /* of jobs whose IR is to be shown, and */
	LLVMModuleRef shown;          /* that, linked; or null */
};

vsp_jit *vsp_session_create(
        const vsp_module_data *module, const vsp_call_address *calls, unsigned count, vsp_slab *slab, vsp_error *error);
void vsp_session_destroy(vsp_jit *jit);
void vsp_session_forget_shown(vsp_jit *jit);
/* The target machine of a tier, the session's. Null: out of memory. */
LLVMTargetMachineRef vsp_session_machine(vsp_jit *jit, int tier);
/*
 * A context to compile func in, and its end. Tier 1, for whose small modules making types, attributes and constants anew counts, has one for many
 * jobs, until what they leave in it would be too much.
 */
LLVMContextRef vsp_session_enter_context(vsp_jit *jit, int tier);
void vsp_session_leave_context(vsp_jit *jit, LLVMContextRef context, uint32_t func);
/* Adds an object, which is consumed, to be linked when a symbol of it is looked up. Null with a reason, a constant: it failed. */
vsp_unit *vsp_session_link(vsp_jit *jit, LLVMMemoryBufferRef object, const char **why);
/* Address of a symbol of a linked unit, or null. */
const void *vsp_session_lookup(vsp_jit *jit, const char *name);
void vsp_session_release(vsp_jit *jit, vsp_unit *unit);

/*
 * pcsections.c: takes the pcsections section, which should have count entries, out of an object, so that the linker does not see it. Gives the places of instructions,
 * the caller's to free with vsp_free_memory; code between accesses has no place. False: some are missing, or there is no memory.
 */
bool vsp_pcsections_take(uint8_t *bytes, size_t size, uint32_t count, vsp_place **places, uint32_t *place_count);

/*
 * tiers/llvm/line_table.c: fills unit->places from the line table of the object; without memory, or when there is none, they stay empty. Lines from 1 to limit
 * are known.
 */
void vsp_unit_read_places(vsp_unit *unit, LLVMMemoryBufferRef object, uint32_t limit);

#endif
