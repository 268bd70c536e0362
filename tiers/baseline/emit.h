/*
 * Emits the baseline code of a function: the pieces of its cells, one behind the other, and behind
 * them what is seldom executed.
 */
#ifndef VSP_TIERS_BASELINE_EMIT_H
#define VSP_TIERS_BASELINE_EMIT_H

#include "plan.h"

typedef struct vsp_emitter {
	const vsp_plan *plan;
	uint8_t *code; /* null: only sizes are counted */
	void **table;  /* the function's data: per cell, the address of its code; behind that slow, and how to unwind */
	uint32_t size;
	uint32_t *place;  /* per cell, the offset of its code; set by the first of two rounds */
	uint32_t *slow;   /* per cell, the offset of its way to the interpreter; 0: none */
	uint32_t *entry;  /* per cell, the offset of its own entry; 0: none */
	uint32_t *record; /* per cell, the offset of what records its flags; 0: nothing needs it */
	uint32_t shared;  /* the offset of the entry of the others */
	/* The ends of ways to the interpreter: no register is stored yet, the first one that is
	   kept is, all are. */
	uint32_t leave, leave_borrowed, leave_exact;
	unsigned behind; /* registers that are kept and may differ from the frame, as bits */
} vsp_emitter;

/* Allocates the arrays for n cells. False: no memory; they are to be freed all the same. */
bool vsp_emitter_create(vsp_emitter *e, uint32_t n);
void vsp_emitter_free(vsp_emitter *e);
/* One of two equal rounds: the first, without code, finds out where everything will be. */
void vsp_emit_all(vsp_emitter *e);

#endif
