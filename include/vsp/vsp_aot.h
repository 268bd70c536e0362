/*
 * vsp_aot.h - the interface between compiled VSP programs and their hosts, and the types that they
 * share with hosts of libvsp (vsp.h includes this file). C11, C++11 and later versions. No function
 * here prints, exits or aborts.
 *
 * Every public struct begins with its size in bytes, which the caller sets (VSP_ERROR_INIT and the
 * like do it), so that structs can grow without breaking older hosts.
 */
#ifndef VSP_AOT_H
#define VSP_AOT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Result of every call that can fail. */
typedef enum vsp_status {
	VSP_OK = 0,
	VSP_HALTED = 1,     /* HLT or SYSCALL exit ended the call; its results were not written */
	VSP_TRAPPED = 2,    /* the program trapped; see the error's trap, pc, function and line */
	VSP_E_ARGUMENT = 3, /* the call itself is wrong: null pointer, wrong state, unknown name, bad option */
	VSP_E_MEMORY = 4,   /* the host is out of memory or address space */
	VSP_E_IO = 5,       /* a file cannot be read or written */
	VSP_E_FORMAT = 6,   /* not a valid .silc file; offset says where */
	VSP_E_SYNTAX = 7,   /* errors in .sil source; file, line and column say where the first is */
	/* the program imports a function that the host does not define, or defines with another
	   signature */
	VSP_E_LINK = 8,
	VSP_E_UNSUPPORTED = 9, /* not available in this build or on this machine */
	VSP_E_HOST = 10        /* for callbacks: the host failed (any other non-zero value means the same) */
} vsp_status;

/* Kinds of traps; the list with explanations is runtime/traps.def, docs/isa.md has the rules. */
typedef enum vsp_trap {
	VSP_TRAP_NONE = 0,
	VSP_TRAP_OUT_OF_BOUNDS,
	VSP_TRAP_STACK_OVERFLOW,
	VSP_TRAP_CALL_DEPTH,
	VSP_TRAP_DIV_BY_ZERO,
	VSP_TRAP_BAD_FUNCTION,
	VSP_TRAP_EXPLICIT,
	VSP_TRAP_FUEL,
	VSP_TRAP_INTERRUPTED,
	VSP_TRAP_BACKEND,
	VSP_TRAP_HOST,
	VSP_TRAP_DENIED,
	VSP_TRAP_UNSUPPORTED,
	VSP_TRAP_BAD_MODE
} vsp_trap;

#define VSP_NO_PC UINT32_MAX /* "unknown" for code addresses and function indices */

/* One frame of a back trace: a code address (VSP_NO_PC when unknown), and the function's name (""
   when it has none). */
typedef struct vsp_frame {
	uint32_t pc;
	uint32_t line; /* from 1; 0 = unknown */
	char function[64];
} vsp_frame;

/*
 * Where and why something failed. Owned by the caller, who sets size (VSP_ERROR_INIT) once; calls
 * fill the rest and never keep a pointer to it. Text is UTF-8, cut to fit. A null vsp_error pointer
 * is always allowed.
 */
typedef struct vsp_error {
	uint32_t size;
	vsp_status code;
	char message[512];  /* one sentence: the failure, and a remedy */
	char file[256];     /* "" when unknown */
	uint32_t line;      /* from 1; 0 = unknown */
	uint32_t column;    /* from 1; 0 = unknown */
	uint64_t offset;    /* byte offset in a .silc file (VSP_E_FORMAT) */
	vsp_trap trap;      /* VSP_TRAPPED: the kind */
	uint32_t trap_code; /* of VSP_TRAP_EXPLICIT: the code */
	uint32_t pc;        /* code address, or VSP_NO_PC */
	char function[64];  /* "" when unknown */
	uint32_t frames;    /* entries of trace, innermost first; long back traces keep the innermost ones */
	vsp_frame trace[16];
} vsp_error;
#define VSP_ERROR_INIT \
	{ \
		sizeof(vsp_error), VSP_OK, "", "", 0, 0, 0, VSP_TRAP_NONE, 0, VSP_NO_PC, "", 0, {{0, 0, ""} } }

/*
 * The part of an instance that a callback may use. memory is the address of linear address 0 (the
 * first 64 KiB must not be touched), memory_size in bytes; both may change when the program or a
 * nested call grows memory. instance is the vsp_instance (libvsp) or vsp_aot_instance (compiled
 * programs), for nested calls. wasm_offset is for vsp_wasm_at.
 */
