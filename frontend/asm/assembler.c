/*
 * Assembling a source: parse, lay out, check, emit, verify. Each stage also works on sources with
 * errors as far as it can, so that one run shows all errors.
 */
#include "asm.h"

#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/memory.h"
#include "runtime/platform/platform.h"
#include "frontend/silc/silc.h"

static bool create(asm_state *as)
{
	as->module = vsp_module_data_new();
	as->funcs = asm_grow(as, NULL, 0, &as->func_capacity, sizeof *as->funcs);
	as->streams = asm_grow(as, NULL, 0, &as->stream_capacity, sizeof *as->streams);
	if (!as->module || as->oom || !asm_mnemonics_create(as))
		return asm_out_of_memory(as);
	as->funcs[as->func_count++] = (asm_func){.name = "main"};
	as->streams[as->stream_count++] = (asm_stream){.absent = false};
	as->in_code = true;
	as->mode = 4; /* SIL-128 */
	as->stack_top = VSP_DEFAULT_STACK_TOP;
	as->initial_pages = VSP_DEFAULT_PAGES;
	as->max_pages = VSP_MAX_PAGES;
	return true;
}

static void destroy(asm_state *as)
{
	for (uint32_t i = 0; i < as->file_count; i++) {
		vsp_free_memory(as->files[i].owned);
		vsp_free_memory(as->files[i].lines);
	}
	for (uint32_t i = 0; i < as->func_count; i++)
		vsp_free_memory(as->funcs[i].items);
	for (uint32_t i = 0; i < as->stream_count; i++)
		vsp_free_memory(as->streams[i].chunks);
	void *const arrays[] = {as->files, as->messages, as->symbols, as->buckets, as->steps, as->exprs, as->funcs,
	        as->streams, as->exports, as->listed, as->locs, as->loc_files, as->imports, as->models, as->values};
	for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
		vsp_free_memory(arrays[i]);
	vsp_arena_free(&as->arena);
}

/* Numbers the functions as the module will: code outside functions first, if there is any. */
static void number_functions(asm_state *as)
{
	uint32_t index = 0;
	if (as->func) {
		const asm_func *open = &as->funcs[as->func];
		asm_error(as, open->span, NULL, "'%s' is not ended; .end is missing", open->name);
	}
	for (uint32_t f = 0; f < as->func_count; f++) {
		as->funcs[f].index = index;
		if (f || as->funcs[f].item_count)
			index++;
	}
	if (!index && !as->errors)
		asm_error(as, (asm_span){0, 0, 0}, NULL, "the source has no instructions");
}

/* The function a name stands for, or null; a label named main does not hide the code outside
   functions. */
static asm_func *find_function(asm_state *as, asm_span span, const char *name)
{
	const asm_symbol *symbol = asm_lookup(as, name, (uint32_t)strlen(name), 0, false);
	if (symbol && symbol->kind == ASM_FUNC)
		return &as->funcs[symbol->index];
	if (strcmp(name, "main") == 0 && as->funcs[0].item_count)
		return &as->funcs[0];
	const char *near = asm_nearest_symbol(as, name, (uint32_t)strlen(name), 0, 1u << ASM_FUNC);
	asm_error(as, span, near, "there is no function '%s'%s%s%s", name, near ? "; did you mean '" : "",
	        near ? near : "", near ? "'?" : "");
	return NULL;
}

/* Gives a function the name of .export f as "name", which no other function may have. */
static void name_export(asm_state *as, const asm_export *export, asm_func *func)
{
	uint32_t length = (uint32_t)strlen(export->as);
	const asm_symbol *other = asm_lookup(as, export->as, length, 0, false);
	if (func->export_name) {
		asm_error(as, export->as_span, NULL, "'%s' is exported under two names", func->name);
		return;
	}
	if (other && other->kind == ASM_FUNC && &as->funcs[other->index] != func) {
		asm_error(as, export->as_span, NULL, "there is another function '%s'", export->as);
		asm_note(as, other->span, "it is defined here");
		return;
	}
	func->export_name = export->as;
	asm_define(as, export->as_span, export->as, length, ASM_FUNC, ASM_EXPORTED);
}

static void resolve_exports(asm_state *as)
{
	for (uint32_t i = 0; i < as->export_count; i++) {
		asm_func *func = find_function(as, as->exports[i].span, as->exports[i].name);
		if (!func)
			continue;
		func->exported = true;
		if (as->exports[i].as)
			name_export(as, &as->exports[i], func);
	}
	for (uint32_t f = 0; f < as->func_count; f++)
		if (as->funcs[f].kind == VSP_KIND_FUNCTION && strcmp(as->funcs[f].name, "main") == 0)
			as->funcs[f].exported = true;
}

/* Where the run starts: .entry, else main, else the first function of kind function. */
static const asm_func *find_entry(asm_state *as)
{
	const asm_func *first = NULL;
	if (as->entry.end) {
		const char *name = asm_string(as, asm_text(as, as->entry), asm_length(as->entry));
		const asm_func *func = find_function(as, as->entry, name);
		if (func && func->kind != VSP_KIND_FUNCTION)
			asm_error(as, as->entry, NULL, "'%s' cannot be the entry: it is no function", name);
		return func;
	}
	for (uint32_t f = 0; f < as->func_count; f++) {
		const asm_func *func = &as->funcs[f];
		if (func->kind != VSP_KIND_FUNCTION || (f == 0 && !func->item_count))
			continue;
		if (strcmp(func->name, "main") == 0)
			return func;
		first = first ? first : func;
	}
	if (!first && !as->errors)
		asm_error(
		        as, as->funcs[1].span, NULL, "there is no function to start with, only transforms and kernels");
	return first;
}

