/*
 * Modules of the public API: they are made from bytes (from files: load_file.c, from source:
 * source.c), shared by reference counting, and inspected.
 */
#include "api.h"

#include <string.h>

#include "frontend/disasm/disassembler.h"
#include "frontend/silc/silc.h"
#include "frontend/wasm/translate.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/platform/platform.h"

vsp_module *vsp_module_wrap(vsp_module_data *data, vsp_error *error)
{
	if (!data)
		return NULL;
	vsp_module *module = vsp_alloc(1, sizeof *module);
	vsp_code *code = module ? vsp_code_create(data, &vsp_exec_loop) : NULL;
	if (!code) {
		vsp_free_memory(module);
		vsp_module_data_free(data);
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
		return NULL;
	}
	static _Atomic uint64_t last_number;
	atomic_init(&module->owners, 1);
	module->number = atomic_fetch_add(&last_number, 1) + 1;
	module->data = data;
	module->code = code;
	return module;
}

vsp_module *vsp_module_retain(vsp_module *module)
{
	if (module)
		atomic_fetch_add_explicit(&module->owners, 1, memory_order_relaxed);
	return module;
}

void vsp_module_free(vsp_module *module)
{
	if (!module || atomic_fetch_sub_explicit(&module->owners, 1, memory_order_acq_rel) != 1)
		return;
	vsp_code_destroy(module->code);
	vsp_module_data_free(module->data);
	vsp_free_memory(module);
}

/* ---- bytes ---- */

vsp_module *vsp_module_load(const void *bytes, size_t size, vsp_error *error)
{
	vsp_error_clear(error);
	if (!bytes) {
		vsp_error_set(error, VSP_E_ARGUMENT, "bytes is null");
		return NULL;
	}
	bool wasm = vsp_wasm_is_module(bytes, size);
	return vsp_module_wrap(
	        wasm ? vsp_wasm_translate_module(bytes, size, error) : vsp_silc_read(bytes, size, error), error);
}

/* A copy in the module's arena. */
static const uint8_t *keep_bytes(vsp_module_data *data, const void *bytes, size_t size)
{
	uint8_t *copy = vsp_arena_alloc(&data->arena, size);
	if (copy && size)
		memcpy(copy, bytes, size);
	return copy;
}

/* Fills a module with raw code and data. False: out of memory. The sizes have been checked. */
static bool fill_raw(vsp_module_data *m, const void *code, size_t code_size, const void *data, size_t data_size)
{
	m->code = keep_bytes(m, code, code_size);
	m->data = keep_bytes(m, data, data_size);
	m->funcs = vsp_arena_array(&m->arena, 1, sizeof *m->funcs);
	if (!m->code || !m->data || !m->funcs)
		return false;
	m->code_size = (uint32_t)code_size;
	m->data_size = (uint32_t)data_size;
	m->funcs[0] = (vsp_func){.size = m->code_size, .symbol = VSP_NO_SYMBOL, .flags = VSP_FUNC_EXPORTED};
	m->func_count = 1;
	m->implicit_main = true;
	uint64_t end = m->stack_top + (uint64_t)data_size, pages = (end + VSP_PAGE - 1) / VSP_PAGE;
	if (pages > m->initial_pages)
		m->initial_pages = (uint32_t)pages;
	return true;
}

vsp_module *vsp_module_load_raw(
        const void *code, size_t code_size, const void *data, size_t data_size, vsp_error *error)
{
	vsp_error_clear(error);
	if (!code || (!data && data_size)) {
		vsp_error_set(error, VSP_E_ARGUMENT, "%s is null", code ? "data" : "code");
		return NULL;
	}
	if (code_size < 1 || code_size > VSP_MAX_CODE || data_size > UINT32_MAX - VSP_DEFAULT_STACK_TOP) {
		vsp_error_set(error, VSP_E_ARGUMENT, "%s size is out of range",
		        code_size - 1 < VSP_MAX_CODE ? "data" : "code");
		return NULL;
	}
	vsp_module_data *m = vsp_module_data_new();
	if (!m || !fill_raw(m, code, code_size, data, data_size)) {
		vsp_module_data_free(m);
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
		return NULL;
	}
	if (vsp_module_verify(m, error) != VSP_OK) {
		vsp_module_data_free(m);
		return NULL;
	}
	return vsp_module_wrap(m, error);
}

uint8_t *vsp_module_write(const vsp_module *module, size_t *size, vsp_error *error)
{
	vsp_error_clear(error);
	if (!module || !size) {
		vsp_error_set(error, VSP_E_ARGUMENT, "%s is null", module ? "size" : "module");
		return NULL;
	}
	return vsp_silc_write(module->data, size, error);
}

char *vsp_module_disassemble(const vsp_module *module, size_t *length, vsp_error *error)
{
	vsp_error_clear(error);
	if (!module) {
		vsp_error_set(error, VSP_E_ARGUMENT, "module is null");
		return NULL;
	}
	size_t n = 0;
	char *text = vsp_disassemble(module->data, &n);
	if (!text)
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	if (length)
		*length = n;
	return text;
}

void vsp_bytes_free(void *bytes) { vsp_free_memory(bytes); }

/* ---- looking inside ---- */

static void describe_function(const vsp_module_data *m, uint32_t index, vsp_function_info *info)
{
	const vsp_func *f = &m->funcs[index];
	vsp_function_info full = {.size = info->size,
	        .name = vsp_module_func_name(m, index),
	        .params = f->kind == VSP_KIND_TRANSFORM ? VSP_REGISTERS : f->params,
	        .results = f->kind == VSP_KIND_TRANSFORM ? VSP_REGISTERS : f->results,
	        .kind = f->kind,
	        .exported = f->flags & VSP_FUNC_EXPORTED,
	        .code_start = f->start,
	        .code_size = f->size};
	vsp_copy_sized(info, info->size, &full, sizeof full);
}

uint32_t vsp_module_function_count(const vsp_module *module) { return module ? module->data->func_count : 0; }

vsp_status vsp_module_function(const vsp_module *module, uint32_t index, vsp_function_info *info)
{
	if (!module || !info || !info->size || index >= module->data->func_count)
		return VSP_E_ARGUMENT;
	describe_function(module->data, index, info);
	return VSP_OK;
}

vsp_status vsp_module_find(const vsp_module *module, const char *name, vsp_function_info *info)
{
	uint32_t index = module && name ? vsp_module_find_export(module->data, name) : VSP_NO_PC;
	if (index == VSP_NO_PC || (info && !info->size))
		return VSP_E_ARGUMENT;
	if (info)
		describe_function(module->data, index, info);
	return VSP_OK;
}

vsp_status vsp_module_line(const vsp_module *module, uint32_t pc, const char **file, uint32_t *line)
{
	if (!module || !file || !line || pc >= module->data->code_size)
		return VSP_E_ARGUMENT;
	const vsp_line *row = vsp_module_line_at(module->data, pc);
	if (!row || row->line < 1 || row->line > UINT32_MAX)
		return VSP_E_ARGUMENT;
	*file = module->data->files[row->file];
	*line = (uint32_t)row->line;
	return VSP_OK;
}

uint32_t vsp_module_import_count(const vsp_module *module) { return module ? module->data->import_count : 0; }

vsp_status vsp_module_import(
        const vsp_module *module, uint32_t index, const char **name, uint32_t *params, uint32_t *results)
{
	if (!module || index >= module->data->import_count)
		return VSP_E_ARGUMENT;
	const vsp_import *import = &module->data->imports[index];
	if (name)
		*name = import->name;
	if (params)
		*params = import->params;
	if (results)
		*results = import->results;
	return VSP_OK;
}
