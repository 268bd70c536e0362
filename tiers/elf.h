/*
 * The parts of the ELF-64 object format (System V gABI) that are needed to link units and to show
 * them to debuggers. The definitions are our own, because not every system has a header for it; all
 * numbers are in the machine's own byte order, since objects are made for it.
 */
#ifndef VSP_TIERS_ELF_H
#define VSP_TIERS_ELF_H

#include <assert.h>
#include <stdint.h>

typedef struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, program_headers, section_headers;
	uint32_t flags;
	uint16_t size, program_header_size, program_header_count, section_header_size, section_count, section_names;
} elf_header;

typedef struct elf_section {
	uint32_t name, type;
	uint64_t flags, address, offset, size;
	uint32_t link, info;
	uint64_t align, entry_size;
} elf_section;

typedef struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, address, physical_address, file_size, memory_size, align;
} elf_segment;

typedef struct elf_symbol {
	uint32_t name;
	uint8_t info, other;
	uint16_t section;
	uint64_t value, size;
} elf_symbol;

typedef struct elf_reloc {
	uint64_t offset;
	uint32_t type, symbol;
	int64_t addend;
} elf_reloc;

static_assert(sizeof(elf_header) == 64 && sizeof(elf_section) == 64 && sizeof(elf_segment) == 56 &&
                      sizeof(elf_symbol) == 24 && sizeof(elf_reloc) == 24,
        "the structures are those of the format");

enum { ELF_RELOCATABLE = 1, ELF_EXECUTABLE = 2 }; /* elf_header.type */
enum {
	ELF_NULL = 0,
	ELF_PROGBITS = 1,
	ELF_SYMTAB = 2,
	ELF_STRTAB = 3,
	ELF_RELA = 4,
	ELF_NOBITS = 8
}; /* elf_section.type */
enum { ELF_WRITE = 1, ELF_ALLOC = 2, ELF_EXEC = 4 };         /* elf_section.flags */
enum { ELF_LOAD = 1, ELF_LOAD_EXEC = 1, ELF_LOAD_READ = 4 }; /* elf_segment.type and flags */
enum { ELF_GLOBAL_FUNCTION = 0x12 };                         /* elf_symbol.info */

#endif
