/*
 * The removal of redundant phis. First, phis that merge one value with themselves are removed. Most
 * are of this kind: a loop has a phi for each live register that the function writes, but changes
 * few registers. Addresses computed from values that prove to be constant are then constant
 * themselves. Second, webs of phis whose values are all extensions of a narrower type, or the bits
 * of doubles, get that type, so that a loop over doubles stays in float registers and 32-bit
 * arithmetic is 32 bits wide.
 */
#include "phis.h"
#include "budget.h"

#include "runtime/base/alloc.h"
#include "runtime/base/grow.h"

/* ---- phis that repeat one value ---- */

/*
 * The only value that phi merges apart from itself; null when there are several. A block without
 * predecessors gives 0.
 */
static LLVMValueRef only_value(LLVMValueRef phi)
{
	LLVMValueRef one = NULL;
	for (unsigned n = LLVMCountIncoming(phi), i = 0; i < n; i++) {
		LLVMValueRef v = LLVMGetIncomingValue(phi, i);
		if (v == phi || v == one)
			continue;
		if (one)
			return NULL;
		one = v;
	}
	return one ? one : LLVMConstNull(LLVMTypeOf(phi));
}

static LLVMValueRef integer(LLVMTypeRef type, uint64_t value)
{
	unsigned width = LLVMGetIntTypeWidth(type);
	return LLVMConstInt(type, width < 64 ? value & (((uint64_t)1 << width) - 1) : value, false);
}

/*
 * The constant to which user folds once one of its operands is known to be the constant known; null
 * if it does not fold.
 */
static LLVMValueRef folded(LLVMValueRef user, LLVMValueRef operand, LLVMValueRef known)
{
	LLVMTypeRef type = LLVMTypeOf(user);
	if (LLVMGetTypeKind(type) != LLVMIntegerTypeKind || LLVMGetIntTypeWidth(type) > 64)
		return NULL;
	switch (LLVMGetInstructionOpcode(user)) {
	case LLVMTrunc:
	case LLVMZExt: return integer(type, LLVMConstIntGetZExtValue(known));
	case LLVMSExt: return integer(type, (uint64_t)LLVMConstIntGetSExtValue(known));
	case LLVMAdd: {
		LLVMValueRef other = LLVMGetOperand(user, LLVMGetOperand(user, 0) == operand);
		if (!LLVMIsAConstantInt(other))
			return NULL;
		return integer(type, LLVMConstIntGetZExtValue(known) + LLVMConstIntGetZExtValue(other));
	}
	default: return NULL;
	}
}

/*
 * Values that turned out to equal others and must be replaced. The program determines the length of
 * a chain of them, so they wait here and not on the machine's stack.
 */
typedef struct replaced {
	LLVMValueRef value, by;
} replaced;

typedef struct replacements {
	replaced *list;
	uint32_t count, capacity;
} replacements;

/* False: no memory. */
static bool add_replacement(replacements *r, LLVMValueRef value, LLVMValueRef by)
{
	replaced *grown = vsp_grow(r->list, r->count, &r->capacity, sizeof *grown, 64);
	if (!grown)
		return false;
	r->list = grown;
	r->list[r->count++] = (replaced){value, by};
	return true;
}

/*
 * Replaces value by by, and lists the users that become constant with it if there is memory;
 * without memory these users stay as they are.
 */
static void replace_one(replacements *r, LLVMValueRef value, LLVMValueRef by)
{
	bool known = LLVMIsAConstantInt(by);
	for (LLVMUseRef use = LLVMGetFirstUse(value); known && use; use = LLVMGetNextUse(use)) {
		LLVMValueRef user = LLVMGetUser(use), constant = folded(user, value, by);
		known = !constant || add_replacement(r, user, constant);
	}
	LLVMReplaceAllUsesWith(value, by);
	LLVMInstructionEraseFromParent(value);
}

/*
 * Addresses become constant with the values that they are computed from, as if the builder had had
 * constants from the start.
 */
