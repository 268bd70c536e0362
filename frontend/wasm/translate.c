/*
 * Translating a module and those that are preloaded for it: their functions one after the other,
 * those that VSP needs besides, and the tables of the VSP module.
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

/* What of the translation is a module's own. */
typedef struct part {
	wasm_plan *plan;
	const wasm_module *m;
	wasm_lines lines;
	uint32_t *first_exports;   /* by function, or WASM_NO_INDEX */
	const char **export_names; /* by export */
} part;

typedef struct translation {
	wasm_program p;
	part *parts;
	part *at;      /* the one that is translated */
	wasm_reader r; /* for errors */
	vsp_module_data *out;
	vsp_arena arena; /* of what is read */
	ir_code ir;
	build build;
	wasm_allocation allocation;
	wasm_emitter emitter;
	wasm_symbols symbols;
	uint32_t *func_types; /* of FUNC's functions: numbers of types, or WASM_NO_INDEX */
} translation;

static void open_part(translation *t, uint32_t k)
{
	t->p.at = k;
	t->at = &t->parts[k];
	build_open(&t->build, t->at->plan, &t->at->lines);
}

/* ---- functions ---- */

static bool emit_failed(translation *t, uint32_t func)
{
	const wasm_module *m = t->at->m;
	uint64_t offset = func < m->func_count && m->funcs[func].body ? (uint64_t)(m->funcs[func].body - m->bytes) : 0;
	if (t->emitter.no_memory || t->allocation.no_memory)
		return wasm_no_memory(&t->r);
	if (t->allocation.too_many_slots)
		return wasm_fail(&t->r, offset, "function %" PRIu32 " has too many values at a time: more than %d",
		        func, MAX_SLOTS);
	return wasm_fail(&t->r, offset, "the code would be larger than %d MiB", VSP_MAX_CODE >> 20);
}

/* Appends a function to FUNC, whose code begins at start; type: of the module that is translated, or
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
		func.params = (uint8_t)vsp_type_registers(t->at->m->types[type].param_count);
		func.results = (uint8_t)vsp_type_registers(t->at->m->types[type].result_count);
	}
	out->symbols[out->symbol_count++] = (vsp_symbol){name, start, VSP_SYM_FUNCTION};
	t->func_types[out->func_count] = type == WASM_NO_INDEX ? type : t->at->plan->type_index[type];
	out->funcs[out->func_count++] = func;
	return true;
}

/* A name of the module that is translated: those of preloaded ones begin with the module's. */
static const char *add_name(translation *t, const char *text, size_t size)
{
	char name[2 * VSP_NAME_MAX + 2];
	if (!t->at->plan->name)
		return wasm_symbols_add(&t->symbols, text, size);
	size_t shown = size < VSP_NAME_MAX + 1 ? size : VSP_NAME_MAX + 1; /* too long ones stay too long */
	int before = snprintf(name, sizeof name, "%.*s.", VSP_NAME_MAX, t->at->plan->name);
	memcpy(name + before, text, shown);
	return wasm_symbols_add(&t->symbols, name, (size_t)before + shown);
}

/* The name of a function that is not exported: that of the section "name", or a number. */
static const char *inner_name(translation *t, uint32_t func)
{
	char number[40];
	wasm_name name = t->at->m->funcs[func].name;
	const char *zero = name.size ? memchr(name.text, 0, name.size) : NULL;
	size_t size = zero ? (size_t)(zero - name.text) : name.size;
	if (size)
		return add_name(t, name.text, size);
	size = (size_t)snprintf(number, sizeof number, "wasm-function[%" PRIu32 "]", func);
	return add_name(t, number, size);
}

/* Hosts pass 16 parameters in registers, functions 15. */
static bool passes_last(const wasm_type *type) { return type->param_count == VSP_REGISTERS; }

