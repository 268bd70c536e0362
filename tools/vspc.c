/*
 * vspc: assembles, disassembles, verifies, compiles and runs VSP programs.
 */
#include "vspc.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/platform.h"

/* ---- messages ---- */

int vspc_error(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("vspc: error: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return VSPC_WRONG;
}

int vspc_report_error(const vspc_options *options, const vsp_error *error)
{
	if (error->code == VSP_E_FORMAT)
		return vspc_error(
		        "%s: byte %llu: %s", options->file, (unsigned long long)error->offset, error->message);
	return vspc_error("%s", error->message);
}

/* A message of the assembler, which ends with its newline. */
static void print_report(void *user, int severity, const char *text)
{
	const vspc_options *options = user;
	if (severity == VSP_REPORT_ERROR || !options->quiet)
		fputs(text, stderr);
}

/* ---- files ---- */

/* All of stdin, or null after a message. */
static char *read_stdin(size_t *size)
{
	size_t capacity = 0, used = 0;
	char *bytes = NULL;
	do {
		capacity = capacity ? capacity * 2 : 1 << 16;
		char *grown = realloc(bytes, capacity);
		if (!grown) {
			free(bytes);
			vspc_error("out of memory");
			return NULL;
		}
		bytes = grown;
		used += fread(bytes + used, 1, capacity - used, stdin);
	} while (used == capacity);
	*size = used;
	if (!ferror(stdin))
		return bytes;
	vspc_error("cannot read 'standard input': %s", strerror(errno));
	free(bytes);
	return NULL;
}

static vsp_module *load_stdin(const vsp_source_options *source, vsp_error *error)
{
	size_t size = 0;
	char *bytes = read_stdin(&size);
	if (!bytes)
		return NULL;
	bool binary = size >= 4 && memcmp(bytes, "SILC", 4) == 0;
	vsp_module *module = binary ? vsp_module_load(bytes, size, error) : vsp_assemble(bytes, size, source, error);
	free(bytes);
	return module;
}

/* The module in options->file, or null after messages. */
static vsp_module *load(vspc_options *options)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_source_options source = VSP_SOURCE_INIT;
	source.color = options->color;
	source.report = print_report;
	source.user = options;
	source.name = "<stdin>";
	vsp_module *module;
	if (strcmp(options->file, "-") == 0)
		module = load_stdin(&source, &error);
	else
		module = vsp_module_load_file(options->file, &source, &error);
	if (!module && error.code != VSP_OK && error.code != VSP_E_SYNTAX)
		vspc_report_error(options, &error);
	if (module && options->verbose)
		fprintf(stderr, "vspc: %s: %u functions, %u imports\n", options->file,
		        (unsigned)vsp_module_function_count(module), (unsigned)vsp_module_import_count(module));
	return module;
}

/* Writes to -o, all or nothing; without it, or for -, to stdout. */
static int write_out(const vspc_options *options, const void *bytes, size_t size)
{
	if (options->out && strcmp(options->out, "-") != 0) {
		const char *why = vsp_plat_file_write(options->out, bytes, size);
		return why ? vspc_error("cannot write '%s': %s", options->out, why) : 0;
	}
	if (fwrite(bytes, 1, size, stdout) != size || fflush(stdout) != 0)
		return vspc_error("cannot write 'standard output': %s", strerror(errno));
	return 0;
}

/* ---- commands ---- */

static int assemble(const vsp_module *module, const vspc_options *options)
{
	vsp_error error = VSP_ERROR_INIT;
	size_t size = 0;
	uint8_t *bytes = vsp_module_write(module, &size, &error);
	if (!bytes)
		return vspc_report_error(options, &error);
	int status = write_out(options, bytes, size);
	vsp_bytes_free(bytes);
	return status;
}

static int disassemble(const vsp_module *module, const vspc_options *options)
{
	vsp_error error = VSP_ERROR_INIT;
	size_t size = 0;
	char *text = vsp_module_disassemble(module, &size, &error);
	if (!text)
		return vspc_report_error(options, &error);
	int status = write_out(options, text, size);
	vsp_bytes_free(text);
	return status;
}

static int list_backends(void)
{
	const char *name;
	for (uint32_t i = 0; (name = vsp_backend_name(i)) != NULL; i++)
		puts(name);
	return 0;
}

static int with_module(vspc_options *options)
{
	vsp_module *module = load(options);
	if (!module)
		return VSPC_WRONG;
	int status = 0;
	if (options->command == VSPC_ASM)
		status = assemble(module, options);
	else if (options->command == VSPC_DIS)
		status = disassemble(module, options);
	else if (options->command == VSPC_AOT)
		status = vspc_aot(module, options);
	else if (options->command == VSPC_RUN)
		status = vspc_run(module, options);
	vsp_module_free(module);
	return status;
}

static int run_command(vspc_options *options)
{
	switch (options->command) {
	case VSPC_HELP: vspc_print_help(stdout, options->help_all); return 0;
	case VSPC_VERSION: printf("vspc %s\n", vsp_version()); return 0;
	case VSPC_LIST_BACKENDS: return list_backends();
	default: return with_module(options);
	}
}

int main(int argc, char **argv)
{
#ifdef SIGPIPE
	signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write, with a message */
#endif
	vspc_options options;
	if (vspc_parse(argc, argv, &options))
		return VSPC_WRONG;
	int status = run_command(&options);
	if (fflush(stdout) != 0 && status != VSPC_WRONG)
		status = vspc_error("cannot write 'standard output': %s", strerror(errno));
	return status;
}
