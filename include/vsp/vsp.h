/*
 * vsp.h - the Virtual SIL Processor as a library: load, run and call .sil / .silc programs.
 *
 * C11, usable from C++11. Nothing here exits, aborts or prints. A module is immutable and may be
 * shared by threads; an instance belongs to one thread at a time; vsp_interrupt may be called from
 * any thread or signal handler. The only process-wide state is a registry for signal handlers (and,
 * with the JIT, debugger registration).
 *
 *     vsp_error error = VSP_ERROR_INIT;
 *     vsp_module *module = vsp_module_load_file("sum.sil", NULL, &error);
 *     vsp_instance *instance = vsp_instantiate(module, NULL, &error);
 *     if (vsp_run(instance, &error) == VSP_OK) ... vsp_state(instance, &state) ...
 *     vsp_free(instance);
 *     vsp_module_free(module);
 */
#ifndef VSP_VSP_H
#define VSP_VSP_H

#include "vsp_aot.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32) && defined(VSP_BUILDS_DLL)
#define VSP_API __declspec(dllexport)
#elif defined(__GNUC__) && !defined(_WIN32)
#define VSP_API __attribute__((visibility("default")))
#else
#define VSP_API
#endif

typedef struct vsp_module vsp_module;
typedef struct vsp_instance vsp_instance;

enum vsp_tier { VSP_TIER_AUTO = 0, VSP_TIER_1 = 1, VSP_TIER_2 = 2, VSP_TIER_INTERP = -1, VSP_TIER_BASELINE = -2 };
/* MASK: bounds are explicit, and addresses masked, so that a processor that executes past a
   mispredicted check reads nothing beyond linear memory (docs/security.md, "Speculation").
   VSP_E_UNSUPPORTED on 32-bit machines. */
enum vsp_spectre_mode { VSP_SPECTRE_OFF = 0, VSP_SPECTRE_MASK = 1 };
enum vsp_bounds_mode { VSP_CONFIG_BOUNDS_AUTO = 0, VSP_CONFIG_BOUNDS_GUARD = 1, VSP_CONFIG_BOUNDS_EXPLICIT = 2 };

/* Kinds of information for debuggers and profilers; see docs/debugging.md. */
enum vsp_observe {
	VSP_OBSERVE_TRACE = 1, /* record runs, compilations and changes of tier for vsp_trace_write */
	VSP_OBSERVE_GDB = 2,   /* register compiled code with gdb; VSP_E_UNSUPPORTED where its machine is not known */
	VSP_OBSERVE_PERF = 4,  /* write /tmp/perf-PID.map and /tmp/jit-PID.dump; the same, and VSP_E_IO */
	VSP_OBSERVE_PASSES = 8 /* sum the compiler's time by passes for vsp_stats_pass */
};

/* Values of config.profile; docs/aot.md has the costs. */
enum vsp_profile_counts {
	VSP_PROFILE_CALLS = 1, /* calls and loops in tier 0 (vsp_stats_function) */
	VSP_PROFILE_COMPLETE =
	        2 /* and all calls, branches and indirect calls for vsp_profile_write; there is no tier 2 then */
};

/* How to run. Start from VSP_CONFIG_INIT; zeros mean the defaults. */
typedef struct vsp_config {
	uint32_t size;
	int tier;   /* enum vsp_tier; tiers above 0 need the compiler library, else programs stay in tier 0 */
	int bounds; /* enum vsp_bounds_mode */
	uint32_t capabilities; /* VSP_CAP_*; none by default */
	/*
	 * Bytes of linear memory; 0: as the module says. Other memory that the program makes the
	 * library allocate (code decoded for tier 0, counters, room for batch instructions, states
	 * in vspc's channels, what a GPU mirrors) may be as much again and 16 MiB more;
	 * docs/embedding.md lists the fixed parts.
	 */
	uint64_t max_memory;
	uint32_t max_depth; /* nested activations, exact in every tier; 0: the tier's own limit (at least 10,000) */
	uint32_t tier1_threshold; /* calls or loop iterations; 1: compile at once; 0: the default, 100 */
	uint32_t tier2_threshold; /* the same; 0: 1000 */
	int64_t fuel;             /* bytecode instructions until the trap FUEL, when limit_fuel is set */
	uint8_t limit_fuel;
	uint8_t count;         /* not 0: count instructions (vsp_cycles) */
	uint8_t deterministic; /* not 0: canonical NaNs, batches run at once */
	uint8_t precise_traps;
	uint8_t check_kernels;
	uint8_t sync_compile;
	uint8_t profile;      /* 0, or of enum vsp_profile_counts */
	uint8_t observe;      /* VSP_OBSERVE_*: the information shown of compiled code; none by default */
	const vsp_host *host; /* copied; null: the default host, see vsp_set_host */
	/*
	 * A directory where compiled code is kept for later processes (copied), made unless it is
	 * there; null: none. Only its user, or root, may be able to write to it: code is executed
	 * from there. vsp_free then waits, for about 50 ms at most, until the requested code is
	 * stored.
	 */
	const char *cache;
	uint64_t cache_limit; /* bytes the cache may take, of all programs in it; 0: 256 MiB */
	uint32_t spectre;     /* enum vsp_spectre_mode */
	/* Not 0: no signal handler is installed and no signal sent. Accesses are checked by
	   code, and compiled loops check whether they were interrupted. Not with
	   VSP_CONFIG_BOUNDS_GUARD. */
	uint32_t no_signals;
	uint32_t backend; /* enum vsp_backend_kind */
	/*
	 * Threads that run the iterations of a LAUNCH on the CPU, up to 256, started when one is
	 * worth it and ended by vsp_free; 1: the caller's alone, as with deterministic and
	 * precise_traps; 0: as the environment's VSP_THREADS says, else one per processor.
	 */
	uint32_t threads;
	/*
	 * The execution provider of ONNX Runtime that runs models, with options (copied):
	 * "openvino,device_type=NPU"; "cpu"; with ",strict" nothing of a model may run on the CPU
	 * instead. Null: NPUs, with the capability npu, and then the CPU. docs/backends.md.
	 */
	const char *npu;
} vsp_config;
#define VSP_CONFIG_INIT \
	{sizeof(vsp_config), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 0, 0, 0, 0, 0, NULL}

