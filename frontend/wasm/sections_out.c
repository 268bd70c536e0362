/*
 * Sections GLOB, TYPE, TABL and DSEG, and the data segment. Segments of the WebAssembly module are
 * applied here, so that starting an instance needs nothing but these.
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

/* The end of an active data segment, in WebAssembly's memory. */
static bool segment_end(const wasm_plan *plan, wasm_reader *r, uint32_t i, uint64_t *end)
{
	const wasm_data *d = &plan->m->datas[i];
	*end = (uint64_t)(uint32_t)d->where.bits + d->size;
	return *end <= (uint64_t)plan->m->memory.min << 16 ||
	       wasm_fail(r, d->offset,
	               "data segment %" PRIu32 " would trap when instantiated: it ends at %" PRIu64
	               ", behind the memory of %" PRIu32 " pages",
	               i, *end, plan->m->memory.min);
}

/* Whether all segments together leave no long gap and are not mostly gaps, and where they end. */
static bool measure(const wasm_plan *plan, wasm_reader *r, uint64_t *size, bool *dense)
{
	uint64_t covered = 0, bytes = 0;
	*size = 0;
	*dense = true;
	for (uint32_t i = 0; i < plan->m->data_count; i++) {
		const wasm_data *d = &plan->m->datas[i];
		uint64_t end;
		if (d->mode != WASM_ACTIVE)
			continue;
		if (!segment_end(plan, r, i, &end))
			return false;
		*dense &= (uint32_t)d->where.bits <= covered + MOST_ZEROS;
		covered = end > covered ? end : covered;
		*size = d->size ? covered : *size;
		bytes += d->size;
	}
	*dense &= *size <= 2 * bytes + MOST_ZEROS;
	return true;
}

static bool put_image(vsp_module_data *out, const wasm_plan *plan, wasm_reader *r, uint64_t size)
{
	uint8_t *image = vsp_arena_alloc(&out->arena, (size_t)size);
	if (!image)
		return wasm_no_memory(r);
	for (uint32_t i = 0; i < plan->m->data_count; i++) {
		const wasm_data *d = &plan->m->datas[i];
		if (d->mode == WASM_ACTIVE && d->size)
			memcpy(image + (uint32_t)d->where.bits, d->bytes, d->size);
	}
	out->data = image;
	out->data_size = (uint32_t)size;
	return true;
}

static bool put_segments(vsp_module_data *out, const wasm_plan *plan, wasm_reader *r)
{
	vsp_text t = VSP_TEXT_GROWING;
	uint32_t count = 0;
	for (uint32_t i = 0; i < plan->m->data_count; i++)
		count += plan->m->datas[i].mode == WASM_ACTIVE && plan->m->datas[i].size;
	put(&t, count, 4);
	for (uint32_t i = 0; i < plan->m->data_count; i++) {
		const wasm_data *d = &plan->m->datas[i];
		if (d->mode != WASM_ACTIVE || !d->size)
			continue;
		put(&t, (uint64_t)(uint32_t)d->where.bits + WASM_BASE, 4);
		put(&t, d->size, 4);
		vsp_text_add(&t, (const char *)d->bytes, d->size);
		put(&t, 0, (unsigned)(vsp_layout_pad(t.length) - t.length));
	}
	return add_section(out, "DSEG", &t, r);
}

bool wasm_put_memory(vsp_module_data *out, const wasm_plan *plan, wasm_reader *r)
{
	const wasm_module *m = plan->m;
	uint32_t most = m->memory.max < WASM_PAGES - 1 ? m->memory.max : WASM_PAGES - 1;
	uint64_t size;
	bool dense;
	out->stack_top = WASM_BASE;
	out->initial_pages = (m->has_memory ? m->memory.min : 0) + 1;
	out->max_pages = (m->has_memory ? most : 0) + 1;
	if (!measure(plan, r, &size, &dense))
		return false;
	return dense ? put_image(out, plan, r, size) : put_segments(out, plan, r);
}

/* ---- globals and types ---- */

bool wasm_put_globals(vsp_module_data *out, const wasm_plan *plan, wasm_reader *r)
{
	vsp_text t = VSP_TEXT_GROWING;
	if (!(plan->globals + plan->hidden))
		return true;
	put(&t, plan->globals + plan->hidden, 4);
	for (uint32_t i = 0; i < plan->m->global_count; i++)
		if (plan->global_index[i] != WASM_NO_INDEX)
			put(&t, plan->m->globals[i].value.bits, 8);
	for (uint32_t i = 0; i < plan->hidden; i++)
		put(&t, 0, 8);
	return add_section(out, "GLOB", &t, r);
}

