/*
 * The choice of the memory accesses that LLVM may treat as ordinary ones, see kept_loads.h. A load
 * need not be volatile when its trap is certain without that:
 *
 *   - an access of the same address, with at least its width, comes before it on every path; or
 *   - its value is used in its own block by a chain of operations, none of which can lose the value
 *     whatever is found out later, and no pass can remove the use at the end of the chain. Such an
 *     end is a store that no other store replaces, while no pass removes dead stores; or a sum over
 *     the iterations of a loop, which is given a use behind the loop.
 *
 * The chain must be in the load's block, because a value that only a later block uses may be sunk
 * there, past the end of the run. No operation loses an integer that is used nowhere else and is
 * not loaded a second time; an integer that is loaded again could be cancelled, as in x - x. The
 * code has been through LLVM's combiner with its loads volatile, so constants that mask the value
 * away, or multiply it by zero, are no longer there. Floats are never cancelled.
 *
 * A store need not be volatile when it is in no loop, or when its address changes in every
 * iteration of the innermost loop around it, or for the first of the reasons above. LLVM moves
 * other stores behind their loops, and they are never executed if those loops have no end.
 *
 * For each access all work here is bounded by constants, so it is linear in the code.
 */
#include "kept_loads.h"

#include "block_loops.h"

#include <stdbool.h>
#include <string.h>

enum { MOST_STEPS = 48, MOST_DEPTH = 12, MOST_BEFORE = 256, MOST_BLOCKS = 8 };

static LLVMBasicBlockRef block_of(LLVMValueRef i) { return LLVMGetInstructionParent(i); }

static bool is_memory(const vsp_loads *l, LLVMValueRef i) { return LLVMGetMetadata(i, l->kind) == l->tag; }

/* ---- an equal access before ---- */

/*
 * The width in bits of a load's or store's access, with its address in *address; 0 for other
 * instructions and types.
 */
static unsigned width_of(LLVMValueRef i, LLVMValueRef *address)
{
	LLVMValueRef load = LLVMIsALoadInst(i), store = load ? NULL : LLVMIsAStoreInst(i);
	if (!load && !store)
		return 0;
	LLVMTypeRef type = LLVMTypeOf(load ? i : LLVMGetOperand(i, 0));
	*address = LLVMGetOperand(i, load ? 0 : 1);
	switch (LLVMGetTypeKind(type)) {
	case LLVMIntegerTypeKind: return LLVMGetIntTypeWidth(type);
	case LLVMFloatTypeKind: return 32;
	case LLVMDoubleTypeKind: return 64;
	case LLVMVectorTypeKind: return 128; /* a state */
	default: return 0;
	}
}

/* The only predecessor of b other than b itself; null when there are several. */
static LLVMBasicBlockRef only_before(LLVMBasicBlockRef b)
{
	LLVMBasicBlockRef one = NULL;
	unsigned uses = 0;
	for (LLVMUseRef u = LLVMGetFirstUse(LLVMBasicBlockAsValue(b)); u; u = LLVMGetNextUse(u)) {
		LLVMValueRef user = LLVMGetUser(u);
		if (++uses > MOST_BLOCKS)
			return NULL;
		if (!LLVMIsAInstruction(user) || LLVMIsAPHINode(user))
			continue;
		LLVMBasicBlockRef from = block_of(user);
		if (from == b || from == one)
			continue;
		if (one)
			return NULL;
		one = from;
	}
	return one;
}

/* Has an earlier access covered the address of this one, with at least its width? */
static bool is_repeated(const vsp_loads *l, LLVMValueRef access)
{
	LLVMValueRef address, other;
	unsigned width = width_of(access, &address), looked = 0, blocks = 0;
	LLVMBasicBlockRef b = block_of(access);
	LLVMValueRef i = LLVMGetPreviousInstruction(access);
	for (;;) {
		for (; i; i = LLVMGetPreviousInstruction(i)) {
			if (++looked > MOST_BEFORE)
				return false;
			unsigned w = width_of(i, &other);
			if (w >= width && w && other == address && is_memory(l, i))
				return true;
		}
		b = only_before(b);
		if (!b || ++blocks > MOST_BLOCKS)
			return false;
		i = LLVMGetLastInstruction(b);
	}
}

/* ---- loops ---- */

static bool is_loop_of_one(LLVMBasicBlockRef b)
{
	LLVMValueRef end = LLVMGetBasicBlockTerminator(b);
	for (unsigned n = LLVMGetNumSuccessors(end), s = 0; s < n; s++)
		if (LLVMGetSuccessor(end, s) == b)
			return true;
	return false;
}

/*
 * Is v computed in the loop with that header from one of the header's phis? For a load the address
 * decides: while it changes, nothing moves the load.
 */
