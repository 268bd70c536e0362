/*
 * Error values. They are formatted into the caller's struct and never allocated, and the first one
 * is kept. Messages contain names and paths, and hosts print them, so a message is one line of text
 * that is safe to show.
 */
#include "error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "escape.h"

static bool has_all(const vsp_error *error) { return error->size >= sizeof *error; }

/* Copies the fields that fit completely. */
static void copy_fields(vsp_error *to, const vsp_error *from)
{
#define FIELD(name) \
	{ \
		offsetof(vsp_error, name), sizeof from->name \
	}
	static const struct {
		size_t offset, size;
	} fields[] = {FIELD(code), FIELD(message), FIELD(file), FIELD(line), FIELD(column), FIELD(offset), FIELD(trap),
	        FIELD(trap_code), FIELD(pc), FIELD(function), FIELD(frames), FIELD(trace)};
#undef FIELD
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (fields[i].offset + fields[i].size <= to->size)
			memcpy((char *)to + fields[i].offset, (const char *)from + fields[i].offset, fields[i].size);
}

/*
 * Clears the texts and the back trace. Their room, two kilobytes, is not overwritten, since every
 * call of the library does this.
 */
void vsp_error_clear(vsp_error *error)
{
	static const vsp_error blank = VSP_ERROR_INIT;
	if (!error)
		return;
	if (!has_all(error)) {
		copy_fields(error, &blank);
		return;
	}
	error->code = VSP_OK;
	error->message[0] = error->file[0] = error->function[0] = '\0';
	error->line = error->column = 0;
	error->offset = 0;
	error->trap = VSP_TRAP_NONE;
	error->trap_code = 0;
	error->pc = VSP_NO_PC;
	error->frames = 0;
}

/* May the error be filled? */
static bool is_open(const vsp_error *error)
{
	return error && error->size >= offsetof(vsp_error, message) && error->code == VSP_OK;
}

/*
 * The struct into which the message is written: the error itself, or own when the error lacks
 * fields; null: nothing is to be filled.
 */
static vsp_error *error_claim(vsp_error *error, vsp_error *own, vsp_status code)
{
	if (!is_open(error))
		return NULL;
	vsp_error *to = has_all(error) ? error : own;
	own->size = sizeof *own;
	vsp_error_clear(to);
	to->code = code;
	return to;
}

static void error_fill(vsp_error *error, const vsp_error *from)
{
	if (from != error)
		copy_fields(error, from);
}

vsp_status vsp_error_give(vsp_error *error, const vsp_error *own)
{
	if ((own->code != VSP_OK || *own->message) && is_open(error))
		copy_fields(error, own);
	return own->code;
}

/* A message that does not fit ends in dots, after a whole character. */
static void mark_cut(char *message, size_t size)
{
	static const char dots[] = "...";
	size_t at = strlen(message), last = size - sizeof dots;
	at = at < last ? at : last;
	while (at > 0 && ((unsigned char)message[at] & 0xC0) == 0x80)
		at--;
	memcpy(message + at, dots, sizeof dots);
}

static void error_format(vsp_error *error, const char *format, va_list args)
{
	char raw[sizeof error->message];
	int length = vsnprintf(raw, sizeof raw, format, args);
	size_t shown = vsp_escape(error->message, sizeof error->message, raw, strlen(raw), VSP_ESCAPE_TEXT);
	if (length >= (int)sizeof raw || shown >= sizeof error->message)
		mark_cut(error->message, sizeof error->message);
}

vsp_status vsp_error_set(vsp_error *error, vsp_status code, const char *format, ...)
{
	va_list args;
	vsp_error own, *to = error_claim(error, &own, code);
	va_start(args, format);
	if (to) {
		error_format(to, format, args);
		error_fill(error, to);
	}
	va_end(args);
	return code;
}

vsp_status vsp_error_at(vsp_error *error, vsp_status code, uint64_t offset, const char *format, ...)
{
	va_list args;
	vsp_error own, *to = error_claim(error, &own, code);
	va_start(args, format);
	if (to) {
		error_format(to, format, args);
		to->offset = offset;
		error_fill(error, to);
	}
	va_end(args);
	return code;
}

vsp_status vsp_error_source(
        vsp_error *error, vsp_status code, const char *file, uint32_t line, uint32_t column, const char *format, ...)
{
	va_list args;
	vsp_error own, *to = error_claim(error, &own, code);
	va_start(args, format);
	if (to) {
		error_format(to, format, args);
		snprintf(to->file, sizeof to->file, "%s", file ? file : "");
		to->line = line;
		to->column = column;
		error_fill(error, to);
	}
	va_end(args);
	return code;
}