typedef struct vsp_caller {
	uint8_t *memory;
	uint64_t memory_size;
	void *instance;
	uint32_t wasm_offset; /* bytes between linear address 0x10000 and a WebAssembly program's address 0 */
} vsp_caller;

/*
 * An imported function. args has as many values as the import has params, results room for its
 * results (set to 0 before). Returns VSP_OK, or anything else to trap HOST. It must return: no
 * longjmp, no C++ exception.
 */
typedef int (*vsp_import_fn)(void *user, vsp_caller *caller, const int64_t *args, int64_t *results);

/*
 * The host's side of IN, OUT, SENSE, ACT, SYNC, BROADCAST, RECEIVE, ENTANGLE, YIELD and the
 * SYSCALLs. All pointers may be null; an instruction whose callback is null traps UNSUPPORTED,
 * except that YIELD then does nothing. Callbacks return 0, or a negative vsp_trap
 * (-VSP_TRAP_UNSUPPORTED: "no such port") to trap with that kind; any other negative value traps
 * HOST.
 */
typedef struct vsp_host {
	uint32_t size;
	void *user; /* first argument of every callback */
	int (*yield)(void *user, vsp_caller *caller);
	/* IN, SENSE: *value = the byte 0..255, or -1 at the end. */
	int (*in)(void *user, uint32_t port, int32_t *value);
	int (*out)(void *user, uint32_t port, uint8_t value);
	int (*sense)(void *user, uint32_t sensor, int32_t *value);
	int (*act)(void *user, uint32_t actuator, uint8_t value);
	int (*sync)(void *user, uint32_t id);
	int (*broadcast)(void *user, uint32_t channel, const uint8_t state[16]);
	/* *received = 1 and state filled, or 0 when the channel is empty. */
	int (*receive)(void *user, uint32_t channel, uint8_t state[16], int *received);
	int (*entangle)(void *user, uint32_t register_a, uint32_t register_b, int64_t value_a, int64_t value_b);
	/* Printing SYSCALLs: length bytes of text. They, and the buffer of read_line, may lie in
	   the program's memory: until the callback returns, MEMGROW of a program that it calls
	   gives -1 where memory without guard pages would move. */
	int (*print)(void *user, const char *text, size_t length);
	/* Reading SYSCALLs: a line without its newline into buffer, at most size bytes, the
	   excess dropped. *length = bytes stored, or -1 at the end of the input. */
	int (*read_line)(void *user, char *buffer, size_t size, int64_t *length);
	uint32_t arg_count; /* program arguments for SYSCALLs 10 and 11 (hexadecimal) */
	const char *const *args;
	int (*clock_ns)(void *user, uint64_t *ns);      /* monotonic; null: the runtime's own clock */
	int (*random_u64)(void *user, uint64_t *value); /* null: the operating system's generator */
	int (*flush)(void *user);                       /* SYSCALL flush; null: nothing waits to be shown */
} vsp_host;

/* Capabilities, a bit mask: the services that a program may use. Without its bit an instruction
   traps DENIED. */
enum {
	VSP_CAP_STDIO = 1 << 0, /* IN OUT SENSE ACT, printing and reading SYSCALLs */
	VSP_CAP_ARGS = 1 << 1,
	VSP_CAP_CLOCK = 1 << 2,
	VSP_CAP_RANDOM = 1 << 3,
	VSP_CAP_MODELS = 1 << 4,
	VSP_CAP_GPU = 1 << 5,
	VSP_CAP_NPU = 1 << 6
};

/* ---- back ends (docs/backends.md) ---- */

/*
 * Kinds of back ends, for config.backend. AUTO: the program's hints decide, else a model of the
 * costs does. Others: batch instructions run on that kind, whatever the hints; what it cannot do
 * runs on the CPU, and vsp_stats_backend says why. A kind that is not there is VSP_E_UNSUPPORTED at
 * the first run.
 */
enum vsp_backend_kind { VSP_BACKEND_AUTO = 0, VSP_BACKEND_CPU = 1, VSP_BACKEND_GPU = 2, VSP_BACKEND_NPU = 3 };

