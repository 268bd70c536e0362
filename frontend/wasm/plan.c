/*
 * The numbers of functions, globals and types in the VSP module, and what of a WebAssembly module
 * cannot be translated.
 */
#include "plan.h"

#include <inttypes.h>
#include <string.h>

#include "guest.h"
#include "ir/opcode.h"
#include "ir/sort.h"

/* Of section TABL. */
enum { MOST_TABLES = 16, MOST_ENTRIES = 1000 * 1000 };

/* ---- what is refused ---- */

static bool is_reference_global(const wasm_global *g) { return wasm_is_reference(g->type); }

static bool check_imports(const wasm_module *m, wasm_reader *r)
{
	static const char *const words[] = {"functions", "tables", "memories", "globals"};
	for (uint32_t i = 0; i < m->import_count; i++) {
		const wasm_import *import = &m->imports[i];
		if (import->kind != WASM_KIND_FUNC)
			return wasm_fail(r, import->offset, "imported %s are not supported yet", words[import->kind]);
		if (!import->module.size || !import->field.size ||
		        memchr(import->module.text, 0, import->module.size) ||
		        memchr(import->field.text, 0, import->field.size))
			return wasm_fail(
			        r, import->offset, "imports whose names are empty or contain zeros are not supported");
		if ((uint64_t)import->module.size + import->field.size + 1 > 255)
			return wasm_fail(
			        r, import->offset, "imports whose names have more than 254 bytes are not supported");
		const wasm_type *type = &m->types[m->funcs[import->index].type];
		if (type->param_count > VSP_REGISTERS || type->result_count > VSP_REGISTERS)
			return wasm_fail(r, import->offset,
			        "imported functions with more than %d parameters or results are not supported",
			        VSP_REGISTERS);
	}
	return true;
}

static bool check_exports(const wasm_module *m, wasm_reader *r)
{
	for (uint32_t i = 0; i < m->export_count; i++) {
		const wasm_export *export = &m->exports[i];
		if (export->kind != WASM_KIND_FUNC)
			continue;
		const wasm_type *type = &m->types[m->funcs[export->index].type];
		if (!export->name.size || memchr(export->name.text, 0, export->name.size))
			return wasm_fail(
			        r, export->offset, "exported names that are empty or contain zeros are not supported");
		if (type->param_count > VSP_REGISTERS || type->result_count > VSP_REGISTERS)
			return wasm_fail(r, export->offset,
			        "exported functions with more than %d parameters or results are not supported",
			        VSP_REGISTERS);
	}
	return true;
}

static bool check_rest(const wasm_module *m, wasm_reader *r)
{
	for (uint32_t i = 0; i < m->global_count; i++)
		if (is_reference_global(&m->globals[i]))
			return wasm_fail(r, m->globals[i].offset, "globals of type %s are not supported yet",
			        wasm_type_name(m->globals[i].type));
	for (uint32_t i = 0; i < m->table_count; i++)
		if (i >= MOST_TABLES || m->tables[i].limits.min > MOST_ENTRIES)
			return wasm_fail(r, m->tables[i].offset,
			        "more than %d tables, or %d entries in one, are not supported", MOST_TABLES,
			        MOST_ENTRIES);
	if (m->has_memory && m->memory.min >= WASM_PAGES)
		return wasm_fail(
		        r, m->memory_offset, "memories of more than %d pages are not supported", WASM_PAGES - 1);
	return true;
}

/* ---- numbers ---- */

/* Every immutable global is constant. */
static void number_globals(wasm_plan *plan)
{
	for (uint32_t i = 0; i < plan->m->global_count; i++)
		plan->global_index[i] = plan->m->globals[i].is_mutable ? plan->globals++ : WASM_NO_INDEX;
}

typedef struct span {
	const uint8_t *bytes;
	uint32_t count;
} span;

static int compare_spans(span a, span b)
{
	if (a.count != b.count)
		return a.count < b.count ? -1 : 1;
	return a.count ? memcmp(a.bytes, b.bytes, a.count) : 0;
}

