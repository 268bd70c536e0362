/*
 * Declarations that the parts of vspc share. vspc is thin: it parses a command line, calls vsp.h
 * and prints the results.
 *
 * Exit statuses: 0 or the program's own, 1 it trapped, 2 the input or the command line is wrong
 * (VSPC_WRONG).
 */
#ifndef VSP_TOOLS_VSPC_H
#define VSP_TOOLS_VSPC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include <vsp/vsp.h>

#include "runtime/platform/platform.h"
#include "runtime/host/stdio_host.h"

enum { VSPC_TRAPPED = 1, VSPC_WRONG = 2 };

/* ---- the command line (tools/vspc/options.c) ---- */

typedef enum vspc_option_id {
#define OPTION(ID, ...) VSPC_##ID,
#include "options.def"
	VSPC_OPTIONS
} vspc_option_id;

typedef enum vspc_argument { VSPC_NONE, VSPC_VALUE, VSPC_MAYBE, VSPC_JOINED, VSPC_REST } vspc_argument;
/* The commands that an option is for. */
typedef enum vspc_use {
	VSPC_FOR_ANY,
	VSPC_FOR_RUN,
	VSPC_FOR_AOT,
	VSPC_FOR_RUN_OR_AOT,
	VSPC_FOR_CC,
	VSPC_FOR_AOT_OR_CC,
	VSPC_USES
} vspc_use;
typedef enum vspc_component { VSPC_CORE, VSPC_COMPILER } vspc_component;

#define VSPC_GROUPS(X) \
	X(COMMAND, "Commands") \
	X(PROGRAM, "Program") \
	X(LIMITS, "Limits") \
	X(RESULTS, "Results") \
	X(TIERS, "Tiers") \
	X(OBSERVE, "Compiled code") \
	X(BACKENDS, "Back ends") \
	X(AOT, "Ahead of time") \
	X(OTHER, "Messages")
typedef enum vspc_group {
#define GROUP(ID, title) VSPC_GROUP_##ID,
	VSPC_GROUPS(GROUP)
#undef GROUP
	        VSPC_GROUP_COUNT
} vspc_group;

typedef struct vspc_option {
	const char *spelling, *placeholder, *meaning;
	unsigned char argument, group, use, component;
} vspc_option;
extern const vspc_option vspc_option_table[VSPC_OPTIONS];

enum { INCLUDE_DIRS = 64, DEFINES = 64, SOURCES = 256, MODELS = 64, DIRS = 64, ENV = 256, PRELOADS = 64 };
typedef struct vspc_options {
	vspc_option_id command; /* VSPC_RUN, ASM, DIS, VERIFY, AOT, LIST_BACKENDS, VERSION or HELP */
	bool command_given;
	const char *given[VSPC_USES]; /* an option that was given of each use; null: none was */
	bool seen[VSPC_OPTIONS];      /* those that were given */
	bool help_all;
	bool cc; /* compile the sources first */
	const char *file, *out, *input, *output;
	const char *sources[SOURCES]; /* file and those after it, for --cc */
	uint32_t source_count;
	const char *defines[DEFINES]; /* of -D */
	uint32_t define_count;
	const char *include_dirs[INCLUDE_DIRS];
	uint32_t include_dir_count;
	const char *dirs[DIRS], *env[ENV]; /* of --dir and --env, which have been checked */
	uint32_t dir_count, env_count;
	const char *preloads[PRELOADS]; /* NAME=FILE, checked */
	uint32_t preload_count;
	const char *models[MODELS]; /* NAME=FILE */
	uint32_t model_count;
	bool include_anywhere, async;
	bool wasm;                             /* the file is a WebAssembly module, as far as it matters */
	bool overwrites_source;                /* -o is a file that the source includes, which has been reported */
	const char *invoke;                    /* or null */
	const char *profile_out, *profile_use; /* files, or null */
	const char *emit_llvm;                 /* file for the IR, or null */
	const char *trace;                     /* file for the trace, or null */
	const char *mpi;                       /* which implementation, "" for either, or null */
	const char *level, *target, *mcpu, *mattr, *aot_prefix; /* of --aot, or null */
	uint64_t compile_memory;                                /* 0: as --help says */
	const char *gpu;                                        /* --gpu */
	bool status_returns;
	const char *const *args; /* the program's, or those of invoke */
	int arg_count;
	bool regs, dump, stats, stats_json, list_json, quiet, verbose, no_sandbox;
	bool color;
	uint64_t timeout_ns;                      /* 0: none */
	uint32_t denied;                          /* of --deny, which config.capabilities are without */
	uint32_t allowed_by_name, denied_by_name; /* without what "all" means */
	vsp_config config;
} vspc_options;

/* Fills options from the command line. 0, or VSPC_WRONG after a message. */
int vspc_parse(int argc, char **argv, vspc_options *options);

/* Checks combinations of options (tools/vspc/combinations.c), and takes '-' for the standard
   streams. 0, or VSPC_WRONG after a message. */