/* .stack and .memory, and the pages that the data needs. */
static void resolve_memory(asm_state *as)
{
	int64_t value;
	if (as->stack_span.end &&
	        asm_eval_constant(as, as->stack_expr, 0, UINT32_MAX - VSP_NULL_ZONE - 15, "the stack's size", &value))
		as->stack_top = VSP_NULL_ZONE + (((uint32_t)value + 15) & ~UINT32_C(15));
	asm_layout_stream(as, 0, as->stack_top);
	for (uint32_t s = 1; s < as->stream_count; s++)
		asm_layout_stream(as, s, 0);
	uint64_t needed = ((uint64_t)as->stack_top + as->streams[0].size + VSP_PAGE - 1) / VSP_PAGE;
	if (needed > VSP_MAX_PAGES) {
		asm_error(as, as->stack_span, NULL, "stack and data do not fit in 4 GiB");
		return;
	}
	if (!as->memory_span.end) {
		as->initial_pages = needed > VSP_DEFAULT_PAGES ? (uint32_t)needed : VSP_DEFAULT_PAGES;
		return;
	}
	if (!asm_eval_constant(as, as->memory_expr, 1, VSP_MAX_PAGES, "the number of pages", &value))
		return;
	as->initial_pages = (uint32_t)value;
	if (value < (int64_t)needed)
		asm_error(as, as->exprs[as->memory_expr].span, NULL, "stack and data need %u pages", (unsigned)needed);
	if (as->memory_exprs > 1 &&
	        asm_eval_constant(as, as->memory_expr + 1, value, VSP_MAX_PAGES, "the maximum of pages", &value))
		as->max_pages = (uint32_t)value;
}

/* Reads the module back from its bytes, when raw sections differ from the tables. */
static void reload(asm_state *as, vsp_error *error)
{
	size_t size;
	uint8_t *bytes = vsp_silc_write(as->module, &size, error);
	vsp_module_data *m = bytes ? vsp_silc_read(bytes, size, error) : NULL;
	vsp_free_memory(bytes);
	if (m) {
		vsp_module_data_free(as->module);
		as->module = m;
	}
}

void asm_verify_module(asm_state *as)
{
	vsp_error error = VSP_ERROR_INIT;
	if (as->stream_count > 1)
		reload(as, &error);
	else
		vsp_module_verify(as->module, &error);
	if (error.code == VSP_OK)
		return;
	if (error.code == VSP_E_MEMORY) {
		asm_out_of_memory(as);
		return;
	}
	const asm_item *item = error.pc != VSP_NO_PC ? asm_item_at(as, error.pc) : NULL;
	asm_span span = item ? item->span : as->stream_count > 1 ? as->streams[1].span : (asm_span){0, 0, 0};
	asm_error(as, span, NULL, "%s", error.message);
}

static void assemble(asm_state *as, const char *source, size_t size)
{
	if (size > ASM_MAX_SOURCE) {
		vsp_error_set(as->error, VSP_E_SYNTAX, "the source is larger than %u MiB", ASM_MAX_SOURCE >> 20);
		as->errors++;
		return;
	}
	if (!create(as))
		return;
	/* without randomness names can be chosen that make look-ups slow; nothing else is lost */
	vsp_plat_random(&as->salt, sizeof as->salt);
	as->candidates = ASM_MAX_CANDIDATES;
	asm_parse_file(as, &(asm_file){.name = as->options->file ? as->options->file : "<source>",
	                           .text = source,
	                           .size = (uint32_t)size,
	                           .included = {ASM_NONE, 0, 0}});
	if (as->oom)
		return;
	number_functions(as);
	resolve_exports(as);
	const asm_func *entry = find_entry(as);
	resolve_memory(as);
	asm_layout_code(as);
	asm_check_items(as);
	for (uint32_t s = 0; s < as->stream_count; s++)
		asm_check_stream(as, s);
	if (as->oom)
		return;
	as->module->entry = entry ? entry->start : 0;
	if (!as->errors)
		asm_emit_module(as);
	if (!as->errors && !as->oom)
		asm_verify_module(as);
}

vsp_module_data *vsp_assemble_source(
        const char *source, size_t size, const vsp_assemble_options *options, vsp_error *error)
{
	static const vsp_assemble_options defaults = {.file = NULL};
	vsp_error own = VSP_ERROR_INIT;
	asm_state as = {
	        .options = options ? options : &defaults, .error = error ? error : &own, .arena = VSP_ARENA_INIT};
	vsp_error_clear(as.error);
	vsp_plat_fp_text saved = vsp_plat_fp_text_enter(); /* a program is the same whatever the host's modes */
	assemble(&as, source, size);
	vsp_plat_fp_text_restore(saved);
	if (as.oom)
		vsp_error_set(as.error, VSP_E_MEMORY, "out of memory while assembling");
	else if (as.errors)
		asm_deliver(&as);
	vsp_module_data *module = as.oom || as.errors ? NULL : as.module;
	if (!module)
		vsp_module_data_free(as.module);
	destroy(&as);
	return module;
}
