/*
 * Translating a module: its functions one after the other, those that VSP needs besides, and the
 * tables of the VSP module.
 */
#include "translate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "emit.h"
#include "frontend/silc/silc.h"
#include "guest.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "sections_out.h"
#include "symbols.h"
#include "wasm.h"

typedef struct translation {
	wasm_module m;
	wasm_plan plan;
	wasm_reader r; /* for errors */
	vsp_module_data *out;
	vsp_arena arena; /* of what is read */
	ir_code ir;
	build build;
	wasm_lines lines;
	wasm_allocation allocation;
	wasm_emitter emitter;
	wasm_symbols symbols;
	uint32_t *first_exports;   /* by function, or WASM_NO_INDEX */
	const char **export_names; /* by export */
	uint32_t *func_types;      /* of FUNC's functions: types of m, or WASM_NO_INDEX */
} translation;

/* ---- functions ---- */

static bool emit_failed(translation *t, uint32_t func)
{
	uint64_t offset =
	        func < t->m.func_count && t->m.funcs[func].body ? (uint64_t)(t->m.funcs[func].body - t->m.bytes) : 0;
	if (t->emitter.no_memory || t->allocation.no_memory)
		return wasm_no_memory(&t->r);
	if (t->allocation.too_many_slots)
		return wasm_fail(&t->r, offset, "function %" PRIu32 " has too many values at a time: more than %d",
		        func, MAX_SLOTS);
	return wasm_fail(&t->r, offset, "the code would be larger than %d MiB", VSP_MAX_CODE >> 20);
}

/* Appends a function to FUNC, whose code begins at start; type: of the WebAssembly module, or
   WASM_NO_INDEX. */
static bool add_function(translation *t, uint32_t start, uint32_t type, const char *name, bool exported)
{
	vsp_module_data *out = t->out;
	if (!name)
		return wasm_no_memory(&t->r);
	vsp_func func = {.start = start,
	        .size = t->emitter.size - start,
	        .symbol = out->symbol_count,
	        .flags = exported ? VSP_FUNC_EXPORTED : 0};
	if (type != WASM_NO_INDEX) {
		func.params = (uint8_t)vsp_type_registers(t->m.types[type].param_count);
		func.results = (uint8_t)vsp_type_registers(t->m.types[type].result_count);
	}
	out->symbols[out->symbol_count++] = (vsp_symbol){name, start, VSP_SYM_FUNCTION};
	t->func_types[out->func_count] = type;
	out->funcs[out->func_count++] = func;
	return true;
}

/* The name of a function that is not exported: that of the section "name", or a number. */
static const char *inner_name(translation *t, uint32_t func)
{
	char number[40];
	wasm_name name = t->m.funcs[func].name;
	const char *zero = name.size ? memchr(name.text, 0, name.size) : NULL;
	size_t size = zero ? (size_t)(zero - name.text) : name.size;
	if (size)
		return wasm_symbols_add(&t->symbols, name.text, size);
	size = (size_t)snprintf(number, sizeof number, "wasm-function[%" PRIu32 "]", func);
	return wasm_symbols_add(&t->symbols, number, size);
}

/* An import as a function. */
static bool translate_import(translation *t, uint32_t func)
{
	const wasm_type *type = &t->m.types[t->m.funcs[func].type];
	uint32_t import = t->plan.import_index[func], count = 0;
	vsp_insn insns[VSP_REGISTERS + 2];
	insns[count++] = import == WASM_NO_INDEX ? (vsp_insn){.form = VSP_I_SYSCALL}
	                                         : (vsp_insn){.form = VSP_I_HCALL, .imm = import};
	for (uint32_t i = 0; i < type->result_count; i++)
		if (type->results[i] == WASM_I32)
			insns[count++] = (vsp_insn){.form = VSP_I_SEXT32, .a = (uint8_t)i, .b = (uint8_t)i};
	insns[count++] = (vsp_insn){.form = VSP_I_RET};
	return wasm_emit_insns(&t->emitter, insns, count) || emit_failed(t, func);
}

static bool translate_code(translation *t, uint32_t func)
{
	if (!build_function(&t->build, func, t->r.error)) {
		t->r.status = t->build.code.r.status;
		return false;
	}
	return (wasm_allocate_linear(&t->allocation, &t->ir) && wasm_emit(&t->emitter, &t->ir, t->allocation.places)) ||
	       emit_failed(t, func);
}