static bool varies_within(
        const vsp_block_loops *loops, LLVMBasicBlockRef header, LLVMValueRef v, unsigned *steps, unsigned depth)
{
	if (!LLVMIsAInstruction(v) || depth == MOST_DEPTH || ++*steps > MOST_STEPS)
		return false;
	if (LLVMIsAPHINode(v))
		return block_of(v) == header;
	if (LLVMIsACallInst(v) || !vsp_block_in_loop(loops, block_of(v), header))
		return false; /* its behaviour is unknown */
	for (int n = LLVMGetNumOperands(v), k = 0; k < n; k++)
		if (varies_within(loops, header, LLVMGetOperand(v, (unsigned)k), steps, depth + 1))
			return true;
	return false;
}

/* Does v change in every iteration of the loop with that header? */
static bool varies(const vsp_block_loops *loops, LLVMBasicBlockRef header, LLVMValueRef v)
{
	unsigned steps = 0;
	return varies_within(loops, header, v, &steps, 0);
}

/* ---- uses that stay ---- */

static bool is_float(LLVMValueRef v)
{
	LLVMTypeKind kind = LLVMGetTypeKind(LLVMTypeOf(v));
	return kind == LLVMFloatTypeKind || kind == LLVMDoubleTypeKind;
}

/*
 * The only user of v in block b, whatever uses it in other blocks; null when there is none or more
 * than one.
 */
static LLVMValueRef only_user(LLVMBasicBlockRef b, LLVMValueRef v)
{
	LLVMValueRef one = NULL;
	unsigned looked = 0;
	for (LLVMUseRef u = LLVMGetFirstUse(v); u; u = LLVMGetNextUse(u)) {
		LLVMValueRef user = LLVMGetUser(u);
		if (++looked > MOST_STEPS)
			return NULL;
		if (block_of(user) != b)
			continue;
		if (one)
			return NULL;
		one = user;
	}
	return one;
}

static LLVMValueRef behind_casts(LLVMValueRef v)
{
	while (LLVMIsACastInst(v))
		v = LLVMGetOperand(v, 0);
	return v;
}

/*
 * Operations that LLVM does not fold away for any operand without flags that lowering never gives:
 * neither x - x nor x * 0 is 0 for all floats.
 */
static bool is_float_arithmetic(LLVMValueRef user)
{
	static const char *const names[] = {"llvm.fma", "llvm.sqrt", "llvm.fabs"};
	switch (LLVMGetInstructionOpcode(user)) {
	case LLVMFAdd:
	case LLVMFSub:
	case LLVMFMul:
	case LLVMFDiv:
	case LLVMFNeg: return true;
	case LLVMCall: break;
	default: return false;
	}
	LLVMValueRef callee = LLVMGetCalledValue(user);
	unsigned id = LLVMIsAFunction(callee) ? LLVMGetIntrinsicID(callee) : 0;
	for (size_t i = 0; id && i < sizeof names / sizeof *names; i++)
		if (id == LLVMLookupIntrinsicID(names[i], strlen(names[i])))
			return true;
	return false;
}

/* If one operand changes, the result changes, whatever the other operand is. */
static bool is_injective(LLVMValueRef user)
{
	switch (LLVMGetInstructionOpcode(user)) {
	case LLVMAdd:
	case LLVMSub:
	case LLVMXor: return true;
	default: return false;
	}
}

static bool has_constant(LLVMValueRef user) { return LLVMIsAConstantInt(LLVMGetOperand(user, 1)) != NULL; }

/*
 * Does the result of an operation depend on an operand about which nothing is known and which is
 * used nowhere else? The combiner has folded constants already.
 */
static bool keeps(LLVMValueRef user)
{
	switch (LLVMGetInstructionOpcode(user)) {
	case LLVMMul:
	case LLVMAnd:
	case LLVMOr:
	case LLVMShl:
	case LLVMLShr:
	case LLVMAShr:
	case LLVMICmp: return has_constant(user);
	default: return is_injective(user) || LLVMIsACastInst(user);
	}
}

/* The facts about the chain of a load that are known so far. */
typedef struct chain {
	const vsp_block_loops *loops;
	LLVMBasicBlockRef block, header; /* of the load, and of the innermost loop around it; null: no loop */
	LLVMValueRef load;
	bool alone; /* no other load of the address can be merged with this one */
	unsigned steps;
	LLVMValueRef carried; /* the sum that the loop computes, if the chain ends in it */
} chain;

/*
 * Is there only one such access (load or store) of an address? By now equal addresses are one
 * value.
 */
