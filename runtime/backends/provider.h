/*
 * Providers, which execute batch instructions. The CPU is always there, does everything except INFER, and is the
 * reference for the others' results. The instructions (runtime/backends/batch.c) check lengths and ranges, then hand the operation to the
 * provider chosen here by the program's hint, and to the CPU when that one declines; why is recorded for --stats.
 *
 * A provider is a constant table and, per instance, a state of its own. Operations it may run asynchronously between BATCH
 * and UNBATCH; wait then completes them in order.
 */
#ifndef VSP_RUNTIME_BACKENDS_PROVIDER_H
#define VSP_RUNTIME_BACKENDS_PROVIDER_H

#include "runtime/state.h"

/* Kinds of batch operations that can be placed: the order is that of the counts in --stats. */
enum vsp_batch_kind {
	VSP_BATCH_GRADB,
	VSP_BATCH_DESCB,
	VSP_BATCH_VMAP,
	VSP_BATCH_VRED,
	VSP_BATCH_LAUNCH,
	VSP_BATCH_INFER,
	VSP_BATCH_KINDS
};

/* Returned by an operation or by compile_kernel beside 0 and a vsp_trap: nothing was done, the CPU is to do it. */
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
	uint8_t *result;          /* VRED: where the byte goes; VRED is never asynchronous */
} vsp_batch_op;

typedef struct vsp_provider {
	const char *name;    /* "cpu", "opencl", "cuda", "onnxruntime" */
	uint8_t hint;        /* the hint that asks for it */
	uint32_t capability; /* VSP_CAP_* that the program needs to reach it, or 0 */
	/*
	 * Opens what it needs, once per instance, at the first operation that would go to it. False: it cannot work here, and reason says why and
	 * what would help. *state is its own, freed by close, which may be null.
	 */
	bool (*probe)(vsp_rt *rt, void **state, char *reason, size_t reason_size);
	void (*close)(void *state);
	/*
	 * Carries out or begins op: 0, a vsp_trap with rt->trap filled, or VSP_DECLINED with reason filled and nothing done. A null entry
	 * declines that kind.
	 */
	int (*run[VSP_BATCH_KINDS])(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size);
	/* Prepares kernel function index; called before each LAUNCH, so it remembers what it has. May be null. 0 or VSP_DECLINED. */
	int (*compile_kernel)(void *state, vsp_rt *rt, uint32_t index, char *reason, size_t reason_size);
	/*
	 * EMERGE's model: f32[32] in and out. 0, a vsp_trap, or VSP_DECLINED when there is no model named "emerge". May be null.
	 */
	int (*emerge)(void *state, vsp_rt *rt, const float in[32], float out[32]);
	/* Completes everything begun: 0, or the trap of the first operation that failed. Null: nothing ever pends. */
	int (*wait)(void *state, vsp_rt *rt);
	/* Makes results visible to and from devices, after wait. Null: nothing to do. */
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
	vsp_ranges ranges; /* of the LAUNCH being run; here and not on the stack, which a guard fault abandons */
	uint8_t *scratch;  /* room for sources that overlap the destination, kept between operations */
	size_t scratch_size;
} vsp_backends;

extern const vsp_provider vsp_provider_cpu;

/* The CPU and as many of the others as fit. Null: out of memory. The tables must outlive it. */
vsp_backends *vsp_backends_create(const vsp_provider *const *others, uint32_t count);
/* After a wait. Null is allowed. */
void vsp_backends_destroy(vsp_backends *backends);

/* Runs op where hint, capabilities and providers allow; 0 or a vsp_trap with rt->trap filled. */
int vsp_backends_run(vsp_rt *rt, const vsp_batch_op *op);
/* Waits for all providers; 0 or the first trap. */
int vsp_backends_wait(vsp_rt *rt);
void vsp_backends_fence(vsp_rt *rt);
/* EMERGE by the model of whichever provider has one. VSP_DECLINED: neither the module nor the host has one. */
int vsp_backends_emerge(vsp_rt *rt, const float in[32], float out[32]);

/* size bytes that stay valid until the next call, or null. They count as the program's. */
uint8_t *vsp_backends_scratch(vsp_rt *rt, uint64_t size);

#endif