/* ---- modules ---- */

enum vsp_severity_level { VSP_REPORT_ERROR = 0, VSP_REPORT_WARNING = 1, VSP_REPORT_NOTE = 2 };

/* A message about source text: complete as clang would print it (place, line, caret, suggestion),
   0-terminated, ending with a newline. */
typedef void (*vsp_report_fn)(void *user, int severity, const char *text);

/* How to read source text. Start from VSP_SOURCE_INIT. */
typedef struct vsp_source_options {
	uint32_t size;
	uint32_t color;       /* not 0: reports with ANSI colours */
	const char *name;     /* for messages, the line table and the folder of included files; null: "<source>" */
	vsp_report_fn report; /* called for each message; null: only the first error, in vsp_error */
	void *user;
	uint32_t no_includes; /* not 0: the source may not read files (.include, .model) */
	uint32_t no_lines;    /* not 0: leave the line table out */
	/*
	 * .include and .model read ordinary files below the folder of name (null or no folder: the
	 * current one), and below these folders, which are also searched for files that are not
	 * beside the file that names them. Links are followed before this is checked.
	 */
	const char *const *include_dirs;
	uint32_t include_dir_count;
	uint32_t include_anywhere; /* not 0: any ordinary file may be read */
	/* Called with the path of each file that was read so; may be null. */
	void (*opened)(void *user, const char *path);
} vsp_source_options;
#define VSP_SOURCE_INIT {sizeof(vsp_source_options), 0, NULL, NULL, NULL, 0, 0, NULL, 0, 0, NULL}

/* Assembles size bytes of .sil source; options may be null. Null on errors (VSP_E_SYNTAX,
   VSP_E_MEMORY). */
VSP_API vsp_module *vsp_assemble(const char *source, size_t size, const vsp_source_options *options, vsp_error *error);
/* Reads a .silc file's bytes (copied), or translates those of a WebAssembly module, which the first
   8 bytes tell. Null on failure (VSP_E_FORMAT with the offset, VSP_E_MEMORY). */
VSP_API vsp_module *vsp_module_load(const void *bytes, size_t size, vsp_error *error);
/* A WebAssembly module whose exports others import by name, a host's: see vsp_wasm_options. */
typedef struct vsp_wasm_preload {
	const char *name; /* UTF-8, not empty, no other's, not "vsp" and not "wasi_..." */
	const void *bytes;
	size_t size; /* of bytes */
} vsp_wasm_preload;
/* Options of the translation from WebAssembly. All that pointers point to is the caller's, and read
   during the call only. */
typedef struct vsp_wasm_options {
	uint32_t size;
	uint32_t preload_count; /* at most 1,000 */
	/* Modules that are linked with the translated one. Each may import functions, tables,
	   memories and globals of those before it. */
	const vsp_wasm_preload *preloads;
} vsp_wasm_options;
#define VSP_WASM_OPTIONS_INIT {sizeof(vsp_wasm_options), 0, NULL}
/*
 * Translates a WebAssembly module into the bytes of a .silc file (*silc_size of them), which are
 * freed with vsp_bytes_free. options may be null. Null on failure: VSP_E_FORMAT with the offset of
 * what is wrong or not supported, and in file the name of the preloaded module that it is in, if
 * any; VSP_E_MEMORY, VSP_E_ARGUMENT. Exported functions keep their names, those of preloaded
 * modules are called NAME.EXPORT; the entry runs the start function and then _start or, without
 * one, _initialize. Hosts that call exports without a run call _vsp_initialize first, which leaves
 * _start out.
 */