static int compare_types(const void *context, uint32_t a, uint32_t b)
{
	const wasm_type *x = &((const wasm_module *)context)->types[a], *y = &((const wasm_module *)context)->types[b];
	int order = compare_spans((span){x->params, x->param_count}, (span){y->params, y->param_count});
	return order ? order : compare_spans((span){x->results, x->result_count}, (span){y->results, y->result_count});
}

/* Types that are equal get one number. */
static bool number_types(wasm_plan *plan, wasm_reader *r)
{
	const wasm_module *m = plan->m;
	uint32_t *order = wasm_array(r, m->arena, m->type_count, sizeof *order);
	plan->types = wasm_array(r, m->arena, m->type_count, sizeof *plan->types);
	for (uint32_t i = 0; order && i < m->type_count; i++)
		order[i] = i;
	if (!order || !plan->types || !vsp_sort_indices(order, m->type_count, compare_types, m))
		return wasm_no_memory(r);
	for (uint32_t i = 0; i < m->type_count; i++) {
		if (!i || compare_types(m, order[i - 1], order[i]) != 0)
			plan->types[plan->type_count++] = order[i];
		plan->type_index[order[i]] = plan->type_count - 1;
	}
	return plan->type_count < UINT16_MAX ||
	       wasm_fail(r, 0, "%" PRIu32 " different types are more than %d", plan->type_count, UINT16_MAX - 1);
}

static bool is_named(wasm_name name, const char *text)
{
	return name.size == strlen(text) && memcmp(name.text, text, name.size) == 0;
}

/* It never returns, and is an instruction. */
static bool is_proc_exit(const wasm_module *m, const wasm_import *import)
{
	const wasm_type *type = &m->types[m->funcs[import->index].type];
	return (is_named(import->module, "wasi_snapshot_preview1") || is_named(import->module, "wasi_unstable")) &&
	       is_named(import->field, "proc_exit") && type->param_count == 1 && type->params[0] == WASM_I32 &&
	       !type->result_count;
}

/* Must the function be one of the VSP module? All that are defined, and imports that are exported,
   in tables or the start function. */
static bool is_function(const wasm_module *m, uint32_t func)
{
	return func >= m->imported_funcs || m->funcs[func].declared || func == m->start;
}

static bool number_imports(wasm_plan *plan, wasm_reader *r)
{
	const wasm_module *m = plan->m;
	for (uint32_t i = 0; i < m->import_count && r->status == VSP_OK; i++) {
		const wasm_import *import = &m->imports[i];
		bool guest = wasm_is_guest(import);
		if (guest && is_function(m, import->index))
			return wasm_fail(r, import->offset,
			        "VSP's own instructions cannot be exported, be values of pointers, or be the start "
			        "function");
		if (guest)
			plan->guests[import->index] = (uint8_t)(wasm_guest_find(m, import, r) + 1);
		plan->import_index[import->index] = guest || is_proc_exit(m, import) ? WASM_NO_INDEX : plan->imports++;
	}
	return r->status == VSP_OK;
}

/* ---- kernels and models ---- */

static bool number_kernels(wasm_plan *plan, wasm_reader *r)
{
	const wasm_module *m = plan->m;
	static const uint8_t params[] = {WASM_I32, WASM_I32};
	for (uint32_t i = 0; i < m->export_count; i++) {
		const wasm_export *export = &m->exports[i];
		if (!wasm_is_kernel(export))
			continue;
		const wasm_type *type = &m->types[m->funcs[export->index].type];
		if (type->param_count != 2 || type->result_count || memcmp(type->params, params, 2) != 0 ||
		        export->index < m->imported_funcs)
			return wasm_fail(r, export->offset, "a kernel is a function of two i32 without results");
		plan->kernels[plan->kernel_count++] = i;
	}
	return true;
}

static int compare_kernels(const void *context, uint32_t a, uint32_t b)
{
	const wasm_plan *plan = context;
	const wasm_export *exports = plan->m->exports;
	return wasm_kernel_compare(&exports[plan->kernels[a]], wasm_kernel_name(&exports[plan->kernels[b]]));
}

