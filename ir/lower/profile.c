/*
 * Profiles in the lowering: code that counts what it executes, when the whole run is counted, and
 * branch weights for LLVM, when counts are known. A branch that was executed only a few times gets
 * no weights, and every weight is the count plus one, so that LLVM takes nothing for impossible.
 */
#include "profile.h"
#include "fields.h"

#include <string.h>

enum {
	ENOUGH = 16, /* a branch's counts are meaningful from this many executions on */
	WEIGHT_BITS = 31
};

void vsp_lower_use_profile(vsp_lower *l, const vsp_profile *profile, vsp_profile *tally)
{
	l->profile = profile;
	l->tally = tally;
}

/* ---- counting ---- */

static LLVMValueRef counter_ptr(vsp_fn *f, uint32_t index)
{
	return vsp_lower_field_ptr(f, f->tallies, index * sizeof(vsp_count));
}

static void add_to(vsp_fn *f, LLVMValueRef counter, LLVMValueRef amount)
{
	LLVMValueRef old = vsp_lower_tag_state(f, LLVMBuildLoad2(f->b, f->lower->i64, counter, ""));
	vsp_lower_tag_state(f, LLVMBuildStore(f->b, LLVMBuildAdd(f->b, old, amount, ""), counter));
}

void vsp_lower_tally_open(vsp_fn *f, bool entered)
{
	if (!f->tally)
		return;
	LLVMValueRef all = STATE_FIELD(f, ptr, tallies);
	LLVMValueRef own = vsp_lower_field_ptr(f, all, f->index * (size_t)f->lower->state.pointer_size);
	f->tallies = vsp_lower_tag_state(f, LLVMBuildLoad2(f->b, f->lower->ptr, own, "tallies"));
	if (entered)
		add_to(f, counter_ptr(f, VSP_PROFILE_ENTRIES), const_i64(f, 1));
}

static const vsp_profile_site *site_of(const vsp_func_profile *p, const vsp_insn *i)
{
	return p ? vsp_profile_site_at(p, i->pc) : NULL;
}

void vsp_lower_tally_branch(vsp_fn *f, const vsp_insn *i, LLVMValueRef taken)
{
	const vsp_profile_site *site = site_of(f->tally, i);
	if (!site)
		return;
	add_to(f, counter_ptr(f, site->first), const_i64(f, 1));
	add_to(f, counter_ptr(f, site->first + 1), zext64(f, LLVMBuildNot(f->b, taken, "")));
}

void vsp_lower_tally_table(vsp_fn *f, const vsp_insn *i)
{
	const vsp_profile_site *site = site_of(f->tally, i);
	if (!site)
		return;
	LLVMValueRef which = reg(f, i->a), none = const_i64(f, site->count - 1);
	which = LLVMBuildSelect(f->b, icmp(f, LLVMIntULT, which, none), which, none, "");
	LLVMValueRef first = counter_ptr(f, site->first);
	add_to(f, LLVMBuildInBoundsGEP2(f->b, f->lower->i64, first, &which, 1, ""), const_i64(f, 1));
}

void vsp_lower_tally_call(vsp_fn *f, const vsp_insn *i, LLVMValueRef func)
{
	const vsp_profile_site *site = site_of(f->tally, i);
	if (site)
		vsp_lower_call(f, VSP_CALLEE(vsp_rt_tally), (LLVMValueRef[]){counter_ptr(f, site->first), func}, 2);
}

/* ---- using counts ---- */

bool vsp_lower_open_profile(vsp_fn *f)
{
	vsp_lower *l = f->lower;
	f->profile = vsp_profile_known(l->profile, f->index);
	if (l->tally && !(f->tally = vsp_profile_func(l->tally, f->index)))
		return false;
	if (!f->profile)
		return true;
	f->cold = vsp_arena_array(f->arena, f->cfg.block_count, sizeof *f->cold);
	return f->cold && vsp_profile_cold(f->profile, &f->cfg, f->cold);
}

/* Sets the weights of a branch's successors, in LLVM's order. */
static void set_weights(vsp_fn *f, LLVMValueRef branch, const uint64_t *counts, unsigned n)
{
	LLVMContextRef context = f->lower->context;
	LLVMMetadataRef *list = vsp_arena_array(f->arena, n + 1, sizeof *list);
	uint64_t all = 0;
	unsigned shift = 0;
	for (unsigned i = 0; i < n; i++)
		all |= counts[i];
	while (all >> shift >> WEIGHT_BITS)
		shift++;
	if (!list) {
		f->failed = true;
		return;
	}
	list[0] = LLVMMDStringInContext2(context, "branch_weights", strlen("branch_weights"));
	for (unsigned i = 0; i < n; i++)
		list[1 + i] = LLVMValueAsMetadata(LLVMConstInt(f->lower->i32, (counts[i] >> shift) + 1, false));
	LLVMMetadataRef node = LLVMMDNodeInContext2(context, list, n + 1);
	LLVMSetMetadata(branch, f->lower->prof_kind, LLVMMetadataAsValue(context, node));
}

void vsp_lower_weigh_branch(vsp_fn *f, const vsp_insn *i, LLVMValueRef branch)
{
	const vsp_profile_site *site = site_of(f->profile, i);
	uint64_t counts[2];
	if (!site)
		return;
	vsp_profile_branch(f->profile, site, &counts[0], &counts[1]);
	if (counts[0] + counts[1] >= ENOUGH)
		set_weights(f, branch, counts, 2);
}

void vsp_lower_weigh_table(vsp_fn *f, const vsp_insn *i, LLVMValueRef choice)
{
	const vsp_profile_site *site = site_of(f->profile, i);
	uint64_t *counts = site ? vsp_arena_array(f->arena, site->count, sizeof *counts) : NULL, all = 0;
	if (!counts)
		return;
	counts[0] = vsp_profile_get(f->profile, site->first + site->count - 1); /* LLVM has the default first */
	for (uint32_t n = 0; n + 1 < site->count; n++)
		counts[1 + n] = vsp_profile_get(f->profile, site->first + n);
	for (uint32_t n = 0; n < site->count; n++)
		all += counts[n];
	if (all >= ENOUGH)
		set_weights(f, choice, counts, site->count);
}

void vsp_lower_weigh_targets(
        vsp_fn *f, LLVMValueRef choice, const vsp_profile_callee *targets, unsigned n, uint64_t other)
{
	uint64_t counts[1 + VSP_TALLY_CALLEES] = {other};
	for (unsigned i = 0; i < n; i++)
		counts[1 + i] = targets[i].count;
	set_weights(f, choice, counts, n + 1);
}

void vsp_lower_weigh_call(vsp_fn *f, LLVMValueRef call)
{
	if (!f->cold || f->node >= f->cfg.block_count || !f->cold[f->node])
		return;
	vsp_lower_call_attribute(f, call, "cold");
	vsp_lower_call_attribute(f, call, "noinline");
}

void vsp_lower_weigh_function(vsp_fn *f)
{
	if (!f->profile)
		return;
	static const char name[] = "function_entry_count";
	LLVMContextRef context = f->lower->context;
	uint64_t entries = vsp_profile_get(f->profile, VSP_PROFILE_ENTRIES);
	LLVMMetadataRef list[] = {LLVMMDStringInContext2(context, name, sizeof name - 1),
	        LLVMValueAsMetadata(LLVMConstInt(f->lower->i64, entries, false))};
	LLVMGlobalSetMetadata(f->value, f->lower->prof_kind, LLVMMDNodeInContext2(context, list, 2));
}
