/*
 * Emits baseline code, see emit.h. Everything that is patched in comes from decoded cells, which
 * the decoder has made of a verified module; jumps go to places of cells of the same function.
 */
#include "emit.h"

#include <string.h>

#include "patch.h"
#include "tiers/interp/handlers.h"
#include "runtime/base/alloc.h"

typedef vsp_emitter emitter;

/* A piece, and what its holes are filled with. */
typedef struct filling {
	const vsp_cell *cell;
	uint8_t home[3];       /* indices into vsp_stencil_registers */
	uint8_t offset[4];     /* of operands, in the frame */
	uint32_t target, slow; /* offsets in the code */
} filling;

/* What is xored with the number in the stencil to have it name the register of operand k. */
static uint64_t number_of(const filling *f, unsigned k)
{
	uint8_t home = f->home[k];
	return vsp_stencil_registers[home] ^ vsp_stencil_operands[vsp_plan_is_float(home)][k];
}

static uint64_t word_of(const emitter *e, const filling *f, unsigned kind)
{
	switch (kind) {
	case VSP_HOLE_IMM: return (uint64_t)(int64_t)f->cell->imm;
	case VSP_HOLE_OFFSET_A: return f->offset[0];
	case VSP_HOLE_OFFSET_D: return f->offset[3];
	case VSP_HOLE_WIDE: return f->cell[1].wide;
	case VSP_HOLE_CELL: return (uintptr_t)f->cell;
	case VSP_HOLE_HANDLER: return vsp_exec_loop.target(e->plan->cells[f->cell - e->plan->d->cells].handler).number;
	case VSP_HOLE_CELLS: return (uintptr_t)e->plan->d->cells;
	case VSP_HOLE_TABLE: return (uintptr_t)e->table;
	default: return (uintptr_t)vsp_stencil_symbols[kind - VSP_HOLE_SYMBOL];
	}
}

/* Fills a hole of a piece from start to end. */
static void fill(const emitter *e, const filling *f, const vsp_hole *hole, uint32_t start, uint32_t end)
{
	uint64_t addend = (uint64_t)(int64_t)hole->addend, here = start + hole->at, word;
	switch (hole->kind) {
	case VSP_HOLE_REGISTER:
	case VSP_HOLE_REGISTER + 1:
	case VSP_HOLE_REGISTER + 2: word = number_of(f, hole->kind - (unsigned)VSP_HOLE_REGISTER) * addend; break;
	case VSP_HOLE_NEXT: word = end + addend - here; break;
	case VSP_HOLE_TARGET: word = f->target + addend - here; break;
	case VSP_HOLE_SLOW: word = f->slow + addend - here; break;
	default: word = word_of(e, f, hole->kind) + addend;
	}
	vsp_patch(e->code + here, (vsp_hole_form)hole->form, word);
}

static void emit(emitter *e, const vsp_stencil *s, const filling *f)
{
	uint32_t start = e->size;
	e->size += s->size;
	if (!e->code)
		return;
	memcpy(e->code + start, vsp_stencil_code + s->code, s->size);
	for (uint32_t i = 0; i < s->holes; i++)
		fill(e, f, &vsp_stencil_holes[s->hole + i], start, e->size);
}

static void emit_piece(emitter *e, enum vsp_piece piece, const filling *f)
{
	emit(e, &vsp_pieces[piece][VSP_SHARE_NONE], f);
}

/* A piece that moves a register of the program, which is at an offset of the frame. */
static void emit_register(emitter *e, enum vsp_piece piece, uint8_t home, uint8_t offset)
{
	unsigned kind = vsp_plan_is_float(home) ? VSP_TO_FLOAT : VSP_SHARE_NONE;
	emit(e, &vsp_pieces[piece][kind], &(filling){.home = {home}, .offset = {offset}});
}

static void emit_move(emitter *e, uint8_t to, uint8_t from)
{
	static const uint8_t kinds[2][2] = {{VSP_SHARE_NONE, VSP_FROM_FLOAT}, {VSP_TO_FLOAT, VSP_FLOAT_NONE}};
	unsigned kind = kinds[vsp_plan_is_float(to)][vsp_plan_is_float(from)];
	emit(e, &vsp_pieces[VSP_PIECE_MOVE][kind], &(filling){.home = {to, from}});
}

