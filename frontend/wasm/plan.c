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

/* ---- what is refused ---- */

static bool is_named(wasm_name name, const char *text)
{
	return name.size == strlen(text) && memcmp(name.text, text, name.size) == 0;
}

/* Hosts know a translated module, and start it, by these names. */
static bool is_own_name(wasm_name name) { return is_named(name, "_vsp_entry") || is_named(name, "_vsp_initialize"); }

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
		if (is_own_name(export->name))
			return wasm_fail(r, export->offset,
			        "the export '%.*s' has a name of VSP's own, which starts modules by it; choose another",
			        (int)export->name.size, export->name.text);
		if (type->param_count > VSP_REGISTERS || type->result_count > VSP_REGISTERS)
			return wasm_fail(r, export->offset,
			        "exported functions with more than %d parameters or results are not supported",
			        VSP_REGISTERS);
	}
	return true;
}

static bool check_memory(const wasm_module *m, wasm_reader *r)
{
	return !m->has_memory || m->memory.min < WASM_PAGES ||
	       wasm_fail(r, m->memory_offset, "memories of more than %d pages are not supported", WASM_PAGES - 1);
}

/* ---- types ---- */

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
	const wasm_type *x = ((const wasm_type *const *)context)[a], *y = ((const wasm_type *const *)context)[b];
	int order = compare_spans((span){x->params, x->param_count}, (span){y->params, y->param_count});
	return order ? order : compare_spans((span){x->results, x->result_count}, (span){y->results, y->result_count});
}

/* The types of all modules, one module after the other. */
static const wasm_type **list_types(const wasm_program *p, wasm_reader *r, uint32_t *count)
{
	size_t total = 0;
	for (uint32_t k = 0; k < p->count; k++)
		total += p->plans[k].m->type_count;
	const wasm_type **all = total < UINT32_MAX ? wasm_array(r, p->arena, total, sizeof *all) : NULL;
	*count = 0;
	for (uint32_t k = 0; all && k < p->count; k++)
		for (uint32_t i = 0; i < p->plans[k].m->type_count; i++)
			all[(*count)++] = &p->plans[k].m->types[i];
	return all;
}

/* Types that are equal get one number. */
static bool number_types(wasm_program *p, wasm_reader *r)
{
	uint32_t count;
	const wasm_type **all = list_types(p, r, &count);
	uint32_t *order = all ? wasm_array(r, p->arena, count, sizeof *order) : NULL;
	uint32_t *numbers = order ? wasm_array(r, p->arena, count, sizeof *numbers) : NULL;
	p->types = numbers ? wasm_array(r, p->arena, count, sizeof *p->types) : NULL;
	for (uint32_t i = 0; p->types && i < count; i++)
		order[i] = i;
	if (!p->types || !vsp_sort_indices(order, count, compare_types, all))
		return wasm_no_memory(r);
	for (uint32_t i = 0; i < count; i++) {
		if (!i || compare_types(all, order[i - 1], order[i]) != 0)
			p->types[p->type_count++] = all[order[i]];
		numbers[order[i]] = p->type_count - 1;
	}
	for (uint32_t k = 0, at = 0; k < p->count; at += p->plans[k++].m->type_count)
		p->plans[k].type_index = numbers + at;
	return p->type_count < UINT16_MAX ||
	       wasm_fail(r, 0, "%" PRIu32 " different types are more than %d", p->type_count, UINT16_MAX - 1);
}

/* ---- functions ---- */

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

static bool number_imports(wasm_program *p, wasm_plan *plan, wasm_reader *r)
{
	const wasm_module *m = plan->m;
	for (uint32_t i = 0; i < m->import_count && r->status == VSP_OK; i++) {
		const wasm_import *import = &m->imports[i];
		if (import->kind != WASM_KIND_FUNC || plan->linked[import->index])
			continue;
		bool guest = wasm_is_guest(import);
		if (guest && is_function(m, import->index))
			return wasm_fail(r, import->offset,
			        "VSP's own instructions cannot be exported, be values of pointers, or be the start "
			        "function");
		if (guest)
			plan->guests[import->index] = (uint8_t)(wasm_guest_find(m, import, r) + 1);
		plan->import_index[import->index] = guest || is_proc_exit(m, import) ? WASM_NO_INDEX : p->imports++;
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
		if (import->kind != WASM_KIND_FUNC || plan->guests[import->index] != WASM_GUEST_LAUNCH + 1)
			continue;
		uint32_t kernel = find_kernel(plan, order, wasm_launched_name(import));
		if (kernel == plan->kernel_count)
			return wasm_no_kernel(import, r);
		plan->launched[import->index] = plan->first_kernel + kernel;
		if (plan->launched[import->index] > UINT16_MAX)
			return wasm_fail(r, import->offset, "kernels have numbers up to %d", UINT16_MAX);
	}
	return true;
}

static bool count_models(wasm_plan *plan, wasm_reader *r)
{
	wasm_span names = plan->m->customs[WASM_CUSTOM_MODELS];
	for (size_t i = 0; i < names.size; i++)
		plan->models += names.bytes[i] == 0;
	return !plan->name || !plan->models ||
	       wasm_fail(r, (uint64_t)(names.bytes - plan->m->bytes),
	               "models of preloaded modules are not supported: the main module must name and run them");
}