/* Operations of back ends, for arrays and, as 1 << n, for masks. */
enum vsp_backend_operation {
	VSP_OPERATION_GRADB,
	VSP_OPERATION_DESCB,
	VSP_OPERATION_VMAP,
	VSP_OPERATION_VRED,
	VSP_OPERATION_LAUNCH,
	VSP_OPERATION_INFER,
	VSP_OPERATION_EMERGE,
	VSP_OPERATIONS
};

/* What one back end of an instance has done, since the instance was made. */
typedef struct vsp_backend_stats {
	uint32_t size;
	uint32_t kind; /* enum vsp_backend_kind */
	const char *name;
	uint64_t operations[VSP_OPERATIONS];
	const char *reason; /* why it was last not used, or ""; as long as the instance */
	const char *placed; /* what it says about where things ran, or ""; the same */
} vsp_backend_stats;
#define VSP_BACKEND_STATS_INIT {sizeof(vsp_backend_stats), 0, NULL, {0}, NULL, NULL}

/* Operations that did not run on a back end on which they might have. */
typedef struct vsp_backend_refusal {
	uint32_t size;
	uint32_t operation; /* enum vsp_backend_operation */
	uint32_t index;     /* of LAUNCH: the kernel's function; of INFER: the model; else VSP_NO_PC */
	uint64_t count;
	const char *name;   /* of the function or model, or "" */
	const char *reason; /* both as long as the instance */
} vsp_backend_refusal;
#define VSP_BACKEND_REFUSAL_INIT {sizeof(vsp_backend_refusal), 0, VSP_NO_PC, 0, "", ""}

/* ---- WASI ---- */

/* A folder that a program may use, with everything below it. size: of one entry, in all of them. */
typedef struct vsp_wasi_preopen {
	uint32_t size;
	uint32_t read_only; /* not 0: every change fails with ROFS */
	const char *host;   /* its path here, which the program never sees */
	const char *guest;  /* its name in the program; null: the same as host */
} vsp_wasi_preopen;

/*
 * What a program gets from WASI preview 1 (docs/wasi.md): start from VSP_WASI_CONFIG_INIT, which
 * grants nothing. Everything is copied; the folders are opened at once.
 */
typedef struct vsp_wasi_config {
	uint32_t size;
	/* Of VSP_CAP_STDIO, ARGS, CLOCK, RANDOM; without one its functions fail with NOTCAPABLE. */
	uint32_t capabilities;
	int32_t stdio[3]; /* the system's descriptors that are its 0, 1 and 2, not closed here; -1: none */
	uint32_t arg_count;
	const char *const *args; /* the program's own name first */
	const char *const *env;  /* "NAME=VALUE" */
	const vsp_wasi_preopen *preopens;
	uint32_t env_count, preopen_count;
} vsp_wasi_config;
#define VSP_WASI_CONFIG_INIT {sizeof(vsp_wasi_config), 0, {0, 1, 2}, 0, NULL, NULL, NULL, 0, 0}

/*
 * The n bytes at address p of a WebAssembly program, which is linear address 0x10000 + p, or higher
 * in programs with preloaded modules, passive segments or tables that change. Null where they are
 * not all in its memory. Valid as caller->memory is.
 */
static inline void *vsp_wasm_at(const vsp_caller *caller, uint32_t p, uint64_t n)
{
	uint64_t start = UINT64_C(0x10000) + caller->wasm_offset + p;
	return start <= caller->memory_size && n <= caller->memory_size - start ? caller->memory + start : NULL;
}

/* ---- programs compiled ahead of time ---- */

#if defined(__GNUC__) && !defined(_WIN32)
#define VSP_AOT_API __attribute__((visibility("default")))
#else
#define VSP_AOT_API
#endif

/* The version of the interface that host and program must agree on: the layout of the structs
   here and the meaning of the entry points. */
#define VSP_AOT_ABI_VERSION 1u

/* A function or an import of the program. Names are UTF-8; "" when a function has none. */
typedef struct vsp_aot_function {
	const char *name; /* of an import: "module.name" */
	uint32_t params, results;
	uint32_t kind;     /* 0 function, 1 transform, 2 kernel */
	uint32_t exported; /* 0 or 1 */
} vsp_aot_function;

/* The descriptor of a compiled program; the symbol vsp_aot_module is of this type. The first two
   fields never move. */
