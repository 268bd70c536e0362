/*
 * vsp.h - the Virtual SIL Processor as a library: load, run and call .sil / .silc programs.
 *
 * C11, usable from C++11. Nothing here exits, aborts or prints. A module is immutable and may be shared by threads; an instance belongs
 * to one thread at a time; vsp_interrupt may be called from any thread or signal handler. The only process-wide state is a registry
 * for signal handlers (and, with the JIT, debugger registration).
 *
 *     vsp_error error = VSP_ERROR_INIT;
 *     vsp_module *module = vsp_module_load_file("sum.sil", &error);
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

#if defined(VSP_SHARED) && defined(__GNUC__)
#define VSP_API __attribute__((visibility("default")))
#else
#define VSP_API
#endif

typedef struct vsp_module vsp_module;
typedef struct vsp_instance vsp_instance;

enum vsp_tier { VSP_TIER_AUTO = 0, VSP_TIER_1 = 1, VSP_TIER_2 = 2, VSP_TIER_INTERP = -1 };
enum vsp_bounds_mode { VSP_CONFIG_BOUNDS_AUTO = 0, VSP_CONFIG_BOUNDS_GUARD = 1, VSP_CONFIG_BOUNDS_EXPLICIT = 2 };

/* How to run. Start from VSP_CONFIG_INIT; zeros mean the defaults. */
typedef struct vsp_config {
	uint32_t size;
	int tier;                  /* enum vsp_tier; tiers above 0 need the compiler library, else programs stay in tier 0 */
	int bounds;                /* enum vsp_bounds_mode */
	uint32_t capabilities;     /* VSP_CAP_*; none by default */
	uint64_t max_memory;       /* bytes of linear memory; 0: as the module says */
	uint32_t max_depth;        /* nested activations, exact in every tier; 0: the tier's own limit (at least 10,000) */
	uint32_t tier1_threshold;  /* 0: 100 */
	uint32_t tier2_threshold;  /* 0: 1000 */
	int64_t fuel;              /* bytecode instructions; 0 or less: unlimited and not counted unless count is set */
	uint8_t count;             /* not 0: count instructions (vsp_cycles) */
	uint8_t deterministic;     /* not 0: canonical NaNs, batches run at once */
	uint8_t precise_traps;
	uint8_t check_kernels;
	uint8_t sync_compile;
	uint8_t reserved[3];
	const vsp_host *host;      /* copied; null: no callbacks */
} vsp_config;
#define VSP_CONFIG_INIT {sizeof(vsp_config), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0, 0, 0}, NULL}

/* ---- modules ---- */

/* Message about source text, see vsp_assemble. text is a complete, 0-terminated message as clang would print it. */
typedef void (*vsp_report_fn)(void *user, const char *text);

/*
 * Assembles .sil source. name is for messages and for finding included files (null: "<source>", no includes). On errors returns
 * null, error holds the first, and report (may be null) is called for each.
 */
VSP_API vsp_module *vsp_assemble(const char *source, size_t size, const char *name, vsp_report_fn report, void *user, vsp_error *error);
/* Reads a .silc file's bytes (copied). Null on failure. */
VSP_API vsp_module *vsp_module_load(const void *bytes, size_t size, vsp_error *error);
/* Reads a .sil or .silc file; which it is follows from its contents. report as for vsp_assemble. */
VSP_API vsp_module *vsp_module_load_file(const char *path, vsp_error *error);
VSP_API vsp_module *vsp_module_load_file_report(const char *path, vsp_report_fn report, void *user, vsp_error *error);
/* Another owner / one owner less; the last one frees it. Instances are owners. Null is allowed. Thread-safe. */
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
/* Exported function by name; VSP_E_ARGUMENT when there is none. */
VSP_API vsp_status vsp_module_find(const vsp_module *module, const char *name, vsp_function_info *info);
VSP_API uint32_t vsp_module_import_count(const vsp_module *module);
/* Name ("module.name") and signature of an import; pointers may be null. */
VSP_API vsp_status vsp_module_import(const vsp_module *module, uint32_t index, const char **name, uint32_t *params, uint32_t *results);

/* ---- instances ---- */

/*
 * Creates an instance with its own memory. config may be null. Imports are resolved from vsp_define_import at the first run or
 * call. Null on failure (VSP_E_MEMORY, VSP_E_ARGUMENT, VSP_E_UNSUPPORTED).
 */
VSP_API vsp_instance *vsp_instantiate(vsp_module *module, const vsp_config *config, vsp_error *error);
/* An instance without a module (the classic way: vsp_new, vsp_load, vsp_run, vsp_free). */
VSP_API vsp_instance *vsp_new(const vsp_config *config);
VSP_API vsp_instance *vsp_new_interpreted(void);
/* tier 0: automatic, 1, 2. */
VSP_API vsp_instance *vsp_new_jit(int tier);
VSP_API void vsp_free(vsp_instance *instance);
/* Gives the instance a program, replacing the old one. */
VSP_API vsp_status vsp_load(vsp_instance *instance, const void *bytes, size_t size, vsp_error *error);
VSP_API vsp_status vsp_load_file(vsp_instance *instance, const char *path, vsp_error *error);
/* Raw code and data without a header: one function main(0) -> 0, entry 0. */
VSP_API vsp_status vsp_load_bytes(vsp_instance *instance, const void *code, size_t code_size, const void *data, size_t data_size, vsp_error *error);
VSP_API vsp_module *vsp_instance_module(const vsp_instance *instance);