VSP_API uint8_t *vsp_wasm_translate(
        const void *bytes, size_t size, const vsp_wasm_options *options, size_t *silc_size, vsp_error *error);
/* Raw code and data without a header: one function main(0) -> 0, entry 0. data may be null when
   data_size is 0. */
VSP_API vsp_module *vsp_module_load_raw(
        const void *code, size_t code_size, const void *data, size_t data_size, vsp_error *error);
/*
 * Reads a .sil, .silc or WebAssembly file, or a pipe, but no device; its first bytes, then its
 * name, decide what it is. options (may be null) as above; its name is not used.
 */
VSP_API vsp_module *vsp_module_load_file(const char *path, const vsp_source_options *options, vsp_error *error);
/* Adds an owner / removes one; the last one frees it. Instances are owners. Null is allowed.
   Thread-safe. */
VSP_API vsp_module *vsp_module_retain(vsp_module *module);
VSP_API void vsp_module_free(vsp_module *module);
/* Serialises as .silc / as .sil source; bytes are freed with vsp_bytes_free. Null on failure. */
VSP_API uint8_t *vsp_module_write(const vsp_module *module, size_t *size, vsp_error *error);
VSP_API char *vsp_module_disassemble(const vsp_module *module, size_t *length, vsp_error *error);
VSP_API void vsp_bytes_free(void *bytes);

/* A function of the module; name is "" when it has none and lives as long as the module. */
typedef struct vsp_function_info {
	uint32_t size;
	const char *name;
	uint32_t params, results;
	uint32_t kind;     /* 0 function, 1 transform, 2 kernel */
	uint32_t exported; /* 0 or 1 */
	uint32_t code_start, code_size;
} vsp_function_info;
VSP_API uint32_t vsp_module_function_count(const vsp_module *module);
/* VSP_E_ARGUMENT when there is no such function. */
VSP_API vsp_status vsp_module_function(const vsp_module *module, uint32_t index, vsp_function_info *info);
/* Exported function by name; VSP_E_ARGUMENT when there is none. info may be null. */
VSP_API vsp_status vsp_module_find(const vsp_module *module, const char *name, vsp_function_info *info);
/* Source file and line (from 1) of the code address pc; VSP_E_ARGUMENT when the module has no
   line for it. */
VSP_API vsp_status vsp_module_line(const vsp_module *module, uint32_t pc, const char **file, uint32_t *line);
VSP_API uint32_t vsp_module_import_count(const vsp_module *module);
/* Name ("module.name") and signature of an import; pointers may be null. */
VSP_API vsp_status vsp_module_import(
        const vsp_module *module, uint32_t index, const char **name, uint32_t *params, uint32_t *results);

/*
 * Compiles a module ahead of time into path; the kind follows from its suffix (.so .o .a .ll .bc .s
 * .wasm .h, none: an executable). options: the command line's (-O3, --target=...), count strings;
 * may be null. Needs the compiler library: VSP_E_UNSUPPORTED without it.
 */
VSP_API vsp_status vsp_aot_compile(
        const vsp_module *module, const char *path, const char *const *options, size_t count, vsp_error *error);
/*
 * Writes the optimised LLVM IR of every function and loop of the instance that has been compiled,
 * as the text of one module. Not while it runs. VSP_E_UNSUPPORTED without the compiler library,
 * VSP_E_IO.
 */
VSP_API vsp_status vsp_emit_llvm(vsp_instance *instance, const char *path, vsp_error *error);
/*
 * Writes the events that config.observe's VSP_OBSERVE_TRACE has recorded since the program was
 * loaded, as Chrome trace events (JSON), which Perfetto opens: all of the file or nothing. A
 * compilation in progress is shown as unfinished. Not while the instance runs. VSP_E_ARGUMENT when
 * nothing was recorded, VSP_E_MEMORY, VSP_E_IO.
 */
VSP_API vsp_status vsp_trace_write(vsp_instance *instance, const char *path, vsp_error *error);
/*
 * Writes the program's counts since the last reset (calls, branches, indirect calls; kernels of
 * LAUNCH excepted) for vsp_aot_compile with the option --profile-use=PATH, whole or not at all. Not
 * while it runs, and only with config.profile VSP_PROFILE_COMPLETE. VSP_E_ARGUMENT, VSP_E_MEMORY,
 * VSP_E_IO.
 */
VSP_API vsp_status vsp_profile_write(vsp_instance *instance, const char *path, vsp_error *error);
/*
 * The output of these three, as text with a 0 after it, for hosts that have opened their files
 * before the run; freed with vsp_bytes_free. Null on failure. length (may be null) without the 0.
 */
