/*
 * A unit as an ELF file. Section .text is only described (its bytes are in memory already, at its
 * address), symbols name the functions, and if the module has a line table there is debugging
 * information. It is an executable file, so that addresses are absolute.
 */
#include "elf_image.h"

#include <string.h>

#include "dwarf.h"
#include "runtime/base/alloc.h"
#include "tiers/bytes.h"
#include "tiers/elf.h"

#if defined(__x86_64__)
#define HOST_MACHINE 62
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#define HOST_MACHINE 183
#elif defined(__riscv) && __riscv_xlen == 64
#define HOST_MACHINE 243
#else
#define HOST_MACHINE 0
#endif

enum { SEGMENTS = 2 };

/* The sections, in the order of their headers. */
enum { S_NONE, S_TEXT, S_UNWIND, S_INFO, S_ABBREV, S_LINE, S_RANGES, S_SYMBOLS, S_STRINGS, S_NAMES, SECTIONS };
static const char *const section_names[SECTIONS] = {"", ".text", ".eh_frame", ".debug_info", ".debug_abbrev",
        ".debug_line", ".debug_ranges", ".symtab", ".strtab", ".shstrtab"};

uint16_t vsp_elf_machine(void) { return HOST_MACHINE; }

/* ---- contents ---- */

static void put(vsp_text *out, const void *bytes, size_t size) { vsp_text_add(out, bytes, size); }

/* section_headers is 0 until their position is known. */
static elf_header header(uint64_t section_headers)
{
	return (elf_header){.ident = {0x7F, 'E', 'L', 'F', 2, 1, 1},
	        .type = ELF_EXECUTABLE,
	        .machine = vsp_elf_machine(),
	        .version = 1,
	        .program_headers = sizeof(elf_header),
	        .section_headers = section_headers,
	        .size = sizeof(elf_header),
	        .program_header_size = sizeof(elf_segment),
	        .program_header_count = SEGMENTS,
	        .section_header_size = sizeof(elf_section),
	        .section_count = SECTIONS,
	        .section_names = S_NAMES};
}

/*
 * Machine code is only in memory; unwinding information is also in the file, at the address for
 * which it was linked.
 */
static void put_segments(vsp_text *out, const vsp_jit_unit *unit)
{
	const vsp_code_map *map = unit->map;
	const uint64_t code = (uintptr_t)unit->code, unwind = (uintptr_t)map->unwind;
	const elf_segment segments[SEGMENTS] = {{.type = ELF_LOAD,
	                                                .flags = ELF_LOAD_READ | ELF_LOAD_EXEC,
	                                                .address = code,
	                                                .physical_address = code,
	                                                .memory_size = unit->code_size,
	                                                .align = 8},
	        {.type = ELF_LOAD,
	                .flags = ELF_LOAD_READ,
	                .offset = sizeof(elf_header) + sizeof segments,
	                .address = unwind,
	                .physical_address = unwind,
	                .file_size = map->unwind_size,
	                .memory_size = map->unwind_size,
	                .align = 8}};
	put(out, segments, sizeof segments);
}

/* Adds bytes as the contents of a section. */
static void put_contents(vsp_text *out, elf_section *to, uint32_t type, const void *bytes, size_t size)
{
	put_zeros(out, (8 - out->length % 8) % 8);
	*to = (elf_section){.type = type, .offset = out->length, .size = size, .align = 8};
	if (size)
		vsp_text_add(out, bytes, size);
}

static void put_dwarf(
        vsp_text *out, elf_section sections[SECTIONS], const vsp_module_data *module, const vsp_jit_unit *unit)
{
	vsp_dwarf d = VSP_DWARF_INIT;
	if (!module->line_count)
		return;
	vsp_dwarf_build(&d, module, unit);
	const vsp_text *const texts[] = {&d.info, &d.abbrev, &d.line, &d.ranges};
	for (int i = 0; i < 4; i++) {
		out->failed |= texts[i]->failed;
		if (!out->failed)
			put_contents(out, &sections[S_INFO + i], ELF_PROGBITS, texts[i]->bytes, texts[i]->length);
	}
	vsp_dwarf_free(&d);
}

static void put_symbol(vsp_text *symbols, vsp_text *strings, const vsp_module_data *module, const vsp_jit_unit *unit,
        const vsp_code_symbol *symbol)
{
	const elf_symbol entry = {.name = (uint32_t)strings->length,
	        .info = ELF_GLOBAL_FUNCTION,
	        .section = S_TEXT,
	        .value = (uintptr_t)unit->code + symbol->offset,
	        .size = symbol->size};
	put(symbols, &entry, sizeof entry);
	vsp_code_name(strings, module, symbol);
	put_number(strings, 0, 1);
}

static void put_symbols(
        vsp_text *out, elf_section sections[SECTIONS], const vsp_module_data *module, const vsp_jit_unit *unit)
{
	vsp_text symbols = VSP_TEXT_GROWING, strings = VSP_TEXT_GROWING;
	put_zeros(&symbols, sizeof(elf_symbol));
	put_number(&strings, 0, 1);
	for (uint32_t i = 0; i < unit->map->symbol_count; i++)
		put_symbol(&symbols, &strings, module, unit, &unit->map->symbols[i]);
	out->failed |= symbols.failed || strings.failed;
	if (!out->failed) {
		put_contents(out, &sections[S_SYMBOLS], ELF_SYMTAB, symbols.bytes, symbols.length);
		put_contents(out, &sections[S_STRINGS], ELF_STRTAB, strings.bytes, strings.length);
	}
	sections[S_SYMBOLS].link = S_STRINGS;
	sections[S_SYMBOLS].info = 1; /* the first symbol that is not local */
	sections[S_SYMBOLS].entry_size = sizeof(elf_symbol);
	vsp_free_memory(symbols.bytes);
	vsp_free_memory(strings.bytes);
}

/* ---- section headers ---- */

static void put_names(vsp_text *out, elf_section *to)
{
	put_contents(out, to, ELF_STRTAB, NULL, 0);
	for (int i = 0; i < SECTIONS; i++)
		put_text(out, section_names[i]);
	to->size = out->length - to->offset;
}

static void put_section_headers(vsp_text *out, elf_section sections[SECTIONS])
{
	uint32_t name = 0;
	put_zeros(out, (8 - out->length % 8) % 8);
	const elf_header known = header(out->length);
	if (!out->failed)
		memcpy(out->bytes, &known, sizeof known);
	for (int i = 0; i < SECTIONS; i++) {
		sections[i].name = name;
		put(out, &sections[i], sizeof sections[i]);
		name += (uint32_t)strlen(section_names[i]) + 1;
	}
}

void vsp_elf_image(vsp_text *out, const vsp_module_data *module, const vsp_jit_unit *unit)
{
	elf_section sections[SECTIONS] = {0};
	const elf_header unknown = header(0);
	put(out, &unknown, sizeof unknown);
	put_segments(out, unit);
	sections[S_TEXT] = (elf_section){.type = ELF_NOBITS,
	        .flags = ELF_ALLOC | ELF_EXEC,
	        .address = (uintptr_t)unit->code,
	        .size = unit->code_size,
	        .align = 16};
	put_contents(out, &sections[S_UNWIND], ELF_PROGBITS, unit->map->unwind, unit->map->unwind_size);
	sections[S_UNWIND].flags = ELF_ALLOC;
	sections[S_UNWIND].address = (uintptr_t)unit->map->unwind;
	put_dwarf(out, sections, module, unit);
	put_symbols(out, sections, module, unit);
	put_names(out, &sections[S_NAMES]);
	put_section_headers(out, sections);
}