static bool is_accessed_once(LLVMValueRef address, bool loads)
{
	unsigned looked = 0, found = 0;
	for (LLVMUseRef u = LLVMGetFirstUse(address); u; u = LLVMGetNextUse(u)) {
		LLVMValueRef user = LLVMGetUser(u);
		found += (loads ? LLVMIsALoadInst(user) : LLVMIsAStoreInst(user)) != NULL;
		if (++looked > MOST_STEPS || found > 1)
			return false;
	}
	return true;
}

/*
 * A store ends a chain, unless a later store would replace it, or it stores back the value that was
 * there.
 */
static bool ends_in_store(const chain *c, LLVMValueRef v, LLVMValueRef store)
{
	LLVMValueRef address = LLVMGetOperand(store, 1);
	if (LLVMGetOperand(store, 0) != v || !is_accessed_once(address, false) ||
	        (behind_casts(v) == c->load && address == LLVMGetOperand(c->load, 0)))
		return false;
	return is_float(behind_casts(v)) || (c->header && varies(c->loops, c->header, address));
}

/*
 * Does the one-block loop b compute sum from phi by operations that lose nothing, and carry only
 * that to its next iteration?
 */
static bool is_sum(LLVMBasicBlockRef b, LLVMValueRef phi, LLVMValueRef sum)
{
	LLVMValueRef v = phi;
	for (unsigned steps = 0; v && v != sum && steps < MOST_DEPTH; steps++) {
		v = only_user(b, v);
		if (v && !is_injective(v) && !is_float_arithmetic(v))
			return false;
	}
	return v == sum && v != phi && only_user(b, sum) == phi;
}

/* The block behind a one-block loop; null when there are several, or other ways into it. */
static LLVMBasicBlockRef exit_of(LLVMBasicBlockRef b)
{
	LLVMValueRef end = LLVMGetBasicBlockTerminator(b);
	LLVMBasicBlockRef behind = NULL;
	for (unsigned n = LLVMGetNumSuccessors(end), s = 0; s < n; s++) {
		LLVMBasicBlockRef to = LLVMGetSuccessor(end, s);
		if (to != b && behind)
			return NULL;
		behind = to != b ? to : behind;
	}
	return behind && only_before(behind) == b ? behind : NULL;
}

/* The number of the intrinsic that uses a value and does nothing; 0: this LLVM has none. */
static unsigned fake_use(void)
{
	static const char name[] = "llvm.fake.use";
	return LLVMLookupIntrinsicID(name, sizeof name - 1);
}

/* Does the use of v by user end the chain for good? */
static bool is_end(chain *c, LLVMValueRef v, LLVMValueRef user)
{
	if (LLVMIsAStoreInst(user))
		return ends_in_store(c, v, user);
	if (!LLVMIsAPHINode(user) || !fake_use() || c->header != c->block || !is_loop_of_one(c->block) ||
	        !exit_of(c->block) || !varies(c->loops, c->header, LLVMGetOperand(c->load, 0)) ||
	        !is_sum(c->block, user, v))
		return false;
	c->carried = v;
	return true;
}

static bool is_used(chain *c, LLVMValueRef v, unsigned depth);

static bool is_used_by(chain *c, LLVMValueRef v, LLVMValueRef user, unsigned depth)
{
	if (is_end(c, v, user))
		return true;
	bool on = is_float_arithmetic(user) || (LLVMIsACastInst(user) && is_float(user)) || (c->alone && keeps(user));
	return on && depth < MOST_DEPTH && is_used(c, user, depth + 1);
}

/*
 * Follows a chain. Integers may have only one user, since a second could cancel the first; floats
 * may have several.
 */
static bool is_used(chain *c, LLVMValueRef v, unsigned depth)
{
	if (!is_float(v)) {
		LLVMValueRef user = only_user(c->block, v);
		return user && ++c->steps <= MOST_STEPS && is_used_by(c, v, user, depth);
	}
	for (LLVMUseRef u = LLVMGetFirstUse(v); u && ++c->steps <= MOST_STEPS; u = LLVMGetNextUse(u))
		if (block_of(LLVMGetUser(u)) == c->block && is_used_by(c, v, LLVMGetUser(u), depth))
			return true;
	return false;
}

/*
 * Adds a use behind the loop that no pass removes: it keeps the sum, and with it everything that
 * was summed up.
 */
static void use_behind(LLVMBasicBlockRef b, LLVMValueRef sum)
{
	LLVMModuleRef module = LLVMGetGlobalParent(LLVMGetBasicBlockParent(b));
	LLVMContextRef context = LLVMGetModuleContext(module);
	LLVMValueRef use = LLVMGetIntrinsicDeclaration(module, fake_use(), NULL, 0);
	LLVMTypeRef type = LLVMIntrinsicGetType(context, fake_use(), NULL, 0);
	LLVMBuilderRef builder = LLVMCreateBuilderInContext(context);
	LLVMValueRef at = LLVMGetFirstInstruction(exit_of(b));
	while (LLVMIsAPHINode(at))
		at = LLVMGetNextInstruction(at);
	LLVMPositionBuilderBefore(builder, at);
	LLVMBuildCall2(builder, type, use, &sum, 1, "");
	LLVMDisposeBuilder(builder);
}

