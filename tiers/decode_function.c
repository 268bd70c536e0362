/*
 * Decoding one function into cells: liveness chooses the flag versions, blocks get their charge and count cells, and
 * neighbours are joined into pairs so that a block has as few cells as possible (dynamic programming from its end).
 *
 * Cells are written in address order. Branches first hold the index of the target block, and get their offsets when every
 * block has its place.
 */
#include "decode.h"

#include "decode_tables.h"
#include "handlers.h"
#include "ir/live.h"
#include "ir/profile.h"
#include "runtime/alloc.h"

typedef struct decoder {
	const vsp_module_data *m;
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
} decoder;

/* Offsets of registers and immediate, as every handler but a few wants them. */
static void cell_fill(vsp_cell *cell, unsigned handler, const vsp_insn *insn)
{
	cell->run = vsp_exec_loop.target(handler);
	cell->a = (uint8_t)(insn->a * 8);
	cell->b = (uint8_t)(insn->b * 8);
	cell->c = (uint8_t)(insn->c * 8);
	cell->d = (uint8_t)(insn->d * 8);
	cell->imm = (int32_t)(uint32_t)(uint64_t)insn->imm;
}

static vsp_cell *cell_add(decoder *d, uint32_t pc)
{
	d->pcs[d->out->count] = pc;
	d->second[d->out->count] = VSP_NO_PC;
	return &d->out->cells[d->out->count++];
}

static void cell_special(decoder *d, unsigned handler, uint32_t pc, uint32_t imm)
{
	vsp_cell *cell = cell_add(d, pc);
	cell->run = vsp_exec_loop.target(handler);
	cell->imm = (int32_t)imm;
}

/* Which version of a flag-writing instruction is needed: 0 none, 1 lazy, 2 computed. */
static unsigned flag_version(const decoder *d, uint32_t i)
{
	unsigned written = vsp_insn_info(&d->cfg.insns[i])->flags_written;
	if (d->kind & VSP_CODE_STEP)
		return 2;
	if (d->read.insn_out[i] >> 16 & written)
		return 2;
	return d->shown.insn_out[i] >> 16 & written ? 1 : 0;
}

static bool is_backward(const vsp_insn *insn) { return insn->imm <= (int64_t)insn->pc; }

/* ---- single cells ---- */

static unsigned invoke_handler(unsigned params)
{
	static const uint16_t by_params[] = {
	        VSP_H_INVOKE_0, VSP_H_INVOKE_1, VSP_H_INVOKE_2, VSP_H_INVOKE_3, VSP_H_INVOKE_4};
	return params < sizeof by_params / sizeof by_params[0] ? by_params[params] : VSP_H_INVOKE;
}

static unsigned ret_handler(const decoder *d)
{
	static const uint16_t by_results[] = {VSP_H_RET_0, VSP_H_RET_1, VSP_H_RET_2};
	if (d->full)
		return VSP_H_RET_FULL;
	return d->f->results < sizeof by_results / sizeof by_results[0] ? by_results[d->f->results] : VSP_H_RET;
}

static void emit_targets(decoder *d, const vsp_insn *insn)
{
	for (uint32_t i = 0; i < insn->imm; i++)
		cell_special(
		        d, VSP_H_NOP, insn->pc, vsp_cfg_block_at(&d->cfg, vsp_insn_table_target(d->m->code, insn, i)));
}

static void emit_table(decoder *d, const vsp_insn *insn)
{
	cell_fill(cell_add(d, insn->pc), VSP_H_BRTAB, insn);
	emit_targets(d, insn);
}

static void emit_wide(decoder *d, const vsp_insn *insn)
{
	cell_fill(cell_add(d, insn->pc), VSP_H_MOVI_64, insn);
	vsp_cell *data = cell_add(d, insn->pc);
	data->run = vsp_exec_loop.target(VSP_H_NOP);
	data->wide = (uint64_t)insn->imm;
}

static void emit_pipe(decoder *d, const vsp_insn *insn)
{
	cell_fill(cell_add(d, insn->pc), VSP_H_PIPE, insn);
	cell_fill(cell_add(d, insn->pc), VSP_H_PIPE_STEP, insn);
	cell_special(d, VSP_H_PIPE_BACK, insn->pc, 0);
}

static void emit_insn(decoder *d, uint32_t i)
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
	unsigned handler = vsp_decode_handler(insn->form, flag_version(d, i), checked, is_backward(insn));
	vsp_cell *cell = cell_add(d, insn->pc);
	cell_fill(cell, handler, insn);
	if (info->effects & VSP_FX_BRANCH)
		cell->imm = (int32_t)vsp_cfg_block_at(&d->cfg, (uint32_t)insn->imm);
	else if (insn->form == VSP_I_INVOKE) {
		cell->a = d->m->funcs[insn->imm].params;
		cell->run = vsp_exec_loop.target(invoke_handler(cell->a));
	} else if (insn->form == VSP_I_RET) {
		cell->imm = d->f->results;
		cell->run = vsp_exec_loop.target(ret_handler(d));
	} else if (info->effects & VSP_FX_BATCH && info->format == VSP_FMT_C_T)
		cell->imm = info->sel;
	unsigned canon = vsp_decode_canon(insn->form);
	if (canon && (d->kind & VSP_CODE_CANON))
		cell_fill(cell_add(d, insn->pc), canon, insn);
}

