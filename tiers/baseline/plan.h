/*
 * The plan of a function's baseline code: which registers of the program are kept in machine
 * registers, and which stencil, in which registers, each cell becomes.
 */
#ifndef VSP_TIERS_BASELINE_PLAN_H
#define VSP_TIERS_BASELINE_PLAN_H

#include "stencil_table.h"
#include "tiers/interp/decode.h"

/* Registers that keep some of the program: general ones first, then float ones. */
enum {
	VSP_KEPT_GENERAL = VSP_STENCIL_GENERAL - VSP_STENCIL_SCRATCH,
	VSP_KEPT = VSP_KEPT_GENERAL + VSP_STENCIL_FLOATS - VSP_STENCIL_SCRATCH,
	VSP_NOT_KEPT = 0xFF
};

/* Number k of them, as an index into vsp_stencil_registers, and back. */
static inline uint8_t vsp_plan_home(unsigned k)
{
	return (uint8_t)(k + (k < VSP_KEPT_GENERAL ? VSP_STENCIL_SCRATCH : 2 * VSP_STENCIL_SCRATCH));
}
static inline unsigned vsp_plan_kept(uint8_t home)
{
	return home - (home < VSP_STENCIL_GENERAL ? VSP_STENCIL_SCRATCH : 2u * VSP_STENCIL_SCRATCH);
}
static inline bool vsp_plan_is_float(uint8_t home) { return home >= VSP_STENCIL_GENERAL; }

/* How flags that a cell has not recorded are recorded later, from its operands in the frame. */
enum vsp_record {
	VSP_RECORD_NOW,      /* the cell does it, or there are none */
	VSP_RECORD_OPERANDS, /* they are as they were */
	VSP_RECORD_ADDI,     /* b was the result less the immediate */
	VSP_RECORD_ADD,      /* b was the result less c */
	VSP_RECORD_SUB       /* b was the result plus c */
};

/* What a cell becomes. */
typedef struct vsp_cell_plan {
	uint16_t handler;
	uint8_t share;         /* enum vsp_share */
	bool data;             /* belongs to the cell before it, and has no code */
	bool leaves;           /* has no stencil: the interpreter's handler executes it */
	bool borrows;          /* an operand is in the first register that keeps another one, which is loaded again */
	bool entered;          /* is dispatched to often, and has an entry of its own */
	bool jumps;            /* is of a branch or CALL */
	bool target;           /* jumps of this function lead here */
	bool flags;            /* is of an instruction that writes all flags */
	bool hidden;           /* writes registers that are no operands, or some flags, or reads flags */
	uint8_t record;        /* enum vsp_record */
	uint32_t pending;      /* 1 + the cell whose flags its way to the interpreter records; 0: none */
	uint8_t home[3];       /* per operand, index into vsp_stencil_registers */
	uint8_t read, written; /* the operands' roles, as bits (VSP_FIELD_*) */
	uint8_t loaded;        /* operands that are loaded first, as bits */
	uint8_t offset[4];     /* the operands' offsets in the frame */
} vsp_cell_plan;

typedef struct vsp_plan {
	const vsp_decoded *d; /* cells dispatch to handler numbers */
	vsp_cell_plan *cells;
	uint8_t kept[VSP_KEPT];         /* offsets in the frame; VSP_NOT_KEPT: a register is free */
	bool changed[VSP_KEPT];         /* the code writes it, so the frame may be behind */
	uint8_t home_of[VSP_REGISTERS]; /* per register of the program, where it is kept; or VSP_NOT_KEPT */
	/*
	 * How often cells are executed, as guessed from loops: all cells, and those that leave the
	 * code for the interpreter.
	 */
	uint64_t weight, leaving;
	bool shown; /* the end of an activation may be the end of a run, which shows all registers */
} vsp_plan;

/* Makes the plan; plan->d and plan->cells, of as many elements, are set. False: no memory. */
bool vsp_plan_make(vsp_plan *plan, const vsp_module_data *module);
/* Chooses the operands' registers; a cell for which there is no stencil is left to the
   interpreter. */
void vsp_plan_place(const vsp_plan *plan, vsp_cell_plan *p);
/* Has a stencil a hole of this kind? */
bool vsp_plan_has_hole(const vsp_stencil *s, vsp_hole_kind kind);
/* The registers, as offsets in the frame, of which a cell's flags are recorded later. */
typedef struct vsp_record_fields {
	uint8_t offset[2];
	unsigned count;
} vsp_record_fields;
vsp_record_fields vsp_plan_record_fields(const vsp_cell_plan *p, unsigned record);
/* Behind vsp_plan_make: finds the cells that need not record flags (plan_flags.c). */
void vsp_plan_flags(vsp_plan *plan, const vsp_module_data *module);

#endif