int vspc_check_together(vspc_options *options);
/* Is the word an option, with its value or without? */
bool vspc_is_option(const char *word);
/* Ends messages about what stands behind --invoke by mistake. */
#define VSPC_BEFORE_INVOKE " goes before '--invoke', which takes all that follows it"

/* ---- messages ---- */

/* Text of programs and of the system, escaped so that it can be shown. */
void vspc_show_text(FILE *to, const char *text);
/* "vspc: error: ..." on stderr, one escaped line; returns VSPC_WRONG. */
int vspc_error(const char *format, ...)
#if defined(__GNUC__)
        __attribute__((format(printf, 1, 2)))
#endif
        ;
/* The same for an error value about file. */
int vspc_report_error(const vspc_options *options, const vsp_error *error);
void vspc_print_help(FILE *to, bool all);
/* The options whose distance from word is small enough to be meant, or null. */
const char *vspc_nearest_option(const char *word);

/* ---- numbers (tools/vspc/numbers.c); false: text is no such number ---- */

/* Decimal or 0x, at most limit. */
bool vspc_parse_count(const char *text, uint64_t limit, uint64_t *value);
/* A count of bytes with an optional K, M or G (powers of 1024). */
bool vspc_parse_bytes(const char *text, uint64_t *value);
/* A decimal number with ms, s (default) or m. */
bool vspc_parse_time(const char *text, uint64_t *ns);
/* A function's argument: an integer of 64 bits, or a double as its bits. */
bool vspc_parse_argument(const char *text, int64_t *value);
/* Is what is no such argument an integer of more than 64 bits? */
bool vspc_is_large_integer(const char *text);
/* Shortest digits that read back as the float, with a point or exponent. size: at least 32
   bytes. */
void vspc_format_float(float value, char *out, size_t size);

/* ---- the host (tools/vspc/host.c) ---- */

/* Opens --input and --output. 0, or VSPC_WRONG after a message. */
int vspc_host_open(vsp_stdio_host *host, const vspc_options *options);
/* Flushes and closes. 0, or VSPC_WRONG after a message when not all could be read or written. */
int vspc_host_close(vsp_stdio_host *host, const vspc_options *options);

/* ---- files (tools/vspc/files.c); failures have been reported ---- */

/* 0, or VSPC_WRONG: a file would be read and written over, or written twice. */
int vspc_files_check(const vspc_options *options);
/* The same of -o and a file that the source includes. */
int vspc_files_check_included(const vspc_options *options, const char *path);

/* The files that a run writes beside its output; null: not requested. */
typedef struct vspc_outputs {
	struct vsp_plat_output *trace, *profile, *llvm;
} vspc_outputs;
/* 0, or VSPC_WRONG, and nothing is open. */
int vspc_outputs_open(vspc_outputs *outputs, const vspc_options *options);
/* Writes them all. 0, or VSPC_WRONG. */
int vspc_outputs_write(vspc_outputs *outputs, const vspc_options *options, vsp_instance *instance);
void vspc_outputs_close(vspc_outputs *outputs);

/* ---- WASI (tools/vspc/wasi.c); failures have been reported ---- */

/* A program's WASI; all zeros: it has none. */
typedef struct vspc_wasi {
	vsp_wasi *wasi;
	vsp_plat_grant grants[DIRS + 1]; /* the folders, for the sandbox */
	vsp_wasi_preopen preopens[DIRS];
	const char *env[ENV], **args;
	char *texts[DIRS + ENV];
	unsigned text_count;
} vspc_wasi;
/* 0, or VSPC_WRONG: an import is none of WASI's, or has another signature. */
int vspc_wasi_check_imports(const vsp_module *module, const vspc_options *options);
bool vspc_wasi_is_used(const vsp_module *module);
/* 0, or VSPC_WRONG for a value of --dir, --env that cannot be meant. */
int vspc_wasi_check_dir(const char *value);
int vspc_wasi_check_env(const char *value);
/* The same for a run whose --env passes on a variable that is not there. */
int vspc_wasi_check_inherited(const vspc_options *options);
/* A note that --dir or --env has no effect, for a program that imports nothing from WASI. */
void vspc_wasi_note_needless(const vsp_module *module, const vspc_options *options);
/* If the instance's program uses WASI: opens the folders and defines the imports. */
int vspc_wasi_open(vspc_wasi *w, const vspc_options *options, const vsp_stdio_host *host, vsp_instance *instance);
/* Notes of what the run was refused. */
void vspc_wasi_note_refused(const vspc_wasi *w, const vspc_options *options);
void vspc_wasi_close(vspc_wasi *w);

/* ---- files and preloaded modules (tools/vspc/preload.c); failures have been reported ---- */

/* All of a file as the caller's memory, or null; name is for messages. */
char *vspc_read(FILE *file, const char *name, size_t *size);
/* Was the module made from WebAssembly? */
bool vspc_is_translated(const vsp_module *module);
/* The module in options->file with those of --preload; null without an error when a message was
   given. */
vsp_module *vspc_load_preloaded(vspc_options *options, vsp_error *error);

