/*
 * The lowering of INVOKEI and INVOKET. If a profile names callees, or only a few functions have the
 * signature, it becomes a choice of direct calls, which may be inlined. In other cases, and for all
 * other callees, it is a look-up in rt->funcs. INVOKET first takes the function from its table,
 * with all the checks there are.
 */
#include "calls.h"
#include "exits.h"
#include "fields.h"
#include "profile.h"
#include "slots.h"

#include <string.h>

#include "ir/callees.h"

/* params, results and kind of a function as one word, as they lie in vsp_rt_func. */
static_assert(offsetof(vsp_rt_func, results) == offsetof(vsp_rt_func, params) + 1 &&
                      offsetof(vsp_rt_func, kind) == offsetof(vsp_rt_func, params) + 2 &&
                      offsetof(vsp_rt_func, reserved) == offsetof(vsp_rt_func, params) + 3 && VSP_KIND_FUNCTION == 0,
        "INVOKEI compares a signature as one word");

/* ---- INVOKEI: a choice of direct calls, and a look-up for all others ---- */

enum { MOST_TARGETS = (int)VSP_TALLY_CALLEES > (int)VSP_FEW_CALLEES ? (int)VSP_TALLY_CALLEES : (int)VSP_FEW_CALLEES };

/* The functions that an INVOKEI may call, as far as they are known. */
typedef struct call_targets {
	vsp_profile_callee list[MOST_TARGETS];
	unsigned count;
	uint64_t other; /* counted calls of other functions */
	bool all;       /* there are no others */
} call_targets;

/* The paths through an INVOKEI, which merge behind it. */
typedef struct call_ways {
	LLVMBasicBlockRef join;
	LLVMValueRef before[VSP_REGISTERS]; /* registers at the call */
	unsigned count;
	LLVMBasicBlockRef block[1 + MOST_TARGETS];
	LLVMValueRef out[1 + MOST_TARGETS][VSP_REGISTERS];
} call_ways;

static void end_way(vsp_fn *f, const vsp_call_site *c, call_ways *w)
{
	w->block[w->count] = LLVMGetInsertBlock(f->b);
	for (unsigned r = 0; r < c->results; r++)
		w->out[w->count][r] = reg(f, r);
	w->count++;
	LLVMBuildBr(f->b, w->join);
	memcpy(f->slot, w->before, sizeof w->before);
}

static void join_ways(vsp_fn *f, const vsp_call_site *c, const call_ways *w)
{
	LLVMPositionBuilderAtEnd(f->b, w->join);
	for (unsigned r = 0; r < c->results; r++) {
		LLVMValueRef phi = LLVMBuildPhi(f->b, f->lower->i64, "");
		for (unsigned i = 0; i < w->count; i++) {
			LLVMValueRef value = w->out[i][r];
			LLVMBasicBlockRef from = w->block[i];
			LLVMAddIncoming(phi, &value, &from, 1);
		}
		set_reg(f, r, phi);
	}
}

/* Traps unless there is a function of that index with the signature. */
static void check_signature(vsp_fn *f, const vsp_call_site *c, LLVMValueRef wide)
{
	uint32_t pc = c->insn->pc;
	vsp_lower_trap_if(
	        f, icmp(f, LLVMIntUGE, wide, const_i64(f, f->lower->data->func_count)), VSP_TRAP_BAD_FUNCTION, pc);
	LLVMValueRef entry = vsp_lower_func_entry(f, LLVMBuildTrunc(f->b, wide, f->lower->i32, ""));
	LLVMValueRef word = vsp_lower_field_ptr(f, entry, f->lower->state.func_at[VSP_FUNC_params]);
	LLVMValueRef signature = vsp_lower_tag_state(f, LLVMBuildLoad2(f->b, f->lower->i32, word, ""));
	uint32_t wanted = f->lower->big_endian ? c->params << 24 | c->results << 16 : c->params | c->results << 8;
	LLVMValueRef other = icmp(f, LLVMIntNE, signature, const_i32(f, wanted));
	vsp_lower_trap_if(f, other, VSP_TRAP_BAD_FUNCTION, pc);
}

