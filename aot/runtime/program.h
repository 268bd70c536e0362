/*
 * The compiler's description of a program for the runtime: constants in the program's module,
 * reached through vsp_aot_module.program. The compiler emits them field by field in this order
 * (aot/descriptor.c), so a change here is a change there.
 */
#ifndef VSP_AOT_RUNTIME_PROGRAM_H
#define VSP_AOT_RUNTIME_PROGRAM_H

#include "runtime/backends/provider.h"
#include "runtime/payloads.h"
#include "runtime/trap.h"

/* From offset bytes of machine code on, up to the next place's, the code is of the instruction at
   pc, or of none: VSP_NO_PC. */
typedef struct vsp_aot_place {
	uint32_t offset, pc;
	/* the site of the call that was replaced by its callee's body, if this is of one; else
	   VSP_NO_SITE */
	uint32_t outer;
} vsp_aot_place;

/* A row of the line table. */
typedef struct vsp_aot_line_row {
	uint32_t pc, file, line, column;
} vsp_aot_line_row;

/* The C-callable forms of compiled functions, see ir/lower/lower.h. */
typedef uint32_t (*vsp_aot_code)(vsp_rt *rt, uint64_t *regs, uint32_t flags, uint32_t base);

/* The instructions that machine code was made of, in order of offsets; the last place is the end
   of the code. */
typedef struct vsp_aot_places {
	const void *code; /* where offsets count from */
	const vsp_code_site *sites;
	uint32_t count;
	uint32_t frame; /* bytes of the largest frame of the program's functions; 0: all are small */
	vsp_aot_place list[];
} vsp_aot_places;

/* Device code of a kernel, or of what is computed of batch instructions (VSP_DEVICE_ITEM). */
typedef struct vsp_aot_unit {
	uint32_t kernel, format; /* enum vsp_device_format */
	uint32_t needs;          /* VSP_DEVICE_* */
	uint32_t reserved;
	uint64_t size;
	const uint8_t *bytes; /* null: there is none */
	const char *why;      /* then: the reason */
} vsp_aot_unit;

typedef struct vsp_aot_program {
	const vsp_rt_func *funcs;    /* one per function, as are entries; code is null unless INVOKEI may need it */
	const vsp_aot_code *entries; /* null for functions that only other functions call */
	const vsp_aot_code *loops;   /* the loop forms of kernels; null for other functions */
	const struct vsp_rt_import_sig *import_sigs;
	const uint8_t *data; /* the data segment */
	vsp_payloads payloads;
	const char *const *files; /* of the line table */
	const vsp_aot_line_row *lines;
	const vsp_aot_places *places; /* for guard faults and back traces */
	/* vsp_backends_create, or null when the program has no batch instructions and can do
	   without. */
	struct vsp_backends *(*create_backends)(const vsp_provider *const *others, uint32_t count);
	const vsp_provider *const *providers; /* for it, besides the CPU */
	const vsp_rt_model *models;
	/* vsp_aot_check_features, or null when the program needs none of its processor. */
	vsp_status (*check_features)(const char *features, vsp_error *error);
	/* vsp_aot_kernel_calls, or null where kernels have no loop forms. */
	const struct vsp_kernel_calls *kernels;
	/* The program's device code, and vsp_aot_find_unit; null when there is none. */
	const vsp_aot_unit *units;
	const char *(*find_unit)(void *user, unsigned format, uint32_t kernel, struct vsp_device_code *code);
	/* vsp_backends_check, or null when the program has no batch instructions. */
	vsp_status (*check_backend)(vsp_rt *rt, uint8_t kind, const char *none, vsp_error *error);
	/* vsp_aot_wasi, or null where the program imports nothing of WASI. */
	const struct vsp_aot_wasi_calls *wasi;
	const vsp_wasi_preopen *dirs; /* of executables, as are the variables: NAME=VALUE, or NAME to pass it on */
	const char *const *env;
	uint32_t dir_count, env_count;
	uint32_t line_count, entry_func, mode;
	uint32_t max_depth;    /* 0: none */
	uint32_t capabilities; /* of executables */
	uint32_t check_kernels;
	uint32_t emerge_model; /* the program has a model named "emerge" */
	uint32_t integer_only; /* no instruction depends on the modes for floats */
	uint32_t provider_count, model_count, code_size, unit_count;
	uint64_t max_memory; /* bytes; 0: none */
	int64_t fuel;        /* with VSP_AOT_FUEL */
} vsp_aot_program;

/*
 * The functions that exported functions call (aot/exports.c): function func is run, its params are
 * in rt->r and its results will be when this is VSP_OK. start runs it on them, given rt, and leaves
 * rt as the end of a run does.
 */
vsp_status vsp_aot_start(vsp_aot_instance *instance, uint32_t func, void (*start)(void *rt));
/* The same for functions that can neither trap, nor loop, nor touch memory, nor reach the host. */
vsp_status vsp_aot_start_short(vsp_aot_instance *instance, uint32_t func, void (*start)(void *rt));
/* The same for functions that may depend on the floating-point environment or reach the host. */
vsp_status vsp_aot_start_float(vsp_aot_instance *instance, uint32_t func, void (*start)(void *rt));
/* The same when one of the pointers a host gave is null. */
vsp_status vsp_aot_enter(vsp_aot_instance *instance, uint32_t func, const int64_t *args, int64_t *results);

/* wasi.c */
struct vsp_wasi;
typedef struct vsp_aot_wasi_calls {
	/* vsp_aot_wasi_define. */
	vsp_status (*define)(vsp_aot_instance *instance, const vsp_wasi_config *config);
	/* The same with what an executable was compiled with, and main's arguments. */
	vsp_status (*define_command)(vsp_aot_instance *instance, int argc, char **argv);
	void (*close)(struct vsp_wasi *wasi);
} vsp_aot_wasi_calls;
extern const vsp_aot_wasi_calls vsp_aot_wasi;

/* devices.c: the get of a vsp_device_source. */
const char *vsp_aot_find_unit(void *user, unsigned format, uint32_t kernel, struct vsp_device_code *code);

/* kernels.c */
extern const struct vsp_kernel_calls vsp_aot_kernel_calls;

/* features.c: VSP_OK, or VSP_E_UNSUPPORTED with the first of the features in the list that this
   processor lacks. */
vsp_status vsp_aot_check_features(const char *features, vsp_error *error);

#endif
