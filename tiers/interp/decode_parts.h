/*
 * What the files that decode functions into cells share: the decoder, and how single instructions become cells (decode_emit.c). decode_function.c has
 * functions with all that makes cells few, decode_large.c large ones, in bounded steps.
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
	const vsp_loop *loop; /* whose handlers cells dispatch to */
	const vsp_func *f;
	unsigned kind;
	vsp_arena arena;
	vsp_cfg cfg;
	uint32_t counter; /* with VSP_CODE_TALLY, the first of the next site */
	vsp_live read;    /* flags that instructions read */
	vsp_live shown;   /* and those that a trap may show */
	bool full;        /* SP or the local return stack must be restored at the end */
	bool short_jumps; /* every offset, in units of 8 bytes, fits 16 bits */
	vsp_decoded *out;
	uint32_t *pcs, *second;
	uint32_t *place; /* per block, its first cell */
	bool *ends;      /* per block: three instructions in two cells end it */
	uint8_t *join;   /* per instruction of the block in work: 1 a pair, 2 a loop's end gives the fewest cells */
	uint32_t *cost;
	vsp_decode_how *how;
	bool large; /* decoded one instruction at a time: cfg holds that alone, and branches hold code addresses first */
} vsp_decoder;

/* A new cell for the instruction at pc. */
vsp_cell *vsp_decode_add(vsp_decoder *d, uint32_t pc);
/* The same, with a handler and its operand. */
void vsp_decode_special(vsp_decoder *d, unsigned handler, uint32_t pc, uint32_t imm);
/* Which version of a flag-writing instruction is needed: 0 none, 1 lazy, 2 computed. */
unsigned vsp_decode_flag_version(const vsp_decoder *d, uint32_t i);
/* Cells of instruction i of cfg, alone. */
void vsp_decode_insn(vsp_decoder *d, uint32_t i);
/* Is it counted where code tallies? */
bool vsp_decode_is_tallied(const vsp_decoder *d, const vsp_insn *insn);
/* Data cells of a table of targets. */
void vsp_decode_targets(vsp_decoder *d, const vsp_insn *insn);
/* What stands before the first block. */
void vsp_decode_entry(vsp_decoder *d, bool loop);
/* The most cells that an instruction alone becomes. */
uint32_t vsp_decode_most(const vsp_decoder *d, const vsp_insn *insn);
/* Does it become no cell at all? Nothing does in code that shows each instruction. */
bool vsp_decode_is_nothing(const vsp_decoder *d, const vsp_insn *insn);
/* Room for that many cells of function func; false: *d->how says why not. */
bool vsp_decode_allocate(vsp_decoder *d, uint32_t func, size_t cells);
/* Does a branch go back? */
static inline bool vsp_decode_is_backward(const vsp_insn *insn) { return insn->imm <= (int64_t)insn->pc; }
/* In bytes, as branches have it. */
int32_t vsp_decode_offset(uint32_t from, uint32_t to);
/* decode_large.c: all of it. False: *d->how says why not, and d->out is null. */
bool vsp_decode_large(vsp_decoder *d, uint32_t func);

#endif
