/*
 * Messages of vspc: one line each on stderr, of text that may be shown.
 */
#include "vspc.h"

#include <stdarg.h>

#include "runtime/base/escape.h"

enum { MESSAGE = 8192 };

void vspc_show_text(FILE *to, const char *text) { vsp_escape_print(to, text, VSP_ESCAPE_TEXT); }

int vspc_error(const char *format, ...)
{
	char text[MESSAGE];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	fputs("vspc: error: ", stderr);
	vspc_show_text(stderr, text);
	fputc('\n', stderr);
	return VSPC_WRONG;
}

int vspc_report_error(const vspc_options *options, const vsp_error *error)
{
	if (error->code == VSP_E_FORMAT && options->wasm)
		return vspc_error(
		        "%s: offset 0x%llx: %s", options->file, (unsigned long long)error->offset, error->message);
	if (error->code == VSP_E_FORMAT)
		return vspc_error(
		        "%s: byte %llu: %s", options->file, (unsigned long long)error->offset, error->message);
	return vspc_error("%s", error->message);
}

/* A string with its quotes. */
void vspc_json_string(FILE *to, const char *text)
{
	fputc('"', to);
	vsp_escape_print(to, text, VSP_ESCAPE_JSON);
	fputc('"', to);
}
