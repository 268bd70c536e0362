/*
 * Where globals, memories, tables and segments are: cells of the instance's globals, linear memory
 * below the primary memory, or section TABL for tables that never change.
 */
#include <inttypes.h>
#include <string.h>

#include "guest.h"
#include "ir/opcode.h"
#include "plan.h"
#include "runtime/base/escape.h"
#include "sections.h"

enum {
	MOST_TABLES = 16, /* of section TABL, which has references too */
	MOST_ENTRIES = 1000 * 1000,
	ROOM_ENTRIES = 1 << 16, /* a table without a maximum may grow by so much */
	ROOM_PAGES = 1 << 10,   /* and a memory beside the primary one */
	PAGE_BITS = 16,
	SHOWN = 64 /* bytes of a name in a message */
};

static uint32_t new_cell(wasm_program *p, int64_t first)
{
	p->cells[p->cell_count] = first;
	return p->cell_count++;
}

/* ---- constants ---- */

static int64_t known_value(const wasm_plan *plan, const wasm_const *value)
{
	if (value->kind == WASM_CONST_FUNC)
		return plan->ref_index[value->bits];
	return value->kind == WASM_CONST_NULL ? 0 : (int64_t)value->bits;
}

int64_t wasm_plan_value(const wasm_plan *plan, wasm_reader *r, const wasm_const *value)
{
	if (value->kind != WASM_CONST_IMPORTED)
		return known_value(plan, value);
	const wasm_module *m = plan->m;
	wasm_reader part = {
	        .at = m->bytes + value->offset, .end = m->bytes + m->size, .start = m->bytes, .error = r->error};
	wasm_const known = wasm_read_const(plan->m, &part, value->type);
	if (part.status != VSP_OK)
		r->status = part.status;
	return known_value(plan, &known);
}

/* ---- definitions ---- */

/* The values of all globals become numbers, for modules that import them. */
static void define_globals(wasm_program *p, wasm_plan *plan, wasm_reader *r)
{
	for (uint32_t i = plan->m->imported_globals; i < plan->m->global_count; i++) {
		wasm_global *g = &plan->m->globals[i];
		int64_t value = wasm_plan_value(plan, r, &g->value);
		g->value.kind = WASM_CONST_BITS;
		g->value.bits = (uint64_t)value;
		plan->global_index[i] = g->is_mutable ? new_cell(p, value) : WASM_NO_INDEX;
	}
}

static void define_tables(wasm_program *p, wasm_plan *plan)
{
	for (uint32_t i = 0; i < plan->m->table_count; i++) {
		const wasm_table *table = &plan->m->tables[i];
		if (table->imported) {
			p->tables[plan->table_index[i]].stored |= table->stored;
			continue;
		}
		plan->table_index[i] = p->table_count;
		p->tables[p->table_count++] = (wasm_table_place){.limits = table->limits,
		        .type = table->type,
		        .stored = table->stored,
		        .grown = table->grown,
		        .size_cell = WASM_NO_INDEX};
	}
}

static bool check_tables(const wasm_plan *plan, wasm_reader *r)
{
	for (uint32_t i = 0; i < plan->m->table_count; i++)
		if (plan->m->tables[i].limits.min > MOST_ENTRIES)
			return wasm_fail(r, plan->m->tables[i].offset,
			        "tables of more than %d entries are not supported", MOST_ENTRIES);
	return true;
}

bool wasm_plan_definitions(wasm_program *p, wasm_plan *plan, wasm_reader *r)
{
	if (!check_tables(plan, r))
		return false;
	define_globals(p, plan, r);
	define_tables(p, plan);
	if (plan->m->has_memory && !plan->m->memory_imported) {
		plan->memory = p->memory_count;
		p->memories[p->memory_count++] =
		        (wasm_memory_place){.limits = plan->m->memory, .grown = plan->m->memory_grown};
	}
	return r->status == VSP_OK;
}

/* ---- segments ---- */

/* A segment that does not fit is an error when its module stands alone; otherwise the
   initialization traps, after what comes before it. */
static bool note_misfit(const wasm_program *p, wasm_reader *r, uint64_t offset, wasm_segment_place *place,
        const char *what, uint32_t i, uint64_t end, uint32_t size)
{
	bool data = *what == 'd';
	place->late = true;
	return p->count > 1 || wasm_fail(r, offset,
	                               "%s segment %" PRIu32 " would trap when instantiated: it ends at %" PRIu64
	                               ", behind the %s of %" PRIu32 "%s",
	                               what, i, end, data ? "memory" : "table", size, data ? " pages" : "");
}

