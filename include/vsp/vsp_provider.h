/*
 * vsp_provider.h - back ends that a host supplies: a table of functions that run batch instructions
 * of one instance (docs/backends.md). C11 and C++11. VSP checks lengths and ranges, chooses, waits
 * and falls back to its own CPU back end; the table's functions only do the work.
 *
 *     vsp_provider_table table = VSP_PROVIDER_TABLE_INIT;
 *     table.name = "dsp";
 *     table.kind = VSP_BACKEND_GPU;
 *     table.operations = 1u << VSP_OPERATION_VMAP;
 *     table.run = my_run;
 *     vsp_add_provider(instance, &table, &error);
 */
#ifndef VSP_VSP_PROVIDER_H
#define VSP_VSP_PROVIDER_H

#include "vsp.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The version of this table. A library takes tables of its own and of all earlier versions. Version
 * 2 adds LAUNCH.
 */
#define VSP_PROVIDER_VERSION 2u

/* Results of run, emerge and wait. */
enum vsp_provider_result {
	VSP_PROVIDER_DONE = 0,
	VSP_PROVIDER_DECLINED = -1, /* nothing was done, and the CPU must do it; INFER then traps BACKEND */
	VSP_PROVIDER_FAILED = -2    /* the program traps BACKEND, with the reason */
};

/*
 * A range that a kernel declares in its argument block: it touches nothing else, and a back end
 * with memory of its own copies just these. in: it reads bytes; out: it writes bytes, all of them
 * if the range is not in too.
 */
enum { VSP_PROVIDER_IN = 1, VSP_PROVIDER_OUT = 2 };
typedef struct vsp_provider_range {
	uint32_t address, length, flags;
} vsp_provider_range;

/* One operation. Addresses are linear; their ranges lie within memory, but for INFER's. */
typedef struct vsp_provider_op {
	uint32_t size;
	uint32_t operation;           /* enum vsp_backend_operation: any but EMERGE */
	uint32_t selector;            /* k of VMAP and VRED, see docs/isa.md */
	float rate;                   /* DESCB */
	uint8_t *memory;              /* linear address 0; the first 64 KiB must not be touched */
	uint64_t memory_size;         /* bytes */
	uint32_t destination, source; /* GRADB c, a. DESCB a, c. VMAP a, b. VRED -, b. INFER c, b */
	uint64_t count;               /* states, bytes, iterations, or the batch */
	uint8_t *result;              /* VRED: where its byte goes, before run returns */
	/*
	 * INFER: the model's index, and its name and bytes, which live as long as the state; null
	 * when the program has none of that index. The provider checks that inputs and outputs lie
	 * within [65536, memory_size).
	 */
	uint32_t model;
	uint32_t asynchronous; /* not 0: run may return before the work is done, and wait completes it */
	const char *model_name;
	const void *model_bytes;
	uint64_t model_size;
	/*
	 * LAUNCH, from version 2 on: the kernel's index and name ("" if it has none), R1 of every
	 * iteration, whose low 32 bits are the address of the argument block, and the ranges that
	 * the block lists; the last one is the block itself. The list is valid until run returns.
	 */
	const char *kernel_name;
	const vsp_provider_range *ranges;
	uint32_t range_count, kernel;
	uint64_t argument;
	vsp_instance *instance; /* for vsp_provider_code */
} vsp_provider_op;

/*
 * Code of a kernel for a device. Its entry point has eight parameters, pointers to the device's
 * memory and 64-bit integers: the mirror of linear memory, at the same offsets; the mirror's bytes;
 * the iteration of the first work item; the number of iterations; op->argument; the loop iterations
 * that a work item may spend; a 64-bit word, 0 before the first work item; and a number, for the
 * word alone. A work item that traps writes the word: its kind (enum vsp_trap) in the lowest byte,
 * then 32 bits, the work item, then the number. Results are then to be dropped, and the operation
 * declined: the CPU finds the trap's place.
 */
enum vsp_provider_format { VSP_PROVIDER_SPIRV, VSP_PROVIDER_PTX };
/* What the code needs the device to compute exactly: doubles, floats, with subnormals and correct
   division. */