static void replace(replacements *r, LLVMValueRef value, LLVMValueRef by)
{
	replace_one(r, value, by);
	while (r->count) {
		r->count--;
		replace_one(r, r->list[r->count].value, r->list[r->count].by);
	}
}

static void remove_trivial(vsp_fn *f)
{
	replacements r = {0};
	bool changed = true;
	for (uint32_t round = 0; changed && round < VSP_LIMIT_PHI_ROUNDS; round++) {
		uint32_t kept = 0;
		changed = false;
		for (uint32_t i = 0; i < f->phi_count; i++) {
			LLVMValueRef phi = f->phis[i].phi, value = only_value(phi);
			if (!value) {
				f->phis[kept++] = f->phis[i];
				continue;
			}
			replace(&r, phi, value);
			changed = true;
		}
		f->phi_count = kept;
	}
	vsp_free_memory(r.list);
}

/* ---- narrower types ---- */

/* The ways to make a register's 64 bits from a narrower value. */
typedef enum view { VIEW_DOUBLE, VIEW_WORD, VIEW_SINGLE, VIEWS } view;

/* The narrow value behind v, or null. */
static LLVMValueRef narrow_source(vsp_lower *l, view kind, LLVMValueRef v)
{
	LLVMValueRef inner;
	switch (kind) {
	case VIEW_DOUBLE:
		if (!LLVMIsABitCastInst(v))
			return NULL;
		inner = LLVMGetOperand(v, 0);
		return LLVMTypeOf(inner) == l->f64 ? inner : NULL;
	case VIEW_WORD:
		if (LLVMIsAConstantInt(v)) {
			int64_t c = LLVMConstIntGetSExtValue(v);
			return c == (int32_t)c ? LLVMConstInt(l->i32, (uint64_t)c & UINT32_MAX, false) : NULL;
		}
		if (!LLVMIsASExtInst(v))
			return NULL;
		inner = LLVMGetOperand(v, 0);
		return LLVMTypeOf(inner) == l->i32 ? inner : NULL;
	default:
		if (!LLVMIsAZExtInst(v))
			return NULL;
		inner = LLVMGetOperand(v, 0);
		if (!LLVMIsABitCastInst(inner) || LLVMTypeOf(LLVMGetOperand(inner, 0)) != l->f32)
			return NULL;
		return LLVMGetOperand(inner, 0);
	}
}

static LLVMTypeRef view_type(vsp_lower *l, view kind)
{
	return kind == VIEW_DOUBLE ? l->f64 : kind == VIEW_WORD ? l->i32 : l->f32;
}

/*
 * v, any 64 bits, as a double at the builder's position. Only doubles can be made from arbitrary
 * bits without loss.
 */
static LLVMValueRef to_view(vsp_fn *f, view kind, LLVMValueRef v)
{
	LLVMValueRef source = narrow_source(f->lower, kind, v);
	return source ? source : as_type(f, v, f->lower->f64);
}

static LLVMValueRef from_view(vsp_fn *f, view kind, LLVMValueRef v)
{
	if (kind == VIEW_DOUBLE)
		return LLVMBuildBitCast(f->b, v, f->lower->i64, "");
	if (kind == VIEW_WORD)
		return sext64(f, v);
	return zext64(f, LLVMBuildBitCast(f->b, v, f->lower->i32, ""));
}

/* A set of phis that feed each other, and the evidence for each view. */
typedef struct web {
	bool possible[VIEWS];
	uint32_t sources[VIEWS]; /* incoming values that are extensions of this kind */
} web;

/*
 * The phis, and a map from LLVM values to their indices: open addressing, with a capacity that is a
 * power of two and at least twice the count.
 */
typedef struct webs {
	vsp_fn *f;
	uint32_t *parent;
	web *of;
	LLVMValueRef *keys;
	uint32_t *index;
	uint32_t capacity;
	LLVMValueRef *narrow; /* the new phis, by index */
} webs;

static uint32_t hash_value(const webs *w, LLVMValueRef v)
{
	return (uint32_t)(((uint64_t)(uintptr_t)v * 0x9E3779B97F4A7C15u) >> 32) & (w->capacity - 1);
}

