/*
 * Static libraries: the "ar" format as System V and GNU have it, with an index of symbols, one member and no dates, so that the same object gives
 * the same bytes.
 */
#include "job.h"

#include <stdio.h>
#include <string.h>

enum { MAGIC = 8, HEADER = 60 };

typedef struct symbol_index {
	aot_job *job;
	uint8_t *at; /* null: only measure */
	uint32_t count;
	size_t names; /* bytes of all names */
} symbol_index;

static void add_name(symbol_index *x, const char *symbol)
{
	size_t n = symbol ? strlen(symbol) + 1 : 0;
	if (x->at && symbol)
		memcpy(x->at + x->names, symbol, n);
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

uint8_t *aot_archive(aot_job *job, const void *object, size_t size, size_t *archive_size)
{
	symbol_index measured = {.job = job};
	add_names(&measured);
	size_t table = 4 + 4 * (size_t)measured.count + measured.names, padded = table + table % 2;
	size_t member = MAGIC + HEADER + padded;
	*archive_size = member + HEADER + size + size % 2;
	uint8_t *out = vsp_arena_array(&job->arena, *archive_size, 1), *at = out;
	if (!out)
		return NULL;
	memset(out, '\n', *archive_size);
	memcpy(at, "!<arch>\n", MAGIC);
	at = put_header(at + MAGIC, "/", padded);
	at = put_big_endian(at, measured.count);
	for (uint32_t i = 0; i < measured.count; i++)
		at = put_big_endian(at, (uint32_t)member);
	symbol_index written = {.job = job, .at = at};
	add_names(&written);
	if (padded > table)
		at[written.names] = 0;
	at = put_header(out + member, "program.o/", size);
	memcpy(at, object, size);
	return out;
}
