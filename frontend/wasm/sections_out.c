/*
 * Sections GLOB, TYPE, TABL and DSEG, and the data segment. Segments of a WebAssembly module that
 * fill its own memory and tables are applied here, so that starting an instance needs nothing but
 * these.
 */
#include "sections_out.h"

#include <inttypes.h>
#include <string.h>

#include "frontend/silc/silc.h"
#include "frontend/text.h"
#include "ir/layout.h"
#include "ir/sort.h"
#include "runtime/base/alloc.h"
#include "runtime/base/bits.h"

/* Runs of more zeros than these are left out of the data segment, by a section DSEG. */
enum { MOST_ZEROS = 1 << 16 };

static void put(vsp_text *t, uint64_t value, unsigned bytes)
{
	uint8_t le[8];
	vsp_write_le(le, value, bytes);
	vsp_text_add(t, (const char *)le, bytes);
}

/* Takes a payload and reads it, as from a file. */
static bool add_section(vsp_module_data *out, const char *tag, vsp_text *payload, wasm_reader *r)
{
	char *copy = payload->failed
	                     ? NULL
	                     : vsp_arena_string(&out->arena, payload->bytes ? payload->bytes : "", payload->length);
	size_t size = payload->length;
	vsp_free_memory(payload->bytes);
	if (!copy)
		return wasm_no_memory(r);
	if (size > UINT32_MAX)
		return wasm_fail(r, 0, "section %s would have 4 GiB or more", tag);
	vsp_section *section = &out->sections[out->section_count++];
	*section = (vsp_section){.size = (uint32_t)size, .payload = (const uint8_t *)copy};
	memcpy(section->tag, tag, sizeof section->tag);
	r->status = vsp_silc_parse_section(out, section, 0, r->error);
	return r->status == VSP_OK;
}

/* ---- memory ---- */

/* Bytes of linear memory. */
typedef struct piece {
	uint32_t address, size;
	const uint8_t *bytes;
} piece;

typedef struct pieces {
	const wasm_program *p;
	wasm_reader *r;
	piece *list;
	size_t count;
} pieces;

static void add_piece(pieces *out, uint32_t address, const uint8_t *bytes, uint32_t size)
{
	if (size)
		out->list[out->count++] = (piece){address, size, bytes};
}

/* The entries of an element segment as a table in memory has them. */
static const uint8_t *entry_bytes(pieces *out, const wasm_plan *plan, const wasm_elem *e)
{
	uint8_t *bytes = wasm_array(out->r, out->p->arena, e->count, WASM_ENTRY_BYTES);
	for (uint32_t i = 0; bytes && i < e->count; i++)
		vsp_write_le(bytes + (size_t)i * WASM_ENTRY_BYTES,
		        (uint64_t)wasm_plan_value(plan, out->r, &e->entries[i]), WASM_ENTRY_BYTES);
	return bytes;
}

/* The segments that are copied when the module starts or later, and tables as segments fill
   them. */
static void add_elems(pieces *out, const wasm_plan *plan)
{
	for (uint32_t i = 0; i < plan->m->elem_count && out->r->status == VSP_OK; i++) {
		const wasm_elem *e = &plan->m->elems[i];
		const wasm_segment_place *s = &plan->elems[i];
		const wasm_table_place *t =
		        e->mode == WASM_ACTIVE ? &out->p->tables[plan->table_index[e->table]] : NULL;
		uint32_t index = (uint32_t)wasm_plan_value(plan, out->r, &e->where), size = e->count * WASM_ENTRY_BYTES;
		if (s->stored)
			add_piece(out, s->address, entry_bytes(out, plan, e), size);
		else if (t && t->stored)
			add_piece(out, t->address + index * WASM_ENTRY_BYTES, entry_bytes(out, plan, e), size);
	}
}

static void add_datas(pieces *out, const wasm_plan *plan)
{
	for (uint32_t i = 0; i < plan->m->data_count; i++) {
		const wasm_data *d = &plan->m->datas[i];
		const wasm_segment_place *s = &plan->datas[i];
		if (s->stored)
			add_piece(out, s->address, d->bytes, d->size);
		else if (d->mode == WASM_ACTIVE)
			add_piece(out, wasm_memory_of(plan)->base + (uint32_t)wasm_plan_value(plan, out->r, &d->where),
			        d->bytes, d->size);
	}
}