/* ---- tallies: what stands before and behind a site ---- */

static bool is_tallied(const decoder *d, const vsp_insn *insn)
{
	return d->kind & VSP_CODE_TALLY && vsp_profile_kind_of(insn) >= 0;
}

static void emit_tally_table(decoder *d, const vsp_insn *insn)
{
	cell_special(d, VSP_H_TALLY_TABLE, insn->pc, d->counter);
	d->out->cells[d->out->count - 1].a = (uint8_t)(insn->a * 8);
	vsp_cell *data = cell_add(d, insn->pc);
	data->run = vsp_exec_loop.target(VSP_H_NOP);
	data->wide = (uint64_t)insn->imm;
}

/* Branches count that they are executed, and behind them that they were not taken. */
static void emit_tallied(decoder *d, uint32_t i)
{
	const vsp_insn *insn = &d->cfg.insns[i];
	int kind = vsp_profile_kind_of(insn);
	if (kind == VSP_SITE_TABLE)
		emit_tally_table(d, insn);
	else
		cell_special(d, kind == VSP_SITE_CALL ? VSP_H_TALLY_CALL : VSP_H_TALLY, insn->pc, d->counter);
	if (kind == VSP_SITE_CALL)
		d->out->cells[d->out->count - 1].a = (uint8_t)(insn->a * 8);
	emit_insn(d, i);
	if (kind == VSP_SITE_BRANCH)
		cell_special(d, VSP_H_TALLY, insn->pc, d->counter + 1);
	d->counter += vsp_profile_counters(insn);
}

/* ---- pairs ---- */

static bool is_branch(const vsp_insn *insn) { return vsp_insn_info(insn)->effects & VSP_FX_BRANCH; }

static bool slot_fits(const decoder *d, const vsp_insn *insn)
{
	return is_branch(insn) ? d->short_jumps : insn->imm >= INT16_MIN && insn->imm <= INT16_MAX;
}

static void slot_fill(vsp_slot *slot, const vsp_insn *insn)
{
	slot->a = (uint8_t)(insn->a * 8);
	slot->b = (uint8_t)(insn->b * 8);
	if (is_branch(insn))
		slot->imm = 0; /* see fix_branches */
	else if (vsp_form_immediate((vsp_form)insn->form) != VSP_O_NONE)
		slot->imm = (int16_t)insn->imm;
	else
		slot->c = (uint8_t)(insn->c * 8), slot->d = (uint8_t)(insn->d * 8);
}

/* Handler of instructions i and i + 1 in one cell, and the second as it is to be encoded; 0 when there is none. */
static unsigned pair_handler(const decoder *d, uint32_t i, vsp_insn *second)
{
	const vsp_insn *first = &d->cfg.insns[i];
	*second = first[1];
	bool store = vsp_insn_info(second)->effects & VSP_FX_STORE, call = second->form == VSP_I_INVOKE;
	if (is_tallied(d, first) || is_tallied(d, second))
		return 0;
	if (!slot_fits(d, first) || (!call && !slot_fits(d, second)) || (store && !VSP_STORES_ARE_WHOLE))
		return 0;
	unsigned version = flag_version(d, i), version2 = flag_version(d, i + 1);
	if (version == 2 || version2 == 2)
		return 0;
	vsp_pair pair = {
	        .first = first->form, .second = second->form, .lazy = version == 1, .lazy_second = version2 == 1};
	if (call)
		return vsp_decode_pair_end(&pair, d->m->funcs[second->imm].params);
	if (second->form == VSP_I_RET)
		return d->full ? 0 : vsp_decode_pair_end(&pair, d->f->results);
	pair.back = is_branch(second) && second->form != VSP_I_BRTAB && is_backward(second);
	pair.dependent = vsp_decode_dependent(first, second);
	return vsp_decode_pair(&pair);
}

static void emit_pair(decoder *d, uint32_t i)
{
	vsp_insn second;
	unsigned handler = pair_handler(d, i, &second);
	vsp_cell *cell = cell_add(d, d->cfg.insns[i].pc);
	d->second[d->out->count - 1] = second.pc;
	cell->run = vsp_exec_loop.target(handler);
	slot_fill(&cell->slot[0], &d->cfg.insns[i]);
	slot_fill(&cell->slot[1], &second);
	if (second.form == VSP_I_INVOKE)
		cell->imm = (int32_t)second.imm;
	if (second.form == VSP_I_BRTAB) {
		cell->slot[1].imm = (int16_t)(uint16_t)second.imm;
		emit_targets(d, &second);
	}
}

