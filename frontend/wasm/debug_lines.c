/*
 * Running the line programs of DWARF (version 4, section 6.2), one a unit, and their rows in order
 * of addresses. A sequence of rows that does not lie within section code, such as that of a
 * function that the linker has left out, is dropped.
 */
#include "debug_lines.h"

#include <string.h>

#include "debug_files.h"
#include "ir/sort.h"
#include "runtime/base/alloc.h"
#include "runtime/base/grow.h"

enum {
	LNS_COPY = 1,
	LNS_ADVANCE_PC,
	LNS_ADVANCE_LINE,
	LNS_SET_FILE,
	LNS_SET_COLUMN,
	LNS_CONST_ADD_PC = 8,
	LNS_FIXED_ADVANCE_PC
};
enum { LNE_END = 1, LNE_SET_ADDRESS };

typedef struct program {
	const wasm_module *m;
	debug_files files;
	debug_unit unit;
	wasm_line *rows;
	uint32_t count, room;
	uint32_t start;       /* the first row of the sequence */
	uint32_t first, size; /* where functions begin in section code, and its size */
	bool no_memory, ordered;
	/* of the unit */
	uint32_t least; /* bytes of an instruction */
	int line_base;
	unsigned line_range, opcode_base;
	const uint8_t *operands; /* numbers of them, by opcode - 1 */
	/* the registers */
	uint64_t address, file, column;
	int64_t line;
	bool sequence_good;
} program;

/* ---- rows ---- */

static void reset(program *p)
{
	p->address = p->column = 0;
	p->file = p->line = 1;
	p->start = p->count;
	p->sequence_good = true;
}

static bool make_room(program *p)
{
	wasm_line *moved = vsp_grow(p->rows, p->count, &p->room, sizeof *moved, 1024);
	p->no_memory |= !moved;
	if (!moved)
		return false;
	p->rows = moved;
	return true;
}

static void add_row(program *p, bool end)
{
	if (!make_room(p))
		return;
	uint64_t before = p->count > p->start ? p->rows[p->count - 1].address : p->first;
	p->sequence_good &= p->address >= before && p->address <= p->size;
	uint32_t file = end ? WASM_NO_INDEX : debug_files_find(&p->files, &p->unit, p->file);
	bool known = file != WASM_NO_INDEX && p->line > 0 && p->line <= UINT32_MAX;
	p->rows[p->count++] = (wasm_line){.address = (uint32_t)p->address,
	        .file = known ? file : 0,
	        .line = known ? (uint32_t)p->line : 0,
	        .column = p->column && p->column <= UINT32_MAX ? (uint32_t)p->column : 1};
}

static void end_sequence(program *p)
{
	add_row(p, true);
	if (!p->sequence_good)
		p->count = p->start;
	else if (p->start && p->start < p->count)
		p->ordered &= p->rows[p->start].address >= p->rows[p->start - 1].address;
	reset(p);
}

/* ---- instructions ---- */

static void advance(program *p, uint64_t operation) { p->address += operation * p->least; }

static void run_special(program *p, unsigned opcode)
{
	unsigned adjusted = opcode - p->opcode_base;
	advance(p, adjusted / p->line_range);
	p->line += p->line_base + (int)(adjusted % p->line_range);
	add_row(p, false);
}

static void run_extended(program *p, wasm_reader *r)
{
	uint32_t size = wasm_u32(r);
	const uint8_t *bytes = wasm_bytes(r, size);
	if (!bytes || !size)
		return;
	wasm_reader part = {.at = bytes + 1, .end = bytes + size, .start = r->start};
	if (*bytes == LNE_END)
		end_sequence(p);
	else if (*bytes == LNE_SET_ADDRESS && size - 1 <= 8)
		p->address = wasm_fixed(&part, size - 1);
}

/* A line stays in a range that cannot overflow, however long the program. */
static void advance_line(program *p, int64_t by)
{
	if (by >= INT32_MIN && by <= INT32_MAX && p->line > -INT64_C(0x100000000000) &&
	        p->line < INT64_C(0x100000000000))
		p->line += by;
}

static void run_standard(program *p, wasm_reader *r, unsigned opcode)
{
	switch (opcode) {
	case LNS_COPY: add_row(p, false); break;
	case LNS_ADVANCE_PC: advance(p, wasm_u32(r)); break;
	case LNS_ADVANCE_LINE: advance_line(p, wasm_signed(r, 64)); break;
	case LNS_SET_FILE: p->file = wasm_u32(r); break;
	case LNS_SET_COLUMN: p->column = wasm_u32(r); break;
	case LNS_CONST_ADD_PC: advance(p, (255 - p->opcode_base) / p->line_range); break;
	case LNS_FIXED_ADVANCE_PC: p->address += wasm_fixed(r, 2); break;
	default:
		for (unsigned i = p->operands[opcode - 1]; i && r->status == VSP_OK; i--)
			wasm_u32(r);
	}
}

