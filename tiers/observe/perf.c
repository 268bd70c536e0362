/*
 * The map and the jitdump, by which perf finds generated code. The map, /tmp/perf-PID.map, has a
 * line "address size name" for each function. The jitdump has records with machine code, source
 * lines and unwinding information, which `perf inject --jit` turns into object files
 * (jitdump-specification.txt in the kernel's tools/perf/Documentation). Each form of a function is
 * a function there, named with its tier. Both are in the machine's byte order, which is
 * little-endian wherever vsp_elf_machine knows the machine.
 */
#include "perf.h"

#include <vsp/vsp.h>

#include "tiers/bytes.h"
#include "dwarf.h"
#include "elf_image.h"
#include "runtime/platform/platform.h"

enum {
	JITDUMP_MAGIC = 0x4A695444,
	CODE_LOAD = 0,
	CODE_CLOSE = 3,
	DEBUG_INFO = 2,
	UNWINDING_INFO = 4,
	PREFIX_BYTES = 16
};

/* ---- the file's ends ---- */

void vsp_jitdump_header(char out[VSP_JITDUMP_HEADER])
{
	vsp_text text = {.bytes = out, .capacity = VSP_JITDUMP_HEADER};
	put_number(&text, JITDUMP_MAGIC, 4);
	put_number(&text, 1, 4);
	put_number(&text, VSP_JITDUMP_HEADER, 4);
	put_number(&text, vsp_elf_machine(), 4);
	put_number(&text, 0, 4);
	put_number(&text, vsp_plat_process_id(), 4);
	put_number(&text, vsp_plat_clock_ns(), 8);
	put_number(&text, 0, 8);
}

static void put_prefix(vsp_text *out, uint32_t id, size_t size)
{
	put_number(out, id, 4);
	put_number(out, size, 4);
	put_number(out, vsp_plat_clock_ns(), 8);
}

void vsp_jitdump_end(char out[VSP_JITDUMP_END])
{
	vsp_text text = {.bytes = out, .capacity = VSP_JITDUMP_END};
	put_prefix(&text, CODE_CLOSE, VSP_JITDUMP_END);
}

/* ---- one function ---- */

/* The current function. */
typedef struct writer {
	const vsp_module_data *module;
	const vsp_jit_unit *unit;
	const vsp_code_symbol *symbol;
	int tier;
} writer;

/* "name [tier 2]", "name [tier 2, loop at prog.sil:12]", "name [baseline]". */
static void put_name(vsp_text *out, const writer *w)
{
	const vsp_code_symbol *s = w->symbol;
	bool loop = s->point == VSP_CODE_ENTRY && s->pc != w->module->funcs[s->func].start;
	const vsp_line *line = loop ? vsp_module_line_at(w->module, s->pc) : NULL;
	vsp_code_name(out, w->module, s);
	if (w->tier == VSP_TIER_BASELINE)
		vsp_text_string(out, " [baseline");
	else
		vsp_text_format(out, " [tier %d", w->tier);
	if (line) {
		vsp_text_string(out, ", loop at ");
		put_shown(out, w->module->files[line->file]);
		vsp_text_format(out, ":%lld", (long long)line->line);
	} else if (loop) {
		vsp_text_format(out, ", loop at 0x%x", (unsigned)s->pc);
	}
	vsp_text_string(out, "]");
}

static uint64_t address_of(const writer *w) { return (uintptr_t)w->unit->code + w->symbol->offset; }

static void put_map_line(vsp_text *out, const writer *w)
{
	vsp_text_format(out, "%llx %x ", (unsigned long long)address_of(w), (unsigned)w->symbol->size);
	put_name(out, w);
	vsp_text_string(out, "\n");
}

/* Sets the size of a record whose prefix is at start, now that it is known. */
static void end_record(vsp_text *out, size_t start) { set_number(out, start + 4, out->length - start, 4); }

/* Source lines: one entry where the line changes. */
static void put_lines(vsp_text *out, const writer *w)
{
	size_t start = out->length;
	uint64_t count = 0;
	const vsp_line *last = NULL;
	put_prefix(out, DEBUG_INFO, 0);
	put_number(out, address_of(w), 8);
	put_number(out, 0, 8); /* number of entries */
	for (uint32_t i = 0; i < w->unit->place_count; i++) {
		const vsp_place *place = &w->unit->places[i];
		const vsp_line *line = place->pc == VSP_NO_PC ? NULL : vsp_module_line_at(w->module, place->pc);
		if (place->offset < w->symbol->offset || place->offset - w->symbol->offset >= w->symbol->size ||
		        !line || line == last)
			continue;
		put_number(out, (uintptr_t)w->unit->code + place->offset, 8);
		put_number(out, (uint64_t)line->line, 4);
		put_number(out, 0, 4);
		put_shown(out, w->module->files[line->file]);
		put_number(out, 0, 1);
		last = line;
		count++;
	}
	set_number(out, start + PREFIX_BYTES + 8, count, 8);
	end_record(out, start);
	if (!count && !out->failed)
		out->length = start;
}

static void put_unwinding(vsp_text *out, const writer *w)
{
	size_t start = out->length;
	put_prefix(out, UNWINDING_INFO, 0);
	put_zeros(out, 24); /* sizes; none of it is in the process's memory */
	size_t data = out->length, header = vsp_unwind_describe(out, w->unit, w->symbol);
	set_number(out, start + PREFIX_BYTES, out->length - data, 8);
	set_number(out, start + PREFIX_BYTES + 8, header, 8);
	end_record(out, start);
	if (!header && !out->failed)
		out->length = start;
}

static void put_code(vsp_text *out, const writer *w, uint64_t number)
{
	size_t start = out->length;
	put_prefix(out, CODE_LOAD, 0);
	put_number(out, vsp_plat_process_id(), 4);
	put_number(out, vsp_plat_process_id(), 4); /* the thread: any of the process */
	put_number(out, address_of(w), 8);
	put_number(out, address_of(w), 8);
	put_number(out, w->symbol->size, 8);
	put_number(out, number, 8);
	put_name(out, w);
	put_number(out, 0, 1);
	vsp_text_add(out, (const char *)w->unit->code + w->symbol->offset, w->symbol->size);
	end_record(out, start);
}

void vsp_perf_describe(vsp_text *map, vsp_text *dump, const vsp_module_data *module, const vsp_jit_unit *unit, int tier,
        uint64_t number)
{
	for (uint32_t i = 0; i < unit->map->symbol_count; i++) {
		const writer w = {module, unit, &unit->map->symbols[i], tier};
		put_map_line(map, &w);
		put_lines(dump, &w);
		put_unwinding(dump, &w);
		put_code(dump, &w, number + i);
	}
}
