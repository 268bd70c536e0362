/*
 * The tables of the VSP module: code, imports, models and sections; and its verification.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "frontend/silc/silc.h"
#include "runtime/base/error.h"
#include "sections_out.h"
#include "translation.h"

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
		uint64_t offset = (uint64_t)(at - (const char *)plan->m->bytes);
		if (!size || size > VSP_NAME_MAX)
			return wasm_fail(&t->r, offset, "names of models have 1 to %d bytes", VSP_NAME_MAX);
		if (!vsp_text_is_utf8(at, size))
			return wasm_fail(&t->r, offset, "the name of a model is not valid UTF-8");
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
		translation_open(t, k);
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

/* ---- lines ---- */

/* The lines of the module that row number (from 0) is of. */
static const wasm_lines *lines_of(const translation *t, uint32_t number)
{
	uint32_t low = 0, high = t->p.count;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (t->parts[middle].lines.rows_before <= number)
			low = middle;
		else
			high = middle;
	}
	return &t->parts[low].lines;
}

/* A row without a line says that code has none. */
static vsp_line line_of(const translation *t, wasm_emitted_row row)
{
	if (!row.line)
		return (vsp_line){.address = row.address, .column = 1};
	const wasm_lines *lines = lines_of(t, row.line - 1);
	const wasm_line *line = &lines->rows[row.line - 1 - lines->rows_before];
	return (vsp_line){.address = row.address,
	        .file = lines->files_before + line->file,
	        .line = line->line,
	        .column = line->column};
}

/* The first row of the table has a line. */
static bool put_lines(translation *t)
{
	vsp_module_data *out = t->out;
	const wasm_emitter *e = &t->emitter;
	const wasm_lines *last = &t->parts[t->p.count - 1].lines;
	if (!e->row_count)
		return true;
	out->files = wasm_array(&t->r, &out->arena, last->files_before + last->file_count, sizeof *out->files);
	out->lines = wasm_array(&t->r, &out->arena, e->row_count, sizeof *out->lines);
	if (!out->files || !out->lines)
		return false;
	for (uint32_t k = 0; k < t->p.count; k++)
		for (uint32_t i = 0; i < t->parts[k].lines.file_count; i++)
			out->files[out->file_count++] = t->parts[k].lines.files[i];
	for (uint32_t i = 0; i < e->row_count; i++)
		out->lines[out->line_count++] = line_of(t, e->rows[i]);
	return true;
}

/* ---- all of it ---- */

bool translation_put_module(translation *t)
{
	t->out->scanned = t->allocation.scanned;
	if (!put_code(t) || !put_imports(t) || !put_models(t) || !wasm_put_memory(t->out, &t->p, &t->r) ||
	        !put_lines(t) || !build_sections(t) || !wasm_put_globals(t->out, &t->p, &t->r))
		return false;
	return !t->p.table_count ||
	       (wasm_put_types(t->out, &t->p, &t->r, t->func_types) && wasm_put_tables(t->out, &t->p, &t->r));
}

/* ---- verification ---- */

/* The verifier's place is one in the code that was made. In the file it is the first kernel's
   export, of the last module that has kernels. False: none has. */
static bool locate(translation *t, vsp_error *error)
{
	bool kernels = false;
	for (uint32_t k = 0; k < t->p.count; k++) {
		const wasm_plan *plan = &t->p.plans[k];
		if (!plan->kernel_count)
			continue;
		kernels = true;
		t->p.at = k;
		error->offset = plan->m->exports[plan->kernels[0]].offset;
	}
	return kernels;
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

bool translation_verify(translation *t)
{
	vsp_error *error = t->r.error;
	t->r.status = vsp_module_verify(t->out, error);
	if (t->r.status == VSP_E_FORMAT && error->pc != VSP_NO_PC && locate(t, error))
		explain(t, error);
	return t->r.status == VSP_OK;
}
