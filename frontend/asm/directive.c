/*
 * Directives: the table, and the handlers of those that control how the rest of the source is read
 * or that set properties of the module.
 */
#include "asm.h"

#include <string.h>

#include "runtime/base/alloc.h"

/* Reports a directive that may stand only once. */
static bool first_time(asm_state *as, asm_span name, asm_span *previous)
{
	if (previous->end) {
		asm_error(as, name, NULL, "second '%.*s'", (int)asm_length(name), asm_text(as, name));
		asm_note(as, *previous, "the first one is here");
		return false;
	}
	*previous = name;
	return true;
}

static void parse_code(asm_state *as, asm_span name, unsigned argument)
{
	(void)name, (void)argument;
	as->in_code = true;
	as->stream = 0;
}

static void parse_data(asm_state *as, asm_span name, unsigned argument)
{
	(void)name, (void)argument;
	as->in_code = false;
	as->stream = 0;
}

static void parse_mode(asm_state *as, asm_span name, unsigned argument)
{
	static const char *const names[] = {"8", "16", "32", "64", "128"};
	(void)argument;
	asm_span span = asm_token_span(as);
	if (as->token.kind == VSP_TOKEN_NAME && asm_same_word(asm_text(as, span), asm_length(span), "SIL")) {
		asm_advance(as);
		if (!asm_expect(as, '-', "in a mode such as SIL-128"))
			return;
	}
	asm_span number = asm_token_span(as);
	span.end = number.end;
	for (uint8_t i = 0; i < 5; i++)
		if (as->token.kind == VSP_TOKEN_INT &&
		        asm_same_word(asm_text(as, number), asm_length(number), names[i])) {
			asm_advance(as);
			if (first_time(as, name, &as->mode_span))
				as->mode = i;
			return;
		}
	asm_error(as, span, NULL, "the modes are SIL-8, SIL-16, SIL-32, SIL-64 and SIL-128");
}

static void parse_dialect(asm_state *as, asm_span name, unsigned argument)
{
	(void)name, (void)argument;
	asm_span span = asm_token_span(as);
	bool word = as->token.kind == VSP_TOKEN_NAME;
	bool classic = word && asm_same_word(asm_text(as, span), asm_length(span), "CLASSIC");
	if (!classic && !(word && asm_same_word(asm_text(as, span), asm_length(span), "INTEGER"))) {
		asm_error(as, span, NULL, "the dialects are classic and integer");
		return;
	}
	as->classic = classic;
	asm_advance(as);
}

/* .const name = expression; a comma or nothing may stand for the '='. */
static void parse_const(asm_state *as, asm_span name, unsigned argument)
{
	(void)argument;
	asm_span span = asm_token_span(as);
	if (as->token.kind != VSP_TOKEN_NAME) {
		asm_unexpected(as, "the constant's name");
		return;
	}
	asm_advance(as);
	if (!asm_accept(as, '='))
		asm_accept(as, ',');
	uint32_t expr = asm_parse_expr(as);
	const char *text = asm_text(as, span);
	asm_symbol *symbol =
	        asm_define(as, span, text, asm_length(span), ASM_CONST, text[0] == '.' ? asm_scope(as) : 0);
	(void)name;
	if (!symbol)
		return;
	symbol->index = expr;
	asm_eval_early(as, as->symbol_count - 1);
}

static void parse_memory(asm_state *as, asm_span name, unsigned argument)
{
	(void)argument;
	uint32_t first = asm_parse_expr(as);
	if (first == ASM_NONE || !first_time(as, name, &as->memory_span))
		return;
	as->memory_expr = first;
	if (asm_accept(as, ','))
		asm_parse_expr(as);
	as->memory_exprs = as->expr_count - first;
}

static void parse_stack(asm_state *as, asm_span name, unsigned argument)
{
	(void)argument;
	uint32_t expr = asm_parse_expr(as);
	if (expr != ASM_NONE && first_time(as, name, &as->stack_span))
		as->stack_expr = expr;
}

static void parse_entry(asm_state *as, asm_span name, unsigned argument)
{
	(void)argument;
	asm_span span = asm_token_span(as);
	if (as->token.kind != VSP_TOKEN_NAME) {
		asm_unexpected(as, "a function's name");
		return;
	}
	asm_advance(as);
	if (first_time(as, name, &as->entry))
		as->entry = span;
}

/* May this file include another one now? */
static bool may_include(asm_state *as, asm_span span)
{
	if (!as->options->read_file)
		return asm_error(as, span, NULL, "files cannot be included here");
	if (as->depth >= ASM_MAX_DEPTH || as->file_count > ASM_MAX_INCLUDES)
		return asm_error(
		        as, span, NULL, as->depth >= ASM_MAX_DEPTH ? "includes nest too deeply" : "too many includes");
	return true;
}