static bool list_pieces(pieces *out)
{
	size_t most = 0;
	for (uint32_t k = 0; k < out->p->count; k++)
		most += (size_t)out->p->plans[k].m->elem_count + out->p->plans[k].m->data_count;
	out->list = wasm_array(out->r, out->p->arena, most, sizeof *out->list);
	for (uint32_t k = 0; out->list && k < out->p->count && out->r->status == VSP_OK; k++) {
		add_elems(out, &out->p->plans[k]);
		add_datas(out, &out->p->plans[k]);
	}
	return out->r->status == VSP_OK;
}

/* Whether all pieces together leave no long gap and are not mostly gaps, and where they end. */
static bool is_dense(const pieces *in, uint64_t *size)
{
	uint64_t covered = in->p->base, bytes = 0;
	bool dense = in->p->base == WASM_BASE;
	for (size_t i = 0; i < in->count; i++) {
		uint64_t end = (uint64_t)in->list[i].address + in->list[i].size;
		dense &= in->list[i].address <= covered + MOST_ZEROS;
		covered = end > covered ? end : covered;
		bytes += in->list[i].size;
	}
	*size = covered - in->p->base;
	return dense && *size <= 2 * bytes + MOST_ZEROS;
}

static bool put_image(vsp_module_data *out, const pieces *in, uint64_t size)
{
	uint8_t *image = vsp_arena_alloc(&out->arena, (size_t)size);
	if (!image)
		return wasm_no_memory(in->r);
	for (size_t i = 0; i < in->count; i++)
		memcpy(image + (in->list[i].address - in->p->base), in->list[i].bytes, in->list[i].size);
	out->data = image;
	out->data_size = (uint32_t)size;
	return true;
}

static bool put_pieces(vsp_module_data *out, const pieces *in)
{
	vsp_text t = VSP_TEXT_GROWING;
	put(&t, in->count, 4);
	for (size_t i = 0; i < in->count; i++) {
		put(&t, in->list[i].address, 4);
		put(&t, in->list[i].size, 4);
		vsp_text_add(&t, (const char *)in->list[i].bytes, in->list[i].size);
		put(&t, 0, (unsigned)(vsp_layout_pad(t.length) - t.length));
	}
	return add_section(out, "DSEG", &t, in->r);
}

bool wasm_put_memory(vsp_module_data *out, const wasm_program *p, wasm_reader *r)
{
	pieces all = {.p = p, .r = r};
	uint32_t before = p->base >> 16, min = 0, max = 0;
	uint64_t size;
	for (uint32_t i = 0; i < p->memory_count; i++)
		if (p->memories[i].primary) {
			min = p->memories[i].limits.min;
			max = p->memories[i].limits.max;
		}
	out->stack_top = p->base;
	out->initial_pages = before + min;
	out->max_pages = max < WASM_PAGES - before ? before + max : WASM_PAGES;
	if (!list_pieces(&all))
		return false;
	return is_dense(&all, &size) ? put_image(out, &all, size) : put_pieces(out, &all);
}

/* ---- globals and types ---- */

bool wasm_put_globals(vsp_module_data *out, const wasm_program *p, wasm_reader *r)
{
	vsp_text t = VSP_TEXT_GROWING;
	if (!(p->cell_count + p->hidden))
		return true;
	put(&t, p->cell_count + p->hidden, 4);
	for (uint32_t i = 0; i < p->cell_count; i++)
		put(&t, (uint64_t)p->cells[i], 8);
	for (uint32_t i = 0; i < p->hidden; i++)
		put(&t, 0, 8);
	return add_section(out, "GLOB", &t, r);
}

bool wasm_put_types(vsp_module_data *out, const wasm_program *p, wasm_reader *r, const uint32_t *func_types)
{
	vsp_text t = VSP_TEXT_GROWING;
	put(&t, p->type_count, 4);
	for (uint32_t i = 0; i < p->type_count; i++) {
		const wasm_type *type = p->types[i];
		put(&t, type->param_count, 2);
		put(&t, type->result_count, 2);
		vsp_text_add(&t, (const char *)type->params, type->param_count);
		vsp_text_add(&t, (const char *)type->results, type->result_count);
	}
	for (uint32_t f = 0; f < out->func_count; f++)
		put(&t, func_types[f] == WASM_NO_INDEX ? UINT16_MAX : func_types[f], 2);
	return add_section(out, "TYPE", &t, r);
}

/* ---- tables ---- */

typedef struct entry {
	uint32_t table, index, func; /* table: in TABL; func: in FUNC, or WASM_NO_INDEX */
} entry;

/* The table of TABL that an element segment fills, or WASM_NO_INDEX. */
static uint32_t filled_table(const wasm_plan *plan, const wasm_elem *e)
{
	const wasm_table_place *t = e->mode == WASM_ACTIVE ? &plan->program->tables[plan->table_index[e->table]] : NULL;
	return t && !t->stored ? t->number : WASM_NO_INDEX;
}

