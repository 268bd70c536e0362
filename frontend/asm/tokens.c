/*
 * The current token, and the small things that are read from it: punctuation, strings and names.
 */
#include "asm.h"

#include <string.h>

void asm_advance(asm_state *as) { as->token = vsp_lex_next(&as->lexer); }

bool asm_at(const asm_state *as, int op) { return as->token.kind == VSP_TOKEN_PUNCT && as->token.op == op; }

bool asm_accept(asm_state *as, int op)
{
	if (!asm_at(as, op))
		return false;
	asm_advance(as);
	return true;
}

asm_span asm_token_span(const asm_state *as) { return (asm_span){as->file, as->token.begin, as->token.end}; }

bool asm_unexpected(asm_state *as, const char *expected)
{
	asm_span span = asm_token_span(as);
	if (as->token.kind == VSP_TOKEN_BAD)
		return asm_error(as, span, NULL, "%s", as->token.problem);
	if (as->token.kind == VSP_TOKEN_END)
		return asm_error(as, span, NULL, "expected %s at the end of the line%s", expected,
		        span.begin < as->lexer.size && as->lexer.text[span.begin] == '#' ? "; '#' begins a comment here"
		                                                                         : "");
	int length = (int)(asm_length(span) < 40 ? asm_length(span) : 40);
	return asm_error(as, span, NULL, "expected %s before '%.*s'", expected, length, asm_text(as, span));
}

bool asm_expect(asm_state *as, int op, const char *where)
{
	char expected[64] = {'\'', (char)op, '\'', ' '};
	if (asm_accept(as, op))
		return true;
	if (op == VSP_OP_ARROW)
		memcpy(expected, "'->' ", 6);
	strncat(expected, where, sizeof expected - 8);
	return asm_unexpected(as, expected);
}

const char *asm_parse_string(asm_state *as, const char *what, uint32_t *length)
{
	*length = 0;
	if (as->token.kind != VSP_TOKEN_STRING) {
		asm_unexpected(as, what);
		return NULL;
	}
	char *bytes = vsp_arena_alloc(&as->arena, as->token.end - as->token.begin);
	if (!bytes) {
		asm_out_of_memory(as);
		return NULL;
	}
	*length = (uint32_t)vsp_lex_string(as->lexer.text, &as->token, bytes);
	bytes[*length] = 0;
	asm_advance(as);
	return bytes;
}

const char *asm_parse_name(asm_state *as, const char *what, asm_span *span)
{
	*span = asm_token_span(as);
	if (as->token.kind == VSP_TOKEN_NAME) {
		const char *name = asm_string(as, asm_text(as, *span), asm_length(*span));
		asm_advance(as);
		return as->oom ? NULL : name;
	}
	if (as->token.kind != VSP_TOKEN_STRING) {
		asm_unexpected(as, what);
		return NULL;
	}
	uint32_t length;
	const char *name = asm_parse_string(as, what, &length);
	if (name &&
	        (strlen(name) != length || length == 0 || length > VSP_NAME_MAX || !vsp_text_is_utf8(name, length))) {
		asm_error(as, *span, NULL, "a name is 1 to %d bytes of UTF-8 without zeros", VSP_NAME_MAX);
		return NULL;
	}
	return name;
}
