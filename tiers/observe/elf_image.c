/*
 * A unit as an ELF file: section .text is only told of (its bytes are in memory already, at its address), symbols name the functions, and
 * where the module has a line table there is debugging information. It is an executable file, so that addresses are absolute.
 */
#include "elf_image.h"

#include "tiers/bytes.h"
#include "dwarf.h"
#include "runtime/base/alloc.h"

#if defined(__x86_64__)
#define HOST_MACHINE 62
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#define HOST_MACHINE 183
#elif defined(__riscv) && __riscv_xlen == 64
#define HOST_MACHINE 243
#else
#define HOST_MACHINE 0
#endif

enum {
	ET_EXEC = 2,
	SHT_PROGBITS = 1,
	SHT_SYMTAB,
	SHT_STRTAB,
	SHT_NOBITS = 8,
	SHF_ALLOC = 2,
	SHF_EXECINSTR = 4,
	PT_LOAD = 1,
	STB_GLOBAL_FUNC = 0x12,
	SEGMENTS = 2,
	HEADER_BYTES = 64,
	SEGMENT_BYTES = 56,
	SYMBOL_BYTES = 24
};

/* Sections in the order of their headers. */
enum { S_NONE, S_TEXT, S_UNWIND, S_INFO, S_ABBREV, S_LINE, S_RANGES, S_SYMBOLS, S_STRINGS, S_NAMES, SECTIONS };
static const char *const section_names[SECTIONS] = {"", ".text", ".eh_frame", ".debug_info", ".debug_abbrev",
        ".debug_line", ".debug_ranges", ".symtab", ".strtab", ".shstrtab"};

typedef struct section {
	uint32_t type, flags, link, info;
	uint64_t address, offset, size, align, entry;
} section;

uint16_t vsp_elf_machine(void) { return HOST_MACHINE; }

/* ---- contents ---- */

static void put_header(vsp_text *out)
{
	static const uint8_t ident[16] = {0x7F, 'E', 'L', 'F', 2, 1, 1};
	vsp_text_add(out, (const char *)ident, sizeof ident);
	put_number(out, ET_EXEC, 2);
	put_number(out, vsp_elf_machine(), 2);
	put_number(out, 1, 4);
	put_number(out, 0, 8); /* no entry */
	put_number(out, HEADER_BYTES, 8);
	put_number(out, 0, 8); /* where section headers are: set at the end */
	put_number(out, 0, 4);
	put_number(out, HEADER_BYTES, 2);
	put_number(out, SEGMENT_BYTES, 2);
	put_number(out, SEGMENTS, 2);
	put_number(out, 64, 2);
	put_number(out, SECTIONS, 2);
	put_number(out, S_NAMES, 2);
}

/* Machine code is in memory alone, unwinding information in the file too, at the address it was linked for. */
static void put_segments(vsp_text *out, const vsp_jit_unit *unit)
{
	enum { READ = 4, READ_EXECUTE = 5, UNWIND_OFFSET = HEADER_BYTES + SEGMENTS * SEGMENT_BYTES };
	const vsp_code_map *map = unit->map;
	const uint64_t segments[SEGMENTS][5] = {{READ_EXECUTE, 0, (uintptr_t)unit->code, 0, unit->code_size},
	        {READ, UNWIND_OFFSET, (uintptr_t)map->unwind, map->unwind_size, map->unwind_size}};
	for (int i = 0; i < SEGMENTS; i++) {
		const uint64_t *s = segments[i];
		put_number(out, PT_LOAD, 4);
		put_number(out, s[0], 4);
		put_number(out, s[1], 8);
		put_number(out, s[2], 8);
		put_number(out, s[2], 8);
		put_number(out, s[3], 8);
		put_number(out, s[4], 8);
		put_number(out, 8, 8);
	}
}

/* Adds bytes as the contents of a section. */
static void put_contents(vsp_text *out, section *to, uint32_t type, const void *bytes, size_t size)
{
	put_zeros(out, (8 - out->length % 8) % 8);
	*to = (section){.type = type, .offset = out->length, .size = size, .align = 8};
	if (size)
		vsp_text_add(out, bytes, size);
}

