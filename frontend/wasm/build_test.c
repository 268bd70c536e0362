/*
 * Tests: comparisons and eqz, which become a branch where their result only decides about one.
 */
#include "build.h"

/* Forms that compare, with their opposite, both as a value and as a branch. Field order: swap means
   b, a. */
typedef struct comparison {
	uint16_t form, opposite, branch, inverse;
	bool opposite_swaps, branch_swaps;
} comparison;
static const comparison comparisons[] = {
        {VSP_I_SEQ, VSP_I_SNE, VSP_I_BEQ, VSP_I_BNE, false, false},
        {VSP_I_SNE, VSP_I_SEQ, VSP_I_BNE, VSP_I_BEQ, false, false},
        {VSP_I_SLT, VSP_I_SLE, VSP_I_BLT, VSP_I_BGE, true, false},
        {VSP_I_SLE, VSP_I_SLT, VSP_I_BGE, VSP_I_BLT, true, true},
        {VSP_I_SLTU, VSP_I_SLEU, VSP_I_BLTU, VSP_I_BGEU, true, false},
        {VSP_I_SLEU, VSP_I_SLTU, VSP_I_BGEU, VSP_I_BLTU, true, true},
        {VSP_I_SEQ_F, VSP_I_SNE_F, 0, 0, false, false},
        {VSP_I_SNE_F, VSP_I_SEQ_F, 0, 0, false, false},
        {VSP_I_SEQ_S, VSP_I_SNE_S, 0, 0, false, false},
        {VSP_I_SNE_S, VSP_I_SEQ_S, 0, 0, false, false},
};

static const comparison *find_comparison(uint16_t form)
{
	for (size_t i = 0; i < sizeof comparisons / sizeof comparisons[0]; i++)
		if (comparisons[i].form == form)
			return &comparisons[i];
	return NULL;
}

/* reg = (x != 0), or its opposite. There is no comparison with 0, but 64 zeros are a bit by
   itself. */
static void add_truth(build *b, uint32_t reg, uint32_t x, bool negated)
{
	uint32_t zeros = build_temp(b), is_zero = negated ? reg : build_temp(b);
	build_insn(b, VSP_I_CLZ, zeros, x, 0, 0);
	build_insn(b, VSP_I_SHRI, is_zero, zeros, 0, 6);
	if (!negated)
		build_insn(b, VSP_I_XORI_8, reg, is_zero, 0, 1);
}

static void swap_operands(build_test *t)
{
	build_value a = t->a;
	t->a = t->b;
	t->b = a;
}

static void add_test(build *b, build_test *t)
{
	const comparison *c = find_comparison(t->form);
	t->start = b->ir->count;
	if (t->negated && c) {
		if (c->opposite_swaps)
			swap_operands(t);
		t->form = c->opposite;
		t->negated = false;
	}
	t->reg = build_temp(b);
	uint32_t x = build_use(b, t->a);
	if (t->form == IR_NOTHING) {
		add_truth(b, t->reg, x, t->negated);
	} else {
		uint32_t result = t->negated ? build_temp(b) : t->reg;
		build_insn(b, t->form, result, x, build_use(b, t->b), 0);
		if (t->negated)
			build_insn(b, VSP_I_XORI_8, t->reg, result, 0, 1);
	}
	t->end = b->ir->count;
	b->test = *t;
	build_push_reg(b, t->reg);
}

void build_push_test(build *b, uint16_t form, build_value x, build_value y)
{
	build_test t = {.form = form, .a = x, .b = y};
	add_test(b, &t);
}

build_test build_take_test(build *b, build_value value)
{
	if (value.kind == VALUE_REG && value.reg == b->test.reg && b->test.end == b->ir->count && b->test.end) {
		build_test t = b->test;
		b->ir->count = t.start;
		b->test.end = 0;
		return t;
	}
	return (build_test){.form = IR_NOTHING, .a = value};
}

void build_eqz(build *b)
{
	build_test t = build_take_test(b, build_pop(b));
	t.negated = !t.negated;
	add_test(b, &t);
}

/* A branch that compares; false: the form has none. */
static bool branch_on_comparison(build *b, const build_test *t, bool sense, uint32_t label)
{
	const comparison *c = find_comparison(t->form);
	if (!c || !c->branch)
		return false;
	build_value x = c->branch_swaps ? t->b : t->a, y = c->branch_swaps ? t->a : t->b;
	uint16_t form = sense ? c->branch : c->inverse;
	bool equality = form == VSP_I_BEQ || form == VSP_I_BNE;
	if (equality && y.kind == VALUE_CONST && y.bits == 0) {
		build_insn(b, form == VSP_I_BEQ ? VSP_I_BZ : VSP_I_BNZ, build_use(b, x), 0, 0, label);
		return true;
	}
	uint32_t first = build_use(b, x);
	build_insn(b, form, first, build_use(b, y), 0, label);
	return true;
}

void build_branch(build *b, build_test t, bool sense, uint32_t label)
{
	sense ^= t.negated;
	if (t.form == IR_NOTHING && t.a.kind == VALUE_CONST) {
		if ((t.a.bits != 0) == sense)
			build_jump(b, label);
		return;
	}
	if (branch_on_comparison(b, &t, sense, label))
		return;
	uint32_t x = build_use(b, t.a);
	if (t.form != IR_NOTHING) {
		uint32_t result = build_temp(b);
		build_insn(b, t.form, result, x, build_use(b, t.b), 0);
		x = result;
	}
	build_insn(b, sense ? VSP_I_BNZ : VSP_I_BZ, x, 0, 0, label);
}

void build_select(build *b)
{
	build_value condition = build_pop(b), y = build_pop(b), x = build_pop(b);
	build_test *t = &b->test;
	if (condition.kind == VALUE_REG && condition.reg == t->reg && t->end == b->ir->count && t->end &&
	        t->form == IR_NOTHING && t->negated) {
		build_value other = x;
		condition = build_take_test(b, condition).a;
		x = y;
		y = other;
	}
	uint32_t choice = build_use(b, condition), first = build_use(b, x), second = build_use(b, y),
	         reg = build_temp(b);
	ir_add(b->ir,
	        (ir_insn){.form = VSP_I_SEL, .depth = (uint16_t)b->loop_depth, .v = {reg, first, second, choice}});
	build_push_reg(b, reg);
}
