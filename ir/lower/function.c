/*
 * The lowering of one VSP function into one LLVM function. Reachable blocks are lowered in reverse
 * postorder, so that a block with only one predecessor comes after it. Blocks with several
 * predecessors get a phi for each live slot that may differ, which is filled in at the end. Trap
 * sites and calls split LLVM blocks; the graph of nodes stays that of ir/cfg.h.
 */
#include "c_abi.h"
#include "context.h"
#include "budget.h"
#include "calls.h"
#include "constant_propagation.h"
#include "control.h"
#include "dispatch.h"
#include "exits.h"
#include "fields.h"
#include "homes.h"
#include "hot.h"
#include "iterations.h"
#include "location.h"
#include "order.h"
#include "phis.h"
#include "profile.h"
#include "slots.h"
#include "spill.h"

#include <string.h>

#include "ir/recursion.h"
#include "runtime/base/alloc.h"
#include "runtime/base/grow.h"

/*
 * SP is a slot of its own in functions that change it; in others it keeps its value from the start.
 */
static uint32_t moving_sp(const vsp_fn *f) { return f->moves_sp ? LIVE_SP : 0; }

static uint32_t live_in(const vsp_fn *f, uint32_t node)
{
	if (node != node_switch(f))
		return f->live.block_in[node] | moving_sp(f);
	uint32_t live = moving_sp(f);
	for (uint32_t i = 0; i < f->cfg.return_count; i++)
		live |= f->live.block_in[f->cfg.returns[i]];
	return live;
}

/* ---- slots at the start of a node ---- */

static LLVMValueRef add_phi(vsp_fn *f, uint32_t node, unsigned slot)
{
	vsp_phi *phis = vsp_grow(f->phis, f->phi_count, &f->phi_capacity, sizeof *phis, 64);
	if (!phis) {
		f->failed = true;
		return NULL;
	}
	f->phis = phis;
	LLVMValueRef phi = LLVMBuildPhi(f->b, slot_type(f->lower, slot), "");
	f->phis[f->phi_count++] = (vsp_phi){phi, node, slot};
	return phi;
}

/*
 * The slot's value at the start of a node. It is a phi only if the slot is written, and its values
 * differ or are not all known yet.
 */
static LLVMValueRef start_slot(vsp_fn *f, const vsp_order *o, uint32_t node, unsigned slot)
{
	if (o->pred[node] != VSP_PRED_MANY)
		return f->final[o->pred[node]][slot];
	if (slot < SLOT_SP && !(f->live.written >> slot & 1))
		return f->final[node_entry(f)][slot];
	const struct vsp_merge *merge = &o->merges[node];
	if (!merge->waiting && !(merge->differ >> slot & 1))
		return f->final[merge->one][slot];
	return add_phi(f, node, slot);
}

static void start_in_memory(vsp_fn *f, uint32_t node, uint32_t live)
{
	if (node == node_switch(f))
		vsp_lower_load_no_homes(f);
	else
		vsp_lower_load_homes(f, &f->cfg.blocks[node], live);
}

static void start_node(vsp_fn *f, const vsp_order *o, uint32_t node)
{
	uint32_t live = live_in(f, node);
	f->node = node;
	if (!f->block[node]) /* no edge has reached it */
		f->block[node] = vsp_lower_block(f, "");
	LLVMPositionBuilderAtEnd(f->b, f->block[node]);
	if (f->in_memory) {
		start_in_memory(f, node, live);
		return;
	}
	for (unsigned slot = 0; slot < SLOTS; slot++) {
		if (!(live >> slot & 1))
			f->slot[slot] = NULL;
		else
			f->slot[slot] = start_slot(f, o, node, slot);
	}
	if (!f->moves_sp)
		f->slot[SLOT_SP] = f->sp;
}

/* first_edge: the first of the edges that leave the node. */
static void end_node(vsp_fn *f, vsp_order *o, uint32_t node, uint32_t first_edge)
{
	if (f->in_memory) {
		if (node != node_switch(f))
			vsp_lower_store_homes(f, first_edge, f->live.block_out[node]);
		return;
	}
	memcpy(f->final[node], f->slot, sizeof f->slot);
	for (uint32_t n = 0; n < vsp_lower_successor_count(f, node); n++)
		vsp_lower_add_edge(f, o, node, vsp_lower_successor(f, node, n));
}