/* A register of the program into a scratch register. */
static void emit_load(emitter *e, uint8_t scratch, uint8_t offset)
{
	uint8_t kept = e->plan->home_of[offset / 8];
	if (kept == VSP_NOT_KEPT)
		emit_register(e, VSP_PIECE_LOAD, scratch, offset);
	else
		emit_move(e, scratch, kept);
}

/* A result to where the register is kept, or into the frame. */
static void emit_result(emitter *e, uint8_t home, uint8_t offset)
{
	uint8_t kept = e->plan->home_of[offset / 8];
	if (kept == VSP_NOT_KEPT)
		emit_register(e, VSP_PIECE_STORE, home, offset);
	else if (kept != home)
		emit_move(e, kept, home);
}

/* The registers that the code ever changes where they are kept, as bits. */
static unsigned changed_of(const vsp_plan *plan)
{
	unsigned changed = 0;
	for (unsigned k = 0; k < VSP_KEPT; k++)
		changed |= (unsigned)plan->changed[k] << k;
	return changed;
}

/* Stores registers, of those that are kept, into the frame. */
static void emit_spill(emitter *e, unsigned registers)
{
	for (unsigned k = 0; k < VSP_KEPT; k++)
		if (registers >> k & 1)
			emit_register(e, VSP_PIECE_STORE, vsp_plan_home(k), e->plan->kept[k]);
}

static uint32_t leave_of(const emitter *e, const vsp_cell_plan *p)
{
	return p->borrows ? e->leave_borrowed : p->pending ? e->record[p->pending - 1] : e->leave;
}

static void emit_leave(emitter *e, uint32_t i)
{
	const vsp_cell_plan *p = &e->plan->cells[i];
	emit_piece(e, VSP_PIECE_SLOW, &(filling){.cell = &e->plan->d->cells[i], .target = leave_of(e, p)});
}

/* Records a cell's flags on the way to the interpreter. */
static void emit_record(emitter *e, uint32_t i)
{
	static const uint8_t pieces[] = {[VSP_RECORD_OPERANDS] = VSP_PIECE_RECORD,
	        [VSP_RECORD_ADDI] = VSP_PIECE_RECORD_ADDI,
	        [VSP_RECORD_ADD] = VSP_PIECE_RECORD_ADD,
	        [VSP_RECORD_SUB] = VSP_PIECE_RECORD_SUB};
	const vsp_cell_plan *p = &e->plan->cells[i];
	vsp_record_fields fields = vsp_plan_record_fields(p, p->record);
	e->record[i] = e->size;
	emit_spill(e, changed_of(e->plan));
	emit_piece(e, (enum vsp_piece)pieces[p->record],
	        &(filling){.cell = &e->plan->d->cells[i],
	                .offset = {fields.offset[0], 0, 0, fields.offset[1]},
	                .target = e->leave_exact});
}

/* The registers that RET copies, of those that are kept; all that may be shown. */
static unsigned returned(const vsp_plan *plan, const vsp_cell_plan *p, const vsp_cell *cell)
{
	unsigned kept = 0;
	bool only_results = p->handler == VSP_H_RET_0 || p->handler == VSP_H_RET_1 || p->handler == VSP_H_RET_2;
	if (!only_results || plan->shown)
		return ~0u;
	for (unsigned r = 0; r < (unsigned)cell->imm; r++)
		if (plan->home_of[r] != VSP_NOT_KEPT)
			kept |= 1u << vsp_plan_kept(plan->home_of[r]);
	return kept;
}

/* What a cell's stencil needs in the frame. */
static void emit_before(emitter *e, uint32_t i, const vsp_stencil *s)
{
	const vsp_cell_plan *p = &e->plan->cells[i];
	uint8_t d = e->plan->home_of[p->offset[3] / 8];
	if (s->leaves)
		emit_spill(e, e->behind & returned(e->plan, p, &e->plan->d->cells[i]));
	else if (vsp_plan_has_hole(s, VSP_HOLE_OFFSET_D) && d != VSP_NOT_KEPT)
		emit_spill(e, e->behind & 1u << vsp_plan_kept(d));
	if (p->borrows)
		emit_spill(e, e->behind & 1);
}

/* Where control may come from elsewhere, nothing or everything may differ from the frame. */
static void enter_cell(emitter *e, const vsp_cell_plan *p)
{
	if (p->target)
		e->behind = changed_of(e->plan);
	else if (p->entered)
		e->behind = 0;
}

