/*
 * The interface through which a compiler gives functions of tier 0 faster code for the same cells:
 * every cell of it is dispatched to as those of the interpreter are, with the same state. So
 * control passes from one to the other at any cell.
 */
#ifndef VSP_TIERS_FASTER_H
#define VSP_TIERS_FASTER_H

#include "decode.h"

/* Embedded at the start of the implementation's own struct. */
typedef struct vsp_faster {
	/*
	 * Returns function f in its faster form, decoded as kind says but without pairs; valid as
	 * long as the compiler. Null: it has none, or none yet. interrupt: as for decoding, valid
	 * as long as the compiler too.
	 */
	const vsp_decoded *(*compile)(
	        struct vsp_faster *self, uint32_t f, unsigned kind, const _Atomic uint32_t *interrupt);
	/* Is it worth to ask again for a form of f? False: the answer stays the same. */
	bool (*waits)(const struct vsp_faster *self, uint32_t f);
	/* The form if f has been compiled already, otherwise null. */
	const vsp_decoded *(*find)(const struct vsp_faster *self, uint32_t f);
	/*
	 * A guard fault was at pc while function f ran: where to continue in the same machine
	 * state, so that the interpreter executes the instruction instead. Null: pc is not in the
	 * function's faster code. Is called in signal handlers.
	 */
	const void *(*resume)(const struct vsp_faster *self, uint32_t f, const void *pc);
	/* The count of calls or loop iterations at which a function is compiled; 0: its first
	   call. */
	uint32_t first_count;
} vsp_faster;

#endif
