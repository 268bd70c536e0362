/*
 * vspc: assembles, disassembles, verifies, compiles and runs VSP programs.
 */
#include "vspc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/wasm/translate.h"
#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"
#include "tiers/api/api.h"

/* A message of the assembler, which ends with its newline. */
static void print_report(void *user, int severity, const char *text)
{
	const vspc_options *options = user;
	if (severity == VSP_REPORT_ERROR || !options->quiet)
		fputs(text, stderr);
}

/* ---- files ---- */

static bool is_wasm_file(const char *path)
{
	uint8_t bytes[8];
	FILE *file = vsp_plat_stream_open(path, false);
	bool wasm = file && vsp_wasm_is_module(bytes, fread(bytes, 1, sizeof bytes, file));
	if (file)
		fclose(file);
	return wasm;
}

static vsp_module *load_stdin(const vsp_source_options *source, bool *wasm, vsp_error *error)
{
	size_t size = 0;
	char *bytes = vspc_read(stdin, "standard input", &size);
	if (!bytes)
		return NULL;
	*wasm = vsp_wasm_is_module((const uint8_t *)bytes, size);
	vsp_module *module = NULL;
	if (!vspc_check_kind("standard input", bytes, size))
		module = vsp_bytes_are_binary(bytes, size) ? vsp_module_load(bytes, size, error)
		                                           : vsp_assemble(bytes, size, source, error);
	vsp_free_memory(bytes);
	return module;
}

/* Included files must not be overwritten either. */
static void note_opened(void *user, const char *path)
{
	vspc_options *options = user;
	options->overwrites_source |= vspc_files_check_included(options, path) != 0;
}

/* Programs made from WebAssembly expect clocks and random numbers, as other engines give them. */
static void grant_usual(vspc_options *options, const vsp_module *module)
{
	if (vspc_is_translated(module))
		options->config.capabilities |= (uint32_t)(VSP_CAP_CLOCK | VSP_CAP_RANDOM) & ~options->denied;
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
	source.include_dirs = options->include_dirs;
	source.include_dir_count = options->include_dir_count;
	source.include_anywhere = options->include_anywhere;
	source.opened = note_opened;
	vsp_module *module;
	if (vspc_check_file_kind(options->file))
		return NULL;
	if (options->preload_count)
		module = vspc_load_preloaded(options, &error);
	else if (strcmp(options->file, "-") == 0)
		module = load_stdin(&source, &options->wasm, &error);
	else
		module = vsp_module_load_file(options->file, &source, &error);
	if ((error.code == VSP_E_FORMAT || options->command == VSPC_TRANSLATE) && strcmp(options->file, "-") != 0)
		options->wasm = is_wasm_file(options->file);
	if (!module && error.code != VSP_OK && error.code != VSP_E_SYNTAX)
		vspc_report_error(options, &error);
	if (module && options->command == VSPC_TRANSLATE && !options->wasm) {
		vspc_error("'--translate' is for WebAssembly modules, and '%s' is none; '--asm' assembles source",
		        options->file);
		vsp_module_free(module);
		return NULL;
	}
	if (module && options->verbose) {
		fputs("vspc: ", stderr);
		vspc_show_text(stderr, options->file);
		fprintf(stderr, ": %u functions, %u imports\n", (unsigned)vsp_module_function_count(module),
		        (unsigned)vsp_module_import_count(module));
	}
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

static int do_command(vsp_module *module, const vspc_options *options, vspc_watchdog *dog)
{
	switch (options->command) {
	case VSPC_ASM:
	case VSPC_TRANSLATE: return assemble(module, options);
	case VSPC_DIS: return disassemble(module, options);
	case VSPC_AOT: return vspc_aot(module, options);
	case VSPC_RUN: return vspc_run(module, options, dog);
	default: return 0;
	}
}

static void give_up(void *arg)
{
	const vspc_options *options = arg;
	vspc_error("'%s' has not begun within the time that '--timeout' gives: it is still being read or "
	           "translated, or it, or a file that it gets, is not there yet",
	        options->file);
	_Exit(VSPC_WRONG);
}

/* The program in compiled, or else in options->file. */
static vsp_module *load_any(vspc_options *options, const uint8_t *compiled, size_t size)
{
	vsp_error error = VSP_ERROR_INIT;
	if (!compiled)
		return load(options);
	options->wasm = true;
	vsp_module *module = vsp_module_load(compiled, size, &error);
	if (!module)
		vspc_report_error(options, &error);
	return module;
}

static int with_module(vspc_options *options)
{
	uint8_t *compiled = NULL;
	size_t size = 0;
	if (options->cc && vspc_cc(options, &compiled, &size))
		return VSPC_WRONG;
	vspc_watchdog dog = {.start_ns = 0};
	if (vspc_watchdog_start(&dog, options, give_up, options)) {
		vsp_plat_file_free(compiled, size);
		return VSPC_WRONG;
	}
	vsp_module *module = load_any(options, compiled, size);
	vsp_plat_file_free(compiled, size);
	if (module && (options->command == VSPC_RUN || options->command == VSPC_AOT))
		grant_usual(options, module);
	int status = module && !options->overwrites_source ? do_command(module, options, &dog) : VSPC_WRONG;
	vspc_watchdog_stop(&dog);
	vsp_module_free(module);
	return status;
}

static int run_command(vspc_options *options)
{
	switch (options->command) {
	case VSPC_HELP: vspc_print_help(stdout, options->help_all); return 0;
	case VSPC_VERSION: printf("vspc %s\n", vsp_version()); return 0;
	case VSPC_LIST_BACKENDS: return vspc_list_backends(options);
	default: return with_module(options);
	}
}

/* What a stack is too small for ends by SIGSEGV, so it is measured before there are large
   frames. */
static int check_stack(void)
{
	enum { NEEDED = 128 << 10 };
	const void *low, *high;
	if (!vsp_plat_stack(&low, &high) ||
	        (const char *)__builtin_frame_address(0) - (const char *)low >= NEEDED - (NEEDED >> 2))
		return 0;
	return vspc_error("the stack may have %zu KiB, and vspc needs %d; 'ulimit -s' sets it",
	        (size_t)((const char *)high - (const char *)low) >> 10, NEEDED >> 10);
}

static int parse_and_run(int argc, char **argv)
{
	vspc_options options;
	if (vspc_parse(argc, argv, &options))
		return VSPC_WRONG;
	int status = run_command(&options);
	if (fflush(stdout) != 0 && status != VSPC_WRONG)
		status = vspc_error("cannot write 'standard output': %s", strerror(errno));
	return status;
}

int main(int argc, char **argv)
{
	if (!vsp_plat_prepare_streams())
		return VSPC_WRONG; /* there is nowhere to report it */
	vsp_plat_arguments(&argc, &argv);
	return check_stack() ? VSPC_WRONG : parse_and_run(argc, argv);
}