enum { VSP_PROVIDER_NEEDS_F64 = 1, VSP_PROVIDER_NEEDS_F32 = 2 };
typedef struct vsp_provider_kernel {
	uint32_t size;
	uint32_t needs; /* VSP_PROVIDER_NEEDS_* */
	uint8_t *code;  /* SPIR-V, or PTX's text with a 0 behind it; to be freed with vsp_provider_code_free */
	uint64_t code_size;
	char entry[32];
} vsp_provider_kernel;
#define VSP_PROVIDER_KERNEL_INIT {sizeof(vsp_provider_kernel), 0, NULL, 0, ""}
/*
 * The code of a LAUNCH's kernel, from the compiler for devices (libvsp-gpu) or the code cache;
 * within run alone, on any thread. VSP_E_ARGUMENT: outside run, op is no LAUNCH, or its kernel is
 * none of the program's; VSP_E_UNSUPPORTED: there is none, and error says why.
 */
VSP_API vsp_status vsp_provider_code(
        const vsp_provider_op *op, enum vsp_provider_format format, vsp_provider_kernel *kernel, vsp_error *error);
/* Frees the code; kernel may be null or hold none. */
VSP_API void vsp_provider_code_free(vsp_provider_kernel *kernel);

/*
 * A back end. Functions get the state that open has made, are called on the thread that runs the
 * instance, in the host's floating-point modes, and must return. A reason is a sentence without a
 * newline, for --stats and messages; 0-terminated. Without one it is said that none was given.
 */
enum { VSP_PROVIDER_NAME_MAX = 63 }; /* bytes of a name, without the 0 */
typedef struct vsp_provider_table {
	uint32_t size;
	uint32_t version;    /* VSP_PROVIDER_VERSION */
	const char *name;    /* copied: 1 to VSP_PROVIDER_NAME_MAX printable ASCII characters */
	uint32_t kind;       /* VSP_BACKEND_GPU or VSP_BACKEND_NPU: the hint, and --backend, that ask for it */
	uint32_t capability; /* VSP_CAP_* that the program needs, all of them, or 0 */
	uint32_t operations; /* what run does: 1 << enum vsp_backend_operation; all but EMERGE */
	uint32_t reserved;   /* 0 */
	void *user;
	/*
	 * Opens the device when an operation first asks for it. Not 0: it cannot be used. May be
	 * null: the state is then user.
	 */
	int (*open)(void *user, void **state, char *reason, size_t reason_size);
	void (*close)(void *state); /* may be null */
	/* Executes, or begins, one operation. */
	int (*run)(void *state, const vsp_provider_op *op, char *reason, size_t reason_size);
	/*
	 * EMERGE on a model of its own: rho0..rho15, theta0..theta15 in and out. It is asked
	 * before a model of the program named emerge, whatever else the table runs. May be null.
	 */
	int (*emerge)(void *state, const float in[32], float out[32], char *reason, size_t reason_size);
	/* Completes everything begun. May be null: nothing is ever pending. */
	int (*wait)(void *state, char *reason, size_t reason_size);
	/*
	 * The run is interrupted while run or emerge is in progress: it should return soon. From
	 * any thread or signal handler. May be null.
	 */
	void (*interrupt)(void *state);
	/*
	 * The constants of the choice without hints, in nanoseconds: to begin an operation, to move
	 * a byte, and for an item of each operation; finite and not negative. launch_ns 0: only
	 * used when asked for.
	 */
	double launch_ns, byte_ns, work_ns[VSP_OPERATIONS];
} vsp_provider_table;
#define VSP_PROVIDER_TABLE_INIT \
	{sizeof(vsp_provider_table), VSP_PROVIDER_VERSION, NULL, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
	        0, 0, {0}}

/*
 * Adds a back end (copied) to an instance, before the first run; it is asked before those that are
 * there. VSP_E_ARGUMENT: the table lacks something or has what is not allowed above, the instance
 * has a back end of this name (those of vsp_backend_name count), or too many;
 * VSP_E_UNSUPPORTED: its version is newer than the library; VSP_E_MEMORY.
 */
VSP_API vsp_status vsp_add_provider(vsp_instance *instance, const vsp_provider_table *table, vsp_error *error);

#ifdef __cplusplus
}
#endif
#endif