/* ---- ends of loops: three instructions in two cells ---- */

static unsigned loop_end_handler(const decoder *d, uint32_t i)
{
	const vsp_insn *first = &d->cfg.insns[i], *step = first + 1, *branch = first + 2;
	unsigned effects = vsp_insn_info(first)->effects;
	if (!is_branch(branch) || branch->form == VSP_I_BRTAB || !is_backward(branch) || is_tallied(d, branch))
		return 0;
	if (!slot_fits(d, first) || !slot_fits(d, step) || !slot_fits(d, branch) || branch->a != step->a)
		return 0;
	if (flag_version(d, i) || flag_version(d, i + 1) == 2 || ((effects & VSP_FX_STORE) && !VSP_STORES_ARE_WHOLE))
		return 0;
	return vsp_decode_loop_end(first->form, step->form, branch->form, flag_version(d, i + 1) == 1);
}

static void emit_loop_end(decoder *d, uint32_t i)
{
	const vsp_insn *first = &d->cfg.insns[i];
	vsp_cell *cell = cell_add(d, first->pc), *end;
	d->second[d->out->count - 1] = first[1].pc;
	cell->run = vsp_exec_loop.target(loop_end_handler(d, i));
	slot_fill(&cell->slot[0], first);
	slot_fill(&cell->slot[1], first + 1);
	end = cell_add(d, first[2].pc);
	end->run = vsp_exec_loop.target(VSP_H_NOP);
	slot_fill(&end->slot[0], first + 2);
}

/* ---- blocks ---- */

/* Compares whose flags nobody sees need no cell. */
static bool is_void(const decoder *d, uint32_t i)
{
	const vsp_form_info *info = vsp_insn_info(&d->cfg.insns[i]);
	return !(d->kind & VSP_CODE_STEP) && info->flags_written && flag_version(d, i) == 0 &&
	       info->operands[0] == VSP_O_RA && !info->effects;
}

/* Fills join for the block by the fewest cells from each instruction on. */
static void plan_block(decoder *d, const vsp_block *b)
{
	bool pairs = !(d->kind & (VSP_CODE_PLAIN | VSP_CODE_STEP | VSP_CODE_CANON | VSP_CODE_EXPLICIT));
	vsp_insn second;
	d->cost[b->count] = 0;
	for (uint32_t k = b->count; k-- > 0;) {
		d->cost[k] = d->cost[k + 1] + 1;
		d->join[k] = pairs && k + 1 < b->count && d->cost[k + 2] < d->cost[k + 1] &&
		             pair_handler(d, b->first + k, &second) != 0;
		if (d->join[k])
			d->cost[k] = d->cost[k + 2] + 1;
		if (pairs && k + 3 == b->count && d->cost[k] > 1 && loop_end_handler(d, b->first + k)) {
			d->join[k] = 2;
			d->cost[k] = 1;
		}
	}
}

static void emit_block(decoder *d, uint32_t index)
{
	const vsp_block *b = &d->cfg.blocks[index];
	d->place[index] = d->out->count;
	if ((d->kind & VSP_CODE_PROFILE) && b->loop_head)
		cell_special(d, VSP_H_COUNT, b->start, 2 * d->out->func + 1);
	if (d->kind & VSP_CODE_METER)
		cell_special(d, VSP_H_CHARGE, b->start, b->count);
	plan_block(d, b);
	for (uint32_t k = 0; k < b->count; k++) {
		if (d->kind & VSP_CODE_STEP)
			cell_special(d, VSP_H_PAUSE, d->cfg.insns[b->first + k].pc, 0);
		if (d->join[k] == 2) {
			emit_loop_end(d, b->first + k);
			d->ends[index] = true;
			k += 2;
		} else if (d->join[k])
			emit_pair(d, b->first + k++);
		else if (is_tallied(d, &d->cfg.insns[b->first + k]))
			emit_tallied(d, b->first + k);
		else if (!is_void(d, b->first + k))
			emit_insn(d, b->first + k);
	}
}

/* ---- the function ---- */

static int32_t byte_offset(uint32_t from, uint32_t to)
{
	return ((int32_t)to - (int32_t)from) * (int32_t)sizeof(vsp_cell);
}