static void list_entries_of(const wasm_plan *plan, wasm_reader *r, entry *entries, uint32_t *count)
{
	for (uint32_t i = 0; i < plan->m->elem_count; i++) {
		const wasm_elem *e = &plan->m->elems[i];
		uint32_t table = filled_table(plan, e), at = (uint32_t)wasm_plan_value(plan, r, &e->where);
		for (uint32_t k = 0; table != WASM_NO_INDEX && k < e->count; k++) {
			/* what a host may have put into an externref is called by nobody */
			uint64_t ref = e->type == WASM_FUNCREF ? (uint64_t)wasm_plan_value(plan, r, &e->entries[k]) : 0;
			entries[(*count)++] =
			        (entry){table, at + k, ref ? plan->program->refs[ref - 1] : WASM_NO_INDEX};
		}
	}
}

/* All entries of active segments in the order in which they are written, then those of the table of
   references. */
static entry *list_entries(const wasm_program *p, wasm_reader *r, uint32_t *count)
{
	uint64_t total = p->ref_count;
	for (uint32_t k = 0; k < p->count; k++)
		for (uint32_t i = 0; i < p->plans[k].m->elem_count; i++)
			total += p->plans[k].m->elems[i].count;
	entry *entries = wasm_array(r, p->arena, (size_t)total, sizeof *entries);
	*count = 0;
	for (uint32_t k = 0; entries && k < p->count; k++)
		list_entries_of(&p->plans[k], r, entries, count);
	for (uint32_t i = 0; entries && wasm_has_refs(p) && i < p->ref_count; i++)
		entries[(*count)++] = (entry){wasm_refs_table(p), i + 1, p->refs[i]};
	return entries;
}

static int compare_entries(const void *context, uint32_t a, uint32_t b)
{
	const entry *x = &((const entry *)context)[a], *y = &((const entry *)context)[b];
	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* Sorted, each place once with what was written last, nulls left out. */
static uint32_t settle_entries(entry *entries, const uint32_t *order, uint32_t count, entry *out)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < count; i++) {
		bool last = i + 1 == count || compare_entries(entries, order[i], order[i + 1]) != 0;
		if (last && entries[order[i]].func != WASM_NO_INDEX)
			out[kept++] = entries[order[i]];
	}
	return kept;
}

static uint32_t run_length(const entry *e, uint32_t left)
{
	uint32_t n = 1;
	while (n < left && e[n].table == e->table && e[n].index == e->index + n)
		n++;
	return n;
}

static void put_runs(vsp_text *t, const entry *e, uint32_t count)
{
	uint32_t runs = 0;
	for (uint32_t i = 0; i < count; i += run_length(e + i, count - i))
		runs++;
	put(t, runs, 4);
	for (uint32_t i = 0; i < count;) {
		uint32_t n = run_length(e + i, count - i);
		put(t, e[i].index, 4);
		put(t, n, 4);
		for (uint32_t k = 0; k < n; k++)
			put(t, e[i + k].func, 4);
		i += n;
	}
}

/* A table with the entries from *at on that are its own. */
static void put_table(vsp_text *t, uint32_t number, uint32_t size, const entry *entries, uint32_t count, uint32_t *at)
{
	uint32_t end = *at;
	while (end < count && entries[end].table == number)
		end++;
	put(t, size, 4);
	put_runs(t, entries + *at, end - *at);
	*at = end;
}

bool wasm_put_tables(vsp_module_data *out, const wasm_program *p, wasm_reader *r)
{
	vsp_text t = VSP_TEXT_GROWING;
	uint32_t count, at = 0;
	entry *entries = list_entries(p, r, &count);
	entry *settled = entries ? wasm_array(r, p->arena, count, sizeof *settled) : NULL;
	uint32_t *order = settled ? wasm_array(r, p->arena, count, sizeof *order) : NULL;
	if (!order)
		return false;
	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	if (!vsp_sort_indices(order, count, compare_entries, entries))
		return wasm_no_memory(r);
	count = settle_entries(entries, order, count, settled);
	put(&t, p->fixed_tables + wasm_has_refs(p), 4);
	for (uint32_t i = 0; i < p->table_count; i++)
		if (!p->tables[i].stored)
			put_table(&t, p->tables[i].number, p->tables[i].limits.min, settled, count, &at);
	if (wasm_has_refs(p))
		put_table(&t, wasm_refs_table(p), p->ref_count + 1, settled, count, &at);
	return add_section(out, "TABL", &t, r);
}
