/*
 * The functions that handlers call in rare cases: first calls, limits, traps, lazy flags, and hot
 * counters. The handler has saved ip, and x->frame is the active frame.
 */
#include "decode.h"
#include "decode_tables.h"
#include "exec_run.h"
#include "faster.h"
#include "handlers.h"
#include "runtime/base/alloc.h"
#include "runtime/base/search.h"
#include "runtime/helpers.h"

static vsp_decode_how how_to_decode(vsp_exec *x)
{
	return (vsp_decode_how){.account = &x->rt->account, .interrupt = &x->rt->interrupt};
}

/* ---- faster code ---- */

const _Atomic(const vsp_cell *) *vsp_exec_entries(const vsp_exec *x, const vsp_code_set *set)
{
	if (x->own_entries && set == x->main_set)
		return (const _Atomic(const vsp_cell *) *)x->own_entries;
	return set ? (const _Atomic(const vsp_cell *) *)set->entries : NULL;
}

/* Does the function being run have faster code, or can it have some? Functions that are tallied
   cannot. */
static bool may_be_faster(const vsp_exec *x) { return x->faster && x->set == x->main_set && !x->stepping; }

/* The function of the active frame in the faster code, compiled if it is due; null: it has none. */
static const vsp_decoded *faster(vsp_exec *x)
{
	uint32_t f = x->frame->func;
	const vsp_decoded *d = x->faster->compile(x->faster, f, x->set->kind, &x->rt->interrupt);
	if (d)
		atomic_store_explicit(&x->own_entries[f], d->cells, memory_order_relaxed);
	return d;
}

const vsp_cell *vsp_exec_decode(vsp_exec *x)
{
	vsp_decode_how how = how_to_decode(x);
	const vsp_decoded *d = may_be_faster(x) && x->faster->first_count == 0 ? faster(x) : NULL;
	if (d)
		return d->cells;
	d = vsp_code_decode(x->set, x->frame->func, &how);
	if (d && may_be_faster(x))
		atomic_store_explicit(&x->own_entries[x->frame->func], d->cells, memory_order_relaxed);
	if (d)
		return d->cells;
	if (how.failed == VSP_DECODE_INTERRUPTED)
		vsp_rt_fail(x->rt, VSP_TRAP_INTERRUPTED, NULL);
	else
		vsp_rt_fail(x->rt, VSP_TRAP_HOST, "out of memory while decoding the function%s",
		        how.failed == VSP_DECODE_LIMIT ? ": the limit of memory is reached" : "");
	x->left = VSP_LEFT_TRAPPED;
	return NULL;
}

bool vsp_exec_stops(vsp_exec *x)
{
	if (atomic_load(&x->rt->interrupt))
		return true;
	atomic_store(&x->stop, 0);
	/*
	 * A request is recorded before stop is set, so this sees one that has come in the meantime.
	 */
	bool wanted = atomic_load(&x->rt->interrupt);
	if (wanted)
		atomic_store(&x->stop, 1);
	return wanted;
}

const vsp_cell *vsp_exec_grow(vsp_exec *x, unsigned params, uint32_t f)
{
	vsp_exec_frame *next = x->frame + 1;
	bool stops = atomic_load(&x->stop) && vsp_exec_stops(x);
	int trap = stops ? VSP_TRAP_INTERRUPTED : next >= vsp_exec_frame_limit(x) ? VSP_TRAP_CALL_DEPTH : 0;
	if (trap) {
		vsp_rt_fail(x->rt, (vsp_trap)trap, NULL);
		x->left = VSP_LEFT_TRAPPED;
		return NULL;
	}
	vsp_exec_arm_limit(x);
	frame_open(next, x->frame, params, f, vsp_exec_cell(x->ip) + 1);
	x->frame = next;
	return atomic_load(&x->entries[f]);
}

