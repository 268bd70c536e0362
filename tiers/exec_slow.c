/*
 * What handlers call when something rare happens: first calls, limits, traps, flags after the fact, and hot counters.
 * Handlers have saved ip, and x->frame is the active frame.
 */
#include "decode.h"
#include "decode_tables.h"
#include "exec_run.h"
#include "handlers.h"
#include "runtime/alloc.h"
#include "runtime/helpers.h"

const vsp_cell *vsp_exec_decode(vsp_exec *x)
{
	const vsp_decoded *d = vsp_code_decode(x->set, x->frame->func);
	if (d)
		return d->cells;
	vsp_rt_fail(x->rt, VSP_TRAP_HOST, "out of memory while decoding the function");
	x->left = VSP_LEFT_TRAPPED;
	return NULL;
}

const vsp_cell *vsp_exec_grow(vsp_exec *x, unsigned params, uint32_t f)
{
	vsp_exec_frame *next = x->frame + 1;
	int trap = atomic_load(&x->stop)             ? VSP_TRAP_INTERRUPTED
	           : next >= vsp_exec_frame_limit(x) ? VSP_TRAP_CALL_DEPTH
	                                             : 0;
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
	uint32_t n = x->returns_capacity ? 4 * x->returns_capacity : 64;
	n = n < VSP_MAX_CALLS ? n : VSP_MAX_CALLS;
	const vsp_cell **grown = vsp_realloc(x->returns, n, sizeof *grown);
	if (!grown)
		return vsp_rt_fail(x->rt, VSP_TRAP_CALL_DEPTH, "out of memory for pending CALLs");
	x->returns = grown;
	x->returns_capacity = n;
	return 0;
}

int vsp_exec_check_indirect(vsp_exec *x, uint64_t index, unsigned signature)
{
	const vsp_func *f = &x->module->funcs[index < x->module->func_count ? index : 0];
	if (index >= x->module->func_count)
		return vsp_rt_fail(
		        x->rt, VSP_TRAP_BAD_FUNCTION, "there is no function %llu", (unsigned long long)index);
	if (f->kind != VSP_KIND_FUNCTION || f->params != (signature & 0xFF) || f->results != signature >> 8)
		return vsp_rt_fail(x->rt, VSP_TRAP_BAD_FUNCTION, "function %llu has another kind or signature",
		        (unsigned long long)index);
	return 0;
}

int vsp_exec_check(vsp_exec *x, int64_t ea, unsigned n, bool write)
{
	vsp_rt *rt = x->rt;
	int trap = rt->ranges ? vsp_rt_check_kernel(rt, ea, n, write) : vsp_rt_check(rt, ea, n);
	if (trap)
		vsp_rt_fail(rt, (vsp_trap)trap, "%u bytes at address %lld", n, (long long)ea);
	return trap;
}

int vsp_exec_charge(vsp_exec *x, uint32_t n)
{
	if (x->rt->fuel < (int64_t)n) {
		x->charged -= n;
		return vsp_rt_fail(x->rt, VSP_TRAP_FUEL, NULL);
	}
	x->rt->fuel -= n;
	return 0;
}

/* Cells are aligned to 8 bytes, so the low bits of an ip are free for the slot. */
const vsp_cell *vsp_exec_cell(uintptr_t ip) { return (const vsp_cell *)(ip & ~(uintptr_t)7); }

uint32_t vsp_exec_pc(const vsp_exec *x, uint32_t func, uintptr_t ip)
{
	const vsp_decoded *d = atomic_load(&x->set->decoded[func]);
	const vsp_cell *cell = vsp_exec_cell(ip);
	if (!d || cell < d->cells || cell >= d->cells + d->count)
		return x->module->funcs[func].start;
	return vsp_decoded_pc(d, cell, ip & 7);
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

/* Return addresses of the activation's pending CALLs; *n of them. Null when there are none, or no memory. */
static uint32_t *pending_returns(const vsp_exec *x, const vsp_decoded *d, uint32_t *n)
{
	const vsp_exec_frame *frame = x->frame;
	*n = d->full ? x->rt->calls - frame->calls : 0;
	uint32_t *pcs = *n ? vsp_alloc(*n, sizeof *pcs) : NULL;
	for (uint32_t i = 0; pcs && i < *n; i++)
		pcs[i] = vsp_decoded_pc(d, x->returns[frame->calls + i], 0);
	return pcs;
}

/* The activation has run to its RET: what RET does. */
static const vsp_cell *activation_end(vsp_exec *x, const vsp_decoded *d)
{
	vsp_exec_frame *frame = x->frame;
	if (d->full) {
		x->rt->calls = frame->calls;
		x->rt->sp = frame->sp;
	}
	for (unsigned i = 0; i < x->module->funcs[frame->func].results; i++)
		frame[-1].r[i] = frame->r[i];
	x->ip = 0; /* rt->end_pc says where */
	x->frame = frame - 1;
	return frame->ret;
}

static const vsp_cell *enter_compiled(vsp_exec *x, const vsp_decoded *d, uint32_t pc, const void *compiled)
{
	vsp_exec_frame *frame = x->frame;
	vsp_activation a = {
	        .regs = frame->r, .func = frame->func, .pc = pc, .flags = (uint8_t)vsp_exec_flags(x, frame)};
	uint32_t *returns = pending_returns(x, d, &a.calls);
	if (a.calls && !returns)
		return NULL;
	a.returns = returns;
	vsp_exec_show_depth(x);
	enum vsp_compiled_end end = x->compiler->enter(x->compiler, x->rt, compiled, &a);
	vsp_free_memory(returns);
	frame->flag_state = a.flags;
	if (end == VSP_COMPILED_RETURNED)
		return activation_end(x, d);
	x->recorded = true;
	x->left = VSP_LEFT_ENDED;
	if (x->rt->end == VSP_END_TRAPPED && x->rt->trap.kind == VSP_TRAP_INTERRUPTED) {
		vsp_exec_interrupt_taken(x);
	}
	return NULL;
}

const vsp_cell *vsp_exec_hot(vsp_exec *x, const vsp_cell *cell)
{
	uint32_t counter = (uint32_t)cell->imm, next = UINT32_MAX;
	const vsp_decoded *d = atomic_load(&x->set->decoded[x->frame->func]);
	uint32_t pc = vsp_decoded_pc(d, cell, 0);
	const void *compiled = NULL;
	if (x->compiler && !x->stepping)
		compiled = x->compiler->hot(x->compiler, x->rt, x->frame->func, pc, x->counters[counter], &next);
	x->thresholds[counter] = next;
	if (x->counters[counter] == UINT32_MAX)
		x->counters[counter]--;
	if (!compiled)
		return cell + 1;
	if (counter & 1)
		x->thresholds[counter - 1] = 1; /* its loops have code: the next call asks at once */
	const vsp_cell *to = enter_compiled(x, d, pc, compiled);
	return to || x->recorded ? to : cell + 1;
}
