/*
 * One compilation ahead of time, shared by the files of this layer: options in, an LLVM module that
 * grows from the program to program and runtime, bytes out. Errors go into job->error, the first
 * one stays. Text is in job->arena.
 */
#ifndef VSP_AOT_JOB_H
#define VSP_AOT_JOB_H

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

#include "aot/runtime/program.h"
#include "ir/lower/kernel.h"
#include "ir/lower/lower.h"
#include "runtime/backends/device_code.h"
#include "triple.h"

/* The kind of output, by the suffix of its name. */
typedef enum aot_kind {
#define KIND(NAME, ...) AOT_##NAME,
#include "kinds.def"
	AOT_KINDS
} aot_kind;

/* --gpu: does the output carry device code? AUTO: where the program asks for a GPU. */
enum aot_gpu { AOT_GPU_AUTO, AOT_GPU_ON, AOT_GPU_OFF };

typedef struct aot_options {
	aot_kind kind;
	unsigned level;     /* 0..3 */
	const char *target; /* null: this machine's */
	const char *cpu, *attributes, *prefix, *profile, *scratch;
	bool windows_name; /* the output is called .dll or .exe */
	bool runtime;      /* the output has the runtime */
	bool explicit_bounds, guard_pages, mask, no_signals, precise, deterministic, check_kernels, fuel_on, status,
	        verbose;
	enum aot_gpu gpu;
	int64_t fuel;
	uint64_t max_memory;
	uint32_t max_depth, capabilities, denied;
	const vsp_wasi_preopen *dirs; /* for programs that import WASI, in the arena */
	const char **env;
	uint32_t dir_count, env_count;
} aot_options;

/* Device code for the program to carry. */
typedef struct aot_unit {
	uint32_t kernel, format; /* a function or an item; enum vsp_device_format */
	vsp_device_code code;    /* empty: why says why */
	const char *why;
} aot_unit;

typedef struct aot_job {
	const vsp_module_data *data;
	uint64_t hash; /* of the program's file */
	const char *path;
	const char *scratch; /* the folder of temporary files; null: none was needed yet */
	aot_options options;
	vsp_arena arena;
	vsp_error *error;            /* never null */
	bool native;                 /* for this machine's operating system and processor */
	char *triple;                /* LLVM's; all below are null until made */
	aot_triple known;            /* properties derived from it */
	const char *features;        /* the descriptor's */
	struct vsp_profile *profile; /* counts of an earlier run, or null */
	const uint8_t *object; /* the runtime, to be linked with the program by a linker; null: it is in the module */
	size_t object_size;
	const uint8_t *table; /* of places, as an object in the arena that is linked with both; null: in the module */
	size_t table_size;
	LLVMContextRef context;
	LLVMTargetMachineRef machine;
	LLVMTargetDataRef layout;
	LLVMModuleRef module;
	struct aot_floats *floats; /* floats.c's, in the arena */
	aot_unit *units;           /* in the arena */
	uint32_t unit_count;
	vsp_lower_outcome outcome; /* of lowering: the functions too large to be optimised */
	uint64_t frame; /* bytes of the largest frame generated so far, when it is above VSP_FRAME_TOLD; else 0 */
} aot_job;

/* aot/job_thread.c: calls run(user), on another thread, and waits. When LLVM would end the
   process job->error says so, and everything that the job owns is leaked. */
void aot_run_guarded(aot_job *job, void (*run)(void *user), void *user);
/* options.c: fills job->options from the words of a command line; the kind from job->path. */
vsp_status aot_parse_options(aot_job *job, const char *const *words, size_t count);
/* profile.c: reads the file of --profile-use into job->profile, when one is given. */
vsp_status aot_read_profile(aot_job *job);
/* names.c: may every exported function stand under its own name in C? */
vsp_status aot_check_names(aot_job *job);
/* The symbol of a documented global or an exported function: with the prefix, in the arena; null:
   out of memory. */
const char *aot_symbol(aot_job *job, const char *name);
/* Is this an exported function with a symbol of its own? All are but an entry called main. */
bool aot_has_symbol(const aot_job *job, uint32_t func);
/* names.c: notes the first exported function that hosts of a translated module can call by its name
   only, because that is none of C. */
void aot_note_names(aot_job *job);
/* header.c: the text of the matching header, in the arena; null: out of memory. */
char *aot_header(aot_job *job, size_t *size);
/*
 * kernels.c: device code of all kernels that devices can run, to be freed with vsp_gpu_drop. A note
 * tells which have been left out; if none is left it is an error.
 */
vsp_status aot_compile_kernels(aot_job *job, enum vsp_device_format format, vsp_device_code *code);
/* devices.c: fills job->units, once the machine is known, if the program is to carry device
   code. */
