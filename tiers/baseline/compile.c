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

#include "emit.h"
#include "parts.h"
#include "unit.h"

#include <string.h>

#include "tiers/interp/handlers.h"
#include "tiers/slab.h"
#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

/* ---- decoding: cells dispatch to the numbers of their handlers at first ---- */

static vsp_dispatch number_of(unsigned handler) { return (vsp_dispatch){.filler = handler}; }
static const vsp_loop numbered = {.name = "numbers", .target = number_of};

/* ---- a function ---- */

/* Makes the cells dispatch to the code. */
static void dispatch_cells(const vsp_emitter *e, vsp_decoded *d)
{
	for (uint32_t i = 0; i < d->count; i++) {
		e->table[i] = e->code + e->place[i];
		d->cells[i].run.filler = 0;
		d->cells[i].run.label = e->code + (e->entry[i] ? e->entry[i] : e->shared);
	}
	uint32_t *slow = (uint32_t *)(void *)(e->table + d->count);
	memcpy(slow, e->slow, d->count * sizeof *slow);
	vsp_baseline_put_unwind((uint8_t *)(slow + d->count), e->code, e->size);
}

/* An extent has pages of code and as many of data. */
static uint64_t bytes_of_code(const vsp_baseline *b, const vsp_baseline_function *f)
{
	return 2 * (uint64_t)f->extent.count * b->slab.page_size;
}

static void give_code(vsp_baseline *b, vsp_baseline_function *f)
{
	if (!f->extent.count)
		return;
	vsp_account_give(b->account, bytes_of_code(b, f));
	vsp_slab_give(&b->slab, f->extent);
	f->extent = (vsp_extent){0};
}