static bool note_data(const wasm_program *p, wasm_plan *plan, wasm_reader *r, uint32_t i)
{
	const wasm_data *d = &plan->m->datas[i];
	wasm_segment_place *place = &plan->datas[i];
	place->size = d->mode == WASM_PASSIVE ? d->size : 0;
	place->stored = d->mode == WASM_PASSIVE && d->used;
	if (d->mode != WASM_ACTIVE)
		return true;
	uint64_t end = (uint64_t)(uint32_t)wasm_plan_value(plan, r, &d->where) + d->size;
	uint32_t pages = wasm_memory_of(plan)->limits.min;
	place->late = plan->m->memory_imported;
	if (end <= (uint64_t)pages << PAGE_BITS || place->late)
		return r->status == VSP_OK;
	return note_misfit(p, r, d->offset, place, "data", i, end, pages);
}

static bool note_elem(wasm_program *p, wasm_plan *plan, wasm_reader *r, uint32_t i)
{
	const wasm_elem *e = &plan->m->elems[i];
	wasm_segment_place *place = &plan->elems[i];
	place->size = e->mode == WASM_PASSIVE ? e->count : 0;
	place->stored = e->mode == WASM_PASSIVE && e->used;
	if (e->mode != WASM_ACTIVE)
		return true;
	uint64_t end = (uint64_t)(uint32_t)wasm_plan_value(plan, r, &e->where) + e->count;
	uint32_t size = plan->m->tables[e->table].limits.min;
	place->late = plan->m->tables[e->table].imported;
	if (end <= size || place->late)
		return r->status == VSP_OK;
	p->tables[plan->table_index[e->table]].stored = true;
	return note_misfit(p, r, e->offset, place, "element", i, end, size);
}

static bool note_segments(wasm_program *p, wasm_plan *plan, wasm_reader *r)
{
	for (uint32_t i = 0; i < plan->m->data_count; i++)
		if (!note_data(p, plan, r, i))
			return false;
	for (uint32_t i = 0; i < plan->m->elem_count; i++)
		if (!note_elem(p, plan, r, i))
			return false;
	return true;
}

/* ---- addresses ---- */

/* Takes size bytes of linear memory; where they begin is a multiple of align. */
static uint32_t take(uint64_t *low, uint64_t size, uint64_t align)
{
	uint64_t at = (*low + align - 1) / align * align;
	*low = at + size;
	return (uint32_t)at;
}

static void place_segment(wasm_program *p, wasm_segment_place *s, uint64_t *low, uint64_t bytes, bool dropped)
{
	s->stored |= s->late;
	s->size_cell = s->stored && dropped ? new_cell(p, s->size) : WASM_NO_INDEX;
	if (s->stored)
		s->address = take(low, bytes, WASM_ENTRY_BYTES);
}

static void place_segments(wasm_program *p, wasm_plan *plan, uint64_t *low)
{
	const wasm_module *m = plan->m;
	for (uint32_t i = 0; i < m->elem_count; i++)
		place_segment(
		        p, &plan->elems[i], low, (uint64_t)m->elems[i].count * WASM_ENTRY_BYTES, m->elems[i].dropped);
	for (uint32_t i = 0; i < m->data_count; i++)
		place_segment(p, &plan->datas[i], low, m->datas[i].size, m->datas[i].dropped);
}

static uint32_t room(uint32_t min, uint32_t max, uint32_t more) { return max - min < more ? max : min + more; }

static void place_tables(wasm_program *p, uint64_t *low)
{
	for (uint32_t i = 0; i < p->table_count; i++) {
		wasm_table_place *t = &p->tables[i];
		t->most = t->limits.min;
		t->stored |= p->fixed_tables == MOST_TABLES - 1; /* one is left for references */
		if (!t->stored) {
			t->number = p->fixed_tables++;
			continue;
		}
		if (t->grown) {
			t->most = room(t->limits.min, t->limits.max, ROOM_ENTRIES);
			t->size_cell = new_cell(p, t->limits.min);
		}
		t->address = take(low, (uint64_t)t->most * WASM_ENTRY_BYTES, WASM_ENTRY_BYTES);
	}
}

/* The primary memory is main's, or else the last one. */
static void place_memories(wasm_program *p, uint64_t *low)
{
	uint32_t primary = wasm_main(p)->memory != WASM_NO_INDEX ? wasm_main(p)->memory : p->memory_count - 1;
	for (uint32_t i = 0; i < p->memory_count; i++) {
		wasm_memory_place *memory = &p->memories[i];
		memory->primary = i == primary;
		if (memory->primary)
			continue;
		memory->most = room(memory->limits.min, memory->limits.max, ROOM_PAGES);
		memory->size_cell = new_cell(p, (int64_t)memory->limits.min << PAGE_BITS);
		memory->base = take(low, (uint64_t)memory->most << PAGE_BITS, 1 << PAGE_BITS);
	}
	p->base = take(low, 0, 1 << PAGE_BITS);
	if (p->memory_count)
		p->memories[primary].base = p->base;
}

