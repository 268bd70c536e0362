/*
 * Sections element and data.
 */
#include <inttypes.h>

#include "sections.h"

/* The flags of an element segment (in the order of the specification's table of its eight
   forms). */
enum { NOT_ACTIVE = 1, TABLE_OR_DECLARED = 2, EXPRESSIONS = 4, LAST_ELEM_FLAGS = 7 };

static void read_elem_mode(wasm_module *m, wasm_reader *r, wasm_elem *s, uint32_t flags)
{
	s->mode = !(flags & NOT_ACTIVE) ? WASM_ACTIVE : flags & TABLE_OR_DECLARED ? WASM_DECLARED : WASM_PASSIVE;
	s->type = WASM_FUNCREF;
	if (s->mode != WASM_ACTIVE)
		return;
	uint64_t offset = wasm_offset(r);
	s->table = flags & TABLE_OR_DECLARED ? wasm_u32(r) : 0;
	if (r->status == VSP_OK && s->table >= m->table_count)
		wasm_fail(r, offset, "unknown table %" PRIu32, s->table);
	s->where = wasm_read_const(m, r, WASM_I32);
}

/* Forms with flags besides the mode name the type of their entries. */
static void read_elem_type(wasm_reader *r, wasm_elem *s, uint32_t flags)
{
	uint64_t offset = wasm_offset(r);
	if (!(flags & (NOT_ACTIVE | TABLE_OR_DECLARED)))
		return;
	if (flags & EXPRESSIONS)
		s->type = wasm_read_reference_type(r);
	else if (wasm_u8(r) != 0)
		wasm_fail(r, offset, "the kind of elements is not 0");
}

static wasm_const read_entry(wasm_module *m, wasm_reader *r, const wasm_elem *s, uint32_t flags)
{
	if (flags & EXPRESSIONS)
		return wasm_read_const(m, r, s->type);
	uint64_t offset = wasm_offset(r);
	uint32_t index = wasm_read_index(r, m->func_count, "function");
	if (r->status == VSP_OK)
		m->funcs[index].declared = true;
	return (wasm_const){.kind = WASM_CONST_FUNC, .type = WASM_FUNCREF, .bits = index, .offset = offset};
}

static void read_elem(wasm_module *m, wasm_reader *r, wasm_elem *s)
{
	s->offset = wasm_offset(r);
	uint32_t flags = wasm_u32(r);
	if (flags > LAST_ELEM_FLAGS) {
		wasm_fail(r, s->offset, "the flags of the element segment are not 0..%d", LAST_ELEM_FLAGS);
		return;
	}
	read_elem_mode(m, r, s, flags);
	read_elem_type(r, s, flags);
	if (r->status == VSP_OK && s->mode == WASM_ACTIVE && m->tables[s->table].type != s->type)
		wasm_fail(r, s->offset, "type mismatch: the segment and its table differ in type");
	uint32_t count = wasm_count(r, 1);
	s->entries = wasm_array(r, m->arena, count, sizeof *s->entries);
	for (; s->entries && s->count < count && r->status == VSP_OK; s->count++)
		s->entries[s->count] = read_entry(m, r, s, flags);
}

void wasm_read_elements(wasm_module *m, wasm_reader *r)
{
	uint32_t count = wasm_count(r, 3);
	m->elems = wasm_array(r, m->arena, count, sizeof *m->elems);
	for (; m->elems && m->elem_count < count && r->status == VSP_OK; m->elem_count++)
		read_elem(m, r, &m->elems[m->elem_count]);
}

static void read_data(wasm_module *m, wasm_reader *r, wasm_data *s)
{
	s->offset = wasm_offset(r);
	uint32_t flags = wasm_u32(r);
	if (flags > 2) {
		wasm_fail(r, s->offset, "the flags of the data segment are not 0..2");
		return;
	}
	s->mode = flags == 1 ? WASM_PASSIVE : WASM_ACTIVE;
	uint32_t memory = flags == 2 ? wasm_u32(r) : 0;
	if (r->status == VSP_OK && s->mode == WASM_ACTIVE && (memory || !m->has_memory))
		wasm_fail(r, s->offset, "unknown memory %" PRIu32, memory);
	if (s->mode == WASM_ACTIVE)
		s->where = wasm_read_const(m, r, WASM_I32);
	s->size = wasm_u32(r);
	s->bytes = wasm_bytes(r, s->size);
}

void wasm_read_datas(wasm_module *m, wasm_reader *r)
{
	uint32_t count = wasm_count(r, 2);
	m->datas = wasm_array(r, m->arena, count, sizeof *m->datas);
	for (; m->datas && m->data_count < count && r->status == VSP_OK; m->data_count++)
		read_data(m, r, &m->datas[m->data_count]);
}