/* An import as a function. */
static bool translate_import(translation *t, uint32_t func)
{
	const wasm_type *type = &t->at->m->types[t->at->m->funcs[func].type];
	uint32_t import = t->at->plan->import_index[func], count = 0;
	vsp_insn insns[VSP_REGISTERS + 3];
	if (passes_last(type))
		insns[count++] = (vsp_insn){.form = VSP_I_GGET,
		        .a = VSP_REGISTERS - 1,
		        .imm = wasm_hidden_cell(&t->p, VSP_REGISTERS - 1)};
	insns[count++] = import == WASM_NO_INDEX ? (vsp_insn){.form = VSP_I_SYSCALL}
	                                         : (vsp_insn){.form = VSP_I_HCALL, .imm = import};
	for (uint32_t i = 0; i < type->result_count; i++)
		if (type->results[i] == WASM_I32)
			insns[count++] = (vsp_insn){.form = VSP_I_SEXT32, .a = (uint8_t)i, .b = (uint8_t)i};
	insns[count++] = (vsp_insn){.form = VSP_I_RET};
	return wasm_emit_insns(&t->emitter, insns, count) || emit_failed(t, func);
}

/* Gives registers to what was built, and writes it. */
static bool emit_built(translation *t, uint32_t func)
{
	return (wasm_allocate_linear(&t->allocation, &t->ir) && wasm_emit(&t->emitter, &t->ir, t->allocation.places)) ||
	       emit_failed(t, func);
}

static bool translate_code(translation *t, uint32_t func)
{
	if (!build_function(&t->build, func, t->r.error)) {
		t->r.status = t->build.code.r.status;
		return false;
	}
	return emit_built(t, func);
}

static bool translate_functions(translation *t)
{
	const wasm_module *m = t->at->m;
	for (uint32_t f = 0; f < m->func_count; f++) {
		uint32_t start = t->emitter.size;
		if (t->at->plan->func_index[f] == WASM_NO_INDEX || t->at->plan->linked[f])
			continue;
		if (!(f < m->imported_funcs ? translate_import(t, f) : translate_code(t, f)))
			return false;
		uint32_t export = t->at->first_exports[f];
		const char *name = export == WASM_NO_INDEX ? inner_name(t, f) : t->at->export_names[export];
		if (!add_function(t, start, m->funcs[f].type, name, export != WASM_NO_INDEX))
			return false;
	}
	return true;
}

/* ---- kernels ---- */

