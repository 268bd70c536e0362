/*
 * See kept_loads.h. A load need not be volatile when its trap is sure without it:
 *
 *   - an access of the same address and at least its width has been made before it, on every way to it; or
 *   - what it loads is used in its own block, by a chain of operations that ends where no pass can take the use away: in a
 *     store of a loop whose address changes in every iteration, in what a loop carries to its next iteration and out of it,
 *     or, for floats, in a store.
 *
 * That the end of the chain is in the load's block matters: a value that only a later block uses may be sunk there, past the
 * end of the run. The code has been through LLVM's combiner with its loads volatile, so what masks a value away, or
 * multiplies it by zero, is no longer in the chain.
 *
 * A store need not be volatile when it is in no loop, or when its address changes in every iteration of the innermost loop
 * around it, or for the first of the reasons above. LLVM moves other stores behind their loops, where they never come if the
 * loops have no end.
 *
 * Everything here is bounded by constants for each access, so that it is linear in the code.
 */
#include "kept_loads.h"

#include "block_loops.h"

#include <stdbool.h>
#include <string.h>

enum { MOST_STEPS = 48, MOST_DEPTH = 12, MOST_BEFORE = 256, MOST_BLOCKS = 8 };

static LLVMBasicBlockRef block_of(LLVMValueRef i) { return LLVMGetInstructionParent(i); }

static bool is_memory(const vsp_loads *l, LLVMValueRef i) { return LLVMGetMetadata(i, l->kind) == l->tag; }

/* ---- an equal access before ---- */

/* Bits of what a load or store accesses, 0 of other instructions and types; *address is where. */
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

/* The only block before b, b itself aside; null when there are others. */
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

/* Has the address of an access been accessed before, at least as wide? */
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

/* Is v computed in the loop of that header, from one of the header's phis? Of a load it is the address that counts: while that changes, nothing moves the load. */
static bool varies_within(
        const vsp_block_loops *loops, LLVMBasicBlockRef header, LLVMValueRef v, unsigned *steps, unsigned depth)
{
	if (!LLVMIsAInstruction(v) || depth == MOST_DEPTH || ++*steps > MOST_STEPS)
		return false;
	if (LLVMIsAPHINode(v))
		return block_of(v) == header;
	if (LLVMIsACallInst(v) || !vsp_block_in_loop(loops, block_of(v), header))
		return false; /* who knows what it is */
	for (int n = LLVMGetNumOperands(v), k = 0; k < n; k++)
		if (varies_within(loops, header, LLVMGetOperand(v, (unsigned)k), steps, depth + 1))
			return true;
	return false;
}

/* Does v change in every iteration of the loop of that header? */
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

/* Does a phi of a loop of one block, or what it carries, leave the loop? */
static bool leaves(LLVMBasicBlockRef b, LLVMValueRef v)
{
	unsigned looked = 0;
	for (LLVMUseRef u = LLVMGetFirstUse(v); u; u = LLVMGetNextUse(u)) {
		LLVMValueRef user = LLVMGetUser(u);
		if (++looked > MOST_STEPS)
			return false;
		if (block_of(user) != b)
			return true;
	}
	return false;
}

static LLVMValueRef behind_casts(LLVMValueRef v)
{
	while (LLVMIsACastInst(v))
		v = LLVMGetOperand(v, 0);
	return v;
}

/* Two loads of one address would cancel each other as soon as LLVM sees that. */
static bool may_cancel(LLVMValueRef user)
{
	if (LLVMGetNumOperands(user) != 2)
		return false;
	LLVMValueRef x = behind_casts(LLVMGetOperand(user, 0)), y = behind_casts(LLVMGetOperand(user, 1));
	return x == y || (LLVMIsALoadInst(x) && LLVMIsALoadInst(y) && LLVMGetOperand(x, 0) == LLVMGetOperand(y, 0));
}

/* Operations without effects. Chains go on in what they give. */
static bool passes_on(LLVMValueRef user)
{
	if (LLVMIsACastInst(user) || LLVMIsASelectInst(user) || LLVMIsAUnaryOperator(user))
		return true;
	if (LLVMIsABinaryOperator(user) || LLVMIsACmpInst(user))
		return !may_cancel(user);
	LLVMValueRef callee = LLVMIsACallInst(user) ? LLVMGetCalledValue(user) : NULL;
	return callee && LLVMIsAFunction(callee) && LLVMGetIntrinsicID(callee) && is_float(user);
}

/* What is known of the chain of a load so far. */
typedef struct chain {
	const vsp_block_loops *loops;
	LLVMBasicBlockRef block, header; /* of the load, and of the innermost loop around it; null: none */
	bool loop_of_one;                /* the block is that loop */
	unsigned steps;
} chain;

/* Is there no other store to the address? One that comes later would take this one's place. Equal addresses are one value by now. */
static bool is_only_store(LLVMValueRef address)
{
	unsigned looked = 0, stores = 0;
	for (LLVMUseRef u = LLVMGetFirstUse(address); u; u = LLVMGetNextUse(u)) {
		stores += LLVMIsAStoreInst(LLVMGetUser(u)) != NULL;
		if (++looked > MOST_STEPS || stores > 1)
			return false;
	}
	return true;
}

/* Does a use of v by user end the chain for good? */
static bool is_end(const chain *c, LLVMValueRef v, LLVMValueRef user)
{
	if (LLVMIsAStoreInst(user)) {
		LLVMValueRef address = LLVMGetOperand(user, 1);
		return LLVMGetOperand(user, 0) == v && block_of(user) == c->block && is_only_store(address) &&
		       (is_float(behind_casts(v)) || (c->header && varies(c->loops, c->header, address)));
	}
	return c->loop_of_one && LLVMIsAPHINode(user) && block_of(user) == c->block &&
	       (leaves(c->block, v) || leaves(c->block, user));
}

static bool is_used(chain *c, LLVMValueRef v, unsigned depth)
{
	for (LLVMUseRef u = LLVMGetFirstUse(v); u; u = LLVMGetNextUse(u)) {
		LLVMValueRef user = LLVMGetUser(u);
		if (++c->steps > MOST_STEPS)
			return false;
		if (is_end(c, v, user))
			return true;
		if (depth < MOST_DEPTH && block_of(user) == c->block && passes_on(user) && is_used(c, user, depth + 1))
			return true;
	}
	return false;
}

static bool is_sure_load(const vsp_loads *l, const vsp_block_loops *loops, LLVMValueRef load)
{
	LLVMBasicBlockRef b = block_of(load);
	if (LLVMGetTypeKind(LLVMTypeOf(load)) == LLVMVectorTypeKind)
		return is_repeated(l, load); /* of a state the layers that nobody reads would go */
	chain c = {loops, b, vsp_block_loop(loops, b), is_loop_of_one(b), 0};
	return is_used(&c, load, 0) || is_repeated(l, load);
}

static bool is_sure_store(const vsp_loads *l, const vsp_block_loops *loops, LLVMValueRef store)
{
	LLVMBasicBlockRef header = vsp_block_loop(loops, block_of(store));
	return !header || varies(loops, header, LLVMGetOperand(store, 1)) || is_repeated(l, store);
}

/* ---- modules ---- */

/* The tag is on the first access that is volatile: others are not made. */
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
	if (LLVMIsDeclaration(fn) || !vsp_block_loops_find(&loops, fn)) /* without memory all stay as they are */
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
 * Is the value of a store made of what was at its address, by masks? LLVM's instruction selection makes of the two one narrow access of the bytes that change,
 * be the load volatile or not, unless the store is.
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