static void put_dwarf(
        vsp_text *out, section sections[SECTIONS], const vsp_module_data *module, const vsp_jit_unit *unit)
{
	vsp_dwarf d = VSP_DWARF_INIT;
	if (!module->line_count)
		return;
	vsp_dwarf_build(&d, module, unit);
	const vsp_text *const texts[] = {&d.info, &d.abbrev, &d.line, &d.ranges};
	for (int i = 0; i < 4; i++) {
		out->failed |= texts[i]->failed;
		if (!out->failed)
			put_contents(out, &sections[S_INFO + i], SHT_PROGBITS, texts[i]->bytes, texts[i]->length);
	}
	vsp_dwarf_free(&d);
}

static void put_symbol(vsp_text *symbols, vsp_text *strings, const vsp_module_data *module, const vsp_jit_unit *unit,
        const vsp_code_symbol *symbol)
{
	put_number(symbols, strings->length, 4);
	put_number(symbols, STB_GLOBAL_FUNC, 1);
	put_number(symbols, 0, 1);
	put_number(symbols, S_TEXT, 2);
	put_number(symbols, (uintptr_t)unit->code + symbol->offset, 8);
	put_number(symbols, symbol->size, 8);
	vsp_code_name(strings, module, symbol);
	put_number(strings, 0, 1);
}

static void put_symbols(
        vsp_text *out, section sections[SECTIONS], const vsp_module_data *module, const vsp_jit_unit *unit)
{
	vsp_text symbols = VSP_TEXT_GROWING, strings = VSP_TEXT_GROWING;
	put_zeros(&symbols, SYMBOL_BYTES);
	put_number(&strings, 0, 1);
	for (uint32_t i = 0; i < unit->map->symbol_count; i++)
		put_symbol(&symbols, &strings, module, unit, &unit->map->symbols[i]);
	out->failed |= symbols.failed || strings.failed;
	if (!out->failed) {
		put_contents(out, &sections[S_SYMBOLS], SHT_SYMTAB, symbols.bytes, symbols.length);
		put_contents(out, &sections[S_STRINGS], SHT_STRTAB, strings.bytes, strings.length);
	}
	sections[S_SYMBOLS].link = S_STRINGS;
	sections[S_SYMBOLS].info = 1; /* the first that is not local */
	sections[S_SYMBOLS].entry = SYMBOL_BYTES;
	vsp_free_memory(symbols.bytes);
	vsp_free_memory(strings.bytes);
}

/* ---- section headers ---- */

static void put_names(vsp_text *out, section *to)
{
	put_contents(out, to, SHT_STRTAB, NULL, 0);
	for (int i = 0; i < SECTIONS; i++)
		put_text(out, section_names[i]);
	to->size = out->length - to->offset;
}

static void put_section_headers(vsp_text *out, const section sections[SECTIONS])
{
	uint32_t name = 0;
	put_zeros(out, (8 - out->length % 8) % 8);
	set_number(out, 40, out->length, 8);
	for (int i = 0; i < SECTIONS; i++) {
		const section *s = &sections[i];
		put_number(out, name, 4);
		put_number(out, s->type, 4);
		put_number(out, s->flags, 8);
		put_number(out, s->address, 8);
		put_number(out, s->offset, 8);
		put_number(out, s->size, 8);
		put_number(out, s->link, 4);
		put_number(out, s->info, 4);
		put_number(out, s->align, 8);
		put_number(out, s->entry, 8);
		name += (uint32_t)strlen(section_names[i]) + 1;
	}
}

void vsp_elf_image(vsp_text *out, const vsp_module_data *module, const vsp_jit_unit *unit)
{
	section sections[SECTIONS] = {0};
	put_header(out);
	put_segments(out, unit);
	sections[S_TEXT] = (section){.type = SHT_NOBITS,
	        .flags = SHF_ALLOC | SHF_EXECINSTR,
	        .address = (uintptr_t)unit->code,
	        .size = unit->code_size,
	        .align = 16};
	put_contents(out, &sections[S_UNWIND], SHT_PROGBITS, unit->map->unwind, unit->map->unwind_size);
	sections[S_UNWIND].flags = SHF_ALLOC;
	sections[S_UNWIND].address = (uintptr_t)unit->map->unwind;
	put_dwarf(out, sections, module, unit);
	put_symbols(out, sections, module, unit);
	put_names(out, &sections[S_NAMES]);
	put_section_headers(out, sections);
}