typedef struct vsp_aot_descriptor {
	uint32_t size;
	uint32_t abi_version;                  /* VSP_AOT_ABI_VERSION of the compiler that made the program */
	uint32_t isa_version;                  /* 0x0200: of the file format */
	uint32_t flags;                        /* VSP_AOT_* */
	uint64_t program_hash;                 /* FNV-1a 64 of the program's file */
	uint32_t initial_pages, maximum_pages; /* of 64 KiB */
	uint32_t stack_top, data_size;         /* bytes */
	uint32_t import_count, function_count;
	const vsp_aot_function *imports, *functions;
	const char *target;   /* the LLVM triple it was compiled for */
	const char *features; /* processor features it needs beyond the target's baseline: "avx2,bmi2" or "" */
	const void *program;  /* the runtime's part */
} vsp_aot_descriptor;
enum {
	VSP_AOT_EXPLICIT_BOUNDS = 1, /* accesses are checked by code, not by guard pages */
	VSP_AOT_NO_SIGNALS = 2,      /* installs no signal handlers */
	VSP_AOT_PRECISE_TRAPS = 4,
	VSP_AOT_DETERMINISTIC = 8,
	VSP_AOT_FUEL = 16,       /* counts instructions, so that config.fuel holds */
	VSP_AOT_WEBASSEMBLY = 32 /* was translated from WebAssembly, whose address 0 is at stack_top */
};

/* How to instantiate. Start from VSP_AOT_CONFIG_INIT; zeros mean the defaults. */
typedef struct vsp_aot_config {
	uint32_t size;
	uint32_t abi_version;  /* of the host's header */
	uint32_t capabilities; /* VSP_CAP_*; none by default */
	/* enum vsp_backend_kind; GPU: the program must have device code (docs/aot.md). What is not
	   there is VSP_E_UNSUPPORTED. */
	uint32_t backend;
	uint64_t max_memory;  /* bytes of linear memory; 0: as the program says */
	int64_t fuel;         /* bytecode instructions until the trap FUEL; 0: as compiled. Only with VSP_AOT_FUEL */
	const vsp_host *host; /* copied; null: no callbacks */
	/* Threads that run the iterations of a LAUNCH, as vsp_config.threads; on Linux alone. */
	uint32_t threads;
	uint32_t reserved;
} vsp_aot_config;
#define VSP_AOT_CONFIG_INIT {sizeof(vsp_aot_config), VSP_AOT_ABI_VERSION, 0, 0, 0, 0, NULL, 0, 0}

typedef struct vsp_aot_instance vsp_aot_instance;

#ifdef __cplusplus
}
#endif
#endif

/*
 * The entry points of every compiled program. A host that opens the shared object looks them up by
 * name; one that is linked with an object calls them. --aot-prefix=P puts P before all of these
 * names, the descriptor's and the exported functions'; the headers that vspc makes then define
 * VSP_AOT_AGAIN and read this part of the file once more, under those names. An instance belongs to
 * one thread at a time; vsp_aot_interrupt may be called from any thread or signal handler.
 */
