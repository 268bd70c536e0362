/*
 * The interface between the files that decode functions into cells: the decoder, and the
 * translation of single instructions (decode_emit.c). Of these files, decode_function.c decodes
 * functions with everything that makes cells few; decode_large.c decodes large ones, in bounded
 * steps.
 */
#ifndef VSP_TIERS_DECODE_PARTS_H
#define VSP_TIERS_DECODE_PARTS_H

#include "decode.h"

#include "decode_tables.h"
#include "handlers.h"
#include "ir/live.h"
#include "ir/profile.h"
#include "runtime/base/alloc.h"

typedef struct vsp_decoder {
	const vsp_module_data *m;
	const vsp_loop *loop; /* cells dispatch to its handlers */
	const vsp_func *f;
	unsigned kind;
	vsp_arena arena;
	vsp_cfg cfg;
	uint32_t counter; /* with VSP_CODE_TALLY, the first counter of the next site */
	vsp_live read;    /* flags that instructions read */
	vsp_live shown;   /* those, and flags that a trap may show */
	uint32_t slots;   /* local slots of an activation */
	bool full;        /* it has slots, or SP or the local return stack must be restored at the end */
	bool short_jumps; /* every offset, in units of 8 bytes, fits in 16 bits */
	vsp_decoded *out;
	uint32_t *pcs, *second;
	uint32_t *place; /* per block, its first cell */
	bool *ends;      /* per block: its end is three instructions in two cells */
	uint8_t *join; /* per instruction of the current block, what gives the fewest cells: 1 a pair, 2 a loop's end */
	uint32_t *cost;
	vsp_decode_how *how;
	/*
	 * Decoded one instruction at a time: cfg holds only that one, and branches hold code
	 * addresses at first.
	 */
	bool large;
} vsp_decoder;

/* Adds a cell for the instruction at pc. */
vsp_cell *vsp_decode_add(vsp_decoder *d, uint32_t pc);
/* The same, with a handler and its operand. */
void vsp_decode_special(vsp_decoder *d, unsigned handler, uint32_t pc, uint32_t imm);
/* The version of a flag-writing instruction that is needed: 0 none, 1 lazy, 2 computed. */
unsigned vsp_decode_flag_version(const vsp_decoder *d, uint32_t i);
/* Adds the cells of instruction i of cfg, without joining it to others. */
void vsp_decode_insn(vsp_decoder *d, uint32_t i);
/* Is the instruction counted in code that tallies? */
bool vsp_decode_is_tallied(const vsp_decoder *d, const vsp_insn *insn);
/* Adds the data cells of a table of targets. */
void vsp_decode_targets(vsp_decoder *d, const vsp_insn *insn);
/* Adds the cells before the first block. */
void vsp_decode_entry(vsp_decoder *d, bool loop);
/* The largest number of cells that a single instruction becomes. */
uint32_t vsp_decode_most(const vsp_decoder *d, const vsp_insn *insn);
/*
 * Does the instruction become no cell at all? In code that shows each instruction, every one has a
 * cell.
 */
bool vsp_decode_is_nothing(const vsp_decoder *d, const vsp_insn *insn);
/* Allocates room for that many cells of function func. False: *d->how has the reason. */
bool vsp_decode_allocate(vsp_decoder *d, uint32_t func, size_t cells);
/* Does the branch go backward? */
static inline bool vsp_decode_is_backward(const vsp_insn *insn) { return insn->imm <= (int64_t)insn->pc; }
/* The distance in bytes, as branches hold it. */
int32_t vsp_decode_offset(uint32_t from, uint32_t to);
/* decode_large.c: decodes the whole function. False: *d->how has the reason, and d->out is null. */
bool vsp_decode_large(vsp_decoder *d, uint32_t func);

#endif