static bool includes_itself(const asm_state *as, const char *path)
{
	for (uint32_t f = as->file; f != ASM_NONE; f = as->files[f].included.file)
		if (strcmp(as->files[f].name, path) == 0)
			return true;
	return false;
}

static void parse_include(asm_state *as, asm_span name, unsigned argument)
{
	(void)name, (void)argument;
	asm_span span = asm_token_span(as);
	uint32_t length;
	const char *given = asm_parse_string(as, "the file's name in quotes", &length);
	if (!given)
		return;
	if (strlen(given) != length || !length) {
		asm_error(as, span, NULL, "a file's name has no zeros and is not empty");
		return;
	}
	vsp_named_file file = {.path = asm_resolve_path(as, given),
	        .given = given,
	        .limit = ASM_MAX_SOURCE - as->source_bytes,
	        .why = "it cannot be read"};
	if (as->token.kind != VSP_TOKEN_END || as->oom || !may_include(as, span))
		return;
	as->options->read_file(as->options->user, &file);
	if (!file.bytes) {
		asm_error(as, span, NULL, "cannot include '%s': %s", file.path, file.why);
		return;
	}
	if (file.size > ASM_MAX_SOURCE - as->source_bytes || includes_itself(as, file.path)) {
		vsp_free_memory(file.bytes);
		if (includes_itself(as, file.path))
			asm_error(as, span, NULL, "'%s' includes itself", file.path);
		else
			asm_error(as, span, NULL, "the source is larger than %u MiB", ASM_MAX_SOURCE >> 20);
		return;
	}
	as->include = (asm_file){.name = file.path,
	        .text = (const char *)file.bytes,
	        .size = (uint32_t)file.size,
	        .owned = file.bytes,
	        .secret = file.secret,
	        .included = span};
	as->has_include = true;
}

static const asm_directive directives[] = {
        {".align", asm_directive_align, 0},
        {".ascii", asm_directive_string, 0},
        {".asciz", asm_directive_string, 1},
        {".byte", asm_directive_ints, 1},
        {".code", parse_code, 0},
        {".const", parse_const, 0},
        {".data", parse_data, 0},
        {".dialect", parse_dialect, 0},
        {".double", asm_directive_floats, 8},
        {".end", asm_directive_end, 0},
        {".entry", parse_entry, 0},
        {".export", asm_directive_export, 0},
        {".file", asm_directive_file, 0},
        {".float", asm_directive_floats, 4},
        {".func", asm_directive_func, VSP_KIND_FUNCTION},
        {".half", asm_directive_ints, 2},
        {".import", asm_directive_import, 0},
        {".include", parse_include, 0},
        {".kernel", asm_directive_func, VSP_KIND_KERNEL},
        {".loc", asm_directive_loc, 0},
        {".memory", parse_memory, 0},
        {".mode", parse_mode, 0},
        {".model", asm_directive_model, 0},
        {".quad", asm_directive_ints, 8},
        {".section", asm_directive_section, 0},
        {".space", asm_directive_space, 0},
        {".stack", parse_stack, 0},
        {".symbol", asm_directive_symbol, 0},
        {".text", parse_code, 0},
        {".transform", asm_directive_func, VSP_KIND_TRANSFORM},
        {".word", asm_directive_ints, 4},
};
enum { DIRECTIVES = sizeof directives / sizeof directives[0] };

void asm_parse_directive(asm_state *as, asm_span name)
{
	const char *word = asm_text(as, name);
	for (int i = 0; i < DIRECTIVES; i++)
		if (asm_same_word(word, asm_length(name), directives[i].name)) {
			bool bare = directives[i].parse == parse_code || directives[i].parse == parse_data ||
			            directives[i].parse == asm_directive_end;
			as->lexer.operand_next = !bare;
			asm_advance(as);
			directives[i].parse(as, name, directives[i].argument);
			return;
		}
	vsp_nearest guess = vsp_nearest_start(word, asm_length(name));
	for (int i = 0; i < DIRECTIVES; i++)
		vsp_nearest_try(&guess, directives[i].name, strlen(directives[i].name));
	const char *near = asm_nearest(as, &guess);
	int length = (int)(asm_length(name) < 60 ? asm_length(name) : 60);
	asm_error(as, name, near, "unknown directive '%.*s'%s%s%s", length, word, near ? "; did you mean '" : "",
	        near ? near : "", near ? "'?" : "");
}