int vsp_exec_grow_returns(vsp_exec *x)
{
	if (x->rt->calls >= VSP_MAX_CALLS)
		return vsp_rt_fail(x->rt, VSP_TRAP_CALL_DEPTH, "more than %d pending CALLs", VSP_MAX_CALLS);
	if (x->return_count < x->returns_capacity)
		return 0;
	if (x->returns || !vsp_guarded_create(&x->returns_memory, VSP_MAX_CALLS, sizeof *x->returns))
		return vsp_rt_fail(x->rt, VSP_TRAP_CALL_DEPTH, "out of memory for pending CALLs");
	x->returns = x->returns_memory.block;
	x->returns_capacity = VSP_MAX_CALLS;
	return 0;
}

/*
 * All slots lie in one block, which is reserved when the first function that has some is called.
 * The account is charged piece by piece, as the block is first used.
 */
enum { SLOTS = 1 << 20, SLOTS_CHARGED = 1 << 13 };
static_assert(SLOTS % SLOTS_CHARGED == 0 && (int)SLOTS > (int)VSP_MAX_SLOTS, "the block is whole pieces");

static bool create_slots(vsp_exec *x)
{
	if (!x->slots && vsp_guarded_create(&x->slots_memory, SLOTS, sizeof *x->slots))
		x->slots = x->slots_charged = x->slot_top = x->slots_memory.block;
	return x->slots;
}

static bool charge_slots(vsp_exec *x, const uint64_t *end)
{
	while (x->slots_charged < end) {
		if (!vsp_account_take(&x->rt->account, SLOTS_CHARGED * sizeof *x->slots))
			return false;
		x->slots_charged += SLOTS_CHARGED;
	}
	return true;
}

int vsp_exec_open_slots(vsp_exec *x, uint32_t n)
{
	if (!create_slots(x))
		return vsp_rt_fail(x->rt, VSP_TRAP_CALL_DEPTH, "out of memory for local slots");
	if (n > (size_t)(x->slots + SLOTS - x->slot_top))
		return vsp_rt_fail(x->rt, VSP_TRAP_CALL_DEPTH, "more than %d local slots", SLOTS);
	if (!charge_slots(x, x->slot_top + n))
		return vsp_rt_fail(x->rt, VSP_TRAP_CALL_DEPTH, "local slots: the limit of memory is reached");
	x->frame->slots = x->slot_top;
	memset(x->slot_top, 0, n * sizeof *x->slots);
	x->slot_top += n;
	return 0;
}

int vsp_exec_refuse_indirect(vsp_exec *x, uint64_t index)
{
	unsigned long long f = index;
	if (index >= x->module->func_count)
		return vsp_rt_fail(x->rt, VSP_TRAP_BAD_FUNCTION, "there is no function %llu", f);
	return vsp_rt_fail(x->rt, VSP_TRAP_BAD_FUNCTION, "function %llu has another kind or signature", f);
}

int vsp_exec_check(vsp_exec *x, int64_t ea, unsigned n, bool write)
{
	vsp_rt *rt = x->rt;
	int trap = rt->ranges ? vsp_rt_check_kernel(rt, ea, n, write) : vsp_rt_check(rt, ea, n);
	if (trap)
		vsp_trap_access(rt, ea, n);
	return trap;
}

int vsp_exec_open_tally(vsp_exec *x)
{
	if (vsp_profile_func(x->profile, x->frame->func))
		return 0;
	return vsp_rt_fail(x->rt, VSP_TRAP_HOST, "out of memory for the function's counters");
}

/* Cells are aligned to 8 bytes, so the low bits of an ip are free for the slot. */
const vsp_cell *vsp_exec_cell(uintptr_t ip) { return (const vsp_cell *)(ip & ~(uintptr_t)7); }

static bool holds(const vsp_decoded *d, const vsp_cell *cell)
{
	return d && cell >= d->cells && cell < d->cells + d->count;
}