#if !defined(VSP_AOT_NO_PROTOTYPES) && (!defined(VSP_AOT_PROTOTYPES) || defined(VSP_AOT_AGAIN))
#define VSP_AOT_PROTOTYPES
#undef VSP_AOT_AGAIN
#ifdef __cplusplus
extern "C" {
#endif
VSP_AOT_API extern const vsp_aot_descriptor vsp_aot_module;
/*
 * A new instance with its own memory; config may be null. Null on failure: VSP_E_UNSUPPORTED (the
 * host was compiled against another ABI version, or the processor lacks a feature), VSP_E_MEMORY,
 * VSP_E_ARGUMENT.
 */
VSP_AOT_API vsp_aot_instance *vsp_aot_instantiate(const vsp_aot_config *config, vsp_error *error);
/*
 * Null is allowed. From a callback of the instance: its runs trap INTERRUPTED as soon as the
 * callback has returned, and it is freed when the outermost one has ended, so it cannot be used
 * after that. Otherwise not while the instance runs.
 */
VSP_AOT_API void vsp_aot_free(vsp_aot_instance *instance);
/*
 * Back to the state after loading: memory, stack pointer, mode and fuel; imports and the host stay.
 * After a run that was interrupted nothing else can be done with an instance, nor after
 * VSP_E_MEMORY. Not from a callback (VSP_E_ARGUMENT).
 */
VSP_AOT_API vsp_status vsp_aot_reset(vsp_aot_instance *instance);
/* Defines the import "module.name", before the program's first run; VSP_E_LINK when the program
   imports it with another signature. Names the program does not import are ignored. */
VSP_AOT_API vsp_status vsp_aot_define_import(
        vsp_aot_instance *instance, const char *name, uint32_t params, uint32_t results, vsp_import_fn fn, void *user);
/*
 * Defines the imports of WASI preview 1 that the program has (docs/wasi.md), before its first run.
 * Everything is copied, and the folders are opened at once; config may be null, which grants
 * nothing. VSP_E_LINK when the program imports one with another signature, VSP_E_IO and others as
 * for vsp_wasi_new. Single imports may be defined again afterwards, to replace or to forbid them.
 */
VSP_AOT_API vsp_status vsp_aot_wasi_define(vsp_aot_instance *instance, const vsp_wasi_config *config);
/* Copies the host's callbacks; null: none. */
VSP_AOT_API vsp_status vsp_aot_set_host(vsp_aot_instance *instance, const vsp_host *host);
/*
 * Declares that calls will be made on a stack of the host's own, a coroutine's, whose lowest
 * address is low, with size bytes; 0: ends that. Without it, and on stacks of less than 512 KiB,
 * the instance and its callbacks run on a stack that it makes itself, and calls take a little
 * longer. A thread's own stack needs no such call.
 */
VSP_AOT_API vsp_status vsp_aot_set_stack(vsp_aot_instance *instance, void *low, size_t size);
/* Runs the entry function to its end. VSP_OK also after HLT and SYSCALL exit; VSP_TRAPPED,
   VSP_E_LINK. */
VSP_AOT_API vsp_status vsp_aot_run(vsp_aot_instance *instance);
/*
 * Calls an exported function: args has its params, results room for its results (either may be null
 * when there are none). VSP_HALTED after HLT or SYSCALL exit: results are not written. Memory
 * persists. Callbacks may call functions of the instance that called them.
 */
VSP_AOT_API vsp_status vsp_aot_call(
        vsp_aot_instance *instance, const char *name, const int64_t *args, int64_t *results);
/* A register (0..15) of the state shown: of the activation that ended the last run or call; 0
   after a trap. */
VSP_AOT_API int64_t vsp_aot_register(vsp_aot_instance *instance, unsigned index);
/* Address of linear address 0; *size (may be null) in bytes. The first 64 KiB must not be
   touched. Valid until the program grows memory, and always with guard pages. */
VSP_AOT_API uint8_t *vsp_aot_memory(vsp_aot_instance *instance, uint64_t *size);
/* The code 0..255 when the last run or call ended by SYSCALL exit, else -1. */
VSP_AOT_API int vsp_aot_exit_code(vsp_aot_instance *instance);
/*
 * What back end number index of the instance has done, from 0 on, the CPU; VSP_E_ARGUMENT after the
 * last, and for programs without batch instructions. Not while the instance runs.
 */
VSP_AOT_API vsp_status vsp_aot_backend(const vsp_aot_instance *instance, uint32_t index, vsp_backend_stats *stats);
/*
 * Makes the current run, or else the next one, trap INTERRUPTED soon. The instance then refuses to
 * run (VSP_E_ARGUMENT) until vsp_aot_reset. Null is allowed.
 */
VSP_AOT_API void vsp_aot_interrupt(vsp_aot_instance *instance);
/*
 * The error of the last call with this instance, of a function here or an exported one; after
 * VSP_OK and VSP_HALTED its code is VSP_OK and its texts are empty. The pointer is valid as long as
 * the instance, the contents until the next call. Null for a null instance.
 */
VSP_AOT_API const vsp_error *vsp_aot_last_error(vsp_aot_instance *instance);

/*
 * Source file and line (from 1) of the code address pc, as a trap or a frame of its back trace has
 * it; VSP_E_ARGUMENT, and nothing is written, when the program has no line for it. The name is the
 * program's.
 */
VSP_AOT_API vsp_status vsp_aot_line(uint32_t pc, const char **file, uint32_t *line);
#ifdef __cplusplus
}
#endif
#endif