bool wasm_put_types(vsp_module_data *out, const wasm_plan *plan, wasm_reader *r, const uint32_t *func_types)
{
	vsp_text t = VSP_TEXT_GROWING;
	put(&t, plan->type_count, 4);
	for (uint32_t i = 0; i < plan->type_count; i++) {
		const wasm_type *type = &plan->m->types[plan->types[i]];
		put(&t, type->param_count, 2);
		put(&t, type->result_count, 2);
		vsp_text_add(&t, (const char *)type->params, type->param_count);
		vsp_text_add(&t, (const char *)type->results, type->result_count);
	}
	for (uint32_t f = 0; f < out->func_count; f++)
		put(&t, func_types[f] == WASM_NO_INDEX ? UINT16_MAX : plan->type_index[func_types[f]], 2);
	return add_section(out, "TYPE", &t, r);
}

/* ---- tables ---- */

typedef struct entry {
	uint32_t table, index, func; /* func: in FUNC, or WASM_NO_INDEX */
} entry;

static bool segment_fits(const wasm_plan *plan, wasm_reader *r, uint32_t i)
{
	const wasm_elem *e = &plan->m->elems[i];
	uint64_t end = (uint64_t)(uint32_t)e->where.bits + e->count;
	uint32_t size = plan->m->tables[e->table].limits.min;
	return end <= size || wasm_fail(r, e->offset,
	                              "element segment %" PRIu32 " would trap when instantiated: it ends at %" PRIu64
	                              ", behind the table of %" PRIu32,
	                              i, end, size);
}

/* All entries of active segments in the order in which they are written. */
static entry *list_entries(const wasm_plan *plan, wasm_reader *r, uint32_t *count)
{
	const wasm_module *m = plan->m;
	uint64_t total = 0;
	for (uint32_t i = 0; i < m->elem_count; i++) {
		if (m->elems[i].mode != WASM_ACTIVE)
			continue;
		if (!segment_fits(plan, r, i))
			return NULL;
		total += m->elems[i].count;
	}
	entry *entries = wasm_array(r, m->arena, (size_t)total, sizeof *entries);
	*count = 0;
	for (uint32_t i = 0; entries && i < m->elem_count; i++)
		for (uint32_t k = 0; m->elems[i].mode == WASM_ACTIVE && k < m->elems[i].count; k++) {
			const wasm_const *value = &m->elems[i].entries[k];
			entries[(*count)++] = (entry){m->elems[i].table, (uint32_t)m->elems[i].where.bits + k,
			        value->kind == WASM_CONST_FUNC ? plan->func_index[value->bits] : WASM_NO_INDEX};
		}
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

bool wasm_put_tables(vsp_module_data *out, const wasm_plan *plan, wasm_reader *r)
{
	const wasm_module *m = plan->m;
	vsp_text t = VSP_TEXT_GROWING;
	uint32_t count, at = 0;
	entry *entries = list_entries(plan, r, &count);
	entry *settled = entries ? wasm_array(r, m->arena, count, sizeof *settled) : NULL;
	uint32_t *order = settled ? wasm_array(r, m->arena, count, sizeof *order) : NULL;
	if (!order)
		return false;
	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	if (!vsp_sort_indices(order, count, compare_entries, entries))
		return wasm_no_memory(r);
	count = settle_entries(entries, order, count, settled);
	put(&t, m->table_count, 4);
	for (uint32_t i = 0; i < m->table_count; i++) {
		uint32_t end = at;
		while (end < count && settled[end].table == i)
			end++;
		put(&t, m->tables[i].limits.min, 4);
		put_runs(&t, settled + at, end - at);
		at = end;
	}
	return add_section(out, "TABL", &t, r);
}

/* ---- lines ---- */

/* A row without a line says that code has none; the first row may not be one. */
bool wasm_put_lines(vsp_module_data *out, const wasm_lines *lines, const wasm_emitter *e, wasm_reader *r)
{
	if (!e->row_count)
		return true;
	out->files = wasm_array(r, &out->arena, lines->file_count, sizeof *out->files);
	out->lines = wasm_array(r, &out->arena, e->row_count, sizeof *out->lines);
	if (!out->files || !out->lines)
		return false;
	for (uint32_t i = 0; i < lines->file_count; i++)
		out->files[i] = lines->files[i];
	out->file_count = lines->file_count;
	for (uint32_t i = 0; i < e->row_count; i++) {
		const wasm_line *line = e->rows[i].line ? &lines->rows[e->rows[i].line - 1] : NULL;
		out->lines[i] = (vsp_line){.address = e->rows[i].address, .column = 1};
		if (line) {
			out->lines[i].file = line->file;
			out->lines[i].line = line->line;
			out->lines[i].column = line->column;
		}
	}
	out->line_count = e->row_count;
	return true;
}