static bool translate_functions(translation *t)
{
	for (uint32_t f = 0; f < t->m.func_count; f++) {
		uint32_t start = t->emitter.size;
		if (t->plan.func_index[f] == WASM_NO_INDEX)
			continue;
		if (!(f < t->m.imported_funcs ? translate_import(t, f) : translate_code(t, f)))
			return false;
		uint32_t export = t->first_exports[f];
		const char *name = export == WASM_NO_INDEX ? inner_name(t, f) : t->export_names[export];
		if (!add_function(t, start, t->m.funcs[f].type, name, export != WASM_NO_INDEX))
			return false;
	}
	return true;
}

/* ---- kernels ---- */

/* A kernel gets a number of 64 bits, and the linear address of its block. */
static bool translate_kernels(translation *t)
{
	for (uint32_t k = 0; k < t->plan.kernel_count; k++) {
		const wasm_export *e = &t->m.exports[t->plan.kernels[k]];
		uint32_t start = t->emitter.size, func = t->plan.func_index[wasm_kernel_function(&t->m, e)];
		vsp_insn insns[] = {{.form = VSP_I_SEXT32},
		        {.form = VSP_I_ADDI_W_32, .a = 1, .b = 1, .imm = -WASM_BASE},
		        {.form = VSP_I_INVOKE, .imm = func}, {.form = VSP_I_RET}};
		if (!wasm_emit_insns(&t->emitter, insns, 4))
			return emit_failed(t, e->index);
		if (!add_function(t, start, WASM_NO_INDEX, t->export_names[t->plan.kernels[k]], false))
			return false;
		vsp_func *kernel = &t->out->funcs[t->out->func_count - 1];
		kernel->kind = VSP_KIND_KERNEL;
		kernel->params = 2;
		t->out->symbols[kernel->symbol].kind = VSP_SYM_KERNEL;
	}
	return true;
}

/* Says what the verifier refuses in code that a kernel reaches in words of the source. */
static void explain(const translation *t, vsp_error *error)
{
	char what[sizeof error->message];
	const vsp_line *line = vsp_module_line_at(t->out, error->pc);
	bool global = strstr(error->message, "GGET") || strstr(error->message, "GSET");
	const char *hint = global ? "; a kernel has no globals, and no stack for locals whose address is taken" : "";
	snprintf(what, sizeof what, "%s", error->message);
	if (line)
		snprintf(error->message, sizeof error->message, "function %s, at %.96s:%" PRId64 ": %.200s%s",
		        error->function, t->out->files[line->file], line->line, what, hint);
	else
		snprintf(error->message, sizeof error->message, "function %s: %.256s%s", error->function, what, hint);
}

static bool verify(translation *t, vsp_error *error)
{
	vsp_error own = VSP_ERROR_INIT; /* the caller's may be null or smaller */
	t->r.status = vsp_module_verify(t->out, &own);
	if (t->r.status == VSP_E_FORMAT && t->plan.kernel_count && own.pc != VSP_NO_PC)
		explain(t, &own);
	vsp_error_give(error, &own);
	return t->r.status == VSP_OK;
}

/* ---- functions besides ---- */

/* The exported function of that name without parameters and results, or WASM_NO_INDEX. */
static uint32_t find_export(const translation *t, const char *name)
{
	for (uint32_t i = 0; i < t->m.export_count; i++) {
		const wasm_export *e = &t->m.exports[i];
		if (e->kind != WASM_KIND_FUNC || e->name.size != strlen(name) ||
		        memcmp(e->name.text, name, e->name.size) != 0)
			continue;
		const wasm_type *type = &t->m.types[t->m.funcs[e->index].type];
		return type->param_count || type->result_count ? WASM_NO_INDEX : e->index;
	}
	return WASM_NO_INDEX;
}

static bool add_calls(translation *t, const char *name, const uint32_t *calls, uint32_t count, bool exported)
{
	vsp_insn insns[4];
	uint32_t start = t->emitter.size, n = 0;
	for (uint32_t i = 0; i < count; i++)
		if (calls[i] != WASM_NO_INDEX)
			insns[n++] = (vsp_insn){.form = VSP_I_INVOKE, .imm = calls[i]};
	insns[n++] = (vsp_insn){.form = VSP_I_RET};
	return (wasm_emit_insns(&t->emitter, insns, n) || emit_failed(t, WASM_NO_INDEX)) &&
	       add_function(t, start, WASM_NO_INDEX, wasm_symbols_add(&t->symbols, name, strlen(name)), exported);
}