static void fill_phis(vsp_fn *f)
{
	uint32_t *first = vsp_arena_array(f->arena, node_count(f) + 1, sizeof *first);
	if (!first) {
		f->failed = true;
		return;
	}
	/*
	 * Phis were created node by node: first[node] is one more than the index of a node's first
	 * phi, or 0 when it has none.
	 */
	for (uint32_t i = f->phi_count; i-- > 0;)
		first[f->phis[i].node] = i + 1;
	for (uint32_t e = 0; e < f->edge_count; e++) {
		vsp_edge *edge = &f->edges[e];
		if (!first[edge->to])
			continue;
		for (uint32_t i = first[edge->to] - 1; i < f->phi_count && f->phis[i].node == edge->to; i++) {
			LLVMValueRef v = f->final[edge->from][f->phis[i].slot];
			if (!v)
				v = LLVMConstNull(slot_type(f->lower, f->phis[i].slot));
			LLVMAddIncoming(f->phis[i].phi, &v, &edge->source, 1);
		}
	}
}

/* ---- bodies ---- */

/* Charges for a block's instructions on entry. */
static void charge(vsp_fn *f, const vsp_block *b)
{
	LLVMValueRef charged = STATE_FIELD(f, i64, charged);
	vsp_lower_state_store(f, LLVMBuildAdd(f->b, charged, const_i64(f, b->count), ""), AT(f, charged));
}

static void charge_fuel(vsp_fn *f, const vsp_block *b)
{
	LLVMValueRef fuel = STATE_FIELD(f, i64, fuel), cost = const_i64(f, b->count);
	vsp_lower_trap_if(f, icmp(f, LLVMIntSLT, fuel, cost), VSP_TRAP_FUEL, b->start);
	vsp_lower_state_store(f, LLVMBuildSub(f->b, fuel, cost, ""), AT(f, fuel));
}

static bool falls(const vsp_insn *last) { return !(vsp_insn_info(last)->effects & VSP_FX_NOFALL); }

static void lower_block(vsp_fn *f, const vsp_block *b)
{
	vsp_lower_set_location(f, b->start);
	if (b->loop_head && f->lower->options->count)
		vsp_lower_count_loop(f, b->start, live_in(f, f->node));
	if (b->loop_head)
		vsp_lower_poll(f, b->start);
	if (f->lower->options->fuel)
		charge_fuel(f, b);
	if (f->lower->options->meter)
		charge(f, b);
	const vsp_insn *i = NULL;
	for (uint32_t n = b->first; n < b->first + b->count; n++) {
		i = &f->cfg.insns[n];
		if (f->in_memory)
			vsp_lower_cut(f, b, n);
		if (f->live.needless[n])
			continue;
		f->live_out = f->live.insn_out[n];
		vsp_lower_set_location(f, i->pc);
		if (f->known && f->known[n])
			set_reg(f, i->a, f->known[n]);
		else
			vsp_lower_handlers[i->form](f, i);
	}
	if (falls(i) && !LLVMGetBasicBlockTerminator(LLVMGetInsertBlock(f->b)))
		vsp_lower_jump(f, vsp_lower_node_at(f, b->end));
}

static void lower_node(vsp_fn *f, vsp_order *o, uint32_t node)
{
	uint32_t first_edge = f->edge_count;
	start_node(f, o, node);
	if (node == node_switch(f))
		vsp_lower_return_switch(f);
	else
		lower_block(f, &f->cfg.blocks[node]);
	end_node(f, o, node, first_edge);
}

/* A node with only one edge into it, by a jump, continues in the LLVM block of its predecessor. */
static void make_blocks(vsp_fn *f, const vsp_order *o)
{
	for (uint32_t n = 0; n < o->count; n++) {
		uint32_t node = o->nodes[n];
		bool follows = !f->in_memory && vsp_lower_follows(f, o, node);
		f->block[node] = follows ? NULL : vsp_lower_block(f, "");
	}
}

/* From here on new LLVM blocks are placed before that of the n-th node. */
static void place_blocks(vsp_fn *f, const vsp_order *o, uint32_t n)
{
	f->before = f->in_memory && n < o->count ? f->block[o->nodes[n]] : NULL;
}