/* ---- limits ---- */

static bool is_wasi(wasm_name module)
{
	static const char prefix[] = "wasi_";
	return module.size >= sizeof prefix - 1 && memcmp(module.text, prefix, sizeof prefix - 1) == 0;
}

static bool has_integers(const uint8_t *types, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (types[i] == WASM_I32 || types[i] == WASM_I64)
			return true;
	return false;
}

/* May what an import does be about addresses of the module? A module without memory has none, but
   WASI and VSP's own instructions would take its numbers for addresses in another's. */
static bool uses_memory(const wasm_plan *plan, const wasm_import *import)
{
	const wasm_type *type = &plan->m->types[plan->m->funcs[import->index].type];
	if (plan->guests[import->index])
		return strchr(wasm_guests[plan->guests[import->index] - 1].params, 'p');
	if (plan->import_index[import->index] == WASM_NO_INDEX) /* proc_exit */
		return false;
	return is_wasi(import->module) ||
	       (wasm_memory_of(plan) && (has_integers(type->params, type->param_count) ||
	                                        has_integers(type->results, type->result_count)));
}

static bool refuse_import(wasm_reader *r, const wasm_import *import)
{
	char module[SHOWN], field[SHOWN];
	vsp_escape(module, SHOWN, import->module.text, import->module.size, VSP_ESCAPE_TEXT);
	vsp_escape(field, SHOWN, import->field.text, import->field.size, VSP_ESCAPE_TEXT);
	return wasm_fail(r, import->offset,
	        "the imported function '%s' of module '%s' would use the program's memory, which is not this "
	        "module's; let this one and the main module import or export one memory",
	        field, module);
}

/* Hosts, WASI and VSP's own instructions know the primary memory alone. */
static bool check_imports(const wasm_plan *plan, wasm_reader *r)
{
	const wasm_module *m = plan->m;
	const wasm_memory_place *memory = wasm_memory_of(plan);
	if (!plan->program->memory_count || (memory && memory->primary))
		return true;
	for (uint32_t i = 0; i < m->import_count; i++) {
		const wasm_import *import = &m->imports[i];
		if (import->kind == WASM_KIND_FUNC && !plan->linked[import->index] && uses_memory(plan, import))
			return refuse_import(r, import);
	}
	return true;
}

/* So do kernels, which are about addresses in blocks. */
static bool check_kernels(const wasm_plan *plan, wasm_reader *r)
{
	const wasm_memory_place *memory = wasm_memory_of(plan);
	if (!plan->kernel_count || !memory || memory->primary)
		return true;
	const wasm_export *kernel = &plan->m->exports[plan->kernels[0]];
	char name[SHOWN];
	vsp_escape(name, SHOWN, kernel->name.text, kernel->name.size, VSP_ESCAPE_TEXT);
	return wasm_fail(r, kernel->offset,
	        "the kernel '%s' would use the program's memory, which is not this module's; let this one and the "
	        "main module import or export one memory",
	        name);
}

static bool check_places(wasm_program *p, wasm_reader *r, uint64_t low)
{
	const wasm_module *m = wasm_main(p)->m;
	uint64_t pages = 0;
	if (wasm_has_refs(p) && p->ref_count >= MOST_ENTRIES)
		return wasm_fail(r, 0, "references to %" PRIu32 " functions are not supported", p->ref_count);
	for (uint32_t i = 0; i < p->memory_count; i++)
		if (p->memories[i].primary)
			pages = p->memories[i].limits.min;
	if (low >> PAGE_BITS >= WASM_PAGES || (low >> PAGE_BITS) + pages > WASM_PAGES)
		return wasm_fail(r, m->memory_offset,
		        "tables, segments and memories with more than %d pages together are not supported",
		        WASM_PAGES - 1);
	for (p->at = 0; p->at < p->count; p->at++)
		if (!check_imports(&p->plans[p->at], r) || !check_kernels(&p->plans[p->at], r))
			return false;
	return true;
}

bool wasm_place(wasm_program *p, wasm_reader *r)
{
	uint64_t low = WASM_BASE;
	for (p->at = 0; p->at < p->count; p->at++)
		if (!note_segments(p, &p->plans[p->at], r))
			return false;
	for (uint32_t k = 0; k < p->count; k++)
		place_segments(p, &p->plans[k], &low);
	place_tables(p, &low);
	place_memories(p, &low);
	p->at = p->count - 1;
	return check_places(p, r, low);
}
