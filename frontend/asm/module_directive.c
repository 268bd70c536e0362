/*
 * Directives about the module's contents: functions, exports, imports, models, and the explicit
 * tables of exact disassembly.
 */
#include "asm.h"

#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

/* A count in 0..16 of parameters or results. */
static bool parse_count(asm_state *as, const char *what, uint8_t *count)
{
	int64_t value;
	uint32_t expr = asm_parse_expr(as);
	if (expr == ASM_NONE || !asm_eval_constant(as, expr, 0, VSP_REGISTERS, what, &value))
		return false;
	*count = (uint8_t)value;
	return true;
}

/* (params) -> results, both optional where they are 0; *given: there was something. */
static bool parse_signature(asm_state *as, uint8_t *params, uint8_t *results, bool *given)
{
	*given = false;
	if (asm_accept(as, '(')) {
		*given = true;
		if (!asm_at(as, ')') && !parse_count(as, "the number of parameters", params))
			return false;
		if (!asm_expect(as, ')', "after the number of parameters"))
			return false;
	}
	if (!asm_accept(as, VSP_OP_ARROW))
		return true;
	*given = true;
	return parse_count(as, "the number of results", results);
}

static const char *kind_word(unsigned kind)
{
	return kind == VSP_KIND_FUNCTION ? "function" : kind == VSP_KIND_TRANSFORM ? "transform" : "kernel";
}

static asm_func *add_func(asm_state *as)
{
	asm_func *moved = asm_grow(as, as->funcs, as->func_count, &as->func_capacity, sizeof *moved);
	if (!moved)
		return NULL;
	as->funcs = moved;
	asm_func *func = &as->funcs[as->func_count++];
	*func = (asm_func){.name = ""};
	return func;
}

void asm_directive_func(asm_state *as, asm_span directive, unsigned kind)
{
	static const uint8_t fixed[][2] = {
	        [VSP_KIND_FUNCTION] = {0, 0}, [VSP_KIND_TRANSFORM] = {16, 16}, [VSP_KIND_KERNEL] = {2, 0}};
	asm_span span;
	bool given;
	uint8_t params = fixed[kind][0], results = fixed[kind][1];
	if (as->func) {
		asm_error(as, directive, NULL, "%s '%s' is not ended; write .end before this line",
		        kind_word(as->funcs[as->func].kind), as->funcs[as->func].name);
		asm_note(as, as->funcs[as->func].span, "it begins here");
	}
	/* The statements that follow belong to the new function even when its head is wrong. */
	asm_func *func = add_func(as);
	if (!func)
		return;
	as->func = as->func_count - 1;
	as->in_code = true;
	as->stream = 0;
	func->span = directive;
	func->kind = (uint8_t)kind;
	const char *name = asm_parse_name(as, "the function's name", &span);
	if (!name)
		return;
	func->name = name;
	func->span = span;
	if (strcmp(name, "main") == 0 && as->main_symbol) {
		asm_error(as, span, NULL, "code outside functions is a function 'main' already");
		asm_note(as, as->symbols[as->main_symbol - 1].span, "such code is here");
		return;
	}
	asm_symbol *symbol = asm_define(as, span, name, (uint32_t)strlen(name), ASM_FUNC, 0);
	if (symbol)
		symbol->index = as->func;
	if (!parse_signature(as, &params, &results, &given))
		return;
	if (kind != VSP_KIND_FUNCTION && (params != fixed[kind][0] || results != fixed[kind][1]))
		asm_error(as, span, NULL, "a %s has %u parameters and %u results", kind_word(kind), fixed[kind][0],
		        fixed[kind][1]);
	func = &as->funcs[as->func];
	func->params = params;
	func->results = results;
}

void asm_directive_end(asm_state *as, asm_span directive, unsigned argument)
{
	(void)argument;
	if (!as->func) {
		asm_error(as, directive, NULL, ".end without a .func, .transform or .kernel before it");
		return;
	}
	as->funcs[as->func].ended = true;
	as->func = 0;
	as->in_code = true;
	as->stream = 0;
}

void asm_directive_export(asm_state *as, asm_span directive, unsigned argument)
{
	(void)directive, (void)argument;
	asm_span span;
	asm_export export = {.as = NULL};
	const char *name = asm_parse_name(as, "a function's name", &span), *as_name = NULL;
	if (!name)
		return;
	asm_span word = asm_token_span(as);
	if (as->token.kind == VSP_TOKEN_NAME && asm_same_word(asm_text(as, word), asm_length(word), "AS")) {
		asm_advance(as);
		as_name = asm_parse_name(as, "the exported name", &word);
		if (!as_name)
			return;
	}
	export = (asm_export){.span = span, .name = name, .as = as_name, .as_span = word};
	asm_export *moved = asm_grow(as, as->exports, as->export_count, &as->export_capacity, sizeof *moved);
	if (!moved)
		return;
	as->exports = moved;
	as->exports[as->export_count++] = export;
}

