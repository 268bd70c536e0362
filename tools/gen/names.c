/*
 * Lists the names that libraries define, which the ahead-of-time compiler refuses as exports:
 * gen_names OUT.inc LIBRARY... writes each once, in strcmp's order, as NAME(name).
 *
 * It reads the dynamic symbols of ELF shared objects, of 32 and 64 bits and either order of bytes,
 * and the index of archives as GNU's, LLVM's and MinGW's tools write it. A file that is neither, or
 * is cut short, is an error. Names that are not identifiers, or that begin with an underscore and
 * are refused anyway, are left out.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct input {
	const char *path;
	uint8_t *bytes;
	uint64_t size;
	bool big_endian; /* of an ELF file */
} input;

static char **names;
static size_t count, capacity;

static void die(const char *path, const char *why)
{
	fprintf(stderr, "gen_names: %s: %s\n", path, why);
	exit(1);
}

static bool is_plain(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = name[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';
		if (!letter && !(i && (digit || c == '_')))
			return false;
	}
	return n > 0;
}

static void add_name(const char *name, size_t n)
{
	if (!is_plain(name, n))
		return;
	if (count == capacity) {
		capacity = capacity ? 2 * capacity : 4096;
		names = realloc(names, capacity * sizeof *names);
	}
	char *copy = names ? malloc(n + 1) : NULL;
	if (!copy)
		die(name, "out of memory");
	memcpy(copy, name, n);
	copy[n] = 0;
	names[count++] = copy;
}

/* ---- bytes ---- */

static const uint8_t *at(const input *in, uint64_t offset, uint64_t size)
{
	if (offset > in->size || size > in->size - offset)
		die(in->path, "the file is cut short");
	return in->bytes + offset;
}

static uint64_t little(const input *in, uint64_t offset, unsigned bytes)
{
	const uint8_t *p = at(in, offset, bytes);
	uint64_t v = 0;
	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static uint64_t big(const input *in, uint64_t offset, unsigned bytes)
{
	const uint8_t *p = at(in, offset, bytes);
	uint64_t v = 0;
	for (unsigned i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return v;
}

static uint64_t number(const input *in, uint64_t offset, unsigned bytes)
{
	return in->big_endian ? big(in, offset, bytes) : little(in, offset, bytes);
}

/* Length of the text at offset, which ends before end. */
static size_t text_length(const input *in, uint64_t offset, uint64_t end)
{
	if (offset >= end)
		die(in->path, "a name lies outside its table");
	const uint8_t *text = at(in, offset, end - offset), *zero = memchr(text, 0, end - offset);
	if (!zero)
		die(in->path, "a name does not end");
	return (size_t)(zero - text);
}

/* ---- ELF: gabi 4, chapters "ELF Header", "Sections" and "Symbol Table" ---- */

/* Offsets of fields and sizes of entries in both classes. */
static const struct elf_class {
	unsigned word, shoff, shentsize, shnum;    /* of the header */
	unsigned offset, size, link, section_size; /* of a section header */
	unsigned info, shndx, symbol_size;         /* of a symbol */
} elf_classes[] = {{4, 32, 46, 48, 16, 20, 24, 40, 12, 14, 16}, {8, 40, 58, 60, 24, 32, 40, 64, 4, 6, 24}};

static void add_symbols(const input *in, const struct elf_class *c, uint64_t sections, uint64_t table)
{
	enum { LOCAL = 0 };
	uint64_t strings = sections + number(in, table + c->link, 4) * c->section_size;
	uint64_t first = number(in, table + c->offset, c->word), size = number(in, table + c->size, c->word);
	uint64_t text = number(in, strings + c->offset, c->word),
	         text_end = text + number(in, strings + c->size, c->word);
	for (uint64_t s = first; s + c->symbol_size <= first + size; s += c->symbol_size) {
		uint64_t name = text + number(in, s, 4);
		if (number(in, s + c->shndx, 2) != 0 && number(in, s + c->info, 1) >> 4 != LOCAL)
			add_name((const char *)in->bytes + name, text_length(in, name, text_end));
	}
}

static void read_elf(input *in)
{
	enum { CLASS = 4, DATA = 5, LITTLE = 1, BIG = 2, DYNSYM = 11 };
	uint64_t class = at(in, CLASS, 1)[0], order = at(in, DATA, 1)[0];
	if (class < 1 || class > 2 || order < LITTLE || order > BIG)
		die(in->path, "it is of an unknown class or order of bytes");
	in->big_endian = order == BIG;
	const struct elf_class *c = &elf_classes[class - 1];
	uint64_t sections = number(in, c->shoff, c->word), n = number(in, c->shnum, 2);
	if (number(in, c->shentsize, 2) != c->section_size)
		die(in->path, "its section headers have an unknown size");
	for (uint64_t i = 0; i < n; i++) {
		uint64_t section = sections + i * c->section_size;
		if (number(in, section + 4, 4) == DYNSYM)
			add_symbols(in, c, sections, section);
	}
}

/* ---- archives: a first member called "/" has a count, as many offsets, all big-endian, and
   names ---- */

static void read_archive(const input *in)
{
	enum { HEAD = 8, MEMBER = 60, LENGTH = 48, LENGTH_DIGITS = 10 };
	if (in->size == HEAD) /* libraries whose functions moved to another one are often empty */
		return;
	const char *member = (const char *)at(in, HEAD, MEMBER);
	char digits[LENGTH_DIGITS + 1] = {0};
	if (member[0] != '/' || member[1] != ' ')
		die(in->path, "the archive has no index");
	memcpy(digits, member + LENGTH, LENGTH_DIGITS);
	uint64_t start = HEAD + MEMBER, end = start + strtoull(digits, NULL, 10);
	uint64_t n = big(in, start, 4), name = start + 4 + 4 * n;
	at(in, start, end - start);
	for (uint64_t i = 0; i < n; i++) {
		size_t length = text_length(in, name, end);
		add_name((const char *)in->bytes + name, length);
		name += length + 1;
	}
}

static void read_library(const char *path)
{
	input in = {.path = path};
	FILE *f = fopen(path, "rb");
	if (!f || fseek(f, 0, SEEK_END) != 0)
		die(path, "cannot be read");
	long size = ftell(f);
	rewind(f);
	in.bytes = size > 0 ? malloc((size_t)size) : NULL;
	if (!in.bytes || fread(in.bytes, 1, (size_t)size, f) != (size_t)size)
		die(path, "cannot be read");
	fclose(f);
	in.size = (uint64_t)size;
	if (in.size >= 8 && memcmp(in.bytes, "\177ELF", 4) == 0)
		read_elf(&in);
	else if (in.size >= 8 && memcmp(in.bytes, "!<arch>\n", 8) == 0)
		read_archive(&in);
	else
		die(path, "it is neither an ELF file nor an archive");
	free(in.bytes);
}

static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int main(int argc, char **argv)
{
	if (argc < 2)
		die("usage", "gen_names OUT.inc LIBRARY...");
	for (int i = 2; i < argc; i++)
		read_library(argv[i]);
	if (count)
		qsort(names, count, sizeof *names, compare);
	FILE *out = fopen(argv[1], "w");
	if (!out)
		die(argv[1], "cannot be written");
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			fprintf(out, "NAME(%s)\n", names[i]);
	if (fclose(out) != 0)
		die(argv[1], "cannot be written");
	return 0;
}
