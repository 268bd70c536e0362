/*
 * vspc --cc: C and C++ sources become a WebAssembly module, by a clang that is found at run time.
 * The module is made in a folder for temporary files, of which nothing is left however it ends.
 */
#include "vspc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/wasm/translate.h"
#include "runtime/platform/platform.h"
#include "runtime/platform/random_name.h"

enum { PATH = 4096, OUTPUT = 1 << 16, FIXED_WORDS = 32, COMPILER = 4 };
#define HEADERS_LIMIT (UINT64_C(1) << 26) /* of the list of included files */
#define MODULE_LIMIT (UINT64_C(1) << 30)
#define STACK_OPTION "-Wl,-z,stack-size=8388608" /* as much as programs have on Linux */

typedef struct compilation {
	const vspc_options *options;
	bool cplusplus;
	const char **words; /* the command: env, where the compiler may put files, the compiler, ... */
	size_t count;
	char *texts; /* that words point into */
	size_t text_used, text_room;
	char folder[PATH], temporary[PATH + 16], module[PATH + 16], headers[PATH + 16], include[PATH + 16];
	char list[PATH + 64]; /* the variable that names the file headers */
	char output[OUTPUT];  /* of the compiler */
} compilation;

/* ---- the command ---- */

/* Clang takes what it does not know for something to link, and says so in words of the linker. */
static int check_sources(const vspc_options *o)
{
	vsp_plat_stamp stamp = {.is_directory = false};
	for (uint32_t i = 0; i < o->source_count; i++) {
		if (vspc_is_program(o->sources[i]))
			return vspc_error("'--cc' compiles C and C++ (.c, .cc, .cpp, .cxx), and '%s' is a "
			                  "program that runs without it",
			        o->sources[i]);
		errno = 0; /* it stays 0 where the platform cannot tell */
		if (!vsp_plat_file_stamp(o->sources[i], &stamp) && errno)
			return vspc_error("cannot read '%s': %s", o->sources[i], strerror(errno));
		if (stamp.is_directory)
			return vspc_error("cannot read '%s': %s", o->sources[i], strerror(EISDIR));
	}
	return 0;
}

static void add(compilation *c, const char *word) { c->words[c->count++] = word; }

static void add_joined(compilation *c, const char *name, const char *value)
{
	char *text = c->texts + c->text_used;
	c->text_used += (size_t)snprintf(text, c->text_room - c->text_used, "%s%s", name, value) + 1;
	add(c, text);
}

/* The words that make a program for WASI of sources. Debian's clang and libraries know the target
   by its older name, which is why the warning about that is off. Stacks grow towards address 0, so
   that an overflow traps. */
static void add_fixed(compilation *c)
{
	static const char *const words[] = {"--target=wasm32-wasi", "-Wno-deprecated", "-Wdeprecated-declarations",
	        "-g", "-Wl,--stack-first", STACK_OPTION};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		add(c, words[i]);
	if (c->cplusplus)
		add(c, "-fno-exceptions"); /* the translator refuses them */
}

/* The folder of vsp/guest.h, where VSP is installed and where it is built. */
static void add_guest_header(compilation *c)
{
	char own[PATH];
	if (!vsp_plat_own_folder(own, sizeof own))
		return;
	snprintf(c->include, sizeof c->include, "%s../include", own);
	add(c, "-idirafter");
	add(c, c->include);
}

static void add_libraries(compilation *c)
{
	static const char *const libraries[] = {"-lc++", "-lc++abi"};
	for (int i = 0; i < 2 && c->cplusplus; i++)
		add(c, libraries[i]);
}

/* The options of the command line, and what follows "--" when the program is not run. */
static void add_options(compilation *c)
{
	const vspc_options *o = c->options;
	add_joined(c, "-O", o->level ? o->level : "2");
	for (uint32_t i = 0; i < o->include_dir_count; i++) {
		add(c, "-I");
		add(c, o->include_dirs[i]);
	}
	for (uint32_t i = 0; i < o->define_count; i++) {
		add(c, "-D");
		add(c, o->defines[i]);
	}
	for (int i = 0; i < o->arg_count && o->command != VSPC_RUN; i++)
		add(c, o->args[i]);
}