/* The index of a phi, or UINT32_MAX. */
static uint32_t find_phi(const webs *w, LLVMValueRef v)
{
	uint32_t at = hash_value(w, v);
	for (; w->keys[at]; at = (at + 1) & (w->capacity - 1))
		if (w->keys[at] == v)
			return w->index[at];
	return UINT32_MAX;
}

static void insert_phi(webs *w, LLVMValueRef v, uint32_t i)
{
	uint32_t at = hash_value(w, v);
	while (w->keys[at])
		at = (at + 1) & (w->capacity - 1);
	w->keys[at] = v;
	w->index[at] = i;
}

static uint32_t root_of(webs *w, uint32_t i)
{
	while (w->parent[i] != i)
		i = w->parent[i] = w->parent[w->parent[i]];
	return i;
}

static bool is_register(const webs *w, uint32_t i) { return w->f->phis[i].slot < SLOT_Z; }

static bool webs_create(webs *w, vsp_fn *f)
{
	uint32_t n = f->phi_count;
	*w = (webs){.f = f, .capacity = 16};
	while (w->capacity < 2 * n)
		w->capacity *= 2;
	w->parent = vsp_arena_array(f->arena, n, sizeof *w->parent);
	w->of = vsp_arena_array(f->arena, n, sizeof *w->of);
	w->narrow = vsp_arena_array(f->arena, n, sizeof *w->narrow);
	w->keys = vsp_arena_array(f->arena, w->capacity, sizeof *w->keys);
	w->index = vsp_arena_array(f->arena, w->capacity, sizeof *w->index);
	if (!w->parent || !w->of || !w->narrow || !w->keys || !w->index)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		w->parent[i] = i;
		for (unsigned v = 0; v < VIEWS; v++)
			w->of[i].possible[v] = is_register(w, i);
		insert_phi(w, f->phis[i].phi, i);
	}
	return true;
}

static void join_webs(webs *w)
{
	for (uint32_t i = 0; i < w->f->phi_count; i++) {
		LLVMValueRef phi = w->f->phis[i].phi;
		for (unsigned n = LLVMCountIncoming(phi), k = 0; k < n; k++) {
			uint32_t other = find_phi(w, LLVMGetIncomingValue(phi, k));
			if (other != UINT32_MAX)
				w->parent[root_of(w, other)] = root_of(w, i);
		}
	}
}

/* Collects the evidence that the incoming values of a phi give about its web. */
static void judge_sources(webs *w, uint32_t i)
{
	web *group = &w->of[root_of(w, i)];
	LLVMValueRef phi = w->f->phis[i].phi;
	for (unsigned n = LLVMCountIncoming(phi), k = 0; k < n; k++) {
		LLVMValueRef v = LLVMGetIncomingValue(phi, k);
		if (find_phi(w, v) != UINT32_MAX)
			continue;
		for (view kind = 0; kind < VIEWS; kind++) {
			if (narrow_source(w->f->lower, kind, v))
				group->sources[kind] += !LLVMIsConstant(v);
			else if (kind != VIEW_DOUBLE)
				group->possible[kind] = false;
		}
	}
}

/* Integer arithmetic on a phi is evidence against keeping it as a double. */
static void judge_uses(webs *w, uint32_t i)
{
	web *group = &w->of[root_of(w, i)];
	for (LLVMUseRef use = LLVMGetFirstUse(w->f->phis[i].phi); use; use = LLVMGetNextUse(use)) {
		LLVMOpcode op = LLVMGetInstructionOpcode(LLVMGetUser(use));
		if (op != LLVMBitCast && op != LLVMStore && op != LLVMRet && op != LLVMCall && op != LLVMPHI &&
		        op != LLVMInsertValue && op != LLVMSelect)
			group->possible[VIEW_DOUBLE] = false;
	}
}

static view view_of(webs *w, uint32_t i)
{
	const web *group = &w->of[root_of(w, i)];
	for (view kind = 0; kind < VIEWS; kind++)
		if (is_register(w, i) && group->possible[kind] && group->sources[kind])
			return kind;
	return VIEWS;
}