/* Defines import "module.name" for this instance; before its first run. Signature must match (checked at the first run). */
VSP_API vsp_status vsp_define_import(vsp_instance *instance, const char *name, uint32_t params, uint32_t results, vsp_import_fn fn, void *user, vsp_error *error);
/* Replaces the host callbacks (copied); null: none. */
VSP_API vsp_status vsp_set_host(vsp_instance *instance, const vsp_host *host);

/* Runs from the entry to the end. VSP_OK after HLT, RET or exit (see vsp_state for which), VSP_TRAPPED with error filled. */
VSP_API vsp_status vsp_run(vsp_instance *instance, vsp_error *error);
/*
 * Executes one instruction in tier 0, starting at the entry; an INVOKE is stepped into. VSP_OK: more to come, VSP_HALTED: the
 * program ended, VSP_TRAPPED. vsp_run continues from there.
 */
VSP_API vsp_status vsp_step(vsp_instance *instance, vsp_error *error);
/*
 * Calls an exported function with its params from args; its results go to results. Transforms take and return 16 values,
 * kernels take 2. VSP_HALTED after HLT or exit: results not written. Memory, mode, C and G persist.
 */
VSP_API vsp_status vsp_call(vsp_instance *instance, const char *name, const int64_t *args, int64_t *results, vsp_error *error);
/* Back to the state after loading: memory, SP, mode, C, G, statistics of the run; definitions stay. */
VSP_API vsp_status vsp_reset(vsp_instance *instance, vsp_error *error);
/* Makes the run, from whatever thread or signal handler, trap INTERRUPTED soon; when none is running, the next one. */
VSP_API void vsp_interrupt(vsp_instance *instance);

/* Views of a register. */
typedef union vsp_value {
	int64_t i64;
	uint64_t u64;
	double f64;
	float f32;      /* the low 32 bits on little-endian hosts only; use u64 elsewhere */
	uint8_t bytesil; /* the same */
} vsp_value;

enum vsp_run_end { VSP_RUN_NONE, VSP_RUN_RETURNED, VSP_RUN_HALTED, VSP_RUN_EXITED, VSP_RUN_TRAPPED };

/* The state shown: of the activation that executed the ending instruction. */
typedef struct vsp_state_view {
	uint32_t size;
	uint32_t end;          /* enum vsp_run_end */
	uint32_t exit_code;    /* of VSP_RUN_EXITED */
	vsp_trap trap;         /* of VSP_RUN_TRAPPED */
	uint32_t trap_code;
	uint32_t pc;           /* of the ending instruction, or VSP_NO_PC */
	uint32_t sp;
	uint8_t sr;            /* Z=1 N=2 O=4 C=8 H=16 */
	uint8_t mode;          /* 0..4 */
	uint8_t known;         /* 0: after a trap in compiled code; r, sp and sr are unknown */
	uint8_t tier;          /* the highest that ran */
	int64_t r[16];
	float g[16];
} vsp_state_view;
VSP_API vsp_status vsp_state(const vsp_instance *instance, vsp_state_view *state);
/* A register of the state shown as a double / as the ByteSil in its low byte. index 0..15, else 0. */
VSP_API double vsp_state_f64(const vsp_state_view *state, unsigned index);
VSP_API uint8_t vsp_state_bytesil(const vsp_state_view *state, unsigned index);
/* Do two instances show the same registers, flags, pc, mode, G and memory? 0 or 1. */
VSP_API int vsp_state_equal(const vsp_instance *a, const vsp_instance *b);
/* Bytecode instructions executed since the last reset; 0 when config.count was not set. */
VSP_API uint64_t vsp_cycles(const vsp_instance *instance);
/*
 * What the program printed (SYSCALLs, OUT 0) when no host callback takes it: up to 1 MiB is kept, the rest is dropped. Valid until the
 * next call with this instance; *length without the 0 behind it.
 */
VSP_API const char *vsp_output(const vsp_instance *instance, size_t *length);
/* Linear memory: address of linear address 0 and size in bytes. The first 64 KiB must not be touched. The base never moves with guard
   pages, else it is valid until the program grows memory. */
VSP_API uint8_t *vsp_memory(vsp_instance *instance, uint64_t *size);
/* FNV-1a 64 of the whole memory, the first 64 KiB counted as zeros. */
VSP_API uint64_t vsp_memory_fnv1a(const vsp_instance *instance);

/* Counts of one function, see vsp_stats. */
typedef struct vsp_function_stats {
	uint32_t size;
	uint32_t tier;           /* 0..2: the tier its next call runs in */
	uint64_t calls;          /* entries counted in tier 0 */
	uint64_t loops;          /* loop iterations counted in tier 0 */
	const char *reason;      /* why it is not compiled higher, or "" */
} vsp_function_stats;
VSP_API vsp_status vsp_stats(const vsp_instance *instance, uint32_t function, vsp_function_stats *stats);

/* "2.0.0", and the names of a status and of a trap ("OUT_OF_BOUNDS"). */
VSP_API const char *vsp_version(void);
VSP_API const char *vsp_status_name(vsp_status status);
VSP_API const char *vsp_trap_name(vsp_trap trap);

#ifdef __cplusplus
}
#endif
#endif