/* ---- prologues ---- */

static bool loads_memory(const vsp_fn *f)
{
	for (uint32_t n = 0; n < f->cfg.insn_count; n++)
		if (vsp_insn_info(&f->cfg.insns[n])->effects & VSP_FX_LOAD)
			return true;
	return false;
}

/* Calls of a function that may trap must not be removed, even if nobody reads the results. */
static void note_traps(vsp_fn *f)
{
	if (f->lower->options->guarded && f->lower->options->optimise && loads_memory(f))
		vsp_lower_intrinsic(f, "llvm.sideeffect", NULL, NULL, 0);
}

/* Loads the values that stay the same throughout the function; for every entry point. */
static void load_invariants(vsp_fn *f)
{
	if (f->lower->options->guarded) {
		f->memory = memory_base(f);
		if (f->lower->empty_node)
			LLVMSetMetadata(f->memory, f->lower->invariant_kind, f->lower->empty_node);
	}
	note_traps(f);
	if (f->cfg.has_calls && !f->entry)
		f->call_base = STATE_FIELD(f, i32, calls);
}

static void native_prologue(vsp_fn *f)
{
	vsp_lower_open_sp(f);
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		f->slot[r] = r < f->func->params ? LLVMGetParam(f->value, 1 + r) : const_i64(f, 0);
	for (unsigned slot = SLOT_Z; slot <= SLOT_O; slot++)
		f->slot[slot] = const_i1(f, false);
	vsp_lower_stack_check(f);
	if (vsp_lower_makes_calls(f) && !f->lower->copy) /* a copy calls the form that checks */
		vsp_lower_poll(f, f->func->start);
	load_invariants(f);
	vsp_lower_open_slots(f);
	vsp_lower_tally_open(f, true);
	if (f->lower->options->count)
		vsp_lower_count_entry(f, f->func->start);
}

/*
 * Registers at the start of an entry come from memory, except those that the code before it made
 * constant. Registers that are only shown stay in memory.
 */
static void reload_registers(vsp_fn *f, uint32_t start)
{
	uint64_t value[VSP_REGISTERS];
	uint16_t known = 0;
	if (f->lower->options->optimise)
		vsp_lower_constants(f, start, value, &known);
	vsp_lower_reload(f, f->regs, f->live.block_in[start] & vsp_lower_kept(f) & (uint32_t)~known);
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		if (known >> r & 1)
			f->slot[r] = const_i64(f, value[r]);
}

static LLVMValueRef given_flag(vsp_fn *f, unsigned n)
{
	LLVMValueRef bit = LLVMBuildAnd(f->b, LLVMGetParam(f->value, 2), const_i32(f, 1u << n), "");
	return icmp(f, LLVMIntNE, bit, const_i32(f, 0));
}

static void entry_prologue(vsp_fn *f, uint32_t start)
{
	f->regs = LLVMGetParam(f->value, 1);
	f->call_base = LLVMGetParam(f->value, 3);
	reload_registers(f, start);
	for (unsigned n = 0; n < 3; n++)
		if (f->live.block_in[start] >> (SLOT_Z + n) & 1)
			f->slot[SLOT_Z + n] = given_flag(f, n);
	vsp_lower_open_sp(f);
	load_invariants(f);
	vsp_lower_take_slots(f, start);
	/*
	 * Tier 0 counts entries by its own counter of calls; a start that is a loop head has none.
	 */
	vsp_lower_tally_open(f, start == 0 && !f->cfg.blocks[0].loop_head);
}
static_assert(VSP_SR_Z == 1 && VSP_SR_N == 2 && VSP_SR_O == 4, "flag slots are the status register's bits in order");

static void loop_prologue(vsp_fn *f, uint32_t start)
{
	f->regs = LLVMGetParam(f->value, 1);
	vsp_lower_open_sp(f);
	load_invariants(f);
	vsp_lower_open_iterations(f, start);
}

/* ---- building ---- */

