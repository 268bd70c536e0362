/* Of the generator of stencils: reads objects of the build's compiler. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/gen/stencils.h"

_Noreturn void gen_die(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("gen_stencils: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static const void *part(const object *o, uint64_t offset, uint64_t size)
{
	if (offset > o->size || size > o->size - offset || offset % 8)
		gen_die("%s: not an object as expected", o->path);
	return o->bytes + offset;
}

const char *gen_symbol_name(const object *o, const elf_symbol *s)
{
	if (s->name >= o->names_size)
		gen_die("%s: a name lies outside its table", o->path);
	return o->names + s->name;
}

static void read_file(object *o)
{
	enum { CHUNK = 1 << 20 };
	FILE *in = fopen(o->path, "rb");
	size_t n = 1;
	if (!in)
		gen_die("%s: cannot be opened", o->path);
	while (n) {
		o->bytes = realloc(o->bytes, o->size + CHUNK);
		if (!o->bytes)
			gen_die("out of memory");
		n = fread(o->bytes + o->size, 1, CHUNK, in);
		o->size += n;
	}
	fclose(in);
}

static void open_section(object *o, uint32_t i)
{
	const elf_section *s = &o->sections[i];
	if (s->type == ELF_PROGBITS && s->flags & ELF_EXEC && s->size) {
		if (o->text)
			gen_die("%s: there are two sections of code", o->path);
		o->text = s;
		o->text_index = i;
	}
	if (s->type == ELF_SYMTAB) {
		const elf_section *names = &o->sections[s->link];
		o->symbols = part(o, s->offset, s->size);
		o->symbol_count = (uint32_t)(s->size / sizeof *o->symbols);
		o->names = (const char *)part(o, names->offset & ~UINT64_C(7), 0) + (names->offset & 7);
		o->names_size = names->size;
	}
}

static int by_offset(const void *a, const void *b)
{
	const elf_reloc *x = a, *y = b;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void open_relocs(object *o)
{
	const elf_header *h = (const elf_header *)(const void *)o->bytes;
	for (uint32_t i = 0; i < h->section_count; i++) {
		const elf_section *s = &o->sections[i];
		if (s->type != ELF_RELA || s->info != o->text_index)
			continue;
		o->relocs = part(o, s->offset, s->size);
		o->reloc_count = (uint32_t)(s->size / sizeof *o->relocs);
		qsort(o->bytes + s->offset, o->reloc_count, sizeof *o->relocs, by_offset);
	}
}

void gen_open_object(object *o)
{
	read_file(o);
	const elf_header *h = part(o, 0, sizeof *h);
	if (memcmp(h->ident, "\177ELF\2\1", 6) != 0 || h->type != ELF_RELOCATABLE || !gen_take_machine(h->machine))
		gen_die("%s: not an object for a machine that is known, or not for that of the others", o->path);
	o->sections = part(o, h->section_headers, h->section_count * sizeof *o->sections);
	for (uint32_t i = 0; i < h->section_count; i++)
		open_section(o, i);
	if (!o->text || !o->symbols)
		gen_die("%s: there is no code", o->path);
	part(o, o->text->offset, o->text->size);
	open_relocs(o);
}