static bool make_command(compilation *c)
{
	const vspc_options *o = c->options;
	size_t words = FIXED_WORDS + 2 * (size_t)(INCLUDE_DIRS + DEFINES) + SOURCES + (size_t)o->arg_count;
	c->text_room = 64 + (o->level ? strlen(o->level) : 0);
	for (uint32_t i = 0; i < o->source_count; i++)
		c->cplusplus |= vspc_is_cplusplus(o->sources[i]);
	c->words = calloc(words, sizeof *c->words);
	c->texts = calloc(c->text_room, 1);
	if (!c->words || !c->texts)
		return false;
	/* A compiler that is ended by a signal leaves its temporary files. */
	snprintf(c->temporary, sizeof c->temporary, "TMPDIR=%s", c->folder);
	snprintf(c->list, sizeof c->list, "CC_PRINT_HEADERS_FILE=%s", c->headers);
	add(c, "env");
	add(c, c->temporary);
	add(c, "CC_PRINT_HEADERS=1"); /* clang lists what all sources include, a name in each line */
	add(c, c->list);
	add(c, "");
	add_fixed(c);
	add_guest_header(c);
	add_options(c);
	for (uint32_t i = 0; i < o->source_count; i++)
		add(c, o->sources[i]);
	add_libraries(c);
	add(c, "-o");
	add(c, c->module);
	return true;
}

/* ---- what is missing ---- */

static const char *const compilers[] = {"clang-22", "clang"};

/* The first line of what the compiler, with all the words of the command, says to a question. */
static const char *ask(compilation *c, const char *question)
{
	int status = 0;
	c->words[c->count] = question;
	vsp_plat_run_result result = vsp_plat_run(c->words, c->output, sizeof c->output, &status);
	c->words[c->count] = NULL;
	if (result != VSP_PLAT_RUN_DONE)
		return "";
	c->output[strcspn(c->output, "\n")] = 0;
	return c->output;
}

/* Clang answers with a whole path when it has found the file. */
static bool has(compilation *c, const char *question)
{
	vsp_plat_stamp stamp;
	const char *answer = ask(c, question);
	return vsp_plat_path_is_absolute(answer) && vsp_plat_file_stamp(answer, &stamp);
}

/* Reports the first thing that a compiler for WASI needs and this one has not. */
static bool report_missing(compilation *c)
{
	static const struct {
		const char *question, *what, *package;
		bool cplusplus;
	} needs[] = {{"-print-file-name=libc.a", "a C library for WASI", "wasi-libc", false},
	        {"-print-libgcc-file-name", "the compiler's library for WASI", "libclang-rt-22-dev-wasm32", false},
	        {"-print-prog-name=wasm-ld", "the linker wasm-ld", "lld-22", false},
	        {"-print-file-name=libc++.a", "a C++ library for WASI", "libc++-22-dev-wasm32", true}};
	for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
		if ((needs[i].cplusplus && !c->cplusplus) || has(c, needs[i].question))
			continue;
		vspc_error("'--cc' needs %s, which '%s' does not find; on Debian it is in the package %s",
		        needs[i].what, c->words[COMPILER], needs[i].package);
		return true;
	}
	return false;
}

/* ---- running it ---- */

/* What the compiler says, line by line. */
static void show_output(char *output)
{
	while (*output) {
		size_t n = strcspn(output, "\n");
		char end = output[n];
		output[n] = 0;
		vspc_show_text(stderr, output);
		fputc('\n', stderr);
		output += n + (end != 0);
	}
}

static void show_command(const compilation *c)
{
	fputs("vspc:", stderr);
	for (size_t i = 0; i < c->count; i++) {
		fputc(' ', stderr);
		vspc_show_text(stderr, c->words[i]);
	}
	fputc('\n', stderr);
}

static vsp_plat_run_result run(compilation *c, int *status)
{
	vsp_plat_run_result result = VSP_PLAT_RUN_MISSING;
	for (int i = 0; i < 2 && result == VSP_PLAT_RUN_MISSING; i++) {
		c->words[COMPILER] = compilers[i];
		result = vsp_plat_run(c->words, c->output, sizeof c->output, status);
	}
	return result;
}

/* In a process of its own, so that an interrupt ends the compiler too and leaves no files. */
static int compile(void *arg)
{
	compilation *c = arg;
	int status = 0;
	vsp_plat_run_result result = run(c, &status);
	if (result == VSP_PLAT_RUN_MISSING)
		return vspc_error("'--cc' needs clang, and neither '%s' nor '%s' is there; on Debian the packages "
		                  "clang-22, lld-22, wasi-libc and libclang-rt-22-dev-wasm32 have what is needed",
		        compilers[0], compilers[1]);
	if (c->options->verbose)
		show_command(c);
	if (result == VSP_PLAT_RUN_FAILED)
		return vspc_error("'%s' could not be started, or was ended by a signal", c->words[COMPILER]);
	if (status == 0 || !c->options->quiet)
		show_output(c->output);
	if (status == 0 || report_missing(c))
		return status == 0 ? 0 : VSPC_WRONG;
	return vspc_error("'%s' does not compile '%s'; its messages say why", c->words[COMPILER], c->options->file);
}

