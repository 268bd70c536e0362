/*
 * The providers, which execute batch instructions. The CPU is always there, does everything except
 * INFER, and is the reference for the results of the others. The instructions (batch.c) check
 * lengths and ranges, and then pass the operation to the provider that the program's hint selects,
 * or to the CPU when that provider declines; the reason is recorded for --stats.
 *
 * A provider is a constant table with a state of its own per instance. Between BATCH and UNBATCH it
 * may run operations asynchronously; wait then completes them in order.
 */
#ifndef VSP_RUNTIME_BACKENDS_PROVIDER_H
#define VSP_RUNTIME_BACKENDS_PROVIDER_H

#include "runtime/state.h"

/* Kinds of batch operations that providers execute, in the order of the counts in --stats. */
enum vsp_batch_kind {
	VSP_BATCH_GRADB,
	VSP_BATCH_DESCB,
	VSP_BATCH_VMAP,
	VSP_BATCH_VRED,
	VSP_BATCH_LAUNCH,
	VSP_BATCH_INFER,
	VSP_BATCH_KINDS
};

/*
 * Besides 0 and a vsp_trap, an operation or compile_kernel may return this: nothing was done, and
 * the CPU must do it.
 */
enum { VSP_DECLINED = -1 };

/* One operation with its ranges already checked; addresses are linear. */
typedef struct vsp_batch_op {
	uint8_t kind;             /* enum vsp_batch_kind */
	uint8_t sel;              /* selector of VMAP and VRED */
	float rate;               /* DESCB */
	uint32_t dst, src;        /* GRADB c, a. DESCB a, c. VMAP a, b. VRED -, b. INFER c, b */
	uint64_t count;           /* states, bytes, iterations, batch */
	uint32_t index;           /* function of LAUNCH, model of INFER */
	uint64_t argument;        /* R1 of LAUNCH: its low 32 bits are the block's address */
	const vsp_ranges *ranges; /* LAUNCH: the block's list */
	uint8_t *result;          /* VRED: the address of the result byte; VRED is never asynchronous */
} vsp_batch_op;

typedef struct vsp_provider {
	const char *name;    /* "cpu", "opencl", "cuda", "onnxruntime" */
	uint8_t hint;        /* the hint that asks for it */
	uint32_t capability; /* VSP_CAP_* that the program needs to use it, or 0 */
	/*
	 * Opens the provider, once per instance, at the first operation that would go to it. False:
	 * it cannot work here, and reason says why and what would help. *state belongs to the
	 * provider and is freed by close, which may be null.
	 */
	bool (*probe)(vsp_rt *rt, void **state, char *reason, size_t reason_size);
	void (*close)(void *state);
	/*
	 * Executes or begins op. Returns 0, a vsp_trap with rt->trap filled, or VSP_DECLINED with
	 * reason filled and nothing done. A null entry declines that kind.
	 */
	int (*run[VSP_BATCH_KINDS])(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size);
	/*
	 * Prepares kernel function index. It is called before each LAUNCH, so it must remember what
	 * it has prepared. May be null. Returns 0 or VSP_DECLINED.
	 */
	int (*compile_kernel)(void *state, vsp_rt *rt, uint32_t index, char *reason, size_t reason_size);
	/*
	 * EMERGE's model: f32[32] in and out. Returns 0, a vsp_trap, or VSP_DECLINED when there is
	 * no model named "emerge". May be null.
	 */
	int (*emerge)(void *state, vsp_rt *rt, const float in[32], float out[32]);
	/*
	 * Completes everything begun. Returns 0, or the trap of the first operation that failed.
	 * Null: nothing is ever pending.
	 */
	int (*wait)(void *state, vsp_rt *rt);
	/* Makes results visible to and from devices, after wait. Null: there is nothing to do. */
	void (*fence)(void *state, vsp_rt *rt);
} vsp_provider;

enum { VSP_PROVIDERS_MAX = 4, VSP_REASON_SIZE = 160 };

/* What --stats shows of one provider. */
typedef struct vsp_provider_stats {
	uint64_t operations[VSP_BATCH_KINDS];
	char reason[VSP_REASON_SIZE]; /* the last reason not to use it, or "" */
} vsp_provider_stats;

enum vsp_probe_state { VSP_PROBE_NEVER, VSP_PROBE_GOOD, VSP_PROBE_BAD };

/* The providers of one instance. Slot 0 is the CPU. */
typedef struct vsp_backends {
	uint32_t count;
	struct vsp_backend {
		const vsp_provider *provider;
		void *state;
		uint8_t probed; /* enum vsp_probe_state */
		vsp_provider_stats stats;
	} slot[VSP_PROVIDERS_MAX];
	vsp_ranges ranges; /* of the current LAUNCH; not on the stack, because a guard fault abandons that */
	uint8_t *scratch;  /* room for sources that overlap the destination, kept between operations */
	size_t scratch_size;
} vsp_backends;

extern const vsp_provider vsp_provider_cpu;

/*
 * Creates the CPU provider, and adds as many of the others as fit. Null: out of memory. The tables
 * must outlive the result.
 */
vsp_backends *vsp_backends_create(const vsp_provider *const *others, uint32_t count);
/* To be called after a wait; backends may be null. */
void vsp_backends_destroy(vsp_backends *backends);

/*
 * Runs op where the hint, capabilities and providers allow. Returns 0, or a vsp_trap with rt->trap
 * filled.
 */
int vsp_backends_run(vsp_rt *rt, const vsp_batch_op *op);
/* Waits for all providers. Returns 0 or the first trap. */
int vsp_backends_wait(vsp_rt *rt);
void vsp_backends_fence(vsp_rt *rt);
/*
 * Runs EMERGE on the model of the first provider that has one. VSP_DECLINED: neither the module nor
 * the host has one.
 */
int vsp_backends_emerge(vsp_rt *rt, const float in[32], float out[32]);

/* Returns size bytes that stay valid until the next call, or null. They count as the program's. */
uint8_t *vsp_backends_scratch(vsp_rt *rt, uint64_t size);

#endif
