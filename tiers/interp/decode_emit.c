/*
 * The translation of an instruction into cells, and of what precedes the first block; see
 * decode_parts.h.
 */
#include "decode_parts.h"

/* The offsets of registers and the immediate, as all but a few handlers expect them. */
static void cell_fill(const vsp_decoder *d, vsp_cell *cell, unsigned handler, const vsp_insn *insn)
{
	cell->run = d->loop->target(handler);
	cell->a = (uint8_t)(insn->a * 8);
	cell->b = (uint8_t)(insn->b * 8);
	cell->c = (uint8_t)(insn->c * 8);
	cell->d = (uint8_t)(insn->d * 8);
	cell->imm = (int32_t)(uint32_t)(uint64_t)insn->imm;
}

vsp_cell *vsp_decode_add(vsp_decoder *d, uint32_t pc)
{
	d->pcs[d->out->count] = pc;
	d->second[d->out->count] = VSP_NO_PC;
	return &d->out->cells[d->out->count++];
}

void vsp_decode_special(vsp_decoder *d, unsigned handler, uint32_t pc, uint32_t imm)
{
	vsp_cell *cell = vsp_decode_add(d, pc);
	cell->run = d->loop->target(handler);
	cell->imm = (int32_t)imm;
}

/* The version of a flag-writing instruction that is needed: 0 none, 1 lazy, 2 computed. */
unsigned vsp_decode_flag_version(const vsp_decoder *d, uint32_t i)
{
	if (d->kind & VSP_CODE_STEP || d->large)
		return 2;
	unsigned written = vsp_insn_info(&d->cfg.insns[i])->flags_written;
	if (d->read.insn_out[i] >> 16 & written)
		return 2;
	return d->shown.insn_out[i] >> 16 & written ? 1 : 0;
}

/* ---- single cells ---- */

static unsigned invoke_handler(unsigned params)
{
	static const uint16_t by_params[] = {
	        VSP_H_INVOKE_0, VSP_H_INVOKE_1, VSP_H_INVOKE_2, VSP_H_INVOKE_3, VSP_H_INVOKE_4};
	return params < sizeof by_params / sizeof by_params[0] ? by_params[params] : VSP_H_INVOKE;
}

static unsigned ret_handler(const vsp_decoder *d)
{
	static const uint16_t by_results[] = {VSP_H_RET_0, VSP_H_RET_1, VSP_H_RET_2};
	if (d->full)
		return d->slots ? VSP_H_RET_SLOTS : VSP_H_RET_FULL;
	return d->f->results < sizeof by_results / sizeof by_results[0] ? by_results[d->f->results] : VSP_H_RET;
}

/*
 * The value that a branch holds until all cells have their places: the index of the target's block,
 * or its address.
 */
static uint32_t target_of(const vsp_decoder *d, uint32_t pc) { return d->large ? pc : vsp_cfg_block_at(&d->cfg, pc); }

void vsp_decode_targets(vsp_decoder *d, const vsp_insn *insn)
{
	for (uint32_t i = 0; i < insn->imm; i++)
		vsp_decode_special(d, VSP_H_NOP, insn->pc, target_of(d, vsp_insn_table_target(d->m->code, insn, i)));
}

static void emit_table(vsp_decoder *d, const vsp_insn *insn)
{
	cell_fill(d, vsp_decode_add(d, insn->pc), VSP_H_BRTAB, insn);
	vsp_decode_targets(d, insn);
}

static void emit_wide(vsp_decoder *d, const vsp_insn *insn)
{
	cell_fill(d, vsp_decode_add(d, insn->pc), VSP_H_MOVI_64, insn);
	vsp_cell *data = vsp_decode_add(d, insn->pc);
	data->run = d->loop->target(VSP_H_NOP);
	data->wide = (uint64_t)insn->imm;
}

static void emit_pipe(vsp_decoder *d, const vsp_insn *insn)
{
	cell_fill(d, vsp_decode_add(d, insn->pc), VSP_H_PIPE, insn);
	cell_fill(d, vsp_decode_add(d, insn->pc), VSP_H_PIPE_STEP, insn);
	vsp_decode_special(d, VSP_H_PIPE_BACK, insn->pc, 0);
}

static void emit_insn(vsp_decoder *d, uint32_t i)
{
	const vsp_insn *insn = &d->cfg.insns[i];
	const vsp_form_info *info = vsp_insn_info(insn);
	switch (insn->form) {
	case VSP_I_BRTAB: emit_table(d, insn); return;
	case VSP_I_MOVI_64: emit_wide(d, insn); return;
	case VSP_I_PIPE: emit_pipe(d, insn); return;
	default: break;
	}
	bool checked = (d->kind & VSP_CODE_EXPLICIT) || ((info->effects & VSP_FX_STORE) && !VSP_STORES_ARE_WHOLE);
	unsigned handler =
	        vsp_decode_handler(insn->form, vsp_decode_flag_version(d, i), checked, vsp_decode_is_backward(insn));
	vsp_cell *cell = vsp_decode_add(d, insn->pc);
	cell_fill(d, cell, handler, insn);
	if (info->effects & VSP_FX_BRANCH)
		cell->imm = (int32_t)target_of(d, (uint32_t)insn->imm);
	else if (insn->form == VSP_I_INVOKE) {
		cell->a = d->m->funcs[insn->imm].params;
		cell->run = d->loop->target(invoke_handler(cell->a));
	} else if (insn->form == VSP_I_INVOKET) {
		cell->b = insn->b;
		cell->c = (uint8_t)vsp_type_registers(d->m->types[insn->imm].params);
	} else if (insn->form == VSP_I_RET) {
		cell->imm = d->f->results;
		cell->run = d->loop->target(ret_handler(d));
	} else if (info->effects & VSP_FX_BATCH && info->format == VSP_FMT_C_T)
		cell->imm = info->sel;
	unsigned canon = vsp_decode_canon(insn->form);
	if (canon && (d->kind & VSP_CODE_CANON))
		cell_fill(d, vsp_decode_add(d, insn->pc), canon, insn);
}

