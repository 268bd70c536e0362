/*
 * The line table of a unit, in DWARF 4: one row where the line of the machine code changes and
 * where a function begins. Files are the module's, in its order, counted from 1.
 */
#include "tiers/bytes.h"
#include "dwarf.h"

enum { LNS_COPY = 1, LNS_ADVANCE_PC, LNS_ADVANCE_LINE, LNS_SET_FILE, LNS_SET_COLUMN, LNE_END = 1, LNE_SET_ADDRESS };
enum { OPCODE_BASE = 10, LINE_BASE = -5, LINE_RANGE = 14 }; /* special opcodes are declared but not used */

/* The registers of the line-number machine that rows change. */
typedef struct row {
	uint32_t offset, file, column;
	int64_t line;
} row;

static void put_header(vsp_text *out, const vsp_module_data *module)
{
	static const uint8_t lengths[OPCODE_BASE - 1] = {0, 1, 1, 1, 1, 0, 0, 0, 1};
	put_number(out, 0, 4); /* the length, set at the end */
	put_number(out, 4, 2);
	put_number(out, 0, 4); /* the header's length, set below */
	size_t start = out->length;
	put_number(out, 1, 1); /* bytes of the smallest instruction */
	put_number(out, 1, 1); /* operations per instruction */
	put_number(out, 1, 1); /* every row is a statement */
	put_number(out, (uint64_t)LINE_BASE, 1);
	put_number(out, LINE_RANGE, 1);
	put_number(out, OPCODE_BASE, 1);
	vsp_text_add(out, (const char *)lengths, sizeof lengths);
	put_number(out, 0, 1); /* no folders */
	for (uint32_t i = 0; i < module->file_count; i++) {
		put_shown(out, module->files[i]);
		put_number(out, 0, 1);
		put_zeros(out, 3); /* folder, time, size */
	}
	put_number(out, 0, 1);
	set_number(out, start - 4, out->length - start, 4);
}

static row row_of(const vsp_module_data *module, const vsp_place *place)
{
	const vsp_line *line = place->pc == VSP_NO_PC ? NULL : vsp_module_line_at(module, place->pc);
	return line ? (row){place->offset, line->file + 1, line->column, line->line} : (row){place->offset, 1, 0, 0};
}

static void put_row(vsp_text *out, row *last, const row *next)
{
	put_number(out, LNS_ADVANCE_PC, 1);
	put_uleb(out, next->offset - last->offset);
	put_number(out, LNS_ADVANCE_LINE, 1);
	put_sleb(out, next->line - last->line);
	put_number(out, LNS_SET_FILE, 1);
	put_uleb(out, next->file);
	put_number(out, LNS_SET_COLUMN, 1);
	put_uleb(out, next->column);
	put_number(out, LNS_COPY, 1);
	*last = *next;
}

/* Does a function begin after last and not after offset? */
static bool function_begins(const vsp_code_map *map, uint32_t last, uint32_t offset)
{
	for (uint32_t i = 0; i < map->symbol_count; i++)
		if (map->symbols[i].offset > last && map->symbols[i].offset <= offset)
			return true;
	return false;
}

static void put_rows(vsp_text *out, const vsp_module_data *module, const vsp_jit_unit *unit)
{
	row last = {0, 1, 0, 1};
	bool any = false;
	for (uint32_t i = 0; i < unit->place_count; i++) {
		row next = row_of(module, &unit->places[i]);
		if (i + 1 < unit->place_count && unit->places[i + 1].offset == next.offset)
			continue;
		if (any && next.file == last.file && next.line == last.line &&
		        !function_begins(unit->map, last.offset, next.offset))
			continue;
		put_row(out, &last, &next);
		any = true;
	}
	put_number(out, LNS_ADVANCE_PC, 1);
	put_uleb(out, unit->code_size - last.offset);
}

void vsp_dwarf_lines(vsp_text *out, const vsp_module_data *module, const vsp_jit_unit *unit)
{
	put_header(out, module);
	put_number(out, 0, 1);
	put_uleb(out, 9);
	put_number(out, LNE_SET_ADDRESS, 1);
	put_number(out, (uintptr_t)unit->code, 8);
	put_rows(out, module, unit);
	put_number(out, 0, 1);
	put_uleb(out, 1);
	put_number(out, LNE_END, 1);
	set_number(out, 0, out->length - 4, 4);
}