/* Hosts may call what is exported. References are given to all functions that code can refer to. */
static void number_functions(wasm_program *p, wasm_plan *plan)
{
	const wasm_module *m = plan->m;
	for (uint32_t i = 0; i < m->export_count; i++)
		if (m->exports[i].kind == WASM_KIND_FUNC && !wasm_is_kernel(&m->exports[i]))
			plan->exported[m->exports[i].index] = true;
	for (uint32_t f = 0; f < m->func_count; f++) {
		if (plan->linked[f])
			continue;
		plan->func_index[f] = is_function(m, f) ? p->func_count++ : WASM_NO_INDEX;
		if (!m->funcs[f].declared)
			continue;
		p->refs[p->ref_count++] = plan->func_index[f];
		plan->ref_index[f] = p->ref_count;
	}
}

/* Cells for what does not fit into registers: the last parameter that would is there too. */
static void count_hidden(wasm_program *p)
{
	for (uint32_t i = 0; i < p->type_count; i++) {
		const wasm_type *t = p->types[i];
		uint32_t most = t->param_count > t->result_count ? t->param_count : t->result_count;
		if (most >= VSP_REGISTERS && most - (VSP_REGISTERS - 1) > p->hidden)
			p->hidden = most - (VSP_REGISTERS - 1);
	}
}

static bool make_arrays(wasm_plan *plan, wasm_reader *r)
{
	const wasm_module *m = plan->m;
	plan->func_index = wasm_array(r, m->arena, m->func_count, sizeof *plan->func_index);
	plan->import_index = wasm_array(r, m->arena, m->func_count, sizeof *plan->import_index);
	plan->exported = wasm_array(r, m->arena, m->func_count, sizeof *plan->exported);
	plan->linked = wasm_array(r, m->arena, m->func_count, sizeof *plan->linked);
	plan->ref_index = wasm_array(r, m->arena, m->func_count, sizeof *plan->ref_index);
	plan->guests = wasm_array(r, m->arena, m->func_count, sizeof *plan->guests);
	plan->launched = wasm_array(r, m->arena, m->func_count, sizeof *plan->launched);
	plan->kernels = wasm_array(r, m->arena, m->export_count, sizeof *plan->kernels);
	plan->global_index = wasm_array(r, m->arena, m->global_count, sizeof *plan->global_index);
	plan->table_index = wasm_array(r, m->arena, m->table_count, sizeof *plan->table_index);
	plan->elems = wasm_array(r, m->arena, m->elem_count, sizeof *plan->elems);
	plan->datas = wasm_array(r, m->arena, m->data_count, sizeof *plan->datas);
	return r->status == VSP_OK;
}

static bool make_plan(wasm_program *p, uint32_t k, wasm_reader *r)
{
	wasm_plan *plan = &p->plans[k];
	p->at = k;
	plan->program = p;
	plan->memory = WASM_NO_INDEX;
	plan->initialize = k + 1 == p->count ? PLAN_INITIALIZE : PLAN_INITIALIZE + 1 + k;
	if (!count_models(plan, r) || !make_arrays(plan, r) || !wasm_link(p, k, r) || !check_exports(plan->m, r) ||
	        !check_memory(plan->m, r) || !number_imports(p, plan, r) || !number_kernels(plan, r))
		return false;
	number_functions(p, plan);
	return wasm_plan_definitions(p, plan, r);
}

/* Arrays that are as long as those of all modules together. */
static bool make_program(wasm_program *p, wasm_reader *r)
{
	size_t funcs = 0, cells = 0, tables = 0;
	for (uint32_t k = 0; k < p->count; k++) {
		const wasm_module *m = p->plans[k].m;
		funcs += m->func_count;
		tables += m->table_count;
		cells += (size_t)m->global_count + m->table_count + m->elem_count + m->data_count + 1;
	}
	p->refs = wasm_array(r, p->arena, funcs, sizeof *p->refs);
	p->cells = wasm_array(r, p->arena, cells, sizeof *p->cells);
	p->tables = wasm_array(r, p->arena, tables, sizeof *p->tables);
	p->memories = wasm_array(r, p->arena, p->count, sizeof *p->memories);
	p->func_count = PLAN_INITIALIZE + p->count;
	return r->status == VSP_OK;
}

bool wasm_program_make(wasm_program *p, wasm_reader *r)
{
	if (!make_program(p, r))
		return false;
	for (uint32_t k = 0; k < p->count; k++)
		if (!make_plan(p, k, r))
			return false;
	uint32_t kernels = p->func_count;
	for (p->at = 0; p->at < p->count; p->at++) {
		wasm_plan *plan = &p->plans[p->at];
		plan->first_kernel = kernels;
		kernels += plan->kernel_count;
		if (!find_launched(plan, r))
			return false;
	}
	if (!wasm_place(p, r) || !number_types(p, r))
		return false;
	count_hidden(p);
	return p->cell_count + p->hidden <= UINT16_MAX ||
	       wasm_fail(r, 0, "%" PRIu32 " mutable globals are more than %d", p->cell_count, UINT16_MAX);
}