const vsp_decoded *vsp_exec_decoded_at(const vsp_exec *x, uint32_t func, const vsp_cell *cell)
{
	const vsp_decoded *d = atomic_load(&x->set->decoded[func]);
	if (!holds(d, cell) && x->faster)
		d = x->faster->find(x->faster, func);
	if (!holds(d, cell) && x->sample_set)
		d = atomic_load(&x->sample_set->decoded[func]);
	return holds(d, cell) ? d : NULL;
}

uint32_t vsp_exec_pc(const vsp_exec *x, uint32_t func, uintptr_t ip)
{
	const vsp_cell *cell = vsp_exec_cell(ip);
	const vsp_decoded *d = vsp_exec_decoded_at(x, func, cell);
	return d ? vsp_decoded_pc(d, cell, ip & 7) : x->module->funcs[func].start;
}

unsigned vsp_exec_flags(vsp_exec *x, const vsp_exec_frame *frame)
{
	vsp_insn insn;
	if (frame->flag_state < VSP_LAZY_LIMIT)
		return (unsigned)frame->flag_state;
	uint32_t pc = vsp_exec_pc(x, frame->func, frame->flag_state);
	vsp_insn_decode(x->module->code, x->module->code_size, pc, &insn);
	bool immediate = vsp_form_immediate((vsp_form)insn.form) != VSP_O_NONE;
	return vsp_decode_flags(insn.form, frame->flag_b, immediate ? (uint64_t)insn.imm : frame->flag_c);
}

void vsp_exec_show_depth(vsp_exec *x) { x->rt->depth = x->base_depth + (uint32_t)(x->frame - x->base); }

/* ---- the way to compiled code ---- */

/*
 * The return address of the CALL before a return cell, computed from that CALL. The return cell
 * itself may belong to a later instruction, because instructions that do nothing have no cells, and
 * compiled code knows only the places directly behind CALLs.
 */
static uint32_t return_address(const vsp_exec *x, uint32_t func, const vsp_cell *to)
{
	vsp_insn call;
	uint32_t pc = vsp_exec_pc(x, func, (uintptr_t)(to - 1));
	vsp_insn_decode(x->module->code, x->module->code_size, pc, &call);
	return pc + call.length;
}

/*
 * The return addresses of the activation's pending CALLs, *n of them. Null when there are none, or
 * there is no memory.
 */
static uint32_t *pending_returns(const vsp_exec *x, const vsp_decoded *d, uint32_t *n)
{
	const vsp_exec_frame *frame = x->frame;
	*n = d->full ? x->return_count - frame->calls : 0;
	uint32_t *pcs = *n ? vsp_alloc(*n, sizeof *pcs) : NULL;
	for (uint32_t i = 0; pcs && i < *n; i++)
		pcs[i] = return_address(x, frame->func, x->returns[frame->calls + i]);
	return pcs;
}

/*
 * The activation has run to its RET: does what RET does. calls: the number of pending CALLs below
 * this activation.
 */
static const vsp_cell *activation_end(vsp_exec *x, const vsp_decoded *d, uint32_t calls)
{
	vsp_exec_frame *frame = x->frame;
	if (d->full) {
		x->rt->calls = calls;
		x->return_count = frame->calls;
		x->rt->sp = frame->sp;
	}
	if (d->slots)
		x->slot_top = frame->slots;
	for (unsigned i = 0; i < x->module->funcs[frame->func].results; i++)
		frame[-1].r[i] = frame->r[i];
	x->ip = 0; /* rt->end_pc has the place */
	x->frame = frame - 1;
	return frame->ret;
}

static const vsp_cell *enter_compiled(vsp_exec *x, const vsp_decoded *d, uint32_t pc, const void *compiled)
{
	vsp_exec_frame *frame = x->frame;
	vsp_activation a = {
	        .regs = frame->r, .func = frame->func, .pc = pc, .flags = (uint8_t)vsp_exec_flags(x, frame)};
	a.slots = d->slots ? frame->slots : NULL;
	uint32_t *returns = pending_returns(x, d, &a.calls);
	if (a.calls && !returns)
		return NULL;
	a.returns = returns;
	uint32_t below = x->rt->calls - a.calls;
	vsp_exec_show_depth(x);
	enum vsp_compiled_end end = x->compiler->enter(x->compiler, x->rt, compiled, &a);
	vsp_free_memory(returns);
	frame->flag_state = a.flags;
	if (end == VSP_COMPILED_RETURNED)
		return activation_end(x, d, below);
	x->left = VSP_LEFT_ENDED;
	return NULL;
}