/*
 * Creates the new phi of a phi that changes, and where it is used, its 64 bits after the phis of
 * its block.
 */
static void make_narrow(webs *w, uint32_t i)
{
	vsp_fn *f = w->f;
	view kind = view_of(w, i);
	if (kind == VIEWS)
		return;
	LLVMPositionBuilderBefore(f->b, f->phis[i].phi);
	w->narrow[i] = LLVMBuildPhi(f->b, view_type(f->lower, kind), "");
}

static void fill_narrow(webs *w, uint32_t i)
{
	vsp_fn *f = w->f;
	LLVMValueRef phi = f->phis[i].phi;
	if (!w->narrow[i])
		return;
	view kind = view_of(w, i);
	LLVMValueRef narrow = NULL;
	for (unsigned n = LLVMCountIncoming(phi), k = 0; k < n; k++) {
		LLVMValueRef v = LLVMGetIncomingValue(phi, k);
		LLVMBasicBlockRef from = LLVMGetIncomingBlock(phi, k);
		uint32_t other = find_phi(w, v);
		/* A table of branches leads here more than once, one way behind the other. All of
		   these bring the same value. */
		bool again = k > 0 && from == LLVMGetIncomingBlock(phi, k - 1);
		LLVMPositionBuilderBefore(f->b, LLVMGetBasicBlockTerminator(from));
		if (!again)
			narrow = other == UINT32_MAX ? to_view(f, kind, v) : w->narrow[other];
		LLVMAddIncoming(w->narrow[i], &narrow, &from, 1);
	}
}

static LLVMValueRef first_after_phis(LLVMBasicBlockRef block)
{
	LLVMValueRef i = LLVMGetFirstInstruction(block);
	while (LLVMIsAPHINode(i))
		i = LLVMGetNextInstruction(i);
	return i;
}

/* Users that extract the narrow value from the 64 bits take it directly. */
static void bypass_users(vsp_fn *f, LLVMValueRef wide, LLVMValueRef narrow)
{
	for (LLVMUseRef use = LLVMGetFirstUse(wide), next; use; use = next) {
		next = LLVMGetNextUse(use);
		LLVMValueRef user = LLVMGetUser(use);
		bool cuts = LLVMIsABitCastInst(user) || LLVMIsATruncInst(user);
		if (!cuts || LLVMTypeOf(user) != LLVMTypeOf(narrow))
			continue;
		LLVMReplaceAllUsesWith(user, narrow);
		LLVMInstructionEraseFromParent(user);
	}
	(void)f;
}

static void replace_wide(webs *w, uint32_t i)
{
	vsp_fn *f = w->f;
	LLVMValueRef phi = f->phis[i].phi;
	if (!w->narrow[i])
		return;
	LLVMPositionBuilderBefore(f->b, first_after_phis(LLVMGetInstructionParent(phi)));
	LLVMValueRef wide = from_view(f, view_of(w, i), w->narrow[i]);
	LLVMReplaceAllUsesWith(phi, wide);
	bypass_users(f, wide, w->narrow[i]);
}

void vsp_lower_phis(vsp_fn *f)
{
	webs w;
	remove_trivial(f);
	LLVMSetCurrentDebugLocation2(f->b, NULL);
	if (!f->phi_count || !webs_create(&w, f))
		return; /* without memory for it, types stay as they are */
	join_webs(&w);
	for (uint32_t i = 0; i < f->phi_count; i++)
		judge_sources(&w, i);
	for (uint32_t i = 0; i < f->phi_count; i++)
		judge_uses(&w, i);
	for (uint32_t i = 0; i < f->phi_count; i++)
		make_narrow(&w, i);
	for (uint32_t i = 0; i < f->phi_count; i++)
		fill_narrow(&w, i);
	for (uint32_t i = 0; i < f->phi_count; i++)
		replace_wide(&w, i);
	for (uint32_t i = 0; i < f->phi_count; i++)
		if (w.narrow[i])
			LLVMInstructionEraseFromParent(f->phis[i].phi);
}
