/*
 * The plan of a function's baseline code: which registers of the program are kept in machine
 * registers, and which stencil, in which registers, each cell becomes.
 */
#ifndef VSP_TIERS_BASELINE_PLAN_H
#define VSP_TIERS_BASELINE_PLAN_H

#include "stencil_table.h"
#include "tiers/interp/decode.h"

enum { VSP_KEPT = VSP_STENCIL_REGISTERS - VSP_STENCIL_SCRATCH, VSP_NOT_KEPT = 0xFF };

/* What a cell becomes. */
typedef struct vsp_cell_plan {
	uint16_t handler;
	uint8_t share;         /* enum vsp_share */
	bool data;             /* belongs to the cell before it, and has no code */
	bool leaves;           /* has no stencil: the interpreter's handler executes it */
	bool borrows;          /* an operand is in the first register that keeps another one, which is loaded again */
	bool entered;          /* is dispatched to often, and has an entry of its own */
	uint8_t home[3];       /* per operand, index into vsp_stencil_registers */
	uint8_t read, written; /* the operands' roles, as bits (VSP_FIELD_*); the written ones are stored behind it */
	uint8_t loaded;        /* operands that are loaded first, as bits */
	uint8_t offset[4];     /* the operands' offsets in the frame */
} vsp_cell_plan;

typedef struct vsp_plan {
	const vsp_decoded *d; /* cells dispatch to handler numbers */
	vsp_cell_plan *cells;
	uint8_t kept[VSP_KEPT];         /* offsets in the frame; VSP_NOT_KEPT: a register is free */
	uint8_t home_of[VSP_REGISTERS]; /* per register of the program, where it is kept; or VSP_NOT_KEPT */
	/*
	 * How often cells are executed, as guessed from loops: all cells, and those that leave the
	 * code for the interpreter.
	 */
	uint64_t weight, leaving;
} vsp_plan;

/* Makes the plan; plan->d and plan->cells, of as many elements, are set. False: no memory. */
bool vsp_plan_make(vsp_plan *plan, const vsp_module_data *module);

#endif