static vsp_lower_reason analyse(vsp_fn *f, vsp_order *o, uint32_t pc, uint32_t *start)
{
	uint32_t n;
	if (!vsp_cfg_build(&f->cfg, f->lower->data, f->index, f->arena) ||
	        !vsp_live_build(&f->live, &f->cfg, f->shown, VSP_LIVE_NEEDED, f->arena))
		return VSP_LOWER_OUT_OF_MEMORY;
	n = node_count(f);
	f->block = vsp_arena_array(f->arena, n, sizeof *f->block);
	*start = vsp_cfg_block_at(&f->cfg, pc);
	if (!f->block || !vsp_lower_order(f, *start, o) || !vsp_lower_open_profile(f))
		return VSP_LOWER_OUT_OF_MEMORY;
	vsp_lower_reason why = vsp_lower_judge(f, o, *start);
	if (why != VSP_LOWER_OK || f->in_memory)
		return why;
	f->final = vsp_arena_array(f->arena, n, sizeof *f->final);
	return f->final ? VSP_LOWER_OK : VSP_LOWER_OUT_OF_MEMORY;
}

static void leave_prologue(vsp_fn *f, vsp_order *o, uint32_t start)
{
	if (f->in_memory) {
		vsp_lower_store_homes(f, 0, live_in(f, start));
		return;
	}
	memcpy(f->final[f->node], f->slot, sizeof f->slot);
	vsp_lower_add_edge(f, o, f->node, start);
}

/*
 * Keeps code from the passes: the whole function, whose instructions are then selected as at -O0,
 * or only from the pass that vectorises straight-line code.
 */
static void keep_from_passes(vsp_fn *f)
{
	if (!f->in_memory) {
		vsp_lower_add_attribute(f->lower, f->value, (unsigned)LLVMAttributeFunctionIndex, "noimplicitfloat", 0);
		return;
	}
	vsp_lower_add_attribute(f->lower, f->value, (unsigned)LLVMAttributeFunctionIndex, "optnone", 0);
	vsp_lower_add_attribute(f->lower, f->value, (unsigned)LLVMAttributeFunctionIndex, "noinline", 0);
}

static vsp_lower_reason build(vsp_fn *f, uint32_t pc)
{
	vsp_order o;
	uint32_t start;
	vsp_lower_reason why = analyse(f, &o, pc, &start);
	if (why != VSP_LOWER_OK)
		return why;
	if ((f->in_memory || f->no_vectors) && f->lower->options->optimise)
		keep_from_passes(f);
	vsp_lower_set_scope(f, pc);
	vsp_lower_weigh_function(f);
	f->first = vsp_lower_block(f, "entry");
	LLVMPositionBuilderAtEnd(f->b, f->first);
	vsp_lower_set_location(f, pc);
	make_blocks(f, &o);
	place_blocks(f, &o, 0);
	f->node = node_entry(f);
	if (f->in_memory)
		vsp_lower_open_rt_home(f);
	if (f->entry)
		entry_prologue(f, start);
	else if (f->boxed)
		loop_prologue(f, start);
	else
		native_prologue(f);
	if (f->in_memory)
		vsp_lower_open_homes(f);
	vsp_lower_jump(f, start);
	leave_prologue(f, &o, start);
	for (uint32_t n = 0; n < o.count && !f->failed; n++) {
		place_blocks(f, &o, n + 1);
		lower_node(f, &o, o.nodes[n]);
	}
	vsp_lower_set_location(f, pc);
	f->place = VSP_NO_PC; /* code behind an exit block has no place of its own */
	vsp_lower_finish_exits(f);
	fill_phis(f);
	if (f->failed)
		return VSP_LOWER_OUT_OF_MEMORY;
	vsp_lower_phis(f);
	return VSP_LOWER_OK;
}

static vsp_lower_reason lower_function(
        vsp_lower *l, uint32_t func, uint32_t pc, LLVMValueRef value, enum vsp_entry_point point)
{
	vsp_arena arena = VSP_ARENA_INIT;
	const vsp_func *callee = &l->data->funcs[func];
	vsp_fn f = {.lower = l, .b = l->builder, .func = callee, .index = func, .arena = &arena};
	f.entry = point == VSP_POINT_ENTRY;
	f.boxed = point == VSP_POINT_LOOP;
	f.value = value;
	f.rt = LLVMGetParam(value, 0);
	f.shown = f.entry && (callee->flags & VSP_FUNC_EXPORTED || func == l->data->entry_func);
	vsp_lower_reason why = build(&f, pc);
	LLVMSetCurrentDebugLocation2(l->builder, NULL);
	vsp_free_memory(f.edges);
	vsp_free_memory(f.phis);
	vsp_arena_free(&arena);
	return why;
}

