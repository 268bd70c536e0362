/*
 * Messages of vspc: one line each on stderr, of text that may be shown.
 */
#include "vspc.h"

#include <stdarg.h>
#include <string.h>

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

/* The file of the preloaded module that the error is about, or null: the error has its name as it
   can be shown. */
static const char *preloaded_file(const vspc_options *options, const vsp_error *error)
{
	char shown[sizeof error->file];
	for (uint32_t i = 0; i < options->preload_count && *error->file; i++) {
		const char *name = options->preloads[i], *path = strchr(name, '=') + 1;
		vsp_escape(shown, sizeof shown, name, (size_t)(path - name) - 1, VSP_ESCAPE_TEXT);
		if (strcmp(shown, error->file) == 0)
			return path;
	}
	return NULL;
}

int vspc_report_error(const vspc_options *options, const vsp_error *error)
{
	const char *preloaded = preloaded_file(options, error);
	if (error->code == VSP_E_FORMAT && (options->wasm || preloaded))
		return vspc_error("%s: offset 0x%llx: %s", preloaded ? preloaded : options->file,
		        (unsigned long long)error->offset, error->message);
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