static bool is_sure_load(const vsp_loads *l, const vsp_block_loops *loops, LLVMValueRef load)
{
	if (is_repeated(l, load))
		return true;
	if (LLVMGetTypeKind(LLVMTypeOf(load)) == LLVMVectorTypeKind)
		return false; /* layers of a state that nobody reads would be removed */
	LLVMBasicBlockRef b = block_of(load);
	chain c = {loops, b, vsp_block_loop(loops, b), load, is_accessed_once(LLVMGetOperand(load, 0), true), 0, NULL};
	bool used = is_used(&c, load, 0);
	if (used && c.carried)
		use_behind(b, c.carried);
	return used;
}

static bool is_sure_store(const vsp_loads *l, const vsp_block_loops *loops, LLVMValueRef store)
{
	LLVMBasicBlockRef header = vsp_block_loop(loops, block_of(store));
	return !header || varies(loops, header, LLVMGetOperand(store, 1)) || is_repeated(l, store);
}

/* ---- modules ---- */

/*
 * Finds the tag. It is on the first volatile access; accesses that are not volatile are never
 * created.
 */
static void find_tag(LLVMModuleRef module, vsp_loads *l)
{
	static const char name[] = "tbaa";
	unsigned kind = LLVMGetMDKindIDInContext(LLVMGetModuleContext(module), name, sizeof name - 1);
	for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn; fn = LLVMGetNextFunction(fn))
		for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(fn); b; b = LLVMGetNextBasicBlock(b))
			for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
				if ((LLVMIsALoadInst(i) || LLVMIsAStoreInst(i)) && LLVMGetVolatile(i) &&
				        LLVMGetMetadata(i, kind)) {
					*l = (vsp_loads){kind, LLVMGetMetadata(i, kind)};
					return;
				}
}

static void judge(const vsp_loads *l, const vsp_block_loops *loops, LLVMValueRef i)
{
	if (is_memory(l, i) && (LLVMIsALoadInst(i) ? is_sure_load(l, loops, i) : is_sure_store(l, loops, i)))
		LLVMSetVolatile(i, false);
}

static void judge_all(const vsp_loads *l, LLVMValueRef fn)
{
	vsp_block_loops loops;
	if (LLVMIsDeclaration(fn) || !vsp_block_loops_find(&loops, fn)) /* without memory all accesses stay volatile */
		return;
	for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(fn); b; b = LLVMGetNextBasicBlock(b))
		for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
			judge(l, &loops, i);
	vsp_block_loops_free(&loops);
}

vsp_loads vsp_loads_free(LLVMModuleRef module)
{
	vsp_loads l = {0, NULL};
	find_tag(module, &l);
	for (LLVMValueRef fn = l.tag ? LLVMGetFirstFunction(module) : NULL; fn; fn = LLVMGetNextFunction(fn))
		judge_all(&l, fn);
	return l;
}

/*
 * Is the stored value made by masks from the value that was at its address? LLVM's instruction
 * selection turns such a load and store into one narrow access of the bytes that change, even if
 * the load is volatile, unless the store is volatile too.
 */
static bool is_masked_back(LLVMValueRef v, LLVMValueRef address, unsigned depth)
{
	v = behind_casts(v);
	if (LLVMIsALoadInst(v))
		return depth && LLVMGetOperand(v, 0) == address;
	if (!LLVMIsABinaryOperator(v) || depth == 4)
		return false;
	LLVMOpcode op = LLVMGetInstructionOpcode(v);
	return (op == LLVMAnd || op == LLVMOr || op == LLVMXor) &&
	       (is_masked_back(LLVMGetOperand(v, 0), address, depth + 1) ||
	               is_masked_back(LLVMGetOperand(v, 1), address, depth + 1));
}

static bool needs_hold(LLVMValueRef i)
{
	return LLVMIsALoadInst(i) ||
	       (LLVMIsAStoreInst(i) && is_masked_back(LLVMGetOperand(i, 0), LLVMGetOperand(i, 1), 0));
}

void vsp_loads_hold(LLVMModuleRef module, const vsp_loads *l)
{
	for (LLVMValueRef fn = l->tag ? LLVMGetFirstFunction(module) : NULL; fn; fn = LLVMGetNextFunction(fn))
		for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(fn); b; b = LLVMGetNextBasicBlock(b))
			for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
				if (is_memory(l, i) && needs_hold(i))
					LLVMSetVolatile(i, true);
}