VSP_API char *vsp_llvm_text(vsp_instance *instance, size_t *length, vsp_error *error);
VSP_API char *vsp_trace_text(vsp_instance *instance, size_t *length, vsp_error *error);
VSP_API char *vsp_profile_text(vsp_instance *instance, size_t *length, vsp_error *error);
/*
 * VSP_OK when the compiler library (tiers 1 and 2, AOT) is there, else VSP_E_UNSUPPORTED with a
 * message that says what to install. Loads it. It is looked for in the folder that the environment
 * variable VSP_LIBRARY_DIR names (absolute), beside libvsp and the program, in lib beside that
 * folder, and on the system's path; never in the current folder.
 */
VSP_API vsp_status vsp_compiler_check(vsp_error *error);

/* ---- instances ---- */

/*
 * Creates an instance with its own memory. config may be null. Imports are resolved from
 * vsp_define_import at the first run or call. The instance is an owner of the module. Null on
 * failure (VSP_E_MEMORY, VSP_E_ARGUMENT, VSP_E_UNSUPPORTED, VSP_E_IO: the code cache).
 */
VSP_API vsp_instance *vsp_instantiate(vsp_module *module, const vsp_config *config, vsp_error *error);
/*
 * The state of an instance at rest, from which any number of instances start, on any threads:
 * memory, globals, SP, mode, C, G and registers. Definitions, the host, limits and fuel are each
 * new instance's own. Where the system can, they share the pages of memory that they have not
 * written. Null: VSP_E_ARGUMENT (it runs, is being stepped, or must be reset first),
 * VSP_E_UNSUPPORTED (it has what a snapshot cannot hold: an open BATCH, the files of a vsp_wasi, a
 * host with channels: the callbacks broadcast or receive), VSP_E_MEMORY.
 */
typedef struct vsp_snapshot vsp_snapshot;
VSP_API vsp_snapshot *vsp_snapshot_new(vsp_instance *instance, vsp_error *error);
/* Null is allowed. Instances that started from it stay good. */
VSP_API void vsp_snapshot_free(vsp_snapshot *snapshot);
/*
 * As vsp_instantiate, with the snapshot's program, and its state in place of the one after loading:
 * vsp_reset leads back to it. vsp_run starts at the entry all the same.
 */
VSP_API vsp_instance *vsp_instantiate_from(const vsp_snapshot *snapshot, const vsp_config *config, vsp_error *error);

/*
 * Instances of one module that are used again and again. One that is freed is reset, as by
 * vsp_reset, and waits for the next user with its memory mapped and its compiled code; nothing of
 * what the last user did can be seen. Any threads may take and free instances of one pool.
 */
typedef struct vsp_pool vsp_pool;
/* Start from VSP_POOL_CONFIG_INIT. */
typedef struct vsp_pool_config {
	uint32_t size;
	uint32_t max_instances; /* at a time; 0: 1000 */
	uint64_t max_memory;    /* bytes of linear memory that all of them together may have; 0: no limit.
	                               Each counts with the size to which it may grow */
	uint32_t ready;         /* instances that are made with the pool, no more than the limits allow; 0: one */
	uint32_t reserved;
	const vsp_config *config;     /* of each instance (copied); null: the defaults. Without VSP_OBSERVE_TRACE */
	const vsp_snapshot *snapshot; /* from which they start; of the pool's module; null: the state after loading */
	/*
	 * Called once for each new instance, on the thread that makes it: to define imports and
	 * models, which stay. What it runs is undone. May be null.
	 */
	vsp_status (*prepare)(void *user, vsp_instance *instance, vsp_error *error);
	void *user;
} vsp_pool_config;
#define VSP_POOL_CONFIG_INIT {sizeof(vsp_pool_config), 0, 0, 0, 0, NULL, NULL, NULL, NULL}
/*
 * config may be null. The pool is an owner of the module. Null on failure: what vsp_instantiate and
 * prepare give, VSP_E_LINK (an import is not defined), VSP_E_MEMORY (also: one instance may grow
 * beyond max_memory), VSP_E_ARGUMENT (also: more are to be ready than the limits allow),
 * VSP_E_UNSUPPORTED.
 */
VSP_API vsp_pool *vsp_pool_new(vsp_module *module, const vsp_pool_config *config, vsp_error *error);
/*
 * An instance in the state after loading, for one user until vsp_free, which may be called as for
 * other instances. It keeps its program, definitions and models; a new host of vsp_set_host and a
 * stack of vsp_set_stack are forgotten. Null: VSP_E_MEMORY (all are in use), or as vsp_pool_new.
 */