/* Calls the function whose index is wide, whichever it is. */
static void call_looked_up(vsp_fn *f, vsp_call_site *c, LLVMValueRef wide)
{
	if (c->insn->form == VSP_I_INVOKEI)
		check_signature(f, c, wide);
	c->func = LLVMBuildTrunc(f->b, wide, f->lower->i32, "");
	LLVMValueRef entry = vsp_lower_func_entry(f, c->func);
	vsp_lower_tally_call(f, c->insn, c->func);
	LLVMValueRef depth = vsp_lower_enter_depth(f, c);
	vsp_lower_indirect_call(f, c, entry);
	vsp_lower_leave_depth(f, depth);
}

/* Finds the callees of the profile that this LLVM module defines. */
static void find_counted(vsp_fn *f, const vsp_insn *i, call_targets *t)
{
	vsp_profile_callee found[VSP_TALLY_CALLEES];
	unsigned n = f->profile ? vsp_profile_targets(f->lower->profile, f->profile, i, found, &t->other) : 0;
	for (unsigned k = 0; k < n; k++)
		if (f->lower->included[found[k].func])
			t->list[t->count++] = found[k];
		else
			t->other += found[k].count;
}

/* Finds all possible callees, if they are few and this LLVM module defines them. */
static void find_few(vsp_fn *f, const vsp_insn *i, call_targets *t)
{
	uint32_t few[VSP_FEW_CALLEES];
	unsigned n = vsp_few_callees(f->lower->data, i, few);
	for (unsigned k = 0; k < n; k++)
		if (!f->lower->included[few[k]])
			return;
	for (unsigned k = 0; k < n; k++)
		t->list[t->count++] = (vsp_profile_callee){.func = few[k]};
	t->all = n != 0;
}

/* Calls the targets from number first on, as cases of choice. */
static void call_cases(vsp_fn *f, const vsp_call_site *c, const vsp_profile_callee *first, unsigned n,
        LLVMValueRef choice, call_ways *ways)
{
	for (unsigned k = 0; k < n; k++) {
		LLVMBasicBlockRef block = vsp_lower_block(f, "known");
		LLVMAddCase(choice, const_i64(f, first[k].func), block);
		LLVMPositionBuilderAtEnd(f->b, block);
		LLVMValueRef depth = vsp_lower_enter_depth(f, c);
		vsp_lower_direct_call(f, c, first[k].func);
		vsp_lower_leave_depth(f, depth);
		end_way(f, c, ways);
	}
}

/* Calls one of the counted targets, or any other function. */
static void call_counted(vsp_fn *f, vsp_call_site *c, LLVMValueRef wide, const call_targets *t, call_ways *ways)
{
	LLVMBasicBlockRef rest = vsp_lower_block(f, "rest");
	LLVMValueRef choice = LLVMBuildSwitch(f->b, wide, rest, t->count);
	vsp_lower_weigh_targets(f, choice, t->list, t->count, t->other);
	call_cases(f, c, t->list, t->count, choice, ways);
	LLVMPositionBuilderAtEnd(f->b, rest);
	call_looked_up(f, c, wide);
	end_way(f, c, ways);
}

/*
 * Calls one of n targets, in order, when there are no others. Branches are predicted better than a
 * jump through a table, into which LLVM turns more than three cases.
 */
static void call_few(vsp_fn *f, const vsp_call_site *c, LLVMValueRef wide, const vsp_profile_callee *first, unsigned n,
        call_ways *ways)
{
	if (n < VSP_FEW_CALLEES) {
		LLVMBasicBlockRef none = vsp_lower_trap_block(f, VSP_TRAP_BAD_FUNCTION, c->insn->pc);
		call_cases(f, c, first, n, LLVMBuildSwitch(f->b, wide, none, n), ways);
		return;
	}
	unsigned half = n / 2;
	LLVMBasicBlockRef low = vsp_lower_block(f, "low"), high = vsp_lower_block(f, "high");
	LLVMBuildCondBr(f->b, icmp(f, LLVMIntULT, wide, const_i64(f, first[half].func)), low, high);
	LLVMPositionBuilderAtEnd(f->b, low);
	call_few(f, c, wide, first, half, ways);
	LLVMPositionBuilderAtEnd(f->b, high);
	call_few(f, c, wide, first + half, n - half, ways);
}

