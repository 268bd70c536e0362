/*
 * Static libraries: the "ar" format with an index of symbols, one member and no dates, so that the
 * same object gives the same bytes. System V's and GNU's form, and BSD's, the only one that Apple's
 * linker reads.
 */
#include "job.h"

#include <stdio.h>
#include <string.h>

enum { MAGIC = 8, HEADER = 60 };

typedef struct symbol_index {
	aot_job *job;
	const char *before; /* the prefix of the system's symbols before C's names */
	uint8_t *at;        /* null: only measure */
	uint32_t count;
	size_t names;    /* bytes of all names */
	uint32_t *begin; /* of each name; null: only measure */
} symbol_index;

static void add_name(symbol_index *x, const char *symbol)
{
	size_t length = strlen(x->before), n = symbol ? length + strlen(symbol) + 1 : 0;
	if (x->begin)
		x->begin[x->count] = (uint32_t)x->names;
	if (x->at && symbol) {
		memcpy(x->at + x->names, x->before, length);
		memcpy(x->at + x->names + length, symbol, n - length);
	}
	x->names += n;
	x->count++;
}

static void add_public(aot_job *job, const char *name, void *user) { add_name(user, aot_symbol(job, name)); }

static void add_names(symbol_index *x)
{
	aot_each_public(x->job, add_public, x);
	for (uint32_t i = 0; i < x->job->data->func_count; i++)
		if (aot_has_symbol(x->job, i))
			add_name(x, aot_symbol(x->job, vsp_module_func_name(x->job->data, i)));
}

/* All names one after the other; null: out of memory. */
static uint8_t *list_names(aot_job *job, const char *before, symbol_index *out)
{
	*out = (symbol_index){.job = job, .before = before};
	add_names(out);
	symbol_index written = {.job = job, .before = before};
	written.at = vsp_arena_array(&job->arena, out->names + 1, 1);
	written.begin = vsp_arena_array(&job->arena, out->count + 1, sizeof *written.begin);
	if (!written.at || !written.begin)
		return NULL;
	add_names(&written);
	*out = written;
	return written.at;
}

static uint8_t *put_header(uint8_t *at, const char *name, size_t size)
{
	char text[HEADER + 32]; /* a size has at most ten digits, but compilers do not know */
	snprintf(text, sizeof text, "%-16s%-12s%-6s%-6s%-8s%-10zu`\n", name, "0", "0", "0", "644", size);
	memcpy(at, text, HEADER);
	return at + HEADER;
}

static uint8_t *put_big_endian(uint8_t *at, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		*at++ = (uint8_t)(value >> shift);
	return at;
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t size)
{
	memcpy(at, bytes, size);
	return at + size;
}

/* Room for the archive, filled with the padding of members. */
static uint8_t *begin_archive(aot_job *job, size_t size, int padding)
{
	uint8_t *out = vsp_arena_array(&job->arena, size, 1);
	if (!out)
		return NULL;
	memset(out, padding, size);
	memcpy(out, "!<arch>\n", MAGIC);
	return out;
}

/* The index is a member called "/": the count of symbols, the place of each one's member, and
   their names. */
static uint8_t *write_gnu(aot_job *job, const void *object, size_t size, size_t *archive_size)
{
	symbol_index x;
	if (!list_names(job, "", &x))
		return NULL;
	size_t table = 4 + 4 * (size_t)x.count + x.names, padded = table + table % 2, member = MAGIC + HEADER + padded;
	*archive_size = member + HEADER + size + size % 2;
	uint8_t *out = begin_archive(job, *archive_size, '\n'), *at = out + MAGIC;
	if (!out)
		return NULL;
	at = put_big_endian(put_header(at, "/", padded), x.count);
	for (uint32_t i = 0; i < x.count; i++)
		at = put_big_endian(at, (uint32_t)member);
	at = put_bytes(at, x.at, x.names);
	if (padded > table)
		*at = 0;
	put_bytes(put_header(out + member, "program.o/", size), object, size);
	return out;
}

static size_t round_up(size_t size) { return (size + 7) & ~(size_t)7; }

static uint8_t *put_little_endian(uint8_t *at, size_t value)
{
	vsp_write_le(at, value, 4);
	return at + 4;
}

/* The header of a member whose name follows it; the length of the name makes the contents begin
   at a multiple of 8. */
static uint8_t *put_named(uint8_t *at, const char *name, size_t length, size_t size)
{
	char text[20];
	snprintf(text, sizeof text, "#1/%zu", length);
	at = put_header(at, text, length + size);
	memcpy(at, name, strlen(name));
	return at + length;
}

/*
 * The index is a member called "__.SYMDEF": the bytes of the pairs that follow, for each symbol the
 * offsets of its name and of its member; the bytes of all names, and the names. Numbers are the
 * target's.
 */
static uint8_t *write_bsd(aot_job *job, const void *object, size_t size, size_t *archive_size)
{
	enum { INDEX_NAME = 12, MEMBER_NAME = 12 }; /* padded; 8 + 60 + 12 and 60 + 12 are multiples of 8 */
	static_assert(
	        (MAGIC + HEADER + INDEX_NAME) % 8 == 0 && (HEADER + MEMBER_NAME) % 8 == 0, "contents are aligned");
	symbol_index x;
	if (!list_names(job, "_", &x))
		return NULL;
	size_t names = round_up(x.names), table = round_up(8 + 8 * (size_t)x.count + names);
	size_t member = MAGIC + HEADER + INDEX_NAME + table, content = member + HEADER + MEMBER_NAME;
	size_t whole = round_up(size);
	*archive_size = content + whole;
	uint8_t *out = begin_archive(job, *archive_size, 0), *at = out + MAGIC;
	if (!out)
		return NULL;
	at = put_little_endian(put_named(at, "__.SYMDEF", INDEX_NAME, table), 8 * (size_t)x.count);
	for (uint32_t i = 0; i < x.count; i++)
		at = put_little_endian(put_little_endian(at, x.begin[i]), member);
	put_bytes(put_little_endian(at, names), x.at, x.names);
	put_bytes(put_named(out + member, "program.o", MEMBER_NAME, whole), object, size);
	return out;
}

uint8_t *aot_archive(aot_job *job, const void *object, size_t size, size_t *archive_size)
{
	bool apple = job->known.holds & AOT_APPLE;
	return apple ? write_bsd(job, object, size, archive_size) : write_gnu(job, object, size, archive_size);
}