/* What a start function, _start or _initialize is in FUNC. */
static uint32_t callee(const translation *t, uint32_t func)
{
	return func == WASM_NO_INDEX ? WASM_NO_INDEX : t->plan.func_index[func];
}

static bool add_entry(translation *t)
{
	uint32_t start = callee(t, find_export(t, "_start"));
	uint32_t initialize = start == WASM_NO_INDEX ? callee(t, find_export(t, "_initialize")) : WASM_NO_INDEX;
	return add_calls(t, "_vsp_entry", (const uint32_t[]){PLAN_INITIALIZE, start}, 2, false) &&
	       add_calls(t, "_vsp_initialize", (const uint32_t[]){callee(t, t->m.start), initialize}, 2, true);
}

/* A function has one name, so further exports of one are functions that call it. */
static bool add_aliases(translation *t)
{
	for (uint32_t i = 0; i < t->m.export_count; i++) {
		const wasm_export *e = &t->m.exports[i];
		uint32_t start = t->emitter.size;
		if (e->kind != WASM_KIND_FUNC || wasm_is_kernel(e) || t->first_exports[e->index] == i)
			continue;
		vsp_insn insns[] = {{.form = VSP_I_INVOKE, .imm = t->plan.func_index[e->index]}, {.form = VSP_I_RET}};
		if (!wasm_emit_insns(&t->emitter, insns, 2))
			return emit_failed(t, e->index);
		if (!add_function(t, start, t->m.funcs[e->index].type, t->export_names[i], true))
			return false;
	}
	return true;
}

/* Exports have their names for certain, so these are taken first. */
static bool name_exports(translation *t)
{
	t->first_exports = wasm_array(&t->r, &t->arena, t->m.func_count, sizeof *t->first_exports);
	t->export_names = wasm_array(&t->r, &t->arena, t->m.export_count, sizeof *t->export_names);
	if (t->r.status != VSP_OK)
		return false;
	for (uint32_t f = 0; f < t->m.func_count; f++)
		t->first_exports[f] = WASM_NO_INDEX;
	for (uint32_t i = t->m.export_count; i-- > 0;) {
		const wasm_export *e = &t->m.exports[i];
		if (e->kind != WASM_KIND_FUNC)
			continue;
		if (!wasm_is_kernel(e))
			t->first_exports[e->index] = i;
		t->export_names[i] = wasm_symbols_add(&t->symbols, e->name.text, e->name.size);
	}
	return true;
}

/* ---- the module ---- */

/* Models are the host's: the program has their names. */
static bool put_models(translation *t)
{
	vsp_module_data *out = t->out;
	wasm_span names = t->m.customs[WASM_CUSTOM_MODELS];
	const char *at = (const char *)names.bytes;
	out->models = wasm_array(&t->r, &out->arena, t->plan.models, sizeof *out->models);
	for (uint32_t i = 0; out->models && i < t->plan.models; i++) {
		size_t size = strlen(at);
		if (!size || size > VSP_NAME_MAX)
			return wasm_fail(&t->r, (uint64_t)(at - (const char *)t->m.bytes),
			        "names of models have 1 to %d bytes", VSP_NAME_MAX);
		out->models[out->model_count].name = vsp_arena_string(&out->arena, at, size);
		if (!out->models[out->model_count++].name)
			return wasm_no_memory(&t->r);
		at += size + 1;
	}
	return out->models;
}

static bool put_imports(translation *t)
{
	vsp_module_data *out = t->out;
	out->imports = wasm_array(&t->r, &out->arena, t->plan.imports, sizeof *out->imports);
	for (uint32_t i = 0; out->imports && i < t->m.import_count; i++) {
		const wasm_import *import = &t->m.imports[i];
		const wasm_type *type = &t->m.types[t->m.funcs[import->index].type];
		char name[VSP_NAME_MAX + 1];
		if (t->plan.import_index[import->index] == WASM_NO_INDEX)
			continue;
		int size = snprintf(name, sizeof name, "%.*s.%.*s", (int)import->module.size, import->module.text,
		        (int)import->field.size, import->field.text);
		vsp_import *slot = &out->imports[out->import_count++];
		*slot = (vsp_import){.name = vsp_arena_string(&out->arena, name, (size_t)size),
		        .params = (uint8_t)type->param_count,
		        .results = (uint8_t)type->result_count};
		if (!slot->name)
			return wasm_no_memory(&t->r);
	}
	return out->imports;
}