/* Sets branch offsets; the cells of each block end with its branch, if it has one. */
static void fix_branches(decoder *d)
{
	for (uint32_t i = 0; i < d->cfg.block_count; i++) {
		const vsp_block *b = &d->cfg.blocks[i];
		const vsp_insn *last = &d->cfg.insns[b->first + b->count - 1];
		uint32_t end = i + 1 < d->cfg.block_count ? d->place[i + 1] : d->out->count;
		if (!is_branch(last))
			continue;
		if (is_tallied(d, last) && last->form != VSP_I_BRTAB)
			end--; /* the count of not taking it stands behind */
		vsp_cell *cells = d->out->cells;
		if (last->form == VSP_I_BRTAB) {
			uint32_t table = end - (uint32_t)last->imm - 1;
			for (uint32_t t = 1; t <= last->imm; t++)
				cells[table + t].imm = byte_offset(table, d->place[cells[table + t].imm]);
			continue;
		}
		uint32_t target = d->place[vsp_cfg_block_at(&d->cfg, (uint32_t)last->imm)];
		if (d->second[end - 1] == last->pc)
			cells[end - 1].slot[1].imm = (int16_t)(byte_offset(end - 1, target) / 8);
		else if (d->ends[i])
			cells[end - 1].imm = byte_offset(end - 2, target);
		else
			cells[end - 1].imm = byte_offset(end - 1, target);
	}
}

/* An upper bound of the number of cells. */
static size_t cells_bound(const decoder *d)
{
	size_t n = 4 + 2 * (size_t)d->cfg.block_count + 5 * (size_t)d->cfg.insn_count;
	for (uint32_t i = 0; i < d->cfg.insn_count; i++)
		if (d->cfg.insns[i].form == VSP_I_BRTAB)
			n += (size_t)d->cfg.insns[i].imm;
		else if (d->cfg.insns[i].form == VSP_I_PIPE)
			n++;
	return n;
}

static bool analyse(decoder *d, uint32_t func)
{
	bool shown = func == d->m->entry_func || (d->f->flags & VSP_FUNC_EXPORTED) || d->f->kind != VSP_KIND_FUNCTION;
	bool heads = d->kind & (VSP_CODE_METER | VSP_CODE_PROFILE);
	if (!vsp_cfg_build(&d->cfg, d->m, func, &d->arena) ||
	        !vsp_live_build(&d->read, &d->cfg, false, VSP_LIVE_READERS, &d->arena) ||
	        !vsp_live_build(&d->shown, &d->cfg, shown, heads ? VSP_LIVE_BLOCKS : VSP_LIVE_TRAPS, &d->arena))
		return false;
	d->full = d->cfg.has_calls;
	for (uint32_t i = 0; i < d->cfg.insn_count; i++)
		d->full |= (vsp_insn_info(&d->cfg.insns[i])->effects & VSP_FX_SP_W) != 0;
	d->place = vsp_arena_array(&d->arena, d->cfg.block_count, sizeof *d->place);
	d->join = vsp_arena_array(&d->arena, d->cfg.insn_count + 1, sizeof *d->join);
	d->cost = vsp_arena_array(&d->arena, d->cfg.insn_count + 2, sizeof *d->cost);
	d->ends = vsp_arena_array(&d->arena, d->cfg.block_count, sizeof *d->ends);
	return d->place && d->join && d->cost && d->ends;
}

static bool allocate(decoder *d, uint32_t func)
{
	size_t n = cells_bound(d);
	d->short_jumps = n * sizeof(vsp_cell) / 8 <= INT16_MAX;
	d->out = vsp_alloc(1, sizeof *d->out + n * (sizeof(vsp_cell) + 2 * sizeof(uint32_t)));
	if (!d->out)
		return false;
	d->pcs = (uint32_t *)(void *)(d->out->cells + n);
	d->second = d->pcs + n;
	d->out->func = func;
	d->out->full = d->full;
	d->out->pcs = d->pcs;
	d->out->second = d->second;
	return true;
}

static void emit(decoder *d)
{
	if (d->full)
		cell_special(d, VSP_H_PROLOGUE, d->f->start, 0);
	/* Compiled code that counts is entered in front of TALLY_ENTRY for calls, behind it for loops: one place must not be both. */
	if (d->kind & VSP_CODE_PROFILE && !(d->kind & VSP_CODE_TALLY && d->cfg.blocks[0].loop_head))
		cell_special(d, VSP_H_COUNT, d->f->start, 2 * d->out->func);
	if (d->kind & VSP_CODE_TALLY)
		cell_special(d, VSP_H_TALLY_ENTRY, d->f->start, 0);
	for (uint32_t i = 0; i < d->cfg.block_count; i++)
		emit_block(d, i);
	fix_branches(d);
}

vsp_decoded *vsp_decode_function(const vsp_module_data *m, uint32_t f, unsigned kind)
{
	decoder d = {.m = m, .f = &m->funcs[f], .kind = kind, .arena = VSP_ARENA_INIT};
	d.counter = VSP_PROFILE_ENTRIES + 1;
	if (analyse(&d, f) && allocate(&d, f))
		emit(&d);
	vsp_arena_free(&d.arena);
	return d.out;
}
