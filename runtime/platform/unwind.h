/*
 * The unwinder of the machine stack, which uses the tables that compilers write (.eh_frame), for
 * back traces through compiled code. It never allocates or locks, so a signal handler may use it.
 * It understands only what LLVM and gcc emit for ordinary functions; a walk ends at the first frame
 * that needs more.
 */
#ifndef VSP_RUNTIME_UNWIND_H
#define VSP_RUNTIME_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VSP_UNWIND_REGISTERS = 33 }; /* by their DWARF numbers: 17 on x86-64, 32 on AArch64 */

/*
 * The registers of the machine at some point of a function. Those that a callee need not preserve
 * may have any value.
 */
typedef struct vsp_unwind_state {
	uintptr_t reg[VSP_UNWIND_REGISTERS];
	uintptr_t pc;
	unsigned sp;         /* the number of the stack pointer */
	unsigned after_call; /* 1: pc is a return address; otherwise 0 */
} vsp_unwind_state;

/*
 * Moves to the caller's frame, as it is when the call returns. entry: the frame's entry in
 * .eh_frame (an FDE). Reads the stack only from SP to limit. False: the entry does not belong to
 * this frame, or is not understood.
 */
bool vsp_unwind_step(vsp_unwind_state *state, const uint8_t *entry, uintptr_t limit);
/*
 * The entry of the function that contains pc, from the search table at header (.eh_frame_hdr);
 * null: none.
 */
const uint8_t *vsp_unwind_find(const uint8_t *header, uintptr_t pc);
/* The same without a table, by a search through a section (.eh_frame) of size bytes. */
const uint8_t *vsp_unwind_scan(const uint8_t *section, size_t size, uintptr_t pc);

#endif