/* ---- samples ---- */

/*
 * The cell for the same place in the function's other code: from tallying code to code that does
 * not tally, or back. Null: no memory.
 */
static const vsp_cell *other_code(vsp_exec *x, const vsp_decoded *d, const vsp_cell *cell, bool tally)
{
	uint32_t func = x->frame->func;
	vsp_decode_how how = how_to_decode(x);
	const vsp_decoded *to = tally || !x->faster ? NULL : x->faster->find(x->faster, func);
	if (!to)
		to = vsp_code_decode(tally ? x->sample_set : x->set, func, &how);
	if (!to || (tally && !vsp_profile_func(x->profile, func)))
		return NULL;
	/* Counter cells have places of their own: at the entry, or first in a block. */
	uint32_t pc = vsp_decoded_pc(d, cell, 0);
	for (uint32_t n = 1 + vsp_last_at_most(to->pcs, sizeof *to->pcs, to->count, pc); n && to->pcs[n - 1] == pc; n--)
		if (to->cells[n - 1].imm == cell->imm && vsp_decoded_is(to, n - 1, VSP_H_COUNT))
			return &to->cells[n - 1];
	return NULL;
}

/* Continues the activation at the same place in other code. Lazy flags refer to a cell of the code
   just left. */
static const vsp_cell *move_to(vsp_exec *x, const vsp_cell *to)
{
	x->frame->flag_state = vsp_exec_flags(x, x->frame);
	return to;
}

/*
 * Functions that wait for the compiler are tallied in samples: for SAMPLE counts, and again
 * whenever the count has grown by an eighth. So the tallies cover the whole time of the function so
 * far, and cost almost nothing. Returns the cell after which the run continues.
 */
static const vsp_cell *sample(vsp_exec *x, const vsp_decoded *d, const vsp_cell *cell, uint32_t counter)
{
	enum { SAMPLE = 64, ENOUGH = 1 << 30 };
	uint32_t count = x->counters[counter], *from = &x->samples[counter];
	if (!*from)
		*from = count;
	else if (count >= *from + SAMPLE)
		*from = count < ENOUGH ? count + count / 8 + SAMPLE : UINT32_MAX - SAMPLE;
	bool tallies = count >= *from;
	if (tallies && !(counter & 1))
		x->thresholds[counter] = count + 1; /* each call begins in the code that does not tally */
	else if (x->thresholds[counter] > *from && !tallies)
		x->thresholds[counter] = *from;
	if (tallies == (d == atomic_load(&x->sample_set->decoded[d->func])))
		return cell;
	const vsp_cell *to = other_code(x, d, cell, tallies);
	return to ? move_to(x, to) : cell;
}

/* Is the time ripe for decoding function f once more, or has it been decoded for samples? */
static bool may_decode_samples(vsp_exec *x, uint32_t f)
{
	enum { NS_A_BYTE = 30, SHARE = 128 };
	uint64_t cost = (uint64_t)x->module->funcs[f].size * NS_A_BYTE;
	if (atomic_load(&x->sample_set->decoded[f]))
		return true;
	if (!vsp_effort_allows(&x->effort, vsp_plat_clock_ns(), cost, SHARE))
		return false;
	x->effort.spent += cost;
	return true;
}

static bool may_sample(vsp_exec *x, uint32_t f)
{
	if (!x->samples || x->set != x->main_set || x->stepping)
		return false;
	if (!x->sample_set)
		x->sample_set = vsp_code_set_get(x->code, x->kind | VSP_CODE_TALLY);
	return x->sample_set && may_decode_samples(x, f);
}