VSP_API vsp_instance *vsp_pool_take(vsp_pool *pool, vsp_error *error);
/* Null is allowed. Instances that are in use stay good, and are freed for good by vsp_free. */
VSP_API void vsp_pool_free(vsp_pool *pool);

/* An instance without a program (the classic way: vsp_new, vsp_load, vsp_run, vsp_free). Null on
   failure. */
VSP_API vsp_instance *vsp_new(const vsp_config *config);
VSP_API vsp_instance *vsp_new_interpreted(void);
/* tier 0: automatic, 1, 2. Null for others. Without the compiler library programs run in tier 0,
   and vsp_stats says why. */
VSP_API vsp_instance *vsp_new_jit(int tier);
/* Null is allowed. From a callback of the instance's own run: it is freed when the outermost run
   or call returns. An instance of a pool goes back to it. */
VSP_API void vsp_free(vsp_instance *instance);
/* Give the instance a program, replacing the old one, which stays when the new one is refused
   (VSP_E_FORMAT, VSP_E_SYNTAX, VSP_E_IO). When memory runs out after the check, the instance is
   left without a program. */
VSP_API vsp_status vsp_load(vsp_instance *instance, const void *bytes, size_t size, vsp_error *error);
VSP_API vsp_status vsp_load_file(vsp_instance *instance, const char *path, vsp_error *error);
VSP_API vsp_status vsp_load_bytes(vsp_instance *instance, const void *code, size_t code_size, const void *data,
        size_t data_size, vsp_error *error);
/* The program, or null. Not retained. */
VSP_API vsp_module *vsp_instance_module(const vsp_instance *instance);

/* Defines import "module.name" (copied) for this instance, or redefines it; before the program's
   first run. The signature must match the program's, which is checked at the first run
   (VSP_E_LINK). */
VSP_API vsp_status vsp_define_import(vsp_instance *instance, const char *name, uint32_t params, uint32_t results,
        vsp_import_fn fn, void *user, vsp_error *error);
/*
 * WASI preview 1 for one instance at a time: its arguments, environment, clocks and open files.
 * Must outlive the instance's last run. Null on failure: VSP_E_ARGUMENT, VSP_E_MEMORY, VSP_E_IO (a
 * folder cannot be opened), VSP_E_UNSUPPORTED (folders, where the platform has none).
 */
typedef struct vsp_wasi vsp_wasi;
VSP_API vsp_wasi *vsp_wasi_new(const vsp_wasi_config *config, vsp_error *error);
/* Defines the imports wasi_snapshot_preview1.NAME and wasi_unstable.NAME of all its functions, as
   vsp_define_import does, which may redefine them afterwards. VSP_E_UNSUPPORTED for an instance of
   a pool. */
VSP_API vsp_status vsp_wasi_define(vsp_wasi *wasi, vsp_instance *instance, vsp_error *error);
/* Closes its files. Null is allowed. */
VSP_API void vsp_wasi_free(vsp_wasi *wasi);
/*
 * Replaces the host callbacks (the struct is copied, the objects behind its pointers are not).
 * Null: the default host, where printing, OUT 0 and ACT 0 go to vsp_output, input is at its end,
 * and everything else is missing.
 */
VSP_API vsp_status vsp_set_host(vsp_instance *instance, const vsp_host *host);

/*
 * Runs from the entry to the end. VSP_OK after HLT, RET or exit (see vsp_state for which),
 * VSP_TRAPPED with error filled, VSP_E_LINK, VSP_E_MEMORY, VSP_E_ARGUMENT (no program; called from
 * a callback; interrupted before and not reset). SP starts at the program's stack_top, memory,
 * mode, C and G as the last run left them.
 */
VSP_API vsp_status vsp_run(vsp_instance *instance, vsp_error *error);
/*
 * Executes one instruction in tier 0, starting at the entry; an INVOKE is stepped into. VSP_OK:
 * more to come, VSP_HALTED: the program ended, VSP_TRAPPED. vsp_state shows the active activation.
 * vsp_run continues from there; vsp_call must wait for the end.
 */
VSP_API vsp_status vsp_step(vsp_instance *instance, vsp_error *error);
/*
 * Calls an exported function with its params from args; its results go to results (either may be
 * null when there are none). Transforms take and return 16 values, kernels take 2. VSP_HALTED after
 * HLT or exit: results not written. Memory, mode, C and G persist. May be called from callbacks of
 * the same instance: it then starts with the running program's SP and ends only itself.
 */
VSP_API vsp_status vsp_call(
        vsp_instance *instance, const char *name, const int64_t *args, int64_t *results, vsp_error *error);
/*
 * A function to call, looked up once: a plain value, which owns nothing and needs no end. It names
 * a function of one module, is good for every instance of that module on any thread, and stays good
 * while code is compiled: each call takes the best code there is. A handle of another module, or of
 * one that has been freed, is refused (no two modules of a process have one number). The handle
 * itself keeps no module. Start from VSP_FUNCTION_INIT, which is refused too.
 */