void asm_directive_import(asm_state *as, asm_span directive, unsigned argument)
{
	(void)directive, (void)argument;
	asm_span span;
	bool given;
	vsp_import import = {0};
	import.name = asm_parse_name(as, "the import's name, such as env.print", &span);
	if (!import.name || !parse_signature(as, &import.params, &import.results, &given))
		return;
	const char *dot = strchr(import.name, '.');
	if (!dot || dot == import.name || !dot[1]) {
		asm_error(as, span, NULL, "an import's name is module.name, such as env.print");
		return;
	}
	asm_symbol *symbol = asm_define(as, span, import.name, (uint32_t)strlen(import.name), ASM_IMPORT, 0);
	vsp_import *moved =
	        symbol ? asm_grow(as, as->imports, as->import_count, &as->import_capacity, sizeof *moved) : NULL;
	if (!moved)
		return;
	as->imports = moved;
	symbol->index = as->import_count;
	as->imports[as->import_count++] = import;
}

/* The bytes of a model's file, in the module's arena. */
static const uint8_t *read_model(asm_state *as, asm_span span, const char *given, uint32_t *length)
{
	vsp_named_file file = {.path = asm_resolve_path(as, given),
	        .given = given,
	        .limit = ASM_MAX_DATA - as->beside,
	        .why = "it cannot be read"};
	if (!as->options->read_file) {
		asm_error(as, span, NULL, "files cannot be read here");
		return NULL;
	}
	as->options->read_file(as->options->user, &file);
	if (!file.bytes) {
		asm_error(as, span, NULL, "cannot read model '%s': %s", file.path, file.why);
		return NULL;
	}
	bool fits = file.size <= ASM_MAX_DATA - as->beside;
	uint8_t *copy = fits ? vsp_arena_alloc(&as->module->arena, file.size) : NULL;
	if (!fits)
		asm_error(as, span, NULL, "with model '%s' sections and models are larger than the limit of %u MiB",
		        file.path, ASM_MAX_DATA >> 20);
	else if (!copy)
		asm_out_of_memory(as);
	else if (file.size)
		memcpy(copy, file.bytes, file.size);
	as->beside += copy ? file.size : 0;
	vsp_free_memory(file.bytes);
	*length = (uint32_t)file.size;
	return copy;
}

void asm_directive_model(asm_state *as, asm_span directive, unsigned argument)
{
	(void)directive, (void)argument;
	asm_span span, file;
	uint32_t length;
	vsp_model model = {0};
	model.name = asm_parse_name(as, "the model's name", &span);
	file = asm_token_span(as);
	const char *given = model.name ? asm_parse_string(as, "the model's file in quotes", &length) : NULL;
	if (!given)
		return;
	if (strlen(given) != length || !length) {
		asm_error(as, file, NULL, "a file's name has no zeros and is not empty");
		return;
	}
	model.data = read_model(as, file, given, &model.size);
	asm_symbol *symbol = asm_define(as, span, model.name, (uint32_t)strlen(model.name), ASM_MODEL, 0);
	vsp_model *moved =
	        symbol ? asm_grow(as, as->models, as->model_count, &as->model_capacity, sizeof *moved) : NULL;
	if (!moved)
		return;
	as->models = moved;
	symbol->index = as->model_count;
	as->models[as->model_count++] = model;
}

