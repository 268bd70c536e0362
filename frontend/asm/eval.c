/*
 * Values of expressions: 64-bit integers, doubles and floats under the C operators. A value that
 * cannot be computed is a poison, which && || and ?: may discard; a poison that reaches the result
 * is reported once.
 */
#include "asm.h"

#include <string.h>

#include "runtime/base/alloc.h"

#define NAME_UNDEFINED UINT64_MAX /* in asm_step.bits: reported */

static asm_value poison(const asm_step *step, const char *problem)
{
	return (asm_value){.type = ASM_POISON, .begin = step->begin, .end = step->end, .problem = problem};
}

static asm_value integer(uint64_t bits, bool moves)
{
	return (asm_value){.type = ASM_INTEGER, .bits = bits, .moves = moves};
}

static double to_double(const asm_value *v)
{
	double d;
	float f;
	uint32_t narrow = (uint32_t)v->bits;
	switch (v->type) {
	case ASM_DOUBLE: memcpy(&d, &v->bits, sizeof d); return d;
	case ASM_SINGLE: memcpy(&f, &narrow, sizeof f); return (double)f;
	default: return (double)(int64_t)v->bits;
	}
}

/* A result in floating point: float when no operand was a double. Arithmetic in double rounded
   once more is exact enough for float + - * /. */
static asm_value from_double(double d, bool single, bool moves)
{
	asm_value v = {.type = single ? ASM_SINGLE : ASM_DOUBLE, .moves = moves};
	float f = (float)d;
	uint32_t narrow;
	memcpy(&narrow, &f, sizeof narrow);
	memcpy(&v.bits, &d, sizeof d);
	if (single)
		v.bits = narrow;
	return v;
}

static bool is_true(const asm_value *v) { return v->type == ASM_INTEGER ? v->bits != 0 : to_double(v) != 0; }

static asm_value unary(const asm_step *step, const asm_value *v)
{
	if (v->type == ASM_POISON || step->op == '+')
		return *v;
	if (step->op == '!')
		return integer(!is_true(v), v->moves);
	if (v->type == ASM_INTEGER)
		return integer(step->op == '-' ? 0 - v->bits : ~v->bits, v->moves);
	if (step->op == '~')
		return poison(step, "operator ~ needs an integer");
	asm_value negated = *v;
	negated.bits ^= v->type == ASM_DOUBLE ? (uint64_t)1 << 63 : (uint64_t)1 << 31;
	return negated;
}

static asm_value divide(const asm_step *step, uint64_t x, uint64_t y, bool moves)
{
	if (y == 0)
		return poison(step, "division by zero");
	bool negative_x = x >> 63, negative_y = y >> 63;
	uint64_t ux = negative_x ? 0 - x : x, uy = negative_y ? 0 - y : y;
	uint64_t r = step->op == '/' ? ux / uy : ux % uy;
	bool negate = step->op == '/' ? negative_x != negative_y : negative_x;
	return integer(negate ? 0 - r : r, moves);
}

static asm_value shift(const asm_step *step, uint64_t x, uint64_t count, bool moves)
{
	if (count > 63)
		return poison(step, "shift count is not in 0..63");
	if (step->op == VSP_OP_SHL)
		return integer(x << count, moves);
	uint64_t sign = x >> 63 ? ~(~(uint64_t)0 >> count) : 0;
	return integer(x >> count | sign, moves);
}

static asm_value binary_integer(const asm_step *step, uint64_t x, uint64_t y, bool moves)
{
	int64_t sx = (int64_t)x, sy = (int64_t)y;
	switch (step->op) {
	case '+': return integer(x + y, moves);
	case '-': return integer(x - y, moves);
	case '*': return integer(x * y, moves);
	case '/':
	case '%': return divide(step, x, y, moves);
	case '&': return integer(x & y, moves);
	case '|': return integer(x | y, moves);
	case '^': return integer(x ^ y, moves);
	case '<': return integer(sx < sy, moves);
	case '>': return integer(sx > sy, moves);
	case VSP_OP_LE: return integer(sx <= sy, moves);
	case VSP_OP_GE: return integer(sx >= sy, moves);
	case VSP_OP_EQ: return integer(x == y, moves);
	case VSP_OP_NE: return integer(x != y, moves);
	default: return shift(step, x, y, moves);
	}
}