static void clean(void *arg) { vsp_plat_remove_folder(((compilation *)arg)->folder); }

static int make_folder(compilation *c)
{
	char digits[VSP_RANDOM_DIGITS];
	vsp_random_digits(digits);
	bool known = vsp_plat_temporary_folder(c->folder, sizeof c->folder);
	size_t n = known ? strlen(c->folder) : 0, room = sizeof c->folder - n;
	if (!known || (size_t)snprintf(c->folder + n, room, "/vspc.%s", digits) >= room)
		return vspc_error("the name of the folder for temporary files, TMPDIR, is too long");
	snprintf(c->module, sizeof c->module, "%s/a.wasm", c->folder);
	snprintf(c->headers, sizeof c->headers, "%s/headers", c->folder);
	const char *why = vsp_plat_make_own_folder(c->folder);
	return why ? vspc_error("cannot make a folder for temporary files, '%s': %s", c->folder, why) : 0;
}

/* Clang writes names as strings in C are: backslashes before backslashes and quotes, \n for a new
   line. */
static void unescape(char *name)
{
	char *to = name;
	for (; *name; name++) {
		bool escaped = *name == '\\' && name[1];
		name += escaped;
		*to++ = escaped && *name == 'n' ? '\n' : *name;
	}
	*to = 0;
}

static int check_listed(const compilation *c, char *list, size_t size)
{
	int wrong = 0;
	char *end = list + size, *name = list;
	for (char *line; !wrong && (line = memchr(name, '\n', (size_t)(end - name))); name = line + 1) {
		*line = 0;
		unescape(name);
		wrong = vspc_files_check_included(c->options, name);
	}
	return wrong;
}

/* Included files must not be overwritten either. There is no list where nothing is included. */
static int check_headers(const compilation *c)
{
	const char *why;
	size_t size = 0;
	vsp_plat_stamp stamp;
	if (!vsp_plat_file_stamp(c->headers, &stamp) || !stamp.size)
		return 0;
	uint8_t *list = vsp_plat_file_read(c->headers, HEADERS_LIMIT, &size, &why);
	if (!list)
		return vspc_error("the list of the files that '%s' includes cannot be read: %s", c->options->file, why);
	int wrong = check_listed(c, (char *)list, size);
	vsp_plat_file_free(list, size);
	return wrong;
}

/* Options for clang, such as -E and -S, can ask for something else. */
static int check_module(const compilation *c, uint8_t **bytes, size_t size)
{
	if (vsp_wasm_is_module(*bytes, size))
		return 0;
	vsp_plat_file_free(*bytes, size);
	*bytes = NULL;
	return vspc_error("clang has made no WebAssembly module of '%s': an option behind '--' asks it for something "
	                  "else, as -E and -S do",
	        c->options->file);
}

static int compile_in_folder(compilation *c, uint8_t **bytes, size_t *size)
{
	const char *why = NULL;
	int status = vsp_plat_supervise(compile, clean, c, &why);
	if (status < 0)
		return why ? vspc_error("compiling has ended: %s", why)
		           : vspc_error("cannot start a process for the compiler: %s", strerror(errno));
	if (status || check_headers(c))
		return status ? status : VSPC_WRONG;
	*bytes = vsp_plat_file_read(c->module, MODULE_LIMIT, size, &why);
	return *bytes ? check_module(c, bytes, *size)
	              : vspc_error("clang has made no program of '%s': %s", c->options->file, why);
}

int vspc_cc(const vspc_options *options, uint8_t **bytes, size_t *size)
{
	compilation *c = calloc(1, sizeof *c);
	int wrong = VSPC_WRONG;
	*bytes = NULL;
	if (!c)
		return vspc_error("out of memory");
	c->options = options;
	if (!check_sources(options) && !make_folder(c)) {
		wrong = make_command(c) ? compile_in_folder(c, bytes, size) : vspc_error("out of memory");
		clean(c);
	}
	free(c->words);
	free(c->texts);
	free(c);
	return wrong;
}