static LLVMValueRef add_copy(vsp_lower *l, uint32_t func)
{
	char name[VSP_LOWER_NAME + 8];
	vsp_lower_name(name, VSP_POINT_NATIVE, func, 0);
	strcat(name, ".copy");
	LLVMValueRef copy = vsp_lower_native_add(l, func, name);
	LLVMSetLinkage(copy, LLVMInternalLinkage);
	vsp_lower_add_attribute(l, copy, (unsigned)LLVMAttributeFunctionIndex, "alwaysinline", 0);
	return copy;
}

/*
 * For a call of itself the native form calls a copy of itself, that copy calls a second one, and
 * the last copy calls the native form. The inliner merges them into one function.
 */
static vsp_lower_reason lower_unrolled(vsp_lower *l, uint32_t func, LLVMValueRef value)
{
	vsp_lower_reason why = VSP_LOWER_OK;
	for (unsigned depth = 0; depth <= VSP_UNROLLED && why == VSP_LOWER_OK; depth++) {
		l->copy = depth > 0;
		l->again = depth < VSP_UNROLLED ? add_copy(l, func) : NULL;
		why = lower_function(l, func, l->data->funcs[func].start, value, VSP_POINT_NATIVE);
		value = l->again;
	}
	l->copy = false;
	return why;
}

vsp_lower_reason vsp_lower_native(vsp_lower *l, uint32_t func, bool internal)
{
	LLVMValueRef value = vsp_lower_native_decl(l, func);
	if (internal)
		LLVMSetLinkage(value, LLVMInternalLinkage);
	if (l->options->optimise && vsp_recursion_unrolls(l->data, func))
		return lower_unrolled(l, func, value);
	return lower_function(l, func, l->data->funcs[func].start, value, VSP_POINT_NATIVE);
}

static LLVMValueRef add_c_function(vsp_lower *l, enum vsp_entry_point point, uint32_t func, uint32_t pc)
{
	char name[VSP_LOWER_NAME];
	vsp_lower_name(name, point, func, pc);
	LLVMValueRef value = LLVMAddFunction(l->module, name, l->entry_type);
	vsp_lower_function_attributes(l, value);
	vsp_lower_add_attribute(l, value, 2, "captures", 0);
	vsp_lower_c_result(value, false);
	return value;
}

vsp_lower_reason vsp_lower_entry(vsp_lower *l, uint32_t func, uint32_t pc)
{
	return lower_function(l, func, pc, add_c_function(l, VSP_POINT_ENTRY, func, pc), VSP_POINT_ENTRY);
}

vsp_lower_reason vsp_lower_loop(vsp_lower *l, uint32_t func)
{
	LLVMValueRef value = add_c_function(l, VSP_POINT_LOOP, func, 0);
	return lower_function(l, func, l->data->funcs[func].start, value, VSP_POINT_LOOP);
}

vsp_lower_reason vsp_lower_boxed(vsp_lower *l, uint32_t func)
{
	LLVMValueRef value = add_c_function(l, VSP_POINT_BOXED, func, 0);
	vsp_fn f = {.lower = l,
	        .b = l->builder,
	        .func = &l->data->funcs[func],
	        .index = func,
	        .value = value,
	        .boxed = true};
	f.rt = LLVMGetParam(value, 0);
	f.regs = LLVMGetParam(value, 1);
	vsp_lower_set_scope(&f, f.func->start);
	f.first = vsp_lower_block(&f, "entry");
	LLVMPositionBuilderAtEnd(f.b, f.first);
	vsp_lower_set_location(&f, f.func->start);
	vsp_lower_reload(&f, f.regs, (1u << f.func->params) - 1);
	vsp_lower_call_native(&f);
	vsp_lower_store_registers(&f, f.regs, f.func->results);
	LLVMBuildRet(f.b, const_i32(&f, VSP_NO_PC));
	vsp_lower_finish_exits(&f);
	LLVMSetCurrentDebugLocation2(l->builder, NULL);
	return VSP_LOWER_OK;
}