static asm_value binary_float(const asm_step *step, const asm_value *left, const asm_value *right)
{
	double x = to_double(left), y = to_double(right);
	bool single = left->type != ASM_DOUBLE && right->type != ASM_DOUBLE, moves = left->moves || right->moves;
	switch (step->op) {
	case '+': return from_double(x + y, single, moves);
	case '-': return from_double(x - y, single, moves);
	case '*': return from_double(x * y, single, moves);
	case '/': return y == 0 ? poison(step, "division by zero") : from_double(x / y, single, moves);
	case '<': return integer(x < y, moves);
	case '>': return integer(x > y, moves);
	case VSP_OP_LE: return integer(x <= y, moves);
	case VSP_OP_GE: return integer(x >= y, moves);
	case VSP_OP_EQ: return integer(x == y, moves);
	case VSP_OP_NE: return integer(x != y, moves);
	default: return poison(step, "this operator needs integers");
	}
}

static asm_value binary(const asm_step *step, const asm_value *x, const asm_value *y)
{
	if (x->type == ASM_POISON)
		return *x;
	bool moves = x->moves || y->moves;
	if (step->op == VSP_OP_AND && !is_true(x))
		return integer(0, moves);
	if (step->op == VSP_OP_OR && is_true(x))
		return integer(1, moves);
	if (y->type == ASM_POISON)
		return *y;
	if (step->op == VSP_OP_AND || step->op == VSP_OP_OR)
		return integer(is_true(y), moves);
	if (x->type != ASM_INTEGER || y->type != ASM_INTEGER)
		return binary_float(step, x, y);
	return binary_integer(step, x->bits, y->bits, moves);
}

static asm_value select_value(const asm_value *condition, const asm_value *x, const asm_value *y)
{
	if (condition->type == ASM_POISON)
		return *condition;
	asm_value chosen = is_true(condition) ? *x : *y;
	chosen.moves |= condition->moves || x->moves || y->moves;
	return chosen;
}

static const struct {
	const char *name;
	int id;
} services[] = {
#define SYSCALL(NAME, id, ...) {#NAME, id},
#include "runtime/syscalls.def"
};
enum { SERVICES = sizeof services / sizeof services[0] };

/* Number of the SYSCALL of that name, in any case, or -1. */
static int service_number(const char *name, uint32_t length)
{
	for (int i = 0; i < SERVICES; i++)
		if (asm_same_word(name, length, services[i].name))
			return services[i].id;
	return -1;
}

static const char *nearest_service(asm_state *as, const char *name, uint32_t length)
{
	vsp_nearest guess = vsp_nearest_start(name, length);
	for (int i = 0; i < SERVICES; i++)
		vsp_nearest_try(&guess, services[i].name, strlen(services[i].name));
	return asm_nearest(as, &guess);
}

