/*
 * Error values: formatted into the caller's struct, never allocated, first one wins. Messages hold
 * names and paths, and hosts print them, so they are one line of text that can be shown.
 */
#include "error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "escape.h"

/* Texts become empty and the trace has no entries; their room, two kilobytes, is left as it is, since every call of the library does this. */
void vsp_error_clear(vsp_error *error)
{
	if (!error)
		return;
	error->size = sizeof *error;
	error->code = VSP_OK;
	error->message[0] = error->file[0] = error->function[0] = '\0';
	error->line = error->column = 0;
	error->offset = 0;
	error->trap = VSP_TRAP_NONE;
	error->trap_code = 0;
	error->pc = VSP_NO_PC;
	error->frames = 0;
}

/* Takes the error for this message, or says that there is nothing to fill. */
static bool error_claim(vsp_error *error, vsp_status code)
{
	if (!error || error->code != VSP_OK)
		return false;
	vsp_error_clear(error);
	error->code = code;
	return true;
}

/* A message that does not fit ends in dots, behind a whole character. */
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
	va_start(args, format);
	if (error_claim(error, code))
		error_format(error, format, args);
	va_end(args);
	return code;
}

vsp_status vsp_error_at(vsp_error *error, vsp_status code, uint64_t offset, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (error_claim(error, code)) {
		error_format(error, format, args);
		error->offset = offset;
	}
	va_end(args);
	return code;
}

vsp_status vsp_error_source(
        vsp_error *error, vsp_status code, const char *file, uint32_t line, uint32_t column, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (error_claim(error, code)) {
		error_format(error, format, args);
		snprintf(error->file, sizeof error->file, "%s", file ? file : "");
		error->line = line;
		error->column = column;
	}
	va_end(args);
	return code;
}
