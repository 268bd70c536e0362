/*
 * The decoder of large functions. One pass finds the starts of blocks and the room that the cells
 * need, a second writes the cells, and a third sets the offsets of branches. Each of them is linear
 * (the last one times a logarithm) and polls the interrupt flag from time to time. Besides the
 * cells it needs one byte per byte of code. It makes no pairs and computes all flags: compilers do
 * not produce such functions, so this is a program that runs once.
 */
#include "decode_parts.h"

enum { MARK_BLOCK = 1, MARK_LOOP = 2, STEPS = 1 << 14 /* number of instructions between two polls of the flag */ };

/* A pass over the instructions. */
typedef struct walk {
	vsp_decoder *d;
	vsp_insn insn;
	uint8_t *marks;   /* of the code, from the function's start */
	uint32_t blocks;  /* begun so far */
	uint32_t to_look; /* instructions until the next poll */
	size_t cells;     /* upper bound */
} walk;

/* Reads the instruction at pc. False: interrupted. */
static bool read_insn(walk *w, uint32_t pc)
{
	const vsp_module_data *m = w->d->m;
	vsp_insn_decode(m->code, m->code_size, pc, &w->insn);
	if (w->to_look--)
		return true;
	w->to_look = STEPS;
	if (!w->d->how->interrupt || !atomic_load_explicit(w->d->how->interrupt, memory_order_relaxed))
		return true;
	w->d->how->failed = VSP_DECODE_INTERRUPTED;
	return false;
}

/* Marks the starts of blocks by the same rules as ir/cfg.c. */
static void mark(walk *w)
{
	const vsp_insn *insn = &w->insn;
	unsigned effects = vsp_insn_info(insn)->effects;
	uint32_t start = w->d->f->start, next = insn->pc + insn->length - start;
	if ((effects & VSP_FX_END) && next < w->d->f->size)
		w->marks[next] |= MARK_BLOCK;
	for (uint32_t i = 0, n = vsp_insn_target_count(insn); i < n; i++) {
		uint32_t target = (uint32_t)vsp_insn_target(w->d->m->code, insn, i);
		w->marks[target - start] |= (uint8_t)(MARK_BLOCK | (target <= insn->pc ? MARK_LOOP : 0));
	}
	if (vsp_insn_slots(insn) > w->d->slots)
		w->d->slots = vsp_insn_slots(insn);
	w->d->full |= w->d->slots || insn->form == VSP_I_CALL || (effects & VSP_FX_SP_W);
	w->cells += vsp_decode_most(w->d, insn);
}

static bool mark_all(walk *w)
{
	uint32_t start = w->d->f->start, end = start + w->d->f->size;
	w->marks[0] = MARK_BLOCK;
	for (uint32_t pc = start; pc < end; pc += w->insn.length) {
		if (!read_insn(w, pc))
			return false;
		mark(w);
	}
	for (uint32_t i = 0; i < w->d->f->size; i++)
		w->blocks += w->marks[i] & MARK_BLOCK;
	w->cells += 4 + 2 * (size_t)w->blocks;
	return true;
}

/* Writes the head of a block, whose instructions are counted as they are read. */
static vsp_cell *begin_block(walk *w, uint32_t pc)
{
	vsp_decoder *d = w->d;
	if ((d->kind & VSP_CODE_PROFILE) && w->marks[pc - d->f->start] & MARK_LOOP)
		vsp_decode_special(d, VSP_H_COUNT, pc, 2 * d->out->func + 1);
	if (!(d->kind & VSP_CODE_METER))
		return NULL;
	vsp_decode_special(d, VSP_H_CHARGE, pc, 0);
	return &d->out->cells[d->out->count - 1];
}

static bool write_all(walk *w)
{
	vsp_decoder *d = w->d;
	uint32_t start = d->f->start, end = start + d->f->size;
	vsp_cell *charge = NULL;
	vsp_decode_entry(d, w->marks[0] & MARK_LOOP);
	d->cfg.insns = &w->insn;
	for (uint32_t pc = start; pc < end; pc += w->insn.length) {
		if (!read_insn(w, pc))
			return false;
		if (w->marks[pc - start])
			charge = begin_block(w, pc);
		if (charge)
			charge->imm++;
		if (d->kind & VSP_CODE_STEP)
			vsp_decode_special(d, VSP_H_PAUSE, pc, 0);
		if (!vsp_decode_is_nothing(d, &w->insn))
			vsp_decode_insn(d, 0);
	}
	return true;
}

/* The first cell, behind that of the entry, whose instruction is not before pc. */
static uint32_t cell_at(const vsp_decoder *d, uint32_t entry, uint32_t pc)
{
	uint32_t low = entry, high = d->out->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (d->pcs[middle] < pc)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Is cell i the instruction itself, and not one of the cells put before and behind it? */
static bool is_own_cell(const vsp_decoder *d, uint32_t i)
{
	static const uint16_t around[] = {VSP_H_COUNT, VSP_H_CHARGE, VSP_H_PAUSE, VSP_H_TALLY, VSP_H_TALLY_TABLE,
	        VSP_H_TALLY_CALL, VSP_H_TALLY_ELEMENT, VSP_H_NOP};
	for (size_t k = 0; k < sizeof around / sizeof *around; k++)
		if (d->out->cells[i].run.filler == d->loop->target(around[k]).filler)
			return false;
	return true;
}

static bool fix_all(walk *w, uint32_t entry)
{
	vsp_decoder *d = w->d;
	vsp_cell *cells = d->out->cells;
	for (uint32_t i = entry; i < d->out->count; i++) {
		if (!read_insn(w, d->pcs[i]))
			return false;
		if (!(vsp_insn_info(&w->insn)->effects & VSP_FX_BRANCH) || !is_own_cell(d, i))
			continue;
		if (w->insn.form != VSP_I_BRTAB) {
			cells[i].imm = vsp_decode_offset(i, cell_at(d, entry, (uint32_t)cells[i].imm));
			continue;
		}
		for (uint32_t t = 1; t <= w->insn.imm; t++)
			cells[i + t].imm = vsp_decode_offset(i, cell_at(d, entry, (uint32_t)cells[i + t].imm));
		i += (uint32_t)w->insn.imm;
	}
	return true;
}

static bool decode(walk *w, uint32_t func)
{
	if (!mark_all(w) || !vsp_decode_allocate(w->d, func, w->cells))
		return false;
	uint32_t entry = (uint32_t)w->d->full + (w->d->kind & VSP_CODE_TALLY ? 1 : 0);
	if (w->d->kind & VSP_CODE_PROFILE && !(w->d->kind & VSP_CODE_TALLY && w->marks[0] & MARK_LOOP))
		entry++;
	if (write_all(w) && fix_all(w, entry))
		return true;
	vsp_account_give(w->d->how->account, w->d->how->bytes);
	vsp_free_memory(w->d->out);
	w->d->out = NULL;
	return false;
}

bool vsp_decode_large(vsp_decoder *d, uint32_t func)
{
	walk w = {.d = d, .marks = vsp_alloc(d->f->size, 1)};
	d->large = true;
	bool good = w.marks && decode(&w, func);
	vsp_free_memory(w.marks);
	return good;
}
