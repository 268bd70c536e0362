/*
 * Translating a module and those that are preloaded for it into one VSP module.
 */
#include "translate.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/base/escape.h"
#include "translation.h"

enum { SECTIONS = 9, SHOWN_NAME = 65 };

/* The lines of all modules are numbered one after the other. */
static bool read_lines(translation *t)
{
	for (uint32_t k = 0; k < t->p.count; k++) {
		wasm_lines *lines = &t->parts[k].lines;
		if (k) {
			const wasm_lines *before = &t->parts[k - 1].lines;
			lines->rows_before = before->rows_before + before->count;
			lines->files_before = before->files_before + before->file_count;
		}
		if (!wasm_lines_read(lines, t->p.plans[k].m, &t->out->arena) ||
		        lines->count > INT32_MAX - lines->rows_before)
			return false;
	}
	return true;
}

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
	        !read_lines(t))
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
		translation_open(t, k);
		if (!step(t))
			return false;
	}
	return true;
}

/* Main's exports keep their names whatever others are called. */
static bool name_parts(translation *t)
{
	translation_open(t, t->p.count - 1);
	if (!translation_name_exports(t))
		return false;
	for (uint32_t k = 0; k + 1 < t->p.count; k++) {
		translation_open(t, k);
		if (!translation_name_exports(t))
			return false;
	}
	translation_open(t, t->p.count - 1);
	return true;
}

static bool translate(translation *t, const vsp_wasm_source *sources, uint32_t count)
{
	if (!read_parts(t, sources, count) || !wasm_program_make(&t->p, &t->r))
		return false;
	t->out = vsp_module_data_new();
	if (!t->out)
		return wasm_no_memory(&t->r);
	if (!make_arrays(t) || !name_parts(t) || !translation_add_entry(t) || !translation_add_initializes(t) ||
	        !each_part(t, translation_add_functions) || !each_part(t, translation_add_kernels) ||
	        !each_part(t, translation_add_aliases))
		return false;
	return translation_put_module(t) && translation_verify(t);
}

bool vsp_wasm_is_module(const uint8_t *bytes, size_t size) { return wasm_is_module(bytes, size); }

/* Names the preloaded module that an error is about. */
static void name_module(const translation *t, vsp_error *error)
{
	char what[sizeof error->message], shown[SHOWN_NAME];
	const char *name = t->p.at < t->p.count ? t->p.plans[t->p.at].name : NULL;
	if (!name || error->code != VSP_E_FORMAT)
		return;
	snprintf(what, sizeof what, "%s", error->message);
	vsp_escape(shown, sizeof shown, name, strlen(name), VSP_ESCAPE_TEXT);
	snprintf(error->message, sizeof error->message, "preloaded module %s: %.400s", shown, what);
	vsp_escape(error->file, sizeof error->file, name, strlen(name), VSP_ESCAPE_TEXT);
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