vsp_status aot_make_units(aot_job *job);
void aot_free_units(aot_job *job);
/* target.c: triple, machine and layout. */
vsp_status aot_make_machine(aot_job *job);
/* target.c: from here on as at -O0: the program has code that LLVM's passes must not process. */
vsp_status aot_leave_plain(aot_job *job);
/* aot/known_targets.c: are the processor and the features known for job->triple? */
vsp_status aot_check_machine(aot_job *job);
/* aot/known_targets.c: the names of the target's features, words with spaces around; "" when
   unknown. */
const char *aot_known_features(const aot_job *job);
/* features.c: is --mattr free of features for which LLVM would end the process? */
vsp_status aot_check_possible(aot_job *job);
/* features.c: job->features, when there are --mcpu or --mattr; plain is the target's machine
   without. VSP_E_UNSUPPORTED when the program could not check them. */
vsp_status aot_find_features(aot_job *job, LLVMTargetMachineRef plain);
/* program.c: the program and its descriptor as job->module. */
vsp_status aot_lower_program(aot_job *job);
/* chains.c: calls cut for the functions that are not to be inlined, in chains of functions called
   from one place each. */
vsp_status aot_cut_chains(aot_job *job, void (*cut)(aot_job *job, uint32_t func));
/* exports.c: the exported functions under their own names. */
vsp_status aot_emit_exports(aot_job *job);
/* floats.c: may fn, or a function it calls, depend on the floating-point environment? Called once
   the program has been lowered. */
bool aot_uses_floats(aot_job *job, LLVMValueRef fn);
/* wasi.c: the words --dir and --env. */
vsp_status aot_add_dir(aot_job *job, const char *value);
vsp_status aot_add_env(aot_job *job, const char *value);
/* wasi.c: does the program import functions of WASI? */
bool aot_uses_wasi(const aot_job *job);
/* wasi.c: can the output define the program's imports, and give it what was granted? */
vsp_status aot_check_wasi(aot_job *job);
/* options.c: has the function a loop form? With a limit on fuel, and to be checked, the iterations
   of kernels run one after the other. */
bool aot_has_loop(const aot_job *job, uint32_t func);
/* descriptor.c: the descriptor; entries and loops have the C-callable forms of each function, or
   null. */
void aot_emit_descriptor(
        aot_job *job, const LLVMValueRef *entries, const LLVMValueRef *loops, const LLVMValueRef *natives);
/* descriptor.c: puts the table of places of machine code where the descriptor refers to it; map
   has the calls that were inlined. */
struct vsp_place;
struct vsp_code_map;
void aot_emit_places(aot_job *job, LLVMValueRef code, const struct vsp_place *places, uint32_t count,
        const struct vsp_code_map *map);
/* runtime_link.c: adds the runtime to job->module and hides everything that is not documented. */
vsp_status aot_link_runtime(aot_job *job);
/* job.c: will a linker join the program with the runtime, which is an object then? */
bool aot_is_joined(const aot_job *job);
/* runtime_make.c: the runtime as an object for such targets, in the arena; null with the error
   set. */
const uint8_t *aot_make_runtime_object(aot_job *job, size_t *size);
/* runtime_make.c: the runtime for targets other than this machine; null with the error set. */
LLVMModuleRef aot_make_runtime(aot_job *job);
/* emit.c: optimises the program as the level asks, with the pure functions of the runtime
   inlined; and any passes by LLVM's names. */
vsp_status aot_optimise(aot_job *job);
vsp_status aot_run_passes(aot_job *job, const char *passes);
/* emit.c: adds the table of places, when the program's code is final and the runtime not yet
   there; but aot_emit makes it where a linker joins both. */
vsp_status aot_add_places(aot_job *job);
/* emit.c: machine code or assembly of job->module, which is consumed, and job->table; the buffer is
   the caller's. */
vsp_status aot_emit(aot_job *job, LLVMCodeGenFileType type, LLVMMemoryBufferRef *out);
/* archive.c: a static library of one object, in the arena; null: out of memory. */
uint8_t *aot_archive(aot_job *job, const void *object, size_t size, size_t *archive_size);
/*
 * scratch.c: the folder of temporary files, made at the first call, and a name in it, in the arena;
 * null with the error set.
 */
const char *aot_scratch(aot_job *job);
const char *aot_scratch_file(aot_job *job, const char *name);
void aot_remove_scratch(aot_job *job);
/* link.c: makes job->path, a shared object or an executable, from an object. */
vsp_status aot_link(aot_job *job, const void *object, size_t size);

/* A finished module shows only the names of vsp_aot.h and of the exported functions: calls fn for
   each, in its form before the prefix. */
void aot_each_public(aot_job *job, void (*fn)(aot_job *job, const char *name, void *user), void *user);

vsp_status aot_fail_memory(aot_job *job);
/* snprintf into the arena; null: out of memory. */
char *aot_format(aot_job *job, const char *format, ...)
#if defined(__GNUC__)
        __attribute__((format(printf, 2, 3)))
#endif
        ;

#endif
