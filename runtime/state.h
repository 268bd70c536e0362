/*
 * The run-time state of an instance, which every tier, AOT code and the helpers share. Compiled
 * code accesses it by constant offsets, so the layout is an ABI: the fields that compiled code uses
 * come first, and are listed in state.def.
 *
 * Registers, flags and the local return stack belong to an activation, not to the instance; a tier
 * keeps them where it likes. When a run ends, the tier stores those of the activation that ended it
 * in r and flags here ("the state shown").
 */
#ifndef VSP_RUNTIME_STATE_H
#define VSP_RUNTIME_STATE_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vsp/vsp_aot.h>

#include "account.h"
#include "runtime/base/machine.h"
#include "runtime/platform/machine_stack.h"

enum vsp_hint { VSP_HINT_ANY, VSP_HINT_CPU, VSP_HINT_GPU, VSP_HINT_NPU, VSP_HINT_FPGA, VSP_HINT_DSP };

/* Function kinds, as in section FUNC. */
enum vsp_kind { VSP_KIND_FUNCTION, VSP_KIND_TRANSFORM, VSP_KIND_KERNEL };

/* The ways in which a run ended. */
enum vsp_end { VSP_END_NONE, VSP_END_RETURNED, VSP_END_HALTED, VSP_END_EXITED, VSP_END_TRAPPED };

/*
 * What is exact after a trap: everything in tier 0, memory in precise compiled code, nothing in
 * other compiled code.
 */
enum { VSP_KNOWN_MEMORY = 1, VSP_KNOWN_STATE = 2 };

typedef struct vsp_rt vsp_rt;

/*
 * What the runtime must know about each function: for INVOKEI, PIPE, LAUNCH and calls between
 * tiers.
 */
typedef struct vsp_rt_func {
#define FUNC(kind, type, name) type name;
#include "state.def"
} vsp_rt_func;

/* Linear memory of one instance; base is the address of linear address 0. See runtime/memory.h. */
typedef struct vsp_linear_memory {
	uint8_t *base;
	uint64_t size;      /* bytes, a multiple of VSP_PAGE */
	uint32_t max_pages; /* from the module and the host's limit, whichever is smaller */
	bool guarded;       /* guard pages on both sides: base never moves and accesses need no checks */
	bool reused;        /* guarded memory that has been reset: its first pages stay mapped */
	bool imaged;        /* an image (image.h) is mapped in its pages, and is what a discarded page shows */
	void *reservation;  /* what must be released; null when empty */
	uint64_t reserved;  /* bytes of it */
} vsp_linear_memory;

/*
 * The place of an activation. pc is VSP_NO_PC if it is unknown. func is the index of a function, or
 * VSP_NO_PC while the place is missing.
 */
typedef struct vsp_trap_frame {
	uint32_t pc, func;
} vsp_trap_frame;
enum { VSP_TRAP_FRAMES = 16 };
/* Why a run stopped, and where. Written by runtime/trap.c; message is additional text or "". */
typedef struct vsp_trap_info {
	uint32_t kind; /* vsp_trap */
	uint32_t code; /* of EXPLICIT */
	char message[256];
	uint32_t frame_count;
	/* The trap's own place, followed by the calls around it, the innermost first. */
	vsp_trap_frame frames[VSP_TRAP_FRAMES];
} vsp_trap_info;

/*
 * The ranges that kernels may access, from the list in LAUNCH's argument block (isa.md, section 5).
 * Ranges lie in memory; the last one, which is readable, is the block itself.
 */
enum { VSP_MAX_RANGES = 64, VSP_RANGE_IN = 1, VSP_RANGE_OUT = 2 };
typedef struct vsp_range {
	uint32_t address, length, flags; /* flags: VSP_RANGE_* */
} vsp_range;
typedef struct vsp_ranges {
	uint32_t count;
	vsp_range list[VSP_MAX_RANGES + 1];
} vsp_ranges;

/*
 * Counters of what a program does (ir/profile.h). One thread counts and others read, so plain
 * additions of atomics are enough. An INVOKEI has the number of calls, and then pairs of a callee's
 * index + 1 and its calls, for the first few callees.
 */
typedef _Atomic uint64_t vsp_count;
enum { VSP_TALLY_CALLEES = 4, VSP_TALLY_WORDS = 1 + 2 * VSP_TALLY_CALLEES };

static inline void vsp_count_add(vsp_count *count)
{
	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1, memory_order_relaxed);
}

