/*
 * The baseline compiler: decodes a function, plans its code and copies stencils into code memory.
 *
 * The code of a function is the pieces of its cells, one behind the other, and behind them what is
 * seldom executed: entries, and ways back to the interpreter. Everything that is patched in comes
 * from decoded cells, which the decoder has made of a verified module; jumps go to places of cells
 * of the same function. The function's cells are dispatched to as those of the interpreter are: to
 * their own entry, or to one that all of them share and that looks up a table.
 */
#include "baseline.h"

#include "plan.h"

#include <string.h>

#include "tiers/interp/handlers.h"
#include "tiers/slab.h"
#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

typedef struct function {
	_Atomic(vsp_decoded *) decoded;
	vsp_extent extent;
	vsp_baseline_stats stats;
	bool tried;
} function;

struct vsp_baseline {
	vsp_faster faster; /* first member: the interpreter holds a pointer to it */
	const vsp_module_data *module;
	vsp_account *account;
	vsp_slab slab;
	function *functions;
};

/* ---- decoding: cells dispatch to the numbers of their handlers at first ---- */

static vsp_dispatch number_of(unsigned handler) { return (vsp_dispatch){.filler = handler}; }
static const vsp_loop numbered = {.name = "numbers", .target = number_of};

/* ---- emitting ---- */

/* A piece, and what its holes are filled with. */
typedef struct filling {
	const vsp_cell *cell;
	uint8_t home[3];       /* indices into vsp_stencil_registers */
	uint8_t offset[4];     /* of operands, in the frame */
	uint32_t target, slow; /* offsets in the code */
} filling;

typedef struct emitter {
	const vsp_plan *plan;
	uint8_t *code; /* null: only sizes are counted */
	void **table;  /* per cell, the address of its code */
	uint32_t size;
	uint32_t *place; /* per cell, the offset of its code; set by the first of two rounds */
	uint32_t *slow;  /* per cell, the offset of its way to the interpreter; 0: none */
	uint32_t *entry; /* per cell, the offset of its own entry; 0: none */
	uint32_t shared; /* the offset of the entry of the others */
} emitter;

