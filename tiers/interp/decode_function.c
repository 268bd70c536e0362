/*
 * The decoder of one function into cells. Liveness chooses the flag versions, blocks get their
 * charge and count cells, and adjacent instructions are joined into pairs, so that a block has as
 * few cells as possible (dynamic programming from its end).
 *
 * Cells are written in address order. At first a branch holds the index of the target block; it
 * gets its offset when every block has its place.
 */
#include "decode_parts.h"

/* ---- pairs ---- */

static bool is_branch(const vsp_insn *insn) { return vsp_insn_info(insn)->effects & VSP_FX_BRANCH; }

static bool slot_fits(const vsp_decoder *d, const vsp_insn *insn)
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

/*
 * The handler that executes instructions i and i + 1 in one cell, with the second as it must be
 * encoded; 0 when there is none.
 */
static unsigned pair_handler(const vsp_decoder *d, uint32_t i, vsp_insn *second)
{
	const vsp_insn *first = &d->cfg.insns[i];
	*second = first[1];
	bool store = vsp_insn_info(second)->effects & VSP_FX_STORE, call = second->form == VSP_I_INVOKE;
	if (vsp_decode_is_tallied(d, first) || vsp_decode_is_tallied(d, second))
		return 0;
	if (!slot_fits(d, first) || (!call && !slot_fits(d, second)) || (store && !VSP_STORES_ARE_WHOLE))
		return 0;
	unsigned version = vsp_decode_flag_version(d, i), version2 = vsp_decode_flag_version(d, i + 1);
	if (version == 2 || version2 == 2)
		return 0;
	vsp_pair pair = {
	        .first = first->form, .second = second->form, .lazy = version == 1, .lazy_second = version2 == 1};
	if (call)
		return vsp_decode_pair_end(&pair, d->m->funcs[second->imm].params);
	if (second->form == VSP_I_RET)
		return d->full ? 0 : vsp_decode_pair_end(&pair, d->f->results);
	pair.back = is_branch(second) && second->form != VSP_I_BRTAB && vsp_decode_is_backward(second);
	pair.dependent = vsp_decode_dependent(first, second);
	return vsp_decode_pair(&pair);
}

static void emit_pair(vsp_decoder *d, uint32_t i)
{
	vsp_insn second;
	unsigned handler = pair_handler(d, i, &second);
	vsp_cell *cell = vsp_decode_add(d, d->cfg.insns[i].pc);
	d->second[d->out->count - 1] = second.pc;
	cell->run = d->loop->target(handler);
	slot_fill(&cell->slot[0], &d->cfg.insns[i]);
	slot_fill(&cell->slot[1], &second);
	if (second.form == VSP_I_INVOKE)
		cell->imm = (int32_t)second.imm;
	if (second.form == VSP_I_BRTAB) {
		cell->slot[1].imm = (int16_t)(uint16_t)second.imm;
		vsp_decode_targets(d, &second);
	}
}

/* ---- ends of loops: three instructions in two cells ---- */

static unsigned loop_end_handler(const vsp_decoder *d, uint32_t i)
{
	const vsp_insn *first = &d->cfg.insns[i], *step = first + 1, *branch = first + 2;
	unsigned effects = vsp_insn_info(first)->effects;
	if (!is_branch(branch) || branch->form == VSP_I_BRTAB || !vsp_decode_is_backward(branch) ||
	        vsp_decode_is_tallied(d, branch))
		return 0;
	if (!slot_fits(d, first) || !slot_fits(d, step) || !slot_fits(d, branch) || branch->a != step->a)
		return 0;
	if (vsp_decode_flag_version(d, i) || vsp_decode_flag_version(d, i + 1) == 2 ||
	        ((effects & VSP_FX_STORE) && !VSP_STORES_ARE_WHOLE))
		return 0;
	return vsp_decode_loop_end(first->form, step->form, branch->form, vsp_decode_flag_version(d, i + 1) == 1);
}

static void emit_loop_end(vsp_decoder *d, uint32_t i)
{
	const vsp_insn *first = &d->cfg.insns[i];
	vsp_cell *cell = vsp_decode_add(d, first->pc), *end;
	d->second[d->out->count - 1] = first[1].pc;
	cell->run = d->loop->target(loop_end_handler(d, i));
	slot_fill(&cell->slot[0], first);
	slot_fill(&cell->slot[1], first + 1);
	end = vsp_decode_add(d, first[2].pc);
	end->run = d->loop->target(VSP_H_NOP);
	slot_fill(&end->slot[0], first + 2);
}

/* ---- blocks ---- */

/* NOPs, and compares whose flags nobody reads, need no cell. */
static bool is_void(const vsp_decoder *d, uint32_t i)
{
	const vsp_form_info *info = vsp_insn_info(&d->cfg.insns[i]);
	if (vsp_decode_is_nothing(d, &d->cfg.insns[i]))
		return true;
	return !(d->kind & VSP_CODE_STEP) && info->flags_written && vsp_decode_flag_version(d, i) == 0 &&
	       info->operands[0] == VSP_O_RA && !(info->effects & ~(unsigned)VSP_FX_FLOAT);
}

/* Fills join for the block, so that the cells from each instruction on are as few as possible. */
static void plan_block(vsp_decoder *d, const vsp_block *b)
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