static bool build_sections(translation *t)
{
	vsp_module_data *out = t->out;
	vsp_status (*const builders[])(const vsp_module_data *, vsp_arena *, vsp_section *, vsp_error *) = {
	        vsp_silc_build_func, vsp_silc_build_memo, vsp_silc_build_impt, vsp_silc_build_line,
	        vsp_silc_build_modl};
	const bool wanted[] = {true, true, out->import_count > 0, out->line_count > 0, out->model_count > 0};
	for (unsigned i = 0; i < 5 && t->r.status == VSP_OK; i++) {
		if (!wanted[i])
			continue;
		t->r.status = builders[i](out, &out->arena, &out->sections[out->section_count], t->r.error);
		out->section_count++;
	}
	return t->r.status == VSP_OK;
}

static bool put_code(translation *t)
{
	vsp_module_data *out = t->out;
	uint8_t *code = vsp_arena_alloc(&out->arena, t->emitter.size);
	if (!code)
		return wasm_no_memory(&t->r);
	memcpy(code, t->emitter.code, t->emitter.size);
	out->code = code;
	out->code_size = t->emitter.size;
	out->entry = out->funcs[PLAN_ENTRY].start;
	out->mode = 4;
	out->symbols_stored = true;
	return true;
}

enum { SECTIONS = 9 };

static bool make_arrays(translation *t)
{
	vsp_module_data *out = t->out;
	size_t most = (size_t)t->plan.func_count + t->m.export_count;
	out->funcs = wasm_array(&t->r, &out->arena, most, sizeof *out->funcs);
	out->symbols = wasm_array(&t->r, &out->arena, most, sizeof *out->symbols);
	out->sections = wasm_array(&t->r, &out->arena, SECTIONS, sizeof *out->sections);
	t->func_types = wasm_array(&t->r, &t->arena, most, sizeof *t->func_types);
	if (!wasm_symbols_create(&t->symbols, &out->arena, (uint32_t)most) ||
	        !build_create(&t->build, &t->plan, &t->lines, &t->ir) ||
	        !wasm_lines_read(&t->lines, &t->m, &out->arena))
		return wasm_no_memory(&t->r);
	return t->r.status == VSP_OK;
}

static bool translate(translation *t, const uint8_t *bytes, size_t size, vsp_error *error)
{
	t->r = (wasm_reader){.at = bytes, .end = bytes, .start = bytes, .error = error};
	t->r.status = wasm_module_read(&t->m, bytes, size, &t->arena, error);
	if (t->r.status != VSP_OK || !wasm_plan_make(&t->plan, &t->m, &t->r))
		return false;
	t->out = vsp_module_data_new();
	if (!t->out)
		return wasm_no_memory(&t->r);
	if (!make_arrays(t) || !name_exports(t) || !add_entry(t) || !translate_functions(t) || !translate_kernels(t) ||
	        !add_aliases(t))
		return false;
	if (!put_code(t) || !put_imports(t) || !put_models(t) || !wasm_put_memory(t->out, &t->plan, &t->r) ||
	        !wasm_put_lines(t->out, &t->lines, &t->emitter, &t->r) || !build_sections(t) ||
	        !wasm_put_globals(t->out, &t->plan, &t->r))
		return false;
	if (t->m.table_count &&
	        (!wasm_put_types(t->out, &t->plan, &t->r, t->func_types) || !wasm_put_tables(t->out, &t->plan, &t->r)))
		return false;
	return verify(t, error);
}

bool vsp_wasm_is_module(const uint8_t *bytes, size_t size) { return wasm_is_module(bytes, size); }

vsp_module_data *vsp_wasm_translate_module(const uint8_t *bytes, size_t size, vsp_error *error)
{
	translation *t = vsp_alloc(1, sizeof *t);
	if (!t) {
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
		return NULL;
	}
	bool good = translate(t, bytes, size, error);
	vsp_module_data *out = t->out;
	build_destroy(&t->build);
	ir_free(&t->ir);
	wasm_allocation_free(&t->allocation);
	wasm_emitter_free(&t->emitter);
	wasm_symbols_free(&t->symbols);
	vsp_arena_free(&t->arena);
	vsp_free_memory(t);
	if (good)
		return out;
	vsp_module_data_free(out);
	return NULL;
}