static void put(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t word_of(const emitter *e, const filling *f, const vsp_hole *hole)
{
	switch ((vsp_hole_kind)hole->kind) {
	case VSP_HOLE_IMM_32:
	case VSP_HOLE_IMM_64: return (uint64_t)(int64_t)f->cell->imm;
	case VSP_HOLE_OFFSET_A: return f->offset[0];
	case VSP_HOLE_OFFSET_D: return f->offset[3];
	case VSP_HOLE_WIDE: return f->cell[1].wide;
	case VSP_HOLE_CELL: return (uintptr_t)f->cell;
	case VSP_HOLE_HANDLER: return vsp_exec_loop.target(e->plan->cells[f->cell - e->plan->d->cells].handler).number;
	case VSP_HOLE_CELLS: return (uintptr_t)e->plan->d->cells;
	case VSP_HOLE_TABLE: return (uintptr_t)e->table;
	case VSP_HOLE_SYMBOL: return (uintptr_t)vsp_stencil_symbols[hole->operand];
	default: return 0;
	}
}

static void fill(const emitter *e, const filling *f, const vsp_hole *hole, uint32_t start, uint32_t end)
{
	uint8_t *at = e->code + start + hole->at;
	switch ((vsp_hole_kind)hole->kind) {
	case VSP_HOLE_REGISTER:
		*at ^= (uint8_t)((vsp_stencil_registers[f->home[hole->operand]] ^ vsp_stencil_operands[hole->operand]) *
		                 hole->addend);
		break;
	case VSP_HOLE_NEXT: put(at, end + (uint64_t)(int64_t)hole->addend - (start + hole->at), 4); break;
	case VSP_HOLE_TARGET: put(at, f->target + (uint64_t)(int64_t)hole->addend - (start + hole->at), 4); break;
	case VSP_HOLE_SLOW: put(at, f->slow + (uint64_t)(int64_t)hole->addend - (start + hole->at), 4); break;
	case VSP_HOLE_IMM_32:
	case VSP_HOLE_OFFSET_A:
	case VSP_HOLE_OFFSET_D: put(at, word_of(e, f, hole) + (uint64_t)(int64_t)hole->addend, 4); break;
	default: put(at, word_of(e, f, hole) + (uint64_t)(int64_t)hole->addend, 8);
	}
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

/* A piece that moves a register of the program, which is at an offset of the frame. */
static void emit_register(emitter *e, enum vsp_piece piece, uint8_t home, uint8_t offset)
{
	emit(e, &vsp_pieces[piece], &(filling){.home = {home}, .offset = {offset}});
}

static void emit_move(emitter *e, uint8_t to, uint8_t from)
{
	emit(e, &vsp_pieces[VSP_PIECE_MOVE], &(filling){.home = {to, from}});
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

/* A result into the frame, and to where the register is kept. */
static void emit_store(emitter *e, uint8_t home, uint8_t offset)
{
	uint8_t kept = e->plan->home_of[offset / 8];
	emit_register(e, VSP_PIECE_STORE, home, offset);
	if (kept != VSP_NOT_KEPT && kept != home)
		emit_move(e, kept, home);
}

static bool has_slow(const vsp_stencil *s)
{
	for (uint32_t i = 0; i < s->holes; i++)
		if (vsp_stencil_holes[s->hole + i].kind == VSP_HOLE_SLOW)
			return true;
	return false;
}

static bool has_target(const vsp_stencil *s)
{
	for (uint32_t i = 0; i < s->holes; i++)
		if (vsp_stencil_holes[s->hole + i].kind == VSP_HOLE_TARGET)
			return true;
	return false;
}

static void emit_leave(emitter *e, uint32_t i)
{
	emit(e, &vsp_pieces[VSP_PIECE_LEAVE], &(filling){.cell = &e->plan->d->cells[i]});
}

static void emit_stencil(emitter *e, uint32_t i)
{
	const vsp_cell_plan *p = &e->plan->cells[i];
	const vsp_stencil *s = &vsp_stencils[p->handler][p->share];
	filling f = {.cell = &e->plan->d->cells[i], .slow = e->slow[i]};
	memcpy(f.home, p->home, sizeof f.home);
	memcpy(f.offset, p->offset, sizeof f.offset);
	if (has_target(s))
		f.target = e->place[i + f.cell->imm / (int32_t)sizeof(vsp_cell)];
	for (unsigned k = 0; k < 3; k++)
		if (p->loaded >> k & 1)
			emit_load(e, p->home[k], p->offset[k]);
	emit(e, s, &f);
	for (unsigned k = 0; k < 3; k++)
		if (p->written >> k & 1)
			emit_store(e, p->home[k], p->offset[k]);
	if (p->borrows && e->plan->kept[0] != VSP_NOT_KEPT)
		emit_register(e, VSP_PIECE_LOAD, VSP_STENCIL_SCRATCH, e->plan->kept[0]);
	if (has_slow(s))
		e->slow[i] = 1;
}

static void emit_kept(emitter *e)
{
	for (unsigned k = 0; k < VSP_KEPT; k++)
		if (e->plan->kept[k] != VSP_NOT_KEPT)
			emit_register(e, VSP_PIECE_LOAD, (uint8_t)(VSP_STENCIL_SCRATCH + k), e->plan->kept[k]);
}

static void emit_entry(emitter *e, uint32_t i)
{
	e->entry[i] = e->size;
	emit(e, &vsp_pieces[VSP_PIECE_ENTER], &(filling){.cell = &e->plan->d->cells[i]});
	emit_kept(e);
	emit(e, &vsp_pieces[VSP_PIECE_JUMP], &(filling){.target = e->place[i]});
}

/* One of two equal rounds: the first finds out where everything will be. */
static void emit_all(emitter *e)
{
	const vsp_plan *plan = e->plan;
	e->size = 0;
	for (uint32_t i = 0; i < plan->d->count; i++) {
		e->place[i] = e->size;
		if (plan->cells[i].leaves)
			emit_leave(e, i);
		else if (!plan->cells[i].data)
			emit_stencil(e, i);
	}
	for (uint32_t i = 0; i < plan->d->count; i++) {
		if (e->slow[i]) {
			e->slow[i] = e->size;
			emit_leave(e, i);
		}
		if (plan->cells[i].entered)
			emit_entry(e, i);
	}
	e->shared = e->size;
	emit(e, &vsp_pieces[VSP_PIECE_ENTER], &(filling){0});
	emit_kept(e);
	emit(e, &vsp_pieces[VSP_PIECE_SELECT], &(filling){0});
}

/* ---- a function ---- */

static bool arrays_create(emitter *e, uint32_t n)
{
	e->place = vsp_alloc(n, sizeof *e->place);
	e->slow = vsp_alloc(n, sizeof *e->slow);
	e->entry = vsp_alloc(n, sizeof *e->entry);
	return e->place && e->slow && e->entry;
}

static void arrays_free(emitter *e)
{
	vsp_free_memory(e->place);
	vsp_free_memory(e->slow);
	vsp_free_memory(e->entry);
}

/* Makes the cells dispatch to the code. */
static void dispatch_cells(const emitter *e, vsp_decoded *d)
{
	for (uint32_t i = 0; i < d->count; i++) {
		e->table[i] = e->code + e->place[i];
		d->cells[i].run.filler = 0;
		d->cells[i].run.label = e->code + (e->entry[i] ? e->entry[i] : e->shared);
	}
}

/* An extent has pages of code and as many of data. */
static uint64_t bytes_of_code(const vsp_baseline *b, const function *f)
{
	return 2 * (uint64_t)f->extent.count * b->slab.page_size;
}

static void give_code(vsp_baseline *b, function *f)
{
	if (!f->extent.count)
		return;
	vsp_account_give(b->account, bytes_of_code(b, f));
	vsp_slab_give(&b->slab, f->extent);
	f->extent = (vsp_extent){0};
}

/* Takes an extent, and charges it. Null, or the reason why there is none. */
static const char *take_code(vsp_baseline *b, function *f, size_t bytes)
{
	if (!b->slab.base && !vsp_slab_create(&b->slab, VSP_SLAB_BYTES)) /* most instances live for a few calls */
		return "no address space for code";
	f->extent = vsp_slab_take(&b->slab, bytes);
	if (!f->extent.count)
		return "no room in code memory";
	if (vsp_account_take(b->account, bytes_of_code(b, f)))
		return NULL;
	vsp_slab_give(&b->slab, f->extent);
	f->extent = (vsp_extent){0};
	return "the limit of memory is reached";
}

static const char *emit_function(vsp_baseline *b, const vsp_plan *plan, vsp_decoded *d, function *f)
{
	emitter e = {.plan = plan};
	const char *why = "out of memory";
	if (arrays_create(&e, d->count)) {
		emit_all(&e);
		size_t table = (size_t)d->count * sizeof e.table[0];
		why = take_code(b, f, e.size > table ? e.size : table);
	}
	if (!why) {
		e.code = vsp_slab_code(&b->slab, f->extent);
		e.table = (void **)(void *)vsp_slab_data(&b->slab, f->extent);
		emit_all(&e);
		dispatch_cells(&e, d);
		f->stats.code_size = e.size;
		if (!vsp_slab_seal(&b->slab, f->extent))
			why = "the system does not make code executable";
	}
	arrays_free(&e);
	return why;
}

/* The numbers of the handlers, which the cells will not tell any more. */
static bool keep_handlers(vsp_decoded *d, const vsp_plan *plan)
{
	uint16_t *handlers = vsp_alloc(d->count, sizeof *handlers);
	for (uint32_t i = 0; handlers && i < d->count; i++)
		handlers[i] = plan->cells[i].data ? VSP_H_NOP : plan->cells[i].handler;
	d->handlers = handlers;
	return handlers != NULL;
}

static void decoded_free(vsp_decoded *d)
{
	vsp_free_memory((void *)d->handlers);
	vsp_free_memory(d);
}

/*
 * Is the code worth its making? Cells that are left to the interpreter take two jumps more than they
 * take there.
 */
static bool pays(const vsp_baseline *b, const vsp_plan *plan)
{
	enum { SHARE = 4 };
	return !b->faster.first_count || plan->leaving * SHARE <= plan->weight;
}

/* Larger functions stay with the interpreter, as an interrupt would have to wait for their code. */
enum { MOST_CELLS = 1 << 21 };

/* The bytes of what is only needed while a function of n cells is compiled, and of the numbers of its handlers. */
static uint64_t bytes_while_compiling(uint64_t n)
{
	return n * (sizeof(vsp_cell_plan) + 3 * sizeof(uint32_t) + sizeof(int32_t));
}
static uint64_t bytes_of_handlers(uint64_t n) { return n * sizeof(uint16_t); }

static const char *plan_and_emit(vsp_baseline *b, vsp_decoded *d, function *f)
{
	vsp_plan plan = {.d = d, .cells = vsp_alloc(d->count, sizeof *plan.cells)};
	const char *why = "out of memory";
	if (plan.cells && vsp_plan_make(&plan, b->module) && keep_handlers(d, &plan))
		why = pays(b, &plan) ? emit_function(b, &plan, d, f) : "most of it would be left to the interpreter";
	vsp_free_memory(plan.cells);
	return why;
}

/* The same within the limits of size and memory. */
static const char *compile_decoded(vsp_baseline *b, vsp_decoded *d, function *f)
{
	if (d->count > MOST_CELLS)
		return "the function is too large for baseline code";
	uint64_t kept = bytes_of_handlers(d->count), beside = bytes_while_compiling(d->count);
	if (!vsp_account_take(b->account, kept + beside))
		return "the limit of memory is reached";
	const char *why = plan_and_emit(b, d, f);
	vsp_account_give(b->account, why ? kept + beside : beside);
	return why;
}

static const char *make_function(vsp_baseline *b, uint32_t func, unsigned kind, const _Atomic uint32_t *interrupt)
{
	vsp_decode_how how = {.account = b->account, .interrupt = interrupt};
	function *f = &b->functions[func];
	vsp_decoded *d = vsp_decode_function(b->module, &numbered, func, kind | VSP_CODE_PLAIN, &how);
	if (!d)
		return how.failed == VSP_DECODE_INTERRUPTED ? "interrupted" : "out of memory";
	const char *why = compile_decoded(b, d, f);
	if (!why) {
		atomic_store_explicit(&f->decoded, d, memory_order_release);
		return NULL;
	}
	give_code(b, f);
	f->stats.code_size = 0;
	decoded_free(d);
	vsp_account_give(b->account, how.bytes);
	return why;
}

static const vsp_decoded *find(const vsp_faster *self, uint32_t f)
{
	const vsp_baseline *b = (const vsp_baseline *)(const void *)self;
	return atomic_load_explicit(&b->functions[f].decoded, memory_order_acquire);
}

static const vsp_decoded *compile(vsp_faster *self, uint32_t func, unsigned kind, const _Atomic uint32_t *interrupt)
{
	vsp_baseline *b = (vsp_baseline *)(void *)self;
	function *f = &b->functions[func];
	if (f->tried)
		return find(self, func);
	uint64_t start = vsp_plat_clock_ns();
	const char *why = make_function(b, func, kind, interrupt);
	f->tried = !why || atomic_load(interrupt) == 0; /* an interrupt only ends this attempt */
	f->stats.reason = why ? why : "";
	f->stats.compile_ns = vsp_plat_clock_ns() - start;
	return find(self, func);
}

/* ---- the compiler ---- */

vsp_baseline *vsp_baseline_create(const vsp_module_data *module, vsp_account *account, uint32_t first_count)
{
	vsp_baseline *b = vsp_alloc(1, sizeof *b);
	if (!b)
		return NULL;
	b->faster = (vsp_faster){.compile = compile, .find = find, .first_count = first_count};
	b->module = module;
	b->account = account;
	b->functions = vsp_alloc(module->func_count, sizeof *b->functions);
	if (b->functions)
		return b;
	vsp_baseline_destroy(b);
	return NULL;
}

void vsp_baseline_destroy(vsp_baseline *b)
{
	if (!b)
		return;
	for (uint32_t f = 0; b->functions && f < b->module->func_count; f++) {
		vsp_decoded *d = atomic_load(&b->functions[f].decoded);
		if (d)
			decoded_free(d);
	}
	vsp_free_memory(b->functions);
	vsp_slab_destroy(&b->slab);
	vsp_free_memory(b);
}

vsp_faster *vsp_baseline_faster(vsp_baseline *b) { return b ? &b->faster : NULL; }

vsp_baseline_stats vsp_baseline_stats_of(const vsp_baseline *b, uint32_t func)
{
	return b ? b->functions[func].stats : (vsp_baseline_stats){.reason = ""};
}