struct vsp_payloads;     /* runtime/payloads.h */
struct vsp_backends;     /* runtime/backends/provider.h */
struct vsp_kernel_calls; /* runtime/backends/launch.h */

/* An ONNX model. */
typedef struct vsp_rt_model {
	const char *name;
	const uint8_t *data;
	uint64_t size;
} vsp_rt_model;

struct vsp_rt {
	/* Compiled code accesses these by offset. */
#define STATE(kind, type, name) type name;
#define STATE_ARRAY(kind, type, name, count) type name[count];
#include "state.def"

	/* Only C code knows these. */
	vsp_linear_memory memory;
	vsp_trap_info trap;
	uint32_t exit_code; /* for VSP_END_EXITED: 0..255 */
	uint8_t end_known;  /* for a trap: VSP_KNOWN_* */
	bool depth_exact;   /* a maximum was set: every tier must trap exactly there */
	bool fuel_on;
	bool deterministic;       /* canonical NaNs; batches run at once */
	bool check_kernels;       /* LAUNCH runs kernels with ranges set */
	const vsp_ranges *ranges; /* not null: every load and store also calls vsp_rt_check_kernel */
	uint32_t lent;    /* callbacks in progress that hold a pointer into linear memory, which must not move */
	uint64_t host_fp; /* the host's floating-point environment, from vsp_plat_fp_enter */
	/* No instruction computes with floats: their modes are not read again after callbacks. */
	bool integer_only;
	/*
	 * While program code is running, for callbacks: host_fp holds other modes than the
	 * program's, which they get back; and the modes are read when they return.
	 */
	bool host_odd, host_asked;
	vsp_machine_stack stack;      /* the stack on which the run is */
	bool no_signals;              /* the program needs no signals: explicit checks, and loops poll interrupt */
	unsigned signals;             /* those that the thread blocks outside, from vsp_plat_signals_open */
	uint64_t signals_open_on;     /* a thread that was found to block none: not checked again */
	vsp_account account;          /* memory allocated for the program beside its linear memory */
	uint32_t capabilities;        /* VSP_CAP_* */
	vsp_host host;                /* copied from the caller's; missing fields are null */
	const vsp_import_fn *imports; /* one per import of the module, all defined */
	void *const *import_users;
	const struct vsp_rt_import_sig {
		uint8_t params, results;
	} *import_sigs;
	uint32_t import_count;
	uint32_t code_size;                  /* bytes of the program's code, which is where its last function ends */
	const struct vsp_payloads *payloads; /* of which globals and elements were made */
	const vsp_rt_model *models;          /* INFER's, by index, and EMERGE's */
	uint32_t model_count;
	bool emerge_model; /* one is named "emerge": EMERGE uses it or traps */
	/*
	 * Providers of this instance, or null while it needs none. Set once; other threads may
	 * interrupt meanwhile.
	 */
	struct vsp_backends *_Atomic backends;
	/*
	 * Runs function f (a valid index) on regs (parameters in, results out) in the calling tier.
	 * Returns 0, a vsp_trap, or VSP_RT_EXIT when the run ended there. For PIPE, LAUNCH, and
	 * compiled code that calls functions without code.
	 */
	int (*run_function)(vsp_rt *rt, uint32_t func, uint64_t regs[16]);
	/* LAUNCH in compiled code; null: run_function runs kernels, one iteration after the
	   other. */
	const struct vsp_kernel_calls *kernels;
	uint32_t threads; /* the most that run a LAUNCH; 0: not decided yet */
	/*
	 * A counter of tier 1 code has passed its threshold at the block at pc. Returns the code in
	 * which to continue, or null.
	 */
	const void *(*hot)(vsp_rt *rt, uint32_t func, uint32_t pc, uint32_t counter);
	struct vsp_manager *manager; /* the tier manager; null in AOT code */
	struct vsp_exec *exec;       /* tier 0's part of the instance, null in AOT code */
};

static_assert(offsetof(vsp_rt, caller) == 0, "compiled code loads the memory base from offset 0");
static_assert(sizeof(enum vsp_kind) <= sizeof(int), "kinds are small");

/* The n active layers of a mode. */
static inline unsigned vsp_mode_layers(unsigned mode) { return 1u << mode; }

/* Little-endian access to linear memory on any host. p need not be aligned. */
static inline uint64_t vsp_read_le(const uint8_t *p, unsigned bytes)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static inline void vsp_write_le(uint8_t *p, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

#endif
