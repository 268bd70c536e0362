/*
 * Expressions to postfix steps, by precedence climbing. Recursion happens only for parentheses,
 * unary operators, right operands and ?:, whose nesting is limited, so that long sums cost no
 * stack.
 */
#include "asm.h"

typedef struct asm_expr_parse {
	unsigned nesting;
	unsigned pending, deepest; /* values on the evaluation stack */
} asm_expr_parse;

/* Precedence of a binary operator as in C, 1 (||) to 10 (* / %), or 0. */
static int precedence(const vsp_token *token)
{
	if (token->kind != VSP_TOKEN_PUNCT)
		return 0;
	switch (token->op) {
	case VSP_OP_OR: return 1;
	case VSP_OP_AND: return 2;
	case '|': return 3;
	case '^': return 4;
	case '&': return 5;
	case VSP_OP_EQ:
	case VSP_OP_NE: return 6;
	case '<':
	case '>':
	case VSP_OP_LE:
	case VSP_OP_GE: return 7;
	case VSP_OP_SHL:
	case VSP_OP_SHR: return 8;
	case '+':
	case '-': return 9;
	case '*':
	case '/':
	case '%': return 10;
	default: return 0;
	}
}

static void add_step(asm_state *as, asm_expr_parse *parse, asm_step_kind kind, const vsp_token *token)
{
	asm_step *moved = asm_grow(as, as->steps, as->step_count, &as->step_capacity, sizeof *moved);
	if (!moved)
		return;
	as->steps = moved;
	as->steps[as->step_count++] = (asm_step){.kind = (uint8_t)kind,
	        .op = token->op,
	        .begin = token->begin,
	        .end = token->end,
	        .bits = kind == ASM_STEP_NAME ? 0 : token->bits};
	if (kind == ASM_STEP_BINARY)
		parse->pending--;
	else if (kind == ASM_STEP_SELECT)
		parse->pending -= 2;
	else if (kind != ASM_STEP_UNARY && ++parse->pending > parse->deepest)
		parse->deepest = parse->pending;
}

static bool parse_ternary(asm_state *as, asm_expr_parse *parse);

static bool too_deep(asm_state *as, asm_expr_parse *parse)
{
	if (++parse->nesting > ASM_MAX_NESTING) {
		asm_error(as, asm_token_span(as), NULL, "expression nests too deeply (more than %d levels)",
		        ASM_MAX_NESTING);
		return true;
	}
	return false;
}

static bool parse_primary(asm_state *as, asm_expr_parse *parse)
{
	static const asm_step_kind kinds[] = {[VSP_TOKEN_NAME] = ASM_STEP_NAME,
	        [VSP_TOKEN_INT] = ASM_STEP_INT,
	        [VSP_TOKEN_DOUBLE] = ASM_STEP_DOUBLE,
	        [VSP_TOKEN_FLOAT] = ASM_STEP_FLOAT};
	vsp_token token = as->token;
	if (asm_accept(as, '('))
		return parse_ternary(as, parse) && asm_expect(as, ')', "to match this '('");
	if (token.kind < VSP_TOKEN_NAME || token.kind > VSP_TOKEN_FLOAT)
		return asm_unexpected(as, "an expression");
	const char *name = as->lexer.text + token.begin;
	if (token.kind == VSP_TOKEN_NAME && asm_register(name, token.end - token.begin) >= 0)
		return asm_error(as, asm_token_span(as), NULL, "register '%.*s' cannot be part of an expression",
		        (int)(token.end - token.begin), name);
	add_step(as, parse, kinds[token.kind], &token);
	asm_advance(as);
	return true;
}

static bool parse_unary(asm_state *as, asm_expr_parse *parse)
{
	vsp_token token = as->token;
	if (too_deep(as, parse))
		return false;
	bool ok;
	if (asm_accept(as, '-') || asm_accept(as, '+') || asm_accept(as, '~') || asm_accept(as, '!')) {
		ok = parse_unary(as, parse);
		add_step(as, parse, ASM_STEP_UNARY, &token);
	} else {
		ok = parse_primary(as, parse);
	}
	parse->nesting--;
	return ok;
}

static bool parse_binary(asm_state *as, asm_expr_parse *parse, int least)
{
	if (!parse_unary(as, parse))
		return false;
	for (;;) {
		vsp_token token = as->token;
		int p = precedence(&token);
		if (!p || p < least)
			return true;
		asm_advance(as);
		if (!parse_binary(as, parse, p + 1))
			return false;
		add_step(as, parse, ASM_STEP_BINARY, &token);
	}
}

static bool parse_ternary(asm_state *as, asm_expr_parse *parse)
{
	if (too_deep(as, parse) || !parse_binary(as, parse, 1))
		return false;
	vsp_token token = as->token;
	if (asm_accept(as, '?')) {
		if (!parse_ternary(as, parse) || !asm_expect(as, ':', "in this conditional") ||
		        !parse_ternary(as, parse))
			return false;
		add_step(as, parse, ASM_STEP_SELECT, &token);
	}
	parse->nesting--;
	return true;
}

uint32_t asm_parse_expr(asm_state *as)
{
	asm_expr_parse parse = {0, 0, 0};
	asm_expr expr = {.span = asm_token_span(as), .first = as->step_count, .scope = asm_scope(as)};
	uint32_t before = as->lexer.at;
	if (!parse_ternary(as, &parse) || as->oom)
		return ASM_NONE;
	/* The end of the last step's token; a closing parenthesis after it is not worth finding
	   exactly. */
	expr.span.end = as->token.begin > before ? as->token.begin : before;
	while (expr.span.end > expr.span.begin &&
	        (as->lexer.text[expr.span.end - 1] == ' ' || as->lexer.text[expr.span.end - 1] == '\t'))
		expr.span.end--;
	if (parse.deepest > ASM_MAX_STACK) {
		asm_error(as, expr.span, NULL, "expression is too complex");
		return ASM_NONE;
	}
	expr.count = as->step_count - expr.first;
	asm_expr *moved = asm_grow(as, as->exprs, as->expr_count, &as->expr_capacity, sizeof *moved);
	if (!moved)
		return ASM_NONE;
	as->exprs = moved;
	as->exprs[as->expr_count] = expr;
	return as->expr_count++;
}

asm_span asm_expr_name(const asm_state *as, uint32_t number)
{
	const asm_expr *expr = &as->exprs[number];
	if (expr->count != 1 || as->steps[expr->first].kind != ASM_STEP_NAME)
		return (asm_span){0, 0, 0};
	const asm_step *step = &as->steps[expr->first];
	return (asm_span){expr->span.file, step->begin, step->end};
}
