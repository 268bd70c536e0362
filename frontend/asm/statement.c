/*
 * Statements: files line by line, labels, and recovery from errors: a wrong line is reported and
 * dropped.
 */
#include "asm.h"

#include <string.h>

#include "runtime/base/alloc.h"

/* A label before the next item or chunk. */
static void define_label(asm_state *as, asm_span span, bool data)
{
	const char *name = asm_text(as, span);
	if (!as->in_code && as->stream != 0) {
		asm_error(as, span, NULL, "a label cannot stand in a raw section");
		return;
	}
	if (!data && !as->func)
		asm_begin_main(as, span);
	uint32_t scope = name[0] == '.' && !data ? asm_scope(as) : 0;
	asm_symbol *symbol = asm_define(as, span, name, asm_length(span), data ? ASM_DATA : ASM_LABEL, scope);
	if (!symbol)
		return;
	symbol->index = data ? as->streams[0].chunk_count : as->func;
	symbol->item = data ? 0 : as->funcs[as->func].item_count;
}

/* Is the name at the token followed by ':'? Labels are looked for before everything else, so that
   "loop:" is no instruction. */
static bool at_label(const asm_state *as)
{
	vsp_lexer ahead = as->lexer;
	vsp_token next = vsp_lex_next(&ahead);
	return next.kind == VSP_TOKEN_PUNCT && next.op == ':';
}

static void finish_statement(asm_state *as)
{
	if (!as->failed && as->token.kind != VSP_TOKEN_END)
		asm_unexpected(as, "the end of the statement");
	if (as->failed && as->in_code)
		as->funcs[as->func].failed = true;
}

static void parse_labels(asm_state *as)
{
	while (as->token.kind == VSP_TOKEN_NAME && at_label(as)) {
		asm_span span = asm_token_span(as);
		asm_advance(as);
		asm_advance(as);
		bool state = asm_at(as, '[');
		define_label(as, span, state || !as->in_code);
		if (state) {
			asm_parse_state(as);
			return;
		}
	}
}

static void parse_statement(asm_state *as)
{
	as->failed = false;
	asm_advance(as);
	parse_labels(as);
	asm_span span = asm_token_span(as);
	if (as->token.kind == VSP_TOKEN_NAME && !as->failed) {
		as->lexer.operand_next = true;
		if (asm_text(as, span)[0] == '.')
			asm_parse_directive(as, span);
		else
			asm_parse_instruction(as, span);
	} else if (as->token.kind != VSP_TOKEN_END && !as->failed) {
		asm_unexpected(as, "a label, an instruction or a directive");
	}
	finish_statement(as);
}

static bool add_file(asm_state *as, const asm_file *file)
{
	asm_file *moved = asm_grow(as, as->files, as->file_count, &as->file_capacity, sizeof *moved);
	if (!moved)
		return false;
	as->files = moved;
	as->files[as->file_count++] = *file;
	as->source_bytes += file->size;
	return true;
}

void asm_parse_file(asm_state *as, const asm_file *source)
{
	vsp_lexer lexer = as->lexer;
	vsp_token token = as->token;
	uint32_t file = as->file;
	if (!add_file(as, source)) {
		vsp_free_memory(source->owned);
		return;
	}
	as->file = as->file_count - 1;
	as->depth++;
	as->lexer = (vsp_lexer){.text = source->text, .size = source->size};
	if (source->size >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0)
		as->lexer.at = 3;
	do {
		parse_statement(as);
		if (as->has_include) { /* the statement was an .include */
			const asm_file include = as->include;
			as->has_include = false;
			asm_parse_file(as, &include);
		}
	} while (!as->oom && vsp_lex_next_line(&as->lexer));
	as->depth--;
	as->file = file;
	as->lexer = lexer;
	as->token = token;
	as->failed = as->oom;
}