/* Takes an extent, and charges it. Null, or the reason why there is none. */
static const char *take_code(vsp_baseline *b, vsp_baseline_function *f, size_t bytes)
{
	if (!b->slab.base)
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

/* The farthest jump of any machine with stencils: AArch64's B. Longer functions find no room. */
enum { REACH = 1 << 27 };
static_assert((int)VSP_SLAB_BYTES < (int)REACH, "jumps reach everything in a function");

static const char *emit_function(vsp_baseline *b, const vsp_plan *plan, vsp_decoded *d, vsp_baseline_function *f)
{
	vsp_emitter e = {.plan = plan};
	const char *why = "out of memory";
	if (vsp_emitter_create(&e, d->count)) {
		vsp_emit_all(&e);
		size_t data = d->count * (sizeof *e.table + sizeof *e.slow) + VSP_BASELINE_UNWIND;
		why = take_code(b, f, e.size > data ? e.size : data);
	}
	if (!why) {
		e.code = vsp_slab_code(&b->slab, f->extent);
		e.table = (void **)(void *)vsp_slab_data(&b->slab, f->extent);
		vsp_emit_all(&e);
		dispatch_cells(&e, d);
		f->stats.code_size = e.size;
		if (!vsp_slab_seal(&b->slab, f->extent))
			why = "the system does not make code executable";
	}
	vsp_emitter_free(&e);
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
 * Is the code worth its making? Cells that are left to the interpreter take two jumps more than
 * they take there.
 */
static bool pays(const vsp_baseline *b, const vsp_plan *plan)
{
	enum { SHARE = 4 };
	return !b->faster.first_count || plan->leaving * SHARE <= plan->weight;
}

/* Larger functions stay with the interpreter, as an interrupt would have to wait for their code. */
enum { MOST_CELLS = 1 << 21 };

/* The bytes of what is only needed while a function of n cells is compiled, and of the numbers of
   its handlers. */
static uint64_t bytes_while_compiling(uint64_t n)
{
	return n * (sizeof(vsp_cell_plan) + 4 * sizeof(uint32_t) + sizeof(int32_t));
}
static uint64_t bytes_of_handlers(uint64_t n) { return n * sizeof(uint16_t); }

static const char *plan_and_emit(vsp_baseline *b, vsp_decoded *d, vsp_baseline_function *f)
{
	vsp_plan plan = {.d = d, .cells = vsp_alloc(d->count, sizeof *plan.cells)};
	const char *why = "out of memory";
	bool planned = plan.cells && vsp_plan_make(&plan, b->module);
	if (planned)
		vsp_plan_flags(&plan, b->module);
	if (planned && keep_handlers(d, &plan))
		why = pays(b, &plan) ? emit_function(b, &plan, d, f) : "most of it would be left to the interpreter";
	vsp_free_memory(plan.cells);
	return why;
}

/* The same within the limits of size and memory. */
static const char *compile_decoded(vsp_baseline *b, vsp_decoded *d, vsp_baseline_function *f)
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

static const char *make(vsp_baseline *b, uint32_t func, const _Atomic uint32_t *interrupt)
{
	vsp_decode_how how = {.account = b->account, .interrupt = interrupt};
	vsp_baseline_function *f = &b->functions[func];
	vsp_decoded *d = vsp_decode_function(b->module, &numbered, func, b->kind | VSP_CODE_PLAIN, &how);
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

/* ---- for tools ---- */

/* The code that is told of. */
typedef struct telling {
	const vsp_baseline *baseline;
	uint32_t func;
	uint64_t start_ns;
} telling;

static void tell_unit(void *user, const vsp_jit_unit *unit)
{
	const telling *t = user;
	t->baseline->watch.made(t->baseline->watch.user, t->func, unit, NULL, t->start_ns);
}

static void tell(const vsp_baseline *b, uint32_t func, const char *why, uint64_t start_ns)
{
	const vsp_baseline_function *f = &b->functions[func];
	const vsp_decoded *d = find(&b->faster, func);
	telling t = {b, func, start_ns};
	if (d) {
		void *const *table = (void *const *)(const void *)vsp_slab_data(&b->slab, f->extent);
		const uint32_t *slow = (const uint32_t *)(const void *)(table + d->count);
		vsp_jit_unit code = {.code = vsp_slab_code(&b->slab, f->extent),
		        .code_size = f->stats.code_size,
		        .unwind = (const uint8_t *)(slow + d->count),
		        .unwind_size = VSP_BASELINE_UNWIND};
		if (vsp_baseline_describe(d, &code, table, b->module->funcs[func].start, tell_unit, &t))
			return;
	}
	b->watch.made(b->watch.user, func, NULL, why, start_ns);
}

static const vsp_decoded *compile(vsp_faster *self, uint32_t func, unsigned kind, const _Atomic uint32_t *interrupt)
{
	vsp_baseline *b = (vsp_baseline *)(void *)self;
	vsp_baseline_function *f = &b->functions[func];
	if (b->kind != kind) /* it is always the same; the other thread reads it */
		b->kind = kind;
	vsp_baseline_after_fork(b);
	bool settled = vsp_baseline_settle(b, func, interrupt);
	if (settled && b->watch.made && !f->told)
		tell(b, func, *f->stats.reason ? f->stats.reason : NULL, f->start_ns);
	f->told = settled;
	return find(self, func);
}

static bool waits(const vsp_faster *self, uint32_t func)
{
	return !vsp_baseline_is_settled((const vsp_baseline *)(const void *)self, func);
}

/* The last cell of a function whose code begins at or before pc. */
static uint32_t cell_at(void *const *table, uint32_t count, const void *pc)
{
	uint32_t low = 0, high = count;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if ((uintptr_t)table[middle] <= (uintptr_t)pc)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static const void *resume(const vsp_faster *self, uint32_t func, const void *pc)
{
	const vsp_baseline *b = (const vsp_baseline *)(const void *)self;
	const vsp_baseline_function *f = &b->functions[func];
	const vsp_decoded *d = find(self, func);
	const uint8_t *code = d ? vsp_slab_code(&b->slab, f->extent) : NULL;
	if (!d || (uintptr_t)pc - (uintptr_t)code >= f->stats.code_size)
		return NULL;
	void *const *table = (void *const *)(const void *)vsp_slab_data(&b->slab, f->extent);
	uint32_t slow = ((const uint32_t *)(const void *)(table + d->count))[cell_at(table, d->count, pc)];
	return slow ? code + slow : NULL;
}

/* ---- the compiler ---- */

vsp_baseline *vsp_baseline_create(const vsp_module_data *module, vsp_account *account, uint32_t first_count,
        const vsp_baseline_watch *watch, vsp_beside *beside)
{
	enum { FREE_NS = 40000, MEASURED_NS = 100000 };
	vsp_baseline *b = vsp_alloc(1, sizeof *b);
	if (!b)
		return NULL;
	b->faster = (vsp_faster){
	        .compile = compile, .waits = waits, .find = find, .resume = resume, .first_count = first_count};
	b->effort = (vsp_effort){.start = first_count ? vsp_plat_clock_ns() : 0, .free = FREE_NS};
	b->predicted_ns = b->taken_ns = MEASURED_NS;
	b->make = make;
	b->module = module;
	b->account = account;
	b->beside = beside;
	b->watch = watch ? *watch : (vsp_baseline_watch){0};
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
	vsp_baseline_after_fork(b);
	vsp_background_destroy(b->background);
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
	bool known = b && !waits(&b->faster, func);
	vsp_baseline_stats stats = known ? b->functions[func].stats : (vsp_baseline_stats){0};
	if (!stats.reason) /* nobody has asked for its code yet */
		stats.reason = "";
	return stats;
}

bool vsp_baseline_has_thread(const vsp_baseline *b) { return b && vsp_background_has_thread(b->background); }