typedef struct vsp_function {
	uint32_t size;
	uint32_t index;           /* of vsp_module_function */
	uint64_t module;          /* the module's number; 0: none */
	uint32_t params, results; /* values in args and results */
	uint32_t kind;            /* as in vsp_function_info */
	uint32_t type;            /* its type in modules with typed calls (section TYPE), or VSP_NO_TYPE_INDEX */
} vsp_function;
#define VSP_FUNCTION_INIT {sizeof(vsp_function), 0, 0, 0, 0, 0, 0}
#define VSP_NO_TYPE_INDEX 0xFFFFu
/*
 * Looks up an exported function that the host wants to call with params arguments and for results
 * results. VSP_E_LINK: it has other numbers; VSP_E_ARGUMENT: there is none of that name. *function
 * is then unchanged.
 */
VSP_API vsp_status vsp_module_lookup(const vsp_module *module, const char *name, uint32_t params, uint32_t results,
        vsp_function *function, vsp_error *error);
/*
 * vsp_call of the function that a handle names, in all other respects. VSP_E_ARGUMENT: the handle
 * is not of the instance's program.
 */
VSP_API vsp_status vsp_call_function(
        vsp_instance *instance, const vsp_function *function, const int64_t *args, int64_t *results, vsp_error *error);
/*
 * Declares that runs and calls will be made on a stack of the host's own, a coroutine's, whose
 * lowest address is low, with size bytes; 0: ends that. Without it, and on stacks of less than 512
 * KiB, the instance and its callbacks run on a stack that it makes itself, and calls take a little
 * longer. A thread's own stack needs no such call. VSP_E_ARGUMENT.
 */
VSP_API vsp_status vsp_set_stack(vsp_instance *instance, void *low, size_t size, vsp_error *error);
/*
 * Back to the state after loading: memory, SP, mode, C, G, fuel, counts and output; definitions
 * stay. Not from a callback. After VSP_E_MEMORY nothing runs until a reset succeeds.
 */
VSP_API vsp_status vsp_reset(vsp_instance *instance, vsp_error *error);
/*
 * Makes the current run trap INTERRUPTED soon, and all runs around it that callbacks have made;
 * when none is running, the next one. May be called from any thread or signal handler. A run that
 * ends meanwhile reports INTERRUPTED all the same. After that vsp_reset is needed. Must not be
 * concurrent with a vsp_load or vsp_free of the same instance. Null is allowed.
 */
VSP_API void vsp_interrupt(vsp_instance *instance);

/* Views of a register. */
typedef union vsp_value {
	int64_t i64;
	uint64_t u64;
	double f64;
	float f32;       /* the low 32 bits on little-endian hosts only; use u64 elsewhere */
	uint8_t bytesil; /* the same */
} vsp_value;

enum vsp_run_end { VSP_RUN_NONE, VSP_RUN_RETURNED, VSP_RUN_HALTED, VSP_RUN_EXITED, VSP_RUN_TRAPPED };

/* The state that is shown: that of the activation that executed the ending instruction. */
typedef struct vsp_state_view {
	uint32_t size;
	uint32_t end;       /* enum vsp_run_end */
	uint32_t exit_code; /* of VSP_RUN_EXITED */
	vsp_trap trap;      /* of VSP_RUN_TRAPPED */
	uint32_t trap_code;
	uint32_t pc; /* of the ending instruction, or VSP_NO_PC */
	uint32_t sp;
	uint8_t sr;    /* Z=1 N=2 O=4 C=8 H=16 */
	uint8_t mode;  /* 0..4 */
	uint8_t known; /* 0: after a trap, or WASI's proc_exit, in compiled code; r, sp and sr are unknown */
	uint8_t tier;  /* the highest that ran */
	int64_t r[16];
	float g[16];
	uint8_t memory_known; /* 0: after a trap in optimised code; stores near it may be missing */
	uint8_t reserved[7];
} vsp_state_view;
#define VSP_STATE_INIT {sizeof(vsp_state_view), 0, 0, VSP_TRAP_NONE, 0, VSP_NO_PC, 0, 0, 0, 0, 0, {0}, {0}, 0, {0}}
/* Of an instance without a program: VSP_RUN_NONE and zeros. VSP_E_ARGUMENT for null pointers or a
   size that is not set. */
VSP_API vsp_status vsp_state(const vsp_instance *instance, vsp_state_view *state);
/* A register of the state shown as a double / as the ByteSil in its low byte. index 0..15, else
   0. */