static void note_results(emitter *e, const vsp_cell_plan *p)
{
	for (unsigned k = 0; k < 3; k++) {
		uint8_t home = p->written >> k & 1 ? e->plan->home_of[p->offset[k] / 8] : VSP_NOT_KEPT;
		if (home != VSP_NOT_KEPT)
			e->behind |= 1u << vsp_plan_kept(home);
	}
}

static void emit_stencil(emitter *e, uint32_t i)
{
	const vsp_cell_plan *p = &e->plan->cells[i];
	const vsp_stencil *s = &vsp_stencils[p->handler][p->share];
	filling f = {.cell = &e->plan->d->cells[i], .slow = e->slow[i]};
	memcpy(f.home, p->home, sizeof f.home);
	memcpy(f.offset, p->offset, sizeof f.offset);
	if (vsp_plan_has_hole(s, VSP_HOLE_TARGET))
		f.target = e->place[i + f.cell->imm / (int32_t)sizeof(vsp_cell)];
	emit_before(e, i, s);
	for (unsigned k = 0; k < 3; k++)
		if (p->loaded >> k & 1)
			emit_load(e, p->home[k], p->offset[k]);
	emit(e, s, &f);
	for (unsigned k = 0; k < 3; k++)
		if (p->written >> k & 1)
			emit_result(e, p->home[k], p->offset[k]);
	if (p->borrows && e->plan->kept[0] != VSP_NOT_KEPT)
		emit_register(e, VSP_PIECE_LOAD, VSP_STENCIL_SCRATCH, e->plan->kept[0]);
	note_results(e, p);
	if (!s->faults && !vsp_plan_has_hole(s, VSP_HOLE_SLOW))
		return;
	e->slow[i] = 1;
	if (p->pending)
		e->record[p->pending - 1] = 1;
}

static void emit_kept(emitter *e)
{
	for (unsigned k = 0; k < VSP_KEPT; k++)
		if (e->plan->kept[k] != VSP_NOT_KEPT)
			emit_register(e, VSP_PIECE_LOAD, vsp_plan_home(k), e->plan->kept[k]);
}

static void emit_entry(emitter *e, uint32_t i)
{
	e->entry[i] = e->size;
	emit_piece(e, VSP_PIECE_ENTER, &(filling){.cell = &e->plan->d->cells[i]});
	emit_kept(e);
	emit_piece(e, VSP_PIECE_JUMP, &(filling){.target = e->place[i]});
}

/* The entry of cells that have none of their own, and the end of all ways to the interpreter. */
static void emit_shared(emitter *e)
{
	e->shared = e->size;
	emit_piece(e, VSP_PIECE_ENTER, &(filling){0});
	emit_kept(e);
	emit_piece(e, VSP_PIECE_SELECT, &(filling){0});
	e->leave = e->size;
	emit_spill(e, changed_of(e->plan) & 1);
	e->leave_borrowed = e->size;
	emit_spill(e, changed_of(e->plan) & ~1u);
	e->leave_exact = e->size;
	emit_piece(e, VSP_PIECE_LEAVE, &(filling){0});
}

void vsp_emit_all(emitter *e)
{
	const vsp_plan *plan = e->plan;
	e->size = e->behind = 0;
	for (uint32_t i = 0; i < plan->d->count; i++) {
		e->place[i] = e->size;
		enter_cell(e, &plan->cells[i]);
		if (plan->cells[i].leaves)
			emit_leave(e, i);
		else if (!plan->cells[i].data)
			emit_stencil(e, i);
	}
	for (uint32_t i = 0; i < plan->d->count; i++) {
		if (e->record[i])
			emit_record(e, i);
		if (e->slow[i]) {
			e->slow[i] = e->size;
			emit_leave(e, i);
		}
		if (plan->cells[i].entered)
			emit_entry(e, i);
	}
	emit_shared(e);
}

bool vsp_emitter_create(emitter *e, uint32_t n)
{
	e->place = vsp_alloc(n, sizeof *e->place);
	e->slow = vsp_alloc(n, sizeof *e->slow);
	e->entry = vsp_alloc(n, sizeof *e->entry);
	e->record = vsp_alloc(n, sizeof *e->record);
	return e->place && e->slow && e->entry && e->record;
}

void vsp_emitter_free(emitter *e)
{
	vsp_free_memory(e->place);
	vsp_free_memory(e->slow);
	vsp_free_memory(e->entry);
	vsp_free_memory(e->record);
}
