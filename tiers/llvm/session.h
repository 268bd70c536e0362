/*
 * One ORC session: the LLJIT, target machines, the slab of code memory, and the symbols to which
 * compiled code refers. Private to the compiler's shared object. A unit is an object that has been
 * linked into the session; its memory is freed when the unit is released.
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
 * The memory and places of one linked object. The linker ends the process if it is refused memory.
 * So all pages are taken before it runs, enough for anything that it may ask for, and the sections
 * are put into them one behind the other.
 */
typedef struct vsp_unit {
	vsp_jit *jit;
	LLVMOrcResourceTrackerRef tracker;
	vsp_extent pages;            /* all pages of the unit */
	size_t code_used, data_used; /* used bytes of both halves, from their starts */
	bool unsealed;               /* sealing the unit has failed */
	const uint8_t *text;         /* the first code section */
	size_t text_size;
	vsp_place *places; /* in order of machine code, place_count of them */
	uint32_t place_count;
	const uint8_t *unwind; /* .eh_frame */
	size_t unwind_size;
	vsp_code_map map; /* for jobs that are described */
} vsp_unit;

struct vsp_jit {
	const vsp_module_data *module;
	LLVMOrcLLJITRef lljit;
	LLVMTargetMachineRef machines[3]; /* by tier, created on first use; 0 is unused */
	LLVMContextRef context;           /* for jobs at tier 1, or null */
	uint32_t context_room;            /* bytes of bytecode that may still be lowered in it */
	char *triple;
	LLVMTargetDataRef layout;
	vsp_slab *slab;               /* owned by the caller */
	vsp_unit *linking;            /* the unit whose sections are being allocated */
	uint32_t serial;              /* number of units so far, which makes symbols unique */
	struct vsp_image *image;      /* of the unit compiled last, if it was asked for; or */
	const char *no_image;         /* the reason why there is none */
	LLVMContextRef shown_context; /* for jobs whose IR is to be shown, and */
	LLVMModuleRef shown;          /* their modules, linked together; or null */
};

vsp_jit *vsp_session_create(
        const vsp_module_data *module, const vsp_call_address *calls, unsigned count, vsp_slab *slab, vsp_error *error);
void vsp_session_destroy(vsp_jit *jit);
void vsp_session_forget_shown(vsp_jit *jit);
/* The target machine of a tier, which the session owns. Null: out of memory. */
LLVMTargetMachineRef vsp_session_machine(vsp_jit *jit, int tier);
/*
 * Enters a context in which func is compiled, and leaves it. Tier 1 uses one context for many jobs,
 * until what they leave in it becomes too much: its modules are small, so creating types,
 * attributes and constants again for each would cost too much.
 */
LLVMContextRef vsp_session_enter_context(vsp_jit *jit, int tier);
void vsp_session_leave_context(vsp_jit *jit, LLVMContextRef context, uint32_t func);
/*
 * Adds an object, which is consumed; it is linked when one of its symbols is looked up. Null with a
 * reason, which is a constant: it has failed.
 */
vsp_unit *vsp_session_link(vsp_jit *jit, LLVMMemoryBufferRef object, const char **why);
/* The address of a symbol of a linked unit, or null. */
const void *vsp_session_lookup(vsp_jit *jit, const char *name);
void vsp_session_release(vsp_jit *jit, vsp_unit *unit);

/*
 * pcsections.c: takes the pcsections section, which should have count entries, out of an object, so
 * that the linker does not see it. Returns the places of instructions, which the caller frees with
 * vsp_free_memory; code between accesses has no place. False: some are missing, or there is no
 * memory.
 */
bool vsp_pcsections_take(uint8_t *bytes, size_t size, uint32_t count, vsp_place **places, uint32_t *place_count);

/*
 * line_table.c: fills unit->places from the line table of the object. Without memory or a table
 * they stay empty. Only lines from 1 to limit are valid.
 */
void vsp_unit_read_places(vsp_unit *unit, LLVMMemoryBufferRef object, uint32_t limit);

#endif