VSP_API double vsp_state_f64(const vsp_state_view *state, unsigned index);
VSP_API uint8_t vsp_state_bytesil(const vsp_state_view *state, unsigned index);
/* Do two instances show the same registers, flags, pc, mode, G and memory? 0 or 1. */
VSP_API int vsp_state_equal(const vsp_instance *a, const vsp_instance *b);
/* Bytecode instructions executed since the last reset; 0 when config.count was not set. */
VSP_API uint64_t vsp_cycles(const vsp_instance *instance);
/*
 * The output of the program (SYSCALLs, OUT 0, ACT 0) with the default host: up to 1 MiB is kept,
 * the rest is dropped. 0-terminated, never null; valid until the instance runs, is reset or freed.
 * length (may be null) without the 0 after it.
 */
VSP_API const char *vsp_output(const vsp_instance *instance, size_t *length);
/* Linear memory: the address of linear address 0, and its size in bytes (may be null). The first
   64 KiB must not be touched. The base never moves with guard pages, else it is valid until the
   program grows memory. Null without a program. */
VSP_API uint8_t *vsp_memory(vsp_instance *instance, uint64_t *size);
/* FNV-1a 64 of the whole memory, the first 64 KiB counted as zeros. 0 without a program. */
VSP_API uint64_t vsp_memory_fnv1a(const vsp_instance *instance);

/* Statistics since the last reset. */
typedef struct vsp_stats_view {
	uint32_t size;
	uint32_t tier;         /* the highest that ran */
	uint64_t instructions; /* as vsp_cycles */
	uint64_t memory;       /* bytes of linear memory now */
	uint32_t functions;    /* of the module */
	uint32_t guarded;      /* 1: bounds by guard pages, 0: explicit checks */
	const char *dispatch;  /* how tier 0 was built: "tail", "goto" or "switch" */
	const char *reason;    /* why nothing is compiled, or ""; valid as long as the instance */
	/* functions and loops that the compiler has not finished; vsp_free waits for them for about
	   50 ms at most */
	uint32_t compiling;
	/* The code cache: units of code taken from it and stored in it, and files in it that were
	   refused and removed. */
	uint32_t cache_loaded, cache_stored, cache_refused;
	const char
	        *cache_reason; /* why code was last not taken from it or not stored, or ""; as long as the instance */
	/* Bytes allocated for the program beside its memory, and how many may be: see
	   vsp_config.max_memory. */
	uint64_t beside, beside_limit;
	/* Functions of WebAssembly that were too large for their registers to be coloured, so that
	   a linear scan gave them places; 0 when the translation was kept in a file. */
	uint32_t scanned;
} vsp_stats_view;
#define VSP_STATS_INIT {sizeof(vsp_stats_view), 0, 0, 0, 0, 0, NULL, NULL, 0, 0, 0, 0, NULL, 0, 0, 0}
VSP_API vsp_status vsp_stats(const vsp_instance *instance, vsp_stats_view *stats);

/* Counts of one function; only with config.profile. */
typedef struct vsp_function_stats {
	uint32_t size;
	uint32_t tier;       /* 0..2: the tier its next call runs in */
	uint64_t calls;      /* entries counted in tier 0 */
	uint64_t loops;      /* loop iterations counted in tier 0 */
	const char *reason;  /* why it is not compiled higher, or ""; as long as the instance */
	uint64_t compile_ns; /* spent on compiling it and its loops, in all tiers */
	uint64_t code_size;  /* bytes of machine code of all of that, baseline code included */
	/* how many pieces of it were loaded from the code cache; compile_ns is then the time to
	   load them */
	uint32_t cached;
	uint32_t reserved;
	uint64_t baseline_code_size; /* bytes of its baseline code */
} vsp_function_stats;
#define VSP_FUNCTION_STATS_INIT {sizeof(vsp_function_stats), 0, 0, 0, NULL, 0, 0, 0, 0, 0}
VSP_API vsp_status vsp_stats_function(const vsp_instance *instance, uint32_t function, vsp_function_stats *stats);
/*
 * Waits until all requested compilations are done and, with a cache, stored, so that statistics
 * show all of them. Not while the instance runs. VSP_E_ARGUMENT.
 */
VSP_API vsp_status vsp_settle(vsp_instance *instance);
/* The state of one function at one compiled tier, its loops included. Times are nanoseconds. */
typedef struct vsp_tier_stats {
	uint32_t size;
	uint32_t units; /* its start and loop heads that have code */
	uint64_t lower_ns, optimise_ns, emit_ns, link_ns;
	uint64_t code_size; /* bytes of machine code */
	const char *reason; /* why the start or a loop has none, or ""; as long as the instance */
} vsp_tier_stats;
#define VSP_TIER_STATS_INIT {sizeof(vsp_tier_stats), 0, 0, 0, 0, 0, 0, NULL}
/* tier: 1 or 2. VSP_E_ARGUMENT for others, and when nothing has been requested at that tier. */
VSP_API vsp_status vsp_stats_tier(
        const vsp_instance *instance, uint32_t function, uint32_t tier, vsp_tier_stats *stats);