/* .symbol name, kind, address; .symbol: an empty table; .symbol none: no table. */
void asm_directive_symbol(asm_state *as, asm_span directive, unsigned argument)
{
	static const char *const kinds[] = {[VSP_SYM_LABEL] = "label",
	        [VSP_SYM_DATA] = "data",
	        [VSP_SYM_TRANSFORM] = "transform",
	        [VSP_SYM_FUNCTION] = "function",
	        [VSP_SYM_KERNEL] = "kernel"};
	(void)argument;
	asm_listed listed = {.span = directive};
	asm_span span, word = asm_token_span(as);
	as->listed_symbols = true;
	if (as->token.kind == VSP_TOKEN_END)
		return;
	bool quoted = as->token.kind == VSP_TOKEN_STRING;
	listed.name = asm_parse_name(as, "the symbol's name", &span);
	if (!listed.name)
		return;
	if (!quoted && as->token.kind == VSP_TOKEN_END && asm_same_word(asm_text(as, word), asm_length(word), "NONE")) {
		as->symbols_absent = true;
		return;
	}
	if (!asm_expect(as, ',', "after the symbol's name"))
		return;
	word = asm_token_span(as);
	for (listed.kind = 0; listed.kind < 5; listed.kind++)
		if (as->token.kind == VSP_TOKEN_NAME &&
		        asm_same_word(asm_text(as, word), asm_length(word), kinds[listed.kind]))
			break;
	if (listed.kind == 5) {
		asm_error(as, word, NULL, "a symbol's kind is label, data, transform, function or kernel");
		return;
	}
	asm_advance(as);
	if (!asm_expect(as, ',', "after the symbol's kind") || (listed.expr = asm_parse_expr(as)) == ASM_NONE)
		return;
	asm_listed *moved = asm_grow(as, as->listed, as->listed_count, &as->listed_capacity, sizeof *moved);
	if (!moved)
		return;
	as->listed = moved;
	as->listed[as->listed_count++] = listed;
}

/* .section "TAG": data directives give its bytes; .section "TAG", none: leave it out. */
void asm_directive_section(asm_state *as, asm_span directive, unsigned argument)
{
	(void)argument;
	asm_span span = asm_token_span(as);
	uint32_t length;
	const char *tag = asm_parse_string(as, "the section's tag in quotes", &length);
	if (!tag)
		return;
	if (length != 4) {
		asm_error(as, span, NULL, "a section's tag has four bytes");
		return;
	}
	asm_stream stream = {.span = directive};
	memcpy(stream.tag, tag, 4);
	if (asm_accept(as, ',')) {
		asm_span word = asm_token_span(as);
		if (as->token.kind != VSP_TOKEN_NAME || !asm_same_word(asm_text(as, word), asm_length(word), "NONE")) {
			asm_unexpected(as, "none");
			return;
		}
		asm_advance(as);
		stream.absent = true;
	}
	asm_stream *moved = asm_grow(as, as->streams, as->stream_count, &as->stream_capacity, sizeof *moved);
	if (!moved)
		return;
	as->streams = moved;
	as->streams[as->stream_count++] = stream;
	if (!stream.absent) {
		as->stream = as->stream_count - 1;
		as->in_code = false;
	}
}

void asm_directive_file(asm_state *as, asm_span directive, unsigned argument)
{
	(void)directive, (void)argument;
	asm_span span;
	as->listed_lines = true;
	const char *name =
	        as->token.kind == VSP_TOKEN_END ? NULL : asm_parse_name(as, "the file's name in quotes", &span);
	const char **moved =
	        name ? asm_grow(as, as->loc_files, as->loc_file_count, &as->loc_file_capacity, sizeof *moved) : NULL;
	if (!moved)
		return;
	as->loc_files = moved;
	as->loc_files[as->loc_file_count++] = name;
}

void asm_directive_loc(asm_state *as, asm_span directive, unsigned argument)
{
	(void)argument;
	as->listed_lines = true;
	if (as->token.kind == VSP_TOKEN_END)
		return;
	asm_loc loc = {
	        .func = as->func, .item = as->funcs[as->func].item_count, .expr = as->expr_count, .span = directive};
	for (int i = 0; i < 3; i++)
		if (asm_parse_expr(as) == ASM_NONE ||
		        (i < 2 && !asm_accept(as, ',') && as->token.kind == VSP_TOKEN_END))
			break;
	if (!as->failed && as->expr_count - loc.expr != 3) {
		asm_error(as, directive, NULL, "write .loc file, line, column");
		return;
	}
	asm_loc *moved = as->failed ? NULL : asm_grow(as, as->locs, as->loc_count, &as->loc_capacity, sizeof *moved);
	if (!moved)
		return;
	as->locs = moved;
	as->locs[as->loc_count++] = loc;
}

const char *asm_resolve_path(asm_state *as, const char *path)
{
	const char *from = as->files[as->file].name;
	size_t folder = (size_t)(vsp_plat_path_name(from) - from);
	if (vsp_plat_path_is_absolute(path) || !folder)
		return path;
	size_t length = strlen(path);
	char *joined = vsp_arena_alloc(&as->arena, folder + length + 1);
	if (!joined) {
		asm_out_of_memory(as);
		return "";
	}
	memcpy(joined, from, folder);
	memcpy(joined + folder, path, length + 1);
	return joined;
}
