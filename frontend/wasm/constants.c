/*
 * Constant expressions: the initial values of globals, the places of segments, and the entries of
 * tables. They are typed and evaluated at once, with the instructions of extended-const.
 */
#include <inttypes.h>

#include "runtime/base/bits.h"
#include "sections.h"

enum { DEPTH = 64 }; /* operands of a constant expression; compilers need two or three */

typedef struct evaluation {
	wasm_module *m;
	wasm_reader *r;
	wasm_const stack[DEPTH];
	uint32_t depth;
} evaluation;

static bool push(evaluation *e, wasm_const value)
{
	if (e->depth == DEPTH)
		return wasm_fail(e->r, wasm_offset(e->r), "the constant expression has more than %d operands", DEPTH);
	e->stack[e->depth++] = value;
	return true;
}

static bool push_bits(evaluation *e, uint8_t type, uint64_t bits)
{
	return push(e, (wasm_const){.kind = WASM_CONST_BITS, .type = type, .bits = bits});
}

static uint64_t compute(uint32_t operation, uint64_t a, uint64_t b)
{
	return operation == 0 ? a + b : operation == 1 ? a - b : a * b;
}

/* add, sub and mul of integers; first is the opcode of add. */
static bool arithmetic(evaluation *e, uint32_t operation, uint8_t type, uint64_t offset)
{
	if (e->depth < 2 || e->stack[e->depth - 1].type != type || e->stack[e->depth - 2].type != type)
		return wasm_fail(
		        e->r, offset, "type mismatch: the operands are not two of type %s", wasm_type_name(type));
	wasm_const *a = &e->stack[e->depth - 2], *b = &e->stack[e->depth - 1];
	e->depth--;
	if (b->kind == WASM_CONST_IMPORTED)
		*a = *b;
	if (a->kind == WASM_CONST_IMPORTED) /* it is evaluated again when the global's value is known */
		return true;
	uint64_t bits = compute(operation, a->bits, b->bits);
	a->bits = type == WASM_I32 ? (uint64_t)(int64_t)(int32_t)(uint32_t)bits : bits;
	return true;
}

static bool get_global(evaluation *e, uint64_t offset)
{
	uint32_t index = wasm_read_index(e->r, e->m->global_count, "global");
	if (e->r->status != VSP_OK)
		return false;
	const wasm_global *g = &e->m->globals[index];
	if (!g->imported || g->is_mutable)
		return wasm_fail(e->r, offset,
		        "constant expression required: global %" PRIu32 " is not an immutable import", index);
	return push(e, g->value);
}

static bool reference(evaluation *e, uint32_t code)
{
	if (code == WASM_REF_NULL)
		return push(e, (wasm_const){.kind = WASM_CONST_NULL, .type = wasm_read_reference_type(e->r)});
	uint32_t index = wasm_read_index(e->r, e->m->func_count, "function");
	if (e->r->status != VSP_OK)
		return false;
	e->m->funcs[index].declared = true;
	return push(e, (wasm_const){.kind = WASM_CONST_FUNC, .type = WASM_FUNCREF, .bits = index});
}

static bool step(evaluation *e, uint32_t code, uint64_t offset)
{
	switch (code) {
	case WASM_I32_CONST: return push_bits(e, WASM_I32, (uint64_t)wasm_signed(e->r, 32));
	case WASM_I64_CONST: return push_bits(e, WASM_I64, (uint64_t)wasm_signed(e->r, 64));
	case WASM_F32_CONST: return push_bits(e, WASM_F32, wasm_fixed(e->r, 4));
	case WASM_F64_CONST: return push_bits(e, WASM_F64, wasm_fixed(e->r, 8));
	case WASM_GLOBAL_GET: return get_global(e, offset);
	case WASM_REF_NULL:
	case WASM_REF_FUNC: return reference(e, code);
	case WASM_I32_ADD:
	case WASM_I32_SUB:
	case WASM_I32_MUL: return arithmetic(e, code - WASM_I32_ADD, WASM_I32, offset);
	case WASM_I64_ADD:
	case WASM_I64_SUB:
	case WASM_I64_MUL: return arithmetic(e, code - WASM_I64_ADD, WASM_I64, offset);
	default: break;
	}
	if (code < WASM_CODES_FC && wasm_opcodes[code].name)
		return wasm_fail(
		        e->r, offset, "constant expression required: %s is not constant", wasm_opcodes[code].name);
	return wasm_fail_code(e->r, offset, code, "opcode");
}

wasm_const wasm_read_const(wasm_module *m, wasm_reader *r, uint8_t type)
{
	evaluation e = {.m = m, .r = r};
	wasm_const nothing = {.kind = WASM_CONST_BITS, .type = type};
	uint64_t start = wasm_offset(r), offset = start;
	for (uint32_t code; (code = wasm_u8(r)) != WASM_END && r->status == VSP_OK; offset = wasm_offset(r))
		if (!step(&e, code, offset))
			return nothing;
	if (r->status == VSP_OK && (e.depth != 1 || e.stack[0].type != type))
		wasm_fail(
		        r, start, "type mismatch: the constant expression does not give one %s", wasm_type_name(type));
	if (r->status != VSP_OK)
		return nothing;
	e.stack[0].offset = start;
	return e.stack[0];
}