/* ---- MPI (tools/vspc/mpi.c); failures have been reported ---- */

typedef struct vspc_mpi {
	struct vsp_mpi *mpi; /* null: without --mpi */
} vspc_mpi;
/* Is it a value of --mpi? */
bool vspc_mpi_is_known(const char *name);
/* Opens the library if --mpi was given. 0, or VSPC_WRONG. */
int vspc_mpi_load(const vspc_options *options);
/* Does the open library define this import? */
bool vspc_mpi_has(const char *name, uint32_t params, uint32_t results);
/*
 * With an open library: joins the job, and gives the instance its host, over the one given, and its
 * imports. When stop becomes true waits for others end. 0, or VSPC_WRONG.
 */
int vspc_mpi_open(vspc_mpi *m, vsp_stdio_host *host, vsp_instance *instance, atomic_bool *stop);
/* Says why MPI made the program trap, if it did. */
void vspc_mpi_explain(const vspc_mpi *m);
/* Leaves the job, or, unless good, ends all its ranks with the status. */
void vspc_mpi_close(vspc_mpi *m, bool good, int status);

/* ---- the sandbox (tools/vspc/sandbox.c) ---- */

/*
 * Gives up the rights that the run does not need, once all files are open and before there are
 * threads. result gets the limits in force. 0; or VSPC_WRONG: the processes that write the outputs
 * cannot be started.
 */
int vspc_confine(const vspc_options *options, const vspc_outputs *outputs, const vspc_wasi *wasi,
        vsp_instance *instance, vsp_plat_confined *result);
/* "system calls and files", or the parts that are not limited and the reasons. */
void vspc_sandbox_text(const vsp_plat_confined *confined, char *out, size_t size);

/* ---- the time-out (tools/vspc/watchdog.c) ---- */

typedef struct vspc_watchdog {
	uint64_t start_ns, timeout_ns; /* from the first start on */
	struct vsp_plat_mutex *mutex;
	struct vsp_plat_thread *thread; /* null: there is no time-out */
	bool stop;                      /* under the mutex */
	void (*bark)(void *arg);
	void *arg;
} vspc_watchdog;
/*
 * From now on bark is called, on another thread, when the time is up. 0, or VSPC_WRONG after a
 * message.
 */
int vspc_watchdog_start(vspc_watchdog *dog, const vspc_options *options, void (*bark)(void *arg), void *arg);
/* Stops it: bark is not called any more. It may be started again. */
void vspc_watchdog_stop(vspc_watchdog *dog);

/* ---- back ends (tools/vspc/backends.c) ---- */

/* Lists them on stdout; 0. */
int vspc_list_backends(const vspc_options *options);
/* The lines, or the member "backends", of --stats. */
void vspc_show_backends(FILE *to, const vsp_instance *instance);
/* Of these the lines that say what did not run where, which -v shows too. */
void vspc_show_refusals(FILE *to, const vsp_instance *instance);
void vspc_json_backends(FILE *to, const vsp_instance *instance);

/* ---- C sources (tools/vspc/cc.c) ---- */

/*
 * Compiles options->sources to a WebAssembly module, to be freed with vsp_plat_file_free. 0, or
 * VSPC_WRONG after messages. There must be no other threads.
 */
int vspc_cc(const vspc_options *options, uint8_t **bytes, size_t *size);

/* ---- kinds of files (tools/vspc/kinds.c) ---- */

/* Does the name say that the file is C or C++? As clang decides it. */
bool vspc_is_c(const char *path);
bool vspc_is_cplusplus(const char *path);
/* Does the name say that the file is a program of VSP: source, bytecode or WebAssembly? */
bool vspc_is_program(const char *path);
/* 0, or VSPC_WRONG: by its first bytes, or else by its name, the file is none that vspc runs. */
int vspc_check_kind(const char *path, const void *first, size_t size);
/* The same for a file, of which the first bytes are read. */
int vspc_check_file_kind(const char *path);
/* What the file is, such as "C source", or null: unknown. */
const char *vspc_kind_name(const char *path, const void *first, size_t size);

/* ---- running (tools/vspc/run.c) and showing (tools/vspc/show.c) ---- */

/* Compiles ahead of time into -o (tools/vspc/aot.c); returns the exit status. */
int vspc_aot(const vsp_module *module, const vspc_options *options);
/* Runs or invokes; returns the exit status. */
int vspc_run(vsp_module *module, const vspc_options *options, vspc_watchdog *dog);

/* text in quotes, escaped as JSON. */
void vspc_json_string(FILE *to, const char *text);
void vspc_show_trap(const vspc_options *options, const vsp_module *module, const vsp_error *error);
void vspc_show_registers(FILE *to, const vsp_state_view *state);
void vspc_show_stats(
        FILE *to, const vspc_options *options, const vsp_plat_confined *confined, const vsp_instance *instance);
void vspc_show_passes(FILE *to, const vsp_instance *instance);
void vspc_show_json(
        FILE *to, const vspc_options *options, const vsp_instance *instance, const vsp_error *error, int status);

#endif