/* The kernel of that name, or kernel_count; order: kernels by their names. */
static uint32_t find_kernel(const wasm_plan *plan, const uint32_t *order, wasm_name name)
{
	uint32_t low = 0, high = plan->kernel_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int compared = wasm_kernel_compare(&plan->m->exports[plan->kernels[order[middle]]], name);
		if (!compared)
			return order[middle];
		if (compared < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return plan->kernel_count;
}

static bool find_launched(wasm_plan *plan, wasm_reader *r)
{
	const wasm_module *m = plan->m;
	uint32_t *order = wasm_array(r, m->arena, plan->kernel_count, sizeof *order);
	for (uint32_t i = 0; order && i < plan->kernel_count; i++)
		order[i] = i;
	if (!order || !vsp_sort_indices(order, plan->kernel_count, compare_kernels, plan))
		return wasm_no_memory(r);
	for (uint32_t i = 0; i < m->import_count; i++) {
		const wasm_import *import = &m->imports[i];
		if (plan->guests[import->index] != WASM_GUEST_LAUNCH + 1)
			continue;
		uint32_t kernel = find_kernel(plan, order, wasm_launched_name(import));
		if (kernel == plan->kernel_count)
			return wasm_no_kernel(import, r);
		plan->launched[import->index] = plan->func_count + kernel;
		if (plan->launched[import->index] > UINT16_MAX)
			return wasm_fail(r, import->offset, "kernels have numbers up to %d", UINT16_MAX);
	}
	return true;
}

static void count_models(wasm_plan *plan)
{
	wasm_span names = plan->m->customs[WASM_CUSTOM_MODELS];
	for (size_t i = 0; i < names.size; i++)
		plan->models += names.bytes[i] == 0;
}

static void number_functions(wasm_plan *plan)
{
	const wasm_module *m = plan->m;
	for (uint32_t i = 0; i < m->export_count; i++)
		if (m->exports[i].kind == WASM_KIND_FUNC && !wasm_is_kernel(&m->exports[i]))
			plan->exported[m->exports[i].index] = true;
	plan->func_count = PLAN_FUNCTIONS;
	for (uint32_t f = 0; f < m->func_count; f++)
		plan->func_index[f] = is_function(m, f) ? plan->func_count++ : WASM_NO_INDEX;
}

static void count_hidden(wasm_plan *plan)
{
	for (uint32_t i = 0; i < plan->m->type_count; i++) {
		const wasm_type *t = &plan->m->types[i];
		uint32_t most = t->param_count > t->result_count ? t->param_count : t->result_count;
		if (most > VSP_REGISTERS && most - VSP_REGISTERS > plan->hidden)
			plan->hidden = most - VSP_REGISTERS;
	}
}

bool wasm_plan_make(wasm_plan *plan, const wasm_module *m, wasm_reader *r)
{
	*plan = (wasm_plan){.m = m};
	plan->func_index = wasm_array(r, m->arena, m->func_count, sizeof *plan->func_index);
	plan->import_index = wasm_array(r, m->arena, m->func_count, sizeof *plan->import_index);
	plan->exported = wasm_array(r, m->arena, m->func_count, sizeof *plan->exported);
	plan->guests = wasm_array(r, m->arena, m->func_count, sizeof *plan->guests);
	plan->launched = wasm_array(r, m->arena, m->func_count, sizeof *plan->launched);
	plan->kernels = wasm_array(r, m->arena, m->export_count, sizeof *plan->kernels);
	plan->global_index = wasm_array(r, m->arena, m->global_count, sizeof *plan->global_index);
	plan->type_index = wasm_array(r, m->arena, m->type_count, sizeof *plan->type_index);
	if (r->status != VSP_OK || !check_imports(m, r) || !check_exports(m, r) || !check_rest(m, r))
		return false;
	number_globals(plan);
	if (!number_imports(plan, r) || !number_kernels(plan, r))
		return false;
	number_functions(plan);
	if (!find_launched(plan, r))
		return false;
	count_models(plan);
	count_hidden(plan);
	if (plan->globals + plan->hidden > UINT16_MAX)
		return wasm_fail(r, 0, "%" PRIu32 " mutable globals are more than %d", plan->globals, UINT16_MAX);
	return number_types(plan, r);
}