static void run(program *p, wasm_reader *r)
{
	reset(p);
	while (r->at < r->end && r->status == VSP_OK && !p->no_memory) {
		unsigned opcode = wasm_u8(r);
		if (opcode >= p->opcode_base)
			run_special(p, opcode);
		else if (opcode)
			run_standard(p, r, opcode);
		else
			run_extended(p, r);
	}
	p->count = p->start; /* what has no end */
}

/* ---- units ---- */

/* Sets r to the line program behind the header. */
static bool read_header(program *p, wasm_reader *r)
{
	debug_unit *u = &p->unit;
	u->version = (unsigned)wasm_fixed(r, 2);
	if (u->version < 2 || u->version > 5)
		return false;
	if (u->version == 5)
		wasm_fixed(r, 2); /* sizes of addresses and of segment selectors */
	uint64_t size = wasm_fixed(r, u->wide ? 8 : 4);
	if (r->status != VSP_OK || size > (uint64_t)(r->end - r->at))
		return false;
	const uint8_t *code = r->at + size;
	p->least = wasm_u8(r);
	unsigned operations = u->version >= 4 ? wasm_u8(r) : 1;
	wasm_u8(r); /* whether rows are statements at first */
	p->line_base = (int8_t)wasm_u8(r);
	p->line_range = wasm_u8(r);
	p->opcode_base = wasm_u8(r);
	if (r->status != VSP_OK || operations != 1 || !p->line_range || !p->opcode_base)
		return false;
	p->operands = wasm_bytes(r, p->opcode_base - 1);
	wasm_reader tables = {.at = r->at, .end = code, .start = r->start};
	if (r->at > code || !p->operands || !debug_unit_read(u, &tables))
		return false;
	r->at = code;
	return true;
}

static void read_units(program *p, wasm_span section)
{
	wasm_reader r = {.at = section.bytes, .end = section.bytes + section.size, .start = p->m->bytes};
	while (r.at < r.end && r.status == VSP_OK && !p->no_memory) {
		uint64_t size = wasm_fixed(&r, 4);
		p->unit.wide = size == UINT32_MAX;
		if (p->unit.wide)
			size = wasm_fixed(&r, 8);
		if (r.status != VSP_OK || size > (uint64_t)(r.end - r.at))
			return;
		wasm_reader unit = {.at = r.at, .end = r.at + size, .start = p->m->bytes};
		r.at += size;
		if (read_header(p, &unit))
			run(p, &unit);
		p->no_memory |= p->unit.no_memory || p->files.no_memory;
	}
}

/* ---- all rows ---- */

static int compare_rows(const void *context, uint32_t a, uint32_t b)
{
	const wasm_line *x = &((const wasm_line *)context)[a], *y = &((const wasm_line *)context)[b];
	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return (x->line != 0) - (y->line != 0); /* ends first */
}

static bool settle(program *p, wasm_lines *lines, vsp_arena *arena)
{
	uint32_t *order = vsp_alloc(p->count + 1, sizeof *order);
	lines->rows = vsp_arena_array(arena, p->count, sizeof *lines->rows);
	bool good = order && lines->rows && p->count < INT32_MAX;
	for (uint32_t i = 0; good && i < p->count; i++)
		order[i] = i;
	good = good && (p->ordered || vsp_sort_indices(order, p->count, compare_rows, p->rows));
	for (uint32_t i = 0; good && i < p->count; i++)
		lines->rows[i] = p->rows[order[i]];
	vsp_free_memory(order);
	lines->count = good ? p->count : 0;
	lines->files = p->files.names;
	lines->file_count = p->files.count;
	return good;
}

bool wasm_lines_read(wasm_lines *lines, const wasm_module *m, vsp_arena *arena)
{
	program p = {.m = m, .unit = {.m = m}, .ordered = true};
	wasm_span section = m->customs[WASM_CUSTOM_DEBUG_LINE];
	*lines = (wasm_lines){.rows_before = lines->rows_before, .files_before = lines->files_before};
	if (!section.size || m->func_count == m->imported_funcs)
		return true;
	p.first = (uint32_t)(m->funcs[m->imported_funcs].body - m->code);
	p.size = (uint32_t)(m->funcs[m->func_count - 1].body_end - m->code);
	bool good = debug_files_create(&p.files, arena);
	if (good) {
		read_units(&p, section);
		good = !p.no_memory && settle(&p, lines, arena);
	}
	debug_unit_free(&p.unit);
	debug_files_free(&p.files);
	vsp_free_memory(p.rows);
	return good;
}

uint32_t wasm_lines_find(wasm_lines *lines, const wasm_module *m, const uint8_t *place)
{
	while (lines->at < lines->count && lines->rows[lines->at].address <= (uint64_t)(place - m->code))
		lines->at++;
	return lines->at && lines->rows[lines->at - 1].line ? lines->at - 1 : WASM_NO_INDEX;
}