/* The time of one pass of the compiler, over all compilations of the instance; only with
   VSP_OBSERVE_PASSES. */
typedef struct vsp_pass_stats {
	uint32_t size;
	uint32_t tier;
	const char *name; /* LLVM's; in brackets: why compilations could not be timed. As long as the instance */
	uint64_t runs;
	uint64_t ns; /* without the passes and analyses it requested, which have entries of their own */
} vsp_pass_stats;
#define VSP_PASS_STATS_INIT {sizeof(vsp_pass_stats), 0, NULL, 0, 0}
/* From index 0 on, tier 2 first and in each tier the longest first; VSP_E_ARGUMENT after the
   last. Index 0 waits until all requested compilations are done. Not while the instance runs. */
VSP_API vsp_status vsp_stats_pass(const vsp_instance *instance, uint32_t index, vsp_pass_stats *stats);

/* ---- back ends (docs/backends.md) ---- */

/* "GRADB"; "unknown" for other numbers. */
VSP_API const char *vsp_operation_name(uint32_t operation);

/* What a back end of this build finds on this machine. Texts are UTF-8, "" when unknown. */
typedef struct vsp_backend_view {
	uint32_t size;
	uint32_t kind;       /* enum vsp_backend_kind */
	uint32_t operations; /* what it can run: 1 << enum vsp_backend_operation */
	/*
	 * What was measured, in nanoseconds: 1 when the three below are known. The time to begin an
	 * operation and see its end, to move a byte, and for one item of each operation (a state, a
	 * byte, an instruction of a kernel).
	 */
	uint32_t measured;
	double launch_ns, byte_ns, work_ns[VSP_OPERATIONS];
	uint64_t memory; /* bytes of the device's own; 0: it uses the machine's */
	const char *name;
	char device[128];
	char driver[128];  /* with its version */
	char missing[256]; /* why it cannot be used, and what brings it; "": it can */
} vsp_backend_view;
#define VSP_BACKEND_VIEW_INIT {sizeof(vsp_backend_view), 0, 0, 0, 0, 0, {0}, 0, NULL, "", "", ""}
/*
 * Looks for the device of back end number index of this build, the CPU first, which may take some
 * 100 ms for a GPU. cache (may be null): a folder as for config.cache, where measurements are kept;
 * one that a run would refuse keeps none. VSP_E_ARGUMENT after the last.
 */
VSP_API vsp_status vsp_backend_describe(uint32_t index, const char *cache, vsp_backend_view *view);
/* Name of back end number index of this build, the CPU first; null after the last. */
VSP_API const char *vsp_backend_name(uint32_t index);

/* From index 0 on, the CPU; VSP_E_ARGUMENT after the last. Not while the instance runs. */
VSP_API vsp_status vsp_stats_backend(const vsp_instance *instance, uint32_t index, vsp_backend_stats *stats);
/*
 * Why operations did not run on back end number index: each kernel and each cause once, from number
 * 0 on, up to 32; VSP_E_ARGUMENT after the last. Not while the instance runs.
 */
VSP_API vsp_status vsp_stats_refusal(
        const vsp_instance *instance, uint32_t index, uint32_t number, vsp_backend_refusal *refusal);
/*
 * Gives INFER and EMERGE a model: size bytes of an ONNX file (copied), before the program's first
 * run. It takes the place of the program's model of that name; another name comes after all of the
 * program's, in the order of the calls. VSP_E_ARGUMENT, VSP_E_MEMORY. Whether it can be run shows
 * at the first run (VSP_E_UNSUPPORTED), or with vsp_backends_prepare.
 */
VSP_API vsp_status vsp_define_model(
        vsp_instance *instance, const char *name, const void *bytes, size_t size, vsp_error *error);
/*
 * Opens what the program's batch instructions may use, which the first of them does otherwise, and
 * says what a run would say about config.backend, config.npu and the host's models. For hosts that
 * give up rights before the run.
 * VSP_E_UNSUPPORTED, VSP_E_ARGUMENT.
 */
VSP_API vsp_status vsp_backends_prepare(vsp_instance *instance, vsp_error *error);

/* ---- names ---- */

/* "2.0.0"; the names of a status ("VSP_OK") and of a trap ("OUT_OF_BOUNDS"), and the meaning of
   the trap; "unknown" for other numbers. */
VSP_API const char *vsp_version(void);
VSP_API const char *vsp_status_name(vsp_status status);
VSP_API const char *vsp_trap_name(vsp_trap trap);
VSP_API const char *vsp_trap_text(vsp_trap trap);

#ifdef __cplusplus
}
#endif
#endif
