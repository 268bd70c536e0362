/*
 * What a module imports of modules that are preloaded for it: the export of that name, which must
 * be of the right kind and type. All other imports are functions of the host.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "guest.h"
#include "ir/opcode.h"
#include "plan.h"
#include "runtime/base/escape.h"

enum { SHOWN = 64 };
static const char *const kinds[] = {"function", "table", "memory", "global"};

static void show(char out[SHOWN], wasm_name name)
{
	vsp_escape(out, SHOWN, name.text ? name.text : "", name.size, VSP_ESCAPE_TEXT);
}

static bool fail(wasm_reader *r, const wasm_import *import, const char *why)
{
	char module[SHOWN], field[SHOWN];
	show(module, import->module);
	show(field, import->field);
	return wasm_fail(
	        r, import->offset, "the imported %s '%s' of module '%s' %s", kinds[import->kind], field, module, why);
}

/* ---- types ---- */

static bool same_bytes(const uint8_t *a, uint32_t a_count, const uint8_t *b, uint32_t b_count)
{
	return a_count == b_count && (!a_count || memcmp(a, b, a_count) == 0);
}

static bool same_type(const wasm_type *a, const wasm_type *b)
{
	return same_bytes(a->params, a->param_count, b->params, b->param_count) &&
	       same_bytes(a->results, a->result_count, b->results, b->result_count);
}

/* Do limits of an export satisfy those of an import? What code of other modules makes larger may be
   large enough when the module is initialized, which finds out. */
static bool fits(wasm_limits have, wasm_limits want, bool grown)
{
	bool enough = have.min >= want.min || (grown && have.max >= want.min);
	return enough && (!want.has_max || (have.has_max && have.max <= want.max));
}

/* ---- one import ---- */

static bool link_function(wasm_plan *plan, uint32_t f, const wasm_plan *from, uint32_t g)
{
	if (!same_type(&plan->m->types[plan->m->funcs[f].type], &from->m->types[from->m->funcs[g].type]))
		return false;
	plan->linked[f] = true;
	plan->func_index[f] = from->func_index[g];
	plan->ref_index[f] = from->ref_index[g];
	return true;
}

static bool link_table(wasm_program *p, wasm_plan *plan, uint32_t i, uint32_t place)
{
	const wasm_table *table = &plan->m->tables[i];
	if (p->tables[place].type != table->type ||
	        !fits(p->tables[place].limits, table->limits, p->tables[place].grown))
		return false;
	plan->table_index[i] = place;
	p->tables[place].stored = true;
	p->tables[place].grown |= table->grown;
	return true;
}

static bool link_memory(wasm_program *p, wasm_plan *plan, uint32_t place)
{
	if (!fits(p->memories[place].limits, plan->m->memory, p->memories[place].grown))
		return false;
	plan->memory = place;
	p->memories[place].grown |= plan->m->memory_grown;
	return true;
}

static bool link_global(wasm_plan *plan, uint32_t i, const wasm_plan *from, uint32_t g)
{
	wasm_global *global = &plan->m->globals[i];
	const wasm_global *other = &from->m->globals[g];
	if (global->type != other->type || global->is_mutable != other->is_mutable)
		return false;
	global->value = other->value;
	plan->global_index[i] = from->global_index[g];
	return true;
}

static bool link_export(
        wasm_program *p, wasm_plan *plan, const wasm_import *import, const wasm_plan *from, uint32_t index)
{
	switch ((wasm_kind)import->kind) {
	case WASM_KIND_FUNC: return link_function(plan, import->index, from, index);
	case WASM_KIND_TABLE: return link_table(p, plan, import->index, from->table_index[index]);
	case WASM_KIND_MEMORY: return link_memory(p, plan, from->memory);
	case WASM_KIND_GLOBAL: return link_global(plan, import->index, from, index);
	}
	return false;
}

/* ---- all imports ---- */

static bool is_named(wasm_name name, const char *text)
{
	return name.size == strlen(text) && memcmp(name.text, text, name.size) == 0;
}

/* The module of that name before module k: of several the last one. */
static const wasm_plan *find_module(const wasm_program *p, uint32_t k, wasm_name name)
{
	while (k-- > 0)
		if (is_named(name, p->plans[k].name))
			return &p->plans[k];
	return NULL;
}

static int compare_names(wasm_name a, wasm_name b)
{
	int order = memcmp(a.text, b.text, a.size < b.size ? a.size : b.size);
	return order ? order : a.size < b.size ? -1 : a.size > b.size;
}

static const wasm_export *find_export(const wasm_module *m, wasm_name name)
{
	uint32_t low = 0, high = m->export_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const wasm_export *export = &m->exports[m->export_order[middle]];
		int order = compare_names(export->name, name);
		if (!order)
			return export;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* A function of the host. */
static bool check_host(const wasm_plan *plan, const wasm_import *import, wasm_reader *r)
{
	const wasm_module *m = plan->m;
	if (import->kind != WASM_KIND_FUNC)
		return fail(
		        r, import, "is not there: a module that exports it must be preloaded (--preload NAME=FILE)");
	if (!import->module.size || !import->field.size || memchr(import->module.text, 0, import->module.size) ||
	        memchr(import->field.text, 0, import->field.size))
		return wasm_fail(r, import->offset, "imports whose names are empty or contain zeros are not supported");
	if (import->module.text[0] == '.') /* the first dot ends the module's name in MODULE.FIELD */
		return wasm_fail(
		        r, import->offset, "imports from modules whose names begin with a dot are not supported");
	if ((uint64_t)import->module.size + import->field.size + 1 > 255)
		return wasm_fail(r, import->offset, "imports whose names have more than 254 bytes are not supported");
	const wasm_type *type = &m->types[m->funcs[import->index].type];
	if (type->param_count > VSP_REGISTERS || type->result_count > VSP_REGISTERS)
		return wasm_fail(r, import->offset,
		        "imported functions with more than %d parameters or results are not supported", VSP_REGISTERS);
	return true;
}

static bool link_import(wasm_program *p, uint32_t k, const wasm_import *import, wasm_reader *r)
{
	wasm_plan *plan = &p->plans[k];
	const wasm_plan *from = wasm_is_guest(import) ? NULL : find_module(p, k, import->module);
	if (!from)
		return check_host(plan, import, r);
	const wasm_export *export = find_export(from->m, import->field);
	if (!export)
		return fail(r, import, "is none of that module's exports");
	if (export->kind != import->kind)
		return fail(r, import, "is an export of another kind");
	return link_export(p, plan, import, from, export->index) || fail(r, import, "is an export of another type");
}

bool wasm_link(wasm_program *p, uint32_t k, wasm_reader *r)
{
	const wasm_module *m = p->plans[k].m;
	for (uint32_t i = 0; i < m->import_count; i++)
		if (!link_import(p, k, &m->imports[i], r))
			return false;
	return true;
}
