/*
 * The reader of line tables, which leads from machine code back to bytecode for traps by guard
 * page. LLVM wrote the table into the object; its lines are code addresses plus one. Reads DWARF 2
 * to 5; the tables of files and folders are skipped with the help of the header's length.
 */
#include "session.h"

#include <llvm-c/Object.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/cursor.h"

/* The numbers of the header and the state of the line-number machine. */
typedef struct line_machine {
	unsigned min_length, line_range, opcode_base;
	int line_base;
	uint8_t lengths[256];
	uint64_t address;
	int64_t line;
	bool ended;
} line_machine;

static bool read_header(vsp_cursor *c, line_machine *m)
{
	uint64_t length = vsp_take(c, 4);
	if (length < (uint64_t)(c->end - c->at))
		c->end = c->at + length;
	unsigned version = (unsigned)vsp_take(c, 2);
	if (version < 2 || version > 5)
		return false;
	if (version == 5)
		vsp_take(c, 2); /* sizes of addresses and segments */
	uint64_t header = vsp_take(c, 4);
	vsp_cursor tables = *c;
	m->min_length = (unsigned)vsp_take(&tables, 1);
	if (version >= 4)
		vsp_take(&tables, 1); /* operations per instruction */
	vsp_take(&tables, 1);         /* default is_stmt */
	m->line_base = (int8_t)(uint8_t)vsp_take(&tables, 1);
	m->line_range = (unsigned)vsp_take(&tables, 1);
	m->opcode_base = (unsigned)vsp_take(&tables, 1);
	for (unsigned i = 1; i < m->opcode_base; i++)
		m->lengths[i] = (uint8_t)vsp_take(&tables, 1);
	if (tables.bad || header > (uint64_t)(c->end - c->at) || !m->line_range || !m->opcode_base)
		return false;
	c->at += header;
	m->line = 1;
	return true;
}

enum { LNS_COPY = 1, LNS_ADVANCE_PC, LNS_ADVANCE_LINE, LNS_FIXED_ADVANCE = 9, LNS_CONST_ADD = 8, LNE_END = 1 };

static void step_extended(vsp_cursor *c, line_machine *m)
{
	uint64_t length = vsp_take_leb(c, false);
	if (length > (uint64_t)(c->end - c->at)) {
		c->bad = true;
		return;
	}
	m->ended = length && *c->at == LNE_END;
	c->at += length; /* set_address: the start of the section, from which offsets count */
}

/* Executes one step. True: it has made a row. */
static bool step(vsp_cursor *c, line_machine *m)
{
	unsigned op = (unsigned)vsp_take(c, 1);
	if (op >= m->opcode_base) {
		unsigned adjusted = op - m->opcode_base;
		m->address += (uint64_t)(adjusted / m->line_range) * m->min_length;
		m->line += m->line_base + (int)(adjusted % m->line_range);
		return true;
	}
	switch (op) {
	case 0: step_extended(c, m); return m->ended;
	case LNS_COPY: return true;
	case LNS_ADVANCE_PC: m->address += vsp_take_leb(c, false) * m->min_length; break;
	case LNS_ADVANCE_LINE: m->line += (int64_t)vsp_take_leb(c, true); break;
	case LNS_CONST_ADD: m->address += (uint64_t)((255 - m->opcode_base) / m->line_range) * m->min_length; break;
	case LNS_FIXED_ADVANCE: m->address += vsp_take(c, 2); break;
	default:
		for (unsigned i = 0; i < m->lengths[op]; i++)
			vsp_take_leb(c, false);
	}
	return false;
}

/* Runs the first sequence, that of the text section. Stores rows when out is not null. */
static uint32_t run_rows(vsp_cursor c, line_machine m, uint32_t limit, vsp_place *out)
{
	uint32_t count = 0;
	while (!c.bad && c.at < c.end && !m.ended) {
		if (!step(&c, &m))
			continue;
		bool known = !m.ended && m.line > 0 && m.line <= limit;
		if (out)
			out[count] = (vsp_place){(uint32_t)m.address, known ? (uint32_t)m.line - 1 : VSP_NO_PC};
		count++;
	}
	return count;
}

static void read_lines(vsp_unit *unit, vsp_cursor c, uint32_t limit)
{
	line_machine m = {0};
	if (!read_header(&c, &m))
		return;
	uint32_t count = run_rows(c, m, limit, NULL);
	unit->places = vsp_alloc(count, sizeof *unit->places);
	if (unit->places)
		unit->place_count = run_rows(c, m, limit, unit->places);
}

static bool is_line_section(LLVMSectionIteratorRef section)
{
	const char *name = LLVMGetSectionName(section);
	return name && (strcmp(name, ".debug_line") == 0 || strcmp(name, "__debug_line") == 0);
}

static bool is_big_endian(LLVMBinaryRef binary)
{
	LLVMBinaryType type = LLVMBinaryGetType(binary);
	return type == LLVMBinaryTypeELF32B || type == LLVMBinaryTypeELF64B || type == LLVMBinaryTypeMachO32B ||
	       type == LLVMBinaryTypeMachO64B;
}

static vsp_cursor contents_of(LLVMBinaryRef binary, LLVMSectionIteratorRef section)
{
	const uint8_t *data = (const uint8_t *)LLVMGetSectionContents(section);
	return (vsp_cursor){data, data + LLVMGetSectionSize(section), false, is_big_endian(binary)};
}

void vsp_unit_read_places(vsp_unit *unit, LLVMMemoryBufferRef object, uint32_t limit)
{
	char *message = NULL;
	LLVMBinaryRef binary = LLVMCreateBinary(object, NULL, &message);
	if (!binary) {
		LLVMDisposeMessage(message);
		return;
	}
	LLVMSectionIteratorRef section = LLVMObjectFileCopySectionIterator(binary);
	for (; section && !LLVMObjectFileIsSectionIteratorAtEnd(binary, section); LLVMMoveToNextSection(section))
		if (is_line_section(section)) {
			read_lines(unit, contents_of(binary, section), limit);
			break;
		}
	if (section)
		LLVMDisposeSectionIterator(section);
	LLVMDisposeBinary(binary);
}