static uint32_t first_of_compiler(const vsp_exec *x, uint32_t counter)
{
	return x->compiler ? x->compiler->first_count(x->compiler, counter / 2, counter & 1) : UINT32_MAX;
}

/* May function f have faster code later? */
static bool waits_for_faster(const vsp_exec *x, uint32_t f)
{
	return x->faster && x->faster->first_count && x->faster->waits(x->faster, f);
}

static uint32_t lesser(uint32_t a, uint32_t b) { return a < b ? a : b; }

uint32_t vsp_exec_first_count(const vsp_exec *x, uint32_t counter)
{
	uint32_t first = first_of_compiler(x, counter);
	return waits_for_faster(x, counter / 2) ? lesser(first, x->faster->first_count) : first;
}

/* The count after count at which a function that waits for faster code asks again. */
static uint32_t asks_again(uint32_t count)
{
	enum { MOST = 64 };
	uint32_t more = lesser(count, MOST + count / 16);
	return count < UINT32_MAX - more ? count + more : UINT32_MAX;
}

/* The counter cell in faster code, to which the activation moves; the cell itself when there is
   none. */
static const vsp_cell *move_to_faster(vsp_exec *x, const vsp_cell *cell)
{
	const vsp_decoded *d = vsp_exec_decoded_at(x, x->frame->func, cell);
	if (!may_be_faster(x) || (x->sample_set && d == atomic_load(&x->sample_set->decoded[d->func])))
		return cell;
	const vsp_decoded *better = faster(x);
	const vsp_cell *to = better && better != d ? other_code(x, d, cell, false) : NULL;
	return to ? move_to(x, to) : cell;
}

/* The threshold of a call's counter which asks the compiler, whatever its first count is. */
enum { AT_ONCE = 1 };

const vsp_cell *vsp_exec_hot(vsp_exec *x, const vsp_cell *cell)
{
	cell = move_to_faster(x, cell);
	uint32_t counter = (uint32_t)cell->imm, next = UINT32_MAX, first = first_of_compiler(x, counter);
	uint32_t again = waits_for_faster(x, counter / 2) ? asks_again(x->counters[counter]) : UINT32_MAX;
	if (x->counters[counter] < first && x->thresholds[counter] != AT_ONCE) {
		x->thresholds[counter] = lesser(first, again);
		return cell + 1;
	}
	const vsp_decoded *d = vsp_exec_decoded_at(x, x->frame->func, cell);
	uint32_t pc = vsp_decoded_pc(d, cell, 0);
	const void *compiled = NULL;
	if (x->compiler && !x->stepping)
		compiled = x->compiler->hot(x->compiler, x->rt, x->frame->func, pc, x->counters[counter], &next);
	x->thresholds[counter] = lesser(next, again);
	if (x->counters[counter] == UINT32_MAX)
		x->counters[counter]--;
	if (!compiled)
		return (next != UINT32_MAX && may_sample(x, counter / 2) ? sample(x, d, cell, counter) : cell) + 1;
	if (counter & 1)
		x->thresholds[counter - 1] = AT_ONCE; /* its loops have code, so the next call asks */
	const vsp_cell *to = enter_compiled(x, d, pc, compiled);
	return to || x->rt->end != VSP_END_NONE ? to : cell + 1;
}

vsp_exec_frame *vsp_exec_frame_limit(const vsp_exec *x)
{
	/* The last frame of the array is reserved for a landing frame. */
	size_t room = (size_t)(x->frames_end - 1 - x->base), depth = (size_t)x->rt->max_depth - x->base_depth + 1;
	return x->base + (room < depth ? room : depth);
}

/* An interrupt that comes during this function must not be lost: it sets stop first. */
void vsp_exec_arm_limit(vsp_exec *x)
{
	atomic_store(&x->frame_limit, (uintptr_t)vsp_exec_frame_limit(x));
	if (atomic_load(&x->stop))
		atomic_store(&x->frame_limit, 0);
}