/* A kernel gets a number of 64 bits, and the linear address of its block. */
static bool translate_kernels(translation *t)
{
	const wasm_plan *plan = t->at->plan;
	for (uint32_t k = 0; k < plan->kernel_count; k++) {
		const wasm_export *e = &t->at->m->exports[plan->kernels[k]];
		uint32_t start = t->emitter.size, func = plan->func_index[wasm_kernel_function(t->at->m, e)];
		vsp_insn insns[] = {{.form = VSP_I_SEXT32},
		        {.form = VSP_I_ADDI_W_32, .a = 1, .b = 1, .imm = -(int64_t)t->p.base},
		        {.form = VSP_I_INVOKE, .imm = func}, {.form = VSP_I_RET}};
		if (!wasm_emit_insns(&t->emitter, insns, 4))
			return emit_failed(t, e->index);
		if (!add_function(t, start, WASM_NO_INDEX, t->at->export_names[plan->kernels[k]], false))
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
	t->r.status = vsp_module_verify(t->out, error);
	if (t->r.status == VSP_E_FORMAT && wasm_main(&t->p)->kernel_count && error->pc != VSP_NO_PC)
		explain(t, error);
	return t->r.status == VSP_OK;
}

/* ---- functions besides ---- */

/* The exported function of that name without parameters and results in FUNC, or WASM_NO_INDEX. */
static uint32_t find_export(const part *at, const char *name)
{
	for (uint32_t i = 0; i < at->m->export_count; i++) {
		const wasm_export *e = &at->m->exports[i];
		if (e->kind != WASM_KIND_FUNC || e->name.size != strlen(name) ||
		        memcmp(e->name.text, name, e->name.size) != 0)
			continue;
		const wasm_type *type = &at->m->types[at->m->funcs[e->index].type];
		return type->param_count || type->result_count ? WASM_NO_INDEX : at->plan->func_index[e->index];
	}
	return WASM_NO_INDEX;
}

/* The entry: all modules are initialized, in their order, and then main starts. */
static bool add_entry(translation *t)
{
	vsp_insn insns[3];
	uint32_t count = 0, start = find_export(t->at, "_start");
	insns[count++] = (vsp_insn){.form = VSP_I_INVOKE, .imm = PLAN_INITIALIZE};
	if (start != WASM_NO_INDEX)
		insns[count++] = (vsp_insn){.form = VSP_I_INVOKE, .imm = start};
	insns[count++] = (vsp_insn){.form = VSP_I_RET};
	return (wasm_emit_insns(&t->emitter, insns, count) || emit_failed(t, WASM_NO_INDEX)) &&
	       add_function(t, 0, WASM_NO_INDEX, wasm_symbols_add(&t->symbols, "_vsp_entry", strlen("_vsp_entry")), false);
}

/* The initialization of a module. Main's is a host's one call for all, so it begins with those of
   the others. */
static bool add_initialize(translation *t)
{
	static const char name[] = "_vsp_initialize";
	uint32_t before = t->p.at + 1 == t->p.count ? t->p.count - 1 : 0, start = t->emitter.size;
	uint32_t *calls = wasm_array(&t->r, t->p.arena, (size_t)before + 2, sizeof *calls);
	for (uint32_t k = 0; calls && k < before; k++)
		calls[k] = t->p.plans[k].initialize;
	if (!calls)
		return false;
	bool command = before + 1 == t->p.count && find_export(t->at, "_start") != WASM_NO_INDEX;
	calls[before] = t->at->m->start == WASM_NO_INDEX ? WASM_NO_INDEX : t->at->plan->func_index[t->at->m->start];
	calls[before + 1] = command ? WASM_NO_INDEX : find_export(t->at, "_initialize");
	if (!build_initialize(&t->build, calls, before, before + 2, t->r.error)) {
		t->r.status = t->build.code.r.status;
		return false;
	}
	return emit_built(t, WASM_NO_INDEX) &&
	       add_function(t, start, WASM_NO_INDEX, add_name(t, name, sizeof name - 1), true);
}

static bool add_initializes(translation *t)
{
	for (uint32_t k = 0; k < t->p.count; k++) {
		open_part(t, k ? k - 1 : t->p.count - 1); /* main's is the first */
		if (!add_initialize(t))
			return false;
	}
	return true;
}

/* A function has one name, so further exports of one are functions that call it. */
static bool add_alias(translation *t, uint32_t export)
{
	const wasm_export *e = &t->at->m->exports[export];
	const wasm_type *type = &t->at->m->types[t->at->m->funcs[e->index].type];
	uint32_t start = t->emitter.size, count = 0;
	vsp_insn insns[3];
	if (passes_last(type))
		insns[count++] = (vsp_insn){.form = VSP_I_GSET,
		        .a = VSP_REGISTERS - 1,
		        .imm = wasm_hidden_cell(&t->p, VSP_REGISTERS - 1)};
	insns[count++] = (vsp_insn){.form = VSP_I_INVOKE, .imm = t->at->plan->func_index[e->index]};
	insns[count++] = (vsp_insn){.form = VSP_I_RET};
	return (wasm_emit_insns(&t->emitter, insns, count) || emit_failed(t, e->index)) &&
	       add_function(t, start, t->at->m->funcs[e->index].type, t->at->export_names[export], true);
}

static bool add_aliases(translation *t)
{
	for (uint32_t i = 0; i < t->at->m->export_count; i++) {
		const wasm_export *e = &t->at->m->exports[i];
		if (e->kind != WASM_KIND_FUNC || wasm_is_kernel(e) || t->at->first_exports[e->index] == i)
			continue;
		if (!add_alias(t, i))
			return false;
	}
	return true;
}

/* Exports have their names for certain, so these are taken first. */
static bool name_exports(translation *t)
{
	part *at = t->at;
	at->first_exports = wasm_array(&t->r, &t->arena, at->m->func_count, sizeof *at->first_exports);
	at->export_names = wasm_array(&t->r, &t->arena, at->m->export_count, sizeof *at->export_names);
	if (t->r.status != VSP_OK)
		return false;
	for (uint32_t f = 0; f < at->m->func_count; f++)
		at->first_exports[f] = WASM_NO_INDEX;
	for (uint32_t i = at->m->export_count; i-- > 0;) {
		const wasm_export *e = &at->m->exports[i];
		if (e->kind != WASM_KIND_FUNC)
			continue;
		if (!wasm_is_kernel(e) && !at->plan->linked[e->index] &&
		        !passes_last(&at->m->types[at->m->funcs[e->index].type]))
			at->first_exports[e->index] = i;
		at->export_names[i] = add_name(t, e->name.text, e->name.size);
	}
	return true;
}

/* ---- the module ---- */

/* Models are the host's: the program has their names. */
static bool put_models(translation *t)
{
	vsp_module_data *out = t->out;
	const wasm_plan *plan = wasm_main(&t->p);
	wasm_span names = plan->m->customs[WASM_CUSTOM_MODELS];
	const char *at = (const char *)names.bytes;
	out->models = wasm_array(&t->r, &out->arena, plan->models, sizeof *out->models);
	for (uint32_t i = 0; out->models && i < plan->models; i++) {
		size_t size = strlen(at);
		if (!size || size > VSP_NAME_MAX)
			return wasm_fail(&t->r, (uint64_t)(at - (const char *)plan->m->bytes),
			        "names of models have 1 to %d bytes", VSP_NAME_MAX);
		out->models[out->model_count].name = vsp_arena_string(&out->arena, at, size);
		if (!out->models[out->model_count++].name)
			return wasm_no_memory(&t->r);
		at += size + 1;
	}
	return out->models;
}

static bool put_import(translation *t, const wasm_import *import)
{
	vsp_module_data *out = t->out;
	const wasm_type *type = &t->at->m->types[t->at->m->funcs[import->index].type];
	char name[VSP_NAME_MAX + 1];
	int size = snprintf(name, sizeof name, "%.*s.%.*s", (int)import->module.size, import->module.text,
	        (int)import->field.size, import->field.text);
	vsp_import *slot = &out->imports[out->import_count++];
	*slot = (vsp_import){.name = vsp_arena_string(&out->arena, name, (size_t)size),
	        .params = (uint8_t)type->param_count,
	        .results = (uint8_t)type->result_count};
	return slot->name || wasm_no_memory(&t->r);
}

static bool put_imports(translation *t)
{
	t->out->imports = wasm_array(&t->r, &t->out->arena, t->p.imports, sizeof *t->out->imports);
	for (uint32_t k = 0; t->out->imports && k < t->p.count; k++) {
		open_part(t, k);
		for (uint32_t i = 0; i < t->at->m->import_count; i++) {
			const wasm_import *import = &t->at->m->imports[i];
			if (import->kind == WASM_KIND_FUNC && !t->at->plan->linked[import->index] &&
			        t->at->plan->import_index[import->index] != WASM_NO_INDEX && !put_import(t, import))
				return false;
		}
	}
	return t->out->imports;
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

/* Lines are those of main's code. */
static bool put_lines(translation *t)
{
	return wasm_put_lines(t->out, &t->parts[t->p.count - 1].lines, &t->emitter, &t->r);
}

enum { SECTIONS = 9 };

static bool make_arrays(translation *t)
{
	vsp_module_data *out = t->out;
	size_t most = t->p.func_count;
	for (uint32_t k = 0; k < t->p.count; k++)
		most += t->p.plans[k].m->export_count;
	out->funcs = wasm_array(&t->r, &out->arena, most, sizeof *out->funcs);
	out->symbols = wasm_array(&t->r, &out->arena, most, sizeof *out->symbols);
	out->sections = wasm_array(&t->r, &out->arena, SECTIONS, sizeof *out->sections);
	t->func_types = wasm_array(&t->r, &t->arena, most, sizeof *t->func_types);
	if (!wasm_symbols_create(&t->symbols, &out->arena, (uint32_t)most) || !build_create(&t->build, &t->ir) ||
	        !wasm_lines_read(&t->parts[t->p.count - 1].lines, wasm_main(&t->p)->m, &out->arena))
		return wasm_no_memory(&t->r);
	return t->r.status == VSP_OK;
}

/* Reads module k, of which plans has the name. */
static bool read_part(translation *t, uint32_t k, const uint8_t *bytes, size_t size)
{
	wasm_module *m = vsp_arena_alloc(&t->arena, sizeof *m);
	t->p.at = k;
	t->r.start = bytes;
	if (!m)
		return wasm_no_memory(&t->r);
	t->p.plans[k].m = m;
	t->parts[k].m = m;
	t->parts[k].plan = &t->p.plans[k];
	t->r.status = wasm_module_read(m, bytes, size, &t->arena, t->r.error);
	return t->r.status == VSP_OK;
}

static bool read_parts(translation *t, const vsp_wasm_source *sources, uint32_t count)
{
	t->p.arena = &t->arena;
	t->p.plans = wasm_array(&t->r, &t->arena, count, sizeof *t->p.plans);
	t->parts = wasm_array(&t->r, &t->arena, count, sizeof *t->parts);
	if (t->r.status != VSP_OK)
		return false;
	t->p.count = count;
	for (uint32_t k = 0; k < count; k++) {
		t->p.plans[k].name = k + 1 < count ? sources[k].name : NULL;
		if (!read_part(t, k, sources[k].bytes, sources[k].size))
			return false;
	}
	return true;
}

/* step for each module in its order, main the last. */
static bool each_part(translation *t, bool (*step)(translation *t))
{
	for (uint32_t k = 0; k < t->p.count; k++) {
		open_part(t, k);
		if (!step(t))
			return false;
	}
	return true;
}

/* Main's exports keep their names whatever others are called. */
static bool name_parts(translation *t)
{
	open_part(t, t->p.count - 1);
	if (!name_exports(t))
		return false;
	for (uint32_t k = 0; k + 1 < t->p.count; k++) {
		open_part(t, k);
		if (!name_exports(t))
			return false;
	}
	open_part(t, t->p.count - 1);
	return true;
}

static bool translate(translation *t, const vsp_wasm_source *sources, uint32_t count)
{
	if (!read_parts(t, sources, count) || !wasm_program_make(&t->p, &t->r))
		return false;
	t->out = vsp_module_data_new();
	if (!t->out)
		return wasm_no_memory(&t->r);
	if (!make_arrays(t) || !name_parts(t) || !add_entry(t) || !add_initializes(t) ||
	        !each_part(t, translate_functions) || !translate_kernels(t) || !each_part(t, add_aliases))
		return false;
	if (!put_code(t) || !put_imports(t) || !put_models(t) || !wasm_put_memory(t->out, &t->p, &t->r) ||
	        !put_lines(t) || !build_sections(t) || !wasm_put_globals(t->out, &t->p, &t->r))
		return false;
	if (t->p.table_count &&
	        (!wasm_put_types(t->out, &t->p, &t->r, t->func_types) || !wasm_put_tables(t->out, &t->p, &t->r)))
		return false;
	return verify(t, t->r.error);
}

bool vsp_wasm_is_module(const uint8_t *bytes, size_t size) { return wasm_is_module(bytes, size); }

/* Names the preloaded module that an error is about. */
static void name_module(const translation *t, vsp_error *error)
{
	char what[sizeof error->message];
	const char *name = t->p.at < t->p.count ? t->p.plans[t->p.at].name : NULL;
	if (!error || !name || error->code != VSP_E_FORMAT)
		return;
	snprintf(what, sizeof what, "%s", error->message);
	snprintf(error->message, sizeof error->message, "preloaded module %.64s: %.400s", name, what);
}

vsp_module_data *vsp_wasm_link_modules(const vsp_wasm_source *sources, uint32_t count, vsp_error *error)
{
	translation *t = vsp_alloc(1, sizeof *t);
	if (!t) {
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
		return NULL;
	}
	vsp_error own = VSP_ERROR_INIT; /* the caller's may be null or smaller */
	t->r = (wasm_reader){.error = &own};
	bool good = translate(t, sources, count);
	vsp_module_data *out = t->out;
	name_module(t, &own);
	build_destroy(&t->build);
	ir_free(&t->ir);
	wasm_allocation_free(&t->allocation);
	wasm_emitter_free(&t->emitter);
	wasm_symbols_free(&t->symbols);
	vsp_arena_free(&t->arena);
	vsp_free_memory(t);
	if (good)
		return out;
	vsp_error_give(error, &own);
	vsp_module_data_free(out);
	return NULL;
}

vsp_module_data *vsp_wasm_translate_module(const uint8_t *bytes, size_t size, vsp_error *error)
{
	vsp_wasm_source main = {.bytes = bytes, .size = size};
	return vsp_wasm_link_modules(&main, 1, error);
}