/* wide: the index of the function. */
static void call_indirectly(vsp_fn *f, const vsp_insn *i, unsigned params, unsigned results, LLVMValueRef wide)
{
	call_targets t = {.count = 0};
	vsp_call_site c = {i, params, results, NULL};
	if (!f->lower->options->count) /* counting code may be replaced in a recursion */
		find_counted(f, i, &t);
	if (f->lower->options->optimise && !t.count)
		find_few(f, i, &t);
	if (!t.count) {
		call_looked_up(f, &c, wide);
		return;
	}
	call_ways ways = {.join = vsp_lower_block(f, "")};
	memcpy(ways.before, f->slot, sizeof ways.before);
	if (t.all)
		call_few(f, &c, wide, t.list, t.count, &ways);
	else
		call_counted(f, &c, wide, &t, &ways);
	join_ways(f, &c, &ways);
}

HANDLER(INVOKEI)
{
	unsigned params = (unsigned)i->imm & 0xFF, results = (unsigned)i->imm >> 8 & 0xFF;
	if (params > VSP_REGISTERS || results > VSP_REGISTERS) { /* no function has that signature */
		vsp_lower_trap_if(f, const_i1(f, true), VSP_TRAP_BAD_FUNCTION, i->pc);
		return;
	}
	call_indirectly(f, i, params, results, reg(f, i->a));
}

/* ---- INVOKET ---- */

/* Goes on if condition holds, otherwise to bad. */
static void expect(vsp_fn *f, LLVMValueRef condition, LLVMBasicBlockRef bad)
{
	LLVMBasicBlockRef next = vsp_lower_block(f, "");
	LLVMValueRef branch = LLVMBuildCondBr(f->b, LLVMBuildNot(f->b, condition, ""), bad, next);
	LLVMSetMetadata(branch, f->lower->prof_kind, f->lower->unlikely);
	LLVMPositionBuilderAtEnd(f->b, next);
}

/* The entry of the table, which is used only if it is one of the wanted type. */
static LLVMValueRef load_element(vsp_fn *f, const vsp_table *t, LLVMValueRef index)
{
	LLVMValueRef elements = vsp_lower_constant_field(f, STATE_FIELD(f, ptr, elements));
	LLVMValueRef table = vsp_lower_field_ptr(f, elements, t->first * sizeof(uint64_t));
	LLVMValueRef at = LLVMBuildInBoundsGEP2(f->b, f->lower->i64, table, &index, 1, "");
	return vsp_lower_constant_field(f, vsp_lower_tag_state(f, LLVMBuildLoad2(f->b, f->lower->i64, at, "")));
}

/* The helper finds out what is wrong, and never returns 0. */
static void fail_element(vsp_fn *f, const vsp_insn *i, LLVMValueRef index)
{
	LLVMValueRef args[] = {f->rt, const_i32(f, i->b), index, const_i32(f, (uint32_t)i->imm)};
	vsp_lower_fail(f, vsp_lower_call(f, VSP_CALLEE(vsp_rt_bad_element), args, 4), i->pc);
}

/* The index of the function in entry number index of the table. */
static LLVMValueRef checked_element(vsp_fn *f, const vsp_insn *i, LLVMValueRef index)
{
	const vsp_table *t = &f->lower->data->payloads.table_list[i->b];
	LLVMBasicBlockRef bad = vsp_lower_block(f, "bad");
	expect(f, icmp(f, LLVMIntULT, index, const_i64(f, t->used)), bad);
	LLVMValueRef entry = load_element(f, t, index);
	LLVMValueRef type = LLVMBuildLShr(f->b, entry, const_i64(f, 32), "");
	expect(f, icmp(f, LLVMIntEQ, type, const_i64(f, (uint64_t)i->imm + 1)), bad);
	LLVMBasicBlockRef good = LLVMGetInsertBlock(f->b);
	LLVMPositionBuilderAtEnd(f->b, bad);
	fail_element(f, i, index);
	LLVMPositionBuilderAtEnd(f->b, good);
	return LLVMBuildAnd(f->b, entry, const_i64(f, UINT32_MAX), "");
}

HANDLER(INVOKET)
{
	const vsp_type *type = &f->lower->data->types[i->imm];
	unsigned params = vsp_type_registers(type->params), results = vsp_type_registers(type->results);
	call_indirectly(f, i, params, results, checked_element(f, i, reg(f, i->a)));
}