/* ---- tallies: the cells before and behind a site ---- */

bool vsp_decode_is_tallied(const vsp_decoder *d, const vsp_insn *insn)
{
	return d->kind & VSP_CODE_TALLY && vsp_profile_kind_of(insn) >= 0;
}

static void emit_tally_table(vsp_decoder *d, const vsp_insn *insn)
{
	vsp_decode_special(d, VSP_H_TALLY_TABLE, insn->pc, d->counter);
	d->out->cells[d->out->count - 1].a = (uint8_t)(insn->a * 8);
	vsp_cell *data = vsp_decode_add(d, insn->pc);
	data->run = d->loop->target(VSP_H_NOP);
	data->wide = (uint64_t)insn->imm;
}

/* Tells the cell that counts a call which function it is of. */
static void aim_tally(vsp_decoder *d, const vsp_insn *insn)
{
	vsp_cell *cell = &d->out->cells[d->out->count - 1];
	cell->a = (uint8_t)(insn->a * 8);
	if (insn->form != VSP_I_INVOKET)
		return;
	cell->run = d->loop->target(VSP_H_TALLY_ELEMENT);
	cell->b = insn->b;
	cell->c = (uint8_t)insn->imm;
	cell->d = (uint8_t)(insn->imm >> 8);
}

/*
 * A branch has a cell before it that counts executions, and one behind it that counts when it is
 * not taken.
 */
static void emit_tallied(vsp_decoder *d, uint32_t i)
{
	const vsp_insn *insn = &d->cfg.insns[i];
	int kind = vsp_profile_kind_of(insn);
	if (kind == VSP_SITE_TABLE)
		emit_tally_table(d, insn);
	else
		vsp_decode_special(d, kind == VSP_SITE_CALL ? VSP_H_TALLY_CALL : VSP_H_TALLY, insn->pc, d->counter);
	if (kind == VSP_SITE_CALL)
		aim_tally(d, insn);
	emit_insn(d, i);
	if (kind == VSP_SITE_BRANCH)
		vsp_decode_special(d, VSP_H_TALLY, insn->pc, d->counter + 1);
	d->counter += vsp_profile_counters(insn);
}

void vsp_decode_insn(vsp_decoder *d, uint32_t i)
{
	if (vsp_decode_is_tallied(d, &d->cfg.insns[i]))
		emit_tallied(d, i);
	else
		emit_insn(d, i);
}

/* ---- the function ---- */

bool vsp_decode_is_nothing(const vsp_decoder *d, const vsp_insn *insn)
{
	return insn->form == VSP_I_NOP && !(d->kind & (VSP_CODE_STEP | VSP_CODE_PLAIN));
}

uint32_t vsp_decode_most(const vsp_decoder *d, const vsp_insn *insn)
{
	/* There may be a pause cell before it, and tally cells before and behind it. */
	uint32_t n = 1 + (d->kind & VSP_CODE_STEP ? 1 : 0) + (d->kind & VSP_CODE_TALLY ? 2 : 0);
	if (vsp_decode_is_nothing(d, insn))
		return 0;
	switch (insn->form) {
	case VSP_I_BRTAB: return n + (uint32_t)insn->imm;
	case VSP_I_MOVI_64: return n + 1;
	case VSP_I_PIPE: return n + 2;
	default: return n + (d->kind & VSP_CODE_CANON ? 1 : 0);
	}
}

bool vsp_decode_allocate(vsp_decoder *d, uint32_t func, size_t cells)
{
	uint64_t bytes = sizeof *d->out + (uint64_t)cells * (sizeof(vsp_cell) + 2 * sizeof(uint32_t));
	bool may = bytes <= SIZE_MAX && vsp_account_take(d->how->account, bytes);
	d->out = may ? vsp_alloc(1, (size_t)bytes) : NULL;
	if (!d->out) {
		d->how->failed = may ? VSP_DECODE_NO_MEMORY : VSP_DECODE_LIMIT;
		vsp_account_give(d->how->account, may ? bytes : 0);
		return false;
	}
	d->how->bytes = bytes;
	d->pcs = (uint32_t *)(void *)(d->out->cells + cells);
	d->second = d->pcs + cells;
	d->out->loop = d->loop;
	d->out->func = func;
	d->out->slots = d->slots;
	d->out->full = d->full;
	d->out->pcs = d->pcs;
	d->out->second = d->second;
	return true;
}

int32_t vsp_decode_offset(uint32_t from, uint32_t to)
{
	return ((int32_t)to - (int32_t)from) * (int32_t)sizeof(vsp_cell);
}

void vsp_decode_entry(vsp_decoder *d, bool loop)
{
	if (d->full)
		vsp_decode_special(d, d->slots ? VSP_H_PROLOGUE_SLOTS : VSP_H_PROLOGUE, d->f->start, d->slots);
	/*
	 * Compiled code that counts is entered before TALLY_ENTRY by calls and behind it by loops,
	 * so the two places must differ.
	 */
	if (d->kind & VSP_CODE_PROFILE && !(d->kind & VSP_CODE_TALLY && loop))
		vsp_decode_special(d, VSP_H_COUNT, d->f->start, 2 * d->out->func);
	if (d->kind & VSP_CODE_TALLY)
		vsp_decode_special(d, VSP_H_TALLY_ENTRY, d->f->start, 0);
}