/* Reports a name that nothing defines. */
static asm_value undefined(asm_state *as, const asm_expr *expr, asm_step *step, asm_context context)
{
	static const struct {
		const char *what;
		unsigned kinds;
	} wanted[] = {[ASM_VALUE] = {"name", ~(1u << ASM_IMPORT)},
	        [ASM_TARGET] = {"label", 1u << ASM_LABEL | 1u << ASM_FUNC},
	        [ASM_INVOKED] = {"function", 1u << ASM_FUNC},
	        [ASM_IMPORTED] = {"import", 1u << ASM_IMPORT},
	        [ASM_SERVICE] = {"SYSCALL", 1u << ASM_CONST}};
	asm_span span = {expr->span.file, step->begin, step->end};
	const char *name = asm_text(as, span);
	int length = (int)asm_length(span);
	const char *near = asm_nearest_symbol(as, name, (uint32_t)length, expr->scope, wanted[context].kinds);
	if (!near && context == ASM_SERVICE)
		near = nearest_service(as, name, (uint32_t)length);
	step->bits = NAME_UNDEFINED;
	if (context == ASM_IMPORTED && !near)
		asm_error(as, span, NULL, "no import '%.*s'; declare it with .import %.*s(params) -> results", length,
		        name, length, name);
	else
		asm_error(as, span, near, "undefined %s '%.*s'%s%s%s", wanted[context].what, length, name,
		        near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	return poison(step, NULL);
}

static asm_value constant(asm_state *as, const asm_step *step, uint32_t symbol)
{
	asm_symbol *s = &as->symbols[symbol];
	if (s->epoch == ASM_NONE || (s->epoch && s->epoch == as->epoch))
		return s->value;
	if (s->busy)
		return poison(step, "this constant is defined by itself");
	if (as->const_depth >= ASM_MAX_CONST_DEPTH)
		return poison(step, "constants depend on each other too deeply");
	s->busy = 1;
	as->const_depth++;
	asm_eval(as, s->index, ASM_VALUE, &s->value);
	as->const_depth--;
	s->busy = 0;
	s->epoch = s->value.moves ? as->epoch : ASM_NONE;
	return s->value;
}

static asm_value label_value(asm_state *as, const asm_step *step, const asm_symbol *symbol)
{
	const asm_func *func = &as->funcs[symbol->index];
	if (!as->epoch)
		return poison(step, "this must not depend on code addresses");
	return integer(
	        symbol->item < func->item_count ? func->items[symbol->item].address : func->start + func->size, true);
}

static asm_value data_value(asm_state *as, const asm_step *step, const asm_symbol *symbol)
{
	const asm_stream *data = &as->streams[0];
	if (symbol->index >= data->laid && !data->complete)
		return poison(step, "the address of this name is not known yet here");
	uint64_t offset = symbol->index < data->chunk_count ? data->chunks[symbol->index].offset : data->size;
	return integer(as->stack_top + offset, false);
}

static asm_value symbol_value(asm_state *as, const asm_step *step, uint32_t number, asm_context context)
{
	const asm_symbol *symbol = &as->symbols[number];
	if (context == ASM_INVOKED && (symbol->kind == ASM_LABEL || symbol->kind == ASM_DATA))
		return poison(step, "this is a label, not a function");
	switch (symbol->kind) {
	case ASM_LABEL: return label_value(as, step, symbol);
	case ASM_DATA:
		return context == ASM_TARGET ? poison(step, "this label is in data, not in code")
		                             : data_value(as, step, symbol);
	case ASM_FUNC:
		if (context == ASM_TARGET)
			return integer(as->funcs[symbol->index].start, true);
		return integer(as->funcs[symbol->index].index, false);
	case ASM_CONST: return constant(as, step, number);
	default: return integer(symbol->index, false);
	}
}

static asm_value name_value(asm_state *as, const asm_expr *expr, asm_step *step, asm_context context)
{
	asm_span span = {expr->span.file, step->begin, step->end};
	const char *name = asm_text(as, span);
	if (step->bits == NAME_UNDEFINED)
		return poison(step, NULL);
	if (context == ASM_SERVICE) {
		int id = service_number(name, asm_length(span));
		if (id >= 0)
			return integer((uint64_t)id, false);
	}
	if (!step->bits) {
		const asm_symbol *found = asm_lookup(as, name, asm_length(span), expr->scope, context == ASM_IMPORTED);
		if (!found && context == ASM_IMPORTED) {
			found = asm_lookup(as, name, asm_length(span), expr->scope, false);
			found = found && found->kind == ASM_CONST ? found : NULL;
		}
		if (found && found->kind == ASM_LABEL && context == ASM_INVOKED && as->main_symbol &&
		        strcmp(found->name, "main") == 0)
			found = &as->symbols[as->main_symbol - 1];
		if (!found)
			return undefined(as, expr, step, context);
		step->bits = (uint64_t)(found - as->symbols) + 1;
	}
	return symbol_value(as, step, (uint32_t)(step->bits - 1), context);
}

/* Room for one more evaluation. It is not on the machine's stack, since the source decides how
   deep constants nest. */
static bool reserve_values(asm_state *as)
{
	uint32_t wanted = as->value_top + ASM_MAX_STACK + 1;
	if (wanted <= as->value_capacity)
		return true;
	asm_value *values = vsp_realloc(as->values, 2 * wanted, sizeof *values);
	if (!values)
		return asm_out_of_memory(as);
	as->values = values;
	as->value_capacity = 2 * wanted;
	return true;
}

/* The value of a name, whose evaluation may move all values. */
static void push_name(asm_state *as, const asm_expr *expr, asm_step *step, asm_context context, unsigned top)
{
	as->value_top += top;
	asm_value value = name_value(as, expr, step, context);
	as->value_top -= top;
	as->values[as->value_top + top] = value;
}

static asm_value evaluate(asm_state *as, const asm_expr *expr, asm_context context)
{
	unsigned top = 0;
	if (!reserve_values(as))
		return (asm_value){.type = ASM_POISON};
	for (uint32_t i = 0; i < expr->count; i++) {
		asm_step *step = &as->steps[expr->first + i];
		asm_value *stack = as->values + as->value_top;
		switch (step->kind) {
		case ASM_STEP_INT: stack[top++] = integer(step->bits, false); break;
		case ASM_STEP_DOUBLE: stack[top++] = (asm_value){.type = ASM_DOUBLE, .bits = step->bits}; break;
		case ASM_STEP_FLOAT: stack[top++] = (asm_value){.type = ASM_SINGLE, .bits = step->bits}; break;
		case ASM_STEP_NAME: push_name(as, expr, step, context, top++); break;
		case ASM_STEP_UNARY: stack[top - 1] = unary(step, &stack[top - 1]); break;
		case ASM_STEP_BINARY:
			top--;
			stack[top - 1] = binary(step, &stack[top - 1], &stack[top]);
			break;
		case ASM_STEP_SELECT:
			top -= 2;
			stack[top - 1] = select_value(&stack[top - 1], &stack[top], &stack[top + 1]);
			break;
		default: break;
		}
	}
	return as->values[as->value_top];
}

bool asm_eval(asm_state *as, uint32_t number, asm_context context, asm_value *value)
{
	if (number == ASM_NONE || as->exprs[number].bad) {
		*value = (asm_value){.type = ASM_POISON};
		return false;
	}
	*value = evaluate(as, &as->exprs[number], context);
	if (value->type != ASM_POISON)
		return true;
	as->exprs[number].bad = true;
	if (value->problem) {
		asm_span span = {as->exprs[number].span.file, value->begin, value->end};
		asm_error(as, span, NULL, "%s", value->problem);
		value->problem = NULL;
	}
	return false;
}

bool asm_eval_constant(asm_state *as, uint32_t number, int64_t min, int64_t max, const char *what, int64_t *value)
{
	asm_value v;
	*value = 0;
	if (!asm_eval(as, number, ASM_VALUE, &v))
		return false;
	asm_span span = as->exprs[number].span;
	as->exprs[number].bad = true; /* one message is enough */
	if (v.type != ASM_INTEGER)
		return asm_error(as, span, NULL, "%s must be an integer", what);
	if (v.moves)
		return asm_error(as, span, NULL, "%s must not depend on code addresses", what);
	if ((int64_t)v.bits < min || (int64_t)v.bits > max)
		return asm_error(as, span, NULL, "%s %lld is not in %lld..%lld", what, (long long)(int64_t)v.bits,
		        (long long)min, (long long)max);
	as->exprs[number].bad = false;
	*value = (int64_t)v.bits;
	return true;
}

void asm_eval_all_constants(asm_state *as)
{
	asm_value v;
	for (uint32_t i = 0; i < as->symbol_count; i++) {
		asm_symbol *s = &as->symbols[i];
		if (s->kind != ASM_CONST || s->epoch == ASM_NONE || s->epoch == as->epoch)
			continue;
		s->busy = 1;
		asm_eval(as, s->index, ASM_VALUE, &v);
		s->busy = 0;
		s->value = v;
		s->epoch = v.moves ? as->epoch : ASM_NONE;
	}
}

void asm_eval_early(asm_state *as, uint32_t symbol)
{
	asm_symbol *s = &as->symbols[symbol];
	if (s->index == ASM_NONE)
		return;
	const asm_expr *expr = &as->exprs[s->index];
	for (uint32_t i = 0; i < expr->count; i++) {
		const asm_step *step = &as->steps[expr->first + i];
		asm_span span = {expr->span.file, step->begin, step->end};
		if (step->kind != ASM_STEP_NAME)
			continue;
		const asm_symbol *used = asm_lookup(as, asm_text(as, span), asm_length(span), expr->scope, false);
		if (!used || used->kind != ASM_CONST || used->epoch != ASM_NONE)
			return;
	}
	asm_value v;
	asm_eval(as, s->index, ASM_VALUE, &v);
	s->value = v;
	s->epoch = ASM_NONE;
}