static void emit_block(vsp_decoder *d, uint32_t index)
{
	const vsp_block *b = &d->cfg.blocks[index];
	d->place[index] = d->out->count;
	if ((d->kind & VSP_CODE_PROFILE) && b->loop_head)
		vsp_decode_special(d, VSP_H_COUNT, b->start, 2 * d->out->func + 1);
	if (d->kind & VSP_CODE_METER)
		vsp_decode_special(d, VSP_H_CHARGE, b->start, b->count);
	plan_block(d, b);
	for (uint32_t k = 0; k < b->count; k++) {
		if (d->kind & VSP_CODE_STEP)
			vsp_decode_special(d, VSP_H_PAUSE, d->cfg.insns[b->first + k].pc, 0);
		if (d->join[k] == 2) {
			emit_loop_end(d, b->first + k);
			d->ends[index] = true;
			k += 2;
		} else if (d->join[k])
			emit_pair(d, b->first + k++);
		else if (!is_void(d, b->first + k))
			vsp_decode_insn(d, b->first + k);
	}
}

/* ---- the function ---- */

/* Sets branch offsets. The cells of each block end with its branch, if it has one. */
static void fix_branches(vsp_decoder *d)
{
	for (uint32_t i = 0; i < d->cfg.block_count; i++) {
		const vsp_block *b = &d->cfg.blocks[i];
		const vsp_insn *last = &d->cfg.insns[b->first + b->count - 1];
		uint32_t end = i + 1 < d->cfg.block_count ? d->place[i + 1] : d->out->count;
		if (!is_branch(last))
			continue;
		if (vsp_decode_is_tallied(d, last) && last->form != VSP_I_BRTAB)
			end--; /* the cell that counts not-taken follows the branch */
		vsp_cell *cells = d->out->cells;
		if (last->form == VSP_I_BRTAB) {
			uint32_t table = end - (uint32_t)last->imm - 1;
			for (uint32_t t = 1; t <= last->imm; t++)
				cells[table + t].imm = vsp_decode_offset(table, d->place[cells[table + t].imm]);
			continue;
		}
		uint32_t target = d->place[vsp_cfg_block_at(&d->cfg, (uint32_t)last->imm)];
		if (d->second[end - 1] == last->pc)
			cells[end - 1].slot[1].imm = (int16_t)(vsp_decode_offset(end - 1, target) / 8);
		else if (d->ends[i])
			cells[end - 1].imm = vsp_decode_offset(end - 2, target);
		else
			cells[end - 1].imm = vsp_decode_offset(end - 1, target);
	}
}

/* An upper bound on the number of cells. */
static size_t cells_bound(const vsp_decoder *d)
{
	size_t n = 4 + 2 * (size_t)d->cfg.block_count;
	for (uint32_t i = 0; i < d->cfg.insn_count; i++)
		n += vsp_decode_most(d, &d->cfg.insns[i]);
	return n;
}

static bool analyse(vsp_decoder *d, uint32_t func)
{
	bool shown = func == d->m->entry_func || (d->f->flags & VSP_FUNC_EXPORTED) || d->f->kind != VSP_KIND_FUNCTION;
	bool heads = d->kind & (VSP_CODE_METER | VSP_CODE_PROFILE);
	if (!vsp_cfg_build(&d->cfg, d->m, func, &d->arena) ||
	        !vsp_live_build(&d->read, &d->cfg, false, VSP_LIVE_READERS, &d->arena) ||
	        !vsp_live_build(&d->shown, &d->cfg, shown, heads ? VSP_LIVE_BLOCKS : VSP_LIVE_TRAPS, &d->arena))
		return false;
	d->slots = d->cfg.slots;
	d->full = d->cfg.has_calls || d->slots;
	for (uint32_t i = 0; i < d->cfg.insn_count; i++)
		d->full |= (vsp_insn_info(&d->cfg.insns[i])->effects & VSP_FX_SP_W) != 0;
	d->place = vsp_arena_array(&d->arena, d->cfg.block_count, sizeof *d->place);
	d->join = vsp_arena_array(&d->arena, d->cfg.insn_count + 1, sizeof *d->join);
	d->cost = vsp_arena_array(&d->arena, d->cfg.insn_count + 2, sizeof *d->cost);
	d->ends = vsp_arena_array(&d->arena, d->cfg.block_count, sizeof *d->ends);
	return d->place && d->join && d->cost && d->ends;
}

static bool allocate(vsp_decoder *d, uint32_t func)
{
	size_t n = cells_bound(d);
	d->short_jumps = n * sizeof(vsp_cell) / 8 <= INT16_MAX;
	return vsp_decode_allocate(d, func, n);
}

static void emit(vsp_decoder *d)
{
	vsp_decode_entry(d, d->cfg.blocks[0].loop_head);
	for (uint32_t i = 0; i < d->cfg.block_count; i++)
		emit_block(d, i);
	fix_branches(d);
}

vsp_decoded *vsp_decode_function(
        const vsp_module_data *m, const vsp_loop *loop, uint32_t f, unsigned kind, vsp_decode_how *how)
{
	vsp_decoder d = {.m = m, .loop = loop, .f = &m->funcs[f], .kind = kind, .arena = VSP_ARENA_INIT, .how = how};
	d.counter = VSP_PROFILE_ENTRIES + 1;
	how->failed = VSP_DECODE_NO_MEMORY;
	if (d.f->size > VSP_DECODE_LARGE)
		vsp_decode_large(&d, f);
	else if (analyse(&d, f) && allocate(&d, f))
		emit(&d);
	vsp_arena_free(&d.arena);
	return d.out;
}
