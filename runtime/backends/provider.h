/*
 * The providers, which execute batch instructions. The CPU is always there, does everything except
 * INFER, and is the reference for the results of the others. The instructions (batch.c) check
 * lengths and ranges, and then pass the operation to the provider that is chosen (choice.c), or to
 * the CPU when that provider declines; the reason is recorded for --stats.
 *
 * A provider is a constant table with a state of its own per instance. Between BATCH and UNBATCH it
 * may run operations asynchronously; wait then completes them in order.
 */
#ifndef VSP_RUNTIME_BACKENDS_PROVIDER_H
#define VSP_RUNTIME_BACKENDS_PROVIDER_H

#include "observer.h"
#include "runtime/state.h"

/* Kinds of batch operations that providers execute, in the order of the counts in --stats. */
enum vsp_batch_kind {
#define KIND(NAME, cpu_ns, moved) VSP_BATCH_##NAME,
#include "kinds.def"
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

enum { VSP_PROVIDERS_MAX = 8, VSP_REASON_SIZE = 160, VSP_FACT_SIZE = 128 };

/* What a provider finds on this machine, whichever the program. Texts are "" when unknown. */
typedef struct vsp_provider_facts {
	char device[VSP_FACT_SIZE];    /* its name */
	char driver[VSP_FACT_SIZE];    /* what drives it, with its version */
	uint64_t memory;               /* bytes that the device has for itself; 0: it uses the machine's */
	char missing[VSP_REASON_SIZE]; /* why it cannot work here, and what brings it; "": it can */
} vsp_provider_facts;

/* The constants of the cost model (choice.c), in nanoseconds. */
typedef struct vsp_costs {
	double launch_ns; /* to begin an operation and learn that it is done */
	double byte_ns;   /* to move a byte to the device or back; 0: it uses linear memory */
	/* The work on a state (GRADB, DESCB), byte (VMAP, VRED) or instruction of a kernel
	   (LAUNCH). */
	double work_ns[VSP_BATCH_KINDS];
} vsp_costs;

struct vsp_device_source;

typedef struct vsp_provider {
	const char *name;    /* "cpu", "opencl", "cuda", "onnxruntime" */
	uint8_t hint;        /* the hint that asks for it */
	uint32_t capability; /* VSP_CAP_* that the program needs to use it, or 0 */
	/*
	 * Looks for the device and its driver, without an instance, and fills facts, which is all
	 * zeros. Null: it needs none.
	 */
	void (*describe)(vsp_provider_facts *facts);
	/*
	 * Measures the constants of the cost model. rt is that of the program, whose memory is not
	 * to be touched; it is null when there is no program, and then state is null too. Device
	 * code is to be had from source. False: they cannot be measured. Null: programs use the
	 * provider only when they, or their user, ask for it.
	 */
	bool (*measure)(void *state, vsp_rt *rt, const struct vsp_device_source *source, vsp_costs *costs);
	/*
	 * About how long opening and measuring take. Without a hint a program does not wait for
	 * that before the CPU has spent as much on what could have gone elsewhere.
	 */
	double open_ns;
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
	bool own_model; /* emerge has a model of its own, and is asked whether the program has one or not */
	/*
	 * Makes model index of rt->models ready, for the host, which has given it. False: it cannot
	 * be run, and reason says why. Null: models are made ready when they are first used.
	 */
	bool (*load_model)(void *state, vsp_rt *rt, uint32_t index, char *reason, size_t reason_size);
	/*
	 * Did the user ask for something that the program's own models may refuse, so that they too
	 * have to be ready before it starts? Null: no.
	 */
	bool (*needs_models)(const void *state);
	/*
	 * Completes everything begun. Returns 0, or the trap of the first operation that failed.
	 * Null: nothing is ever pending.
	 */
	int (*wait)(void *state, vsp_rt *rt);
	/*
	 * The program's memory goes, after a run that a trap ended: what was begun is finished and
	 * its results are dropped. Null: as for wait.
	 */
	void (*abandon)(void *state);
	/* Makes results visible to and from devices, after wait. Null: there is nothing to do. */
	void (*fence)(void *state, vsp_rt *rt);
	/*
	 * rt->interrupt was set while an operation of this provider is in progress, which should
	 * end soon, as INTERRUPTED. Called from any thread or signal handler. Null: operations are
	 * short, or look at rt->interrupt.
	 */
	void (*interrupt)(void *state);
} vsp_provider;

/* What --stats shows of one provider. */
typedef struct vsp_provider_stats {
	uint64_t operations[VSP_BATCH_KINDS];
	uint64_t emerged;             /* EMERGEs on its model */
	char reason[VSP_REASON_SIZE]; /* the last reason not to use it, or "" */
	char placed[VSP_REASON_SIZE]; /* its own words about what ran where, or "" */
} vsp_provider_stats;

/* An operation that did not run on a provider. */
typedef struct vsp_refusal {
	uint8_t kind;   /* enum vsp_batch_kind */
	uint32_t index; /* of LAUNCH and INFER: the kernel or model; else VSP_NO_PC */
	uint64_t count;
	char reason[VSP_REASON_SIZE];
} vsp_refusal;
enum { VSP_REFUSALS_MAX = 32 };

/* The reason of a provider whose capability the program has not been granted. */
#define VSP_NOT_GRANTED "capability not granted"

enum vsp_probe_state { VSP_PROBE_NEVER, VSP_PROBE_GOOD, VSP_PROBE_BAD };
enum vsp_cost_state { VSP_COSTS_UNKNOWN, VSP_COSTS_KNOWN, VSP_COSTS_NONE };

/* A provider of an instance, with its state and what is known of it. */
typedef struct vsp_backend {
	const vsp_provider *provider;
	void *given; /* the state that probe finds */
	void *state;
	uint8_t probed;       /* enum vsp_probe_state */
	uint8_t costed;       /* enum vsp_cost_state */
	_Atomic bool running; /* an operation is in progress, for interrupt */
	vsp_costs costs;
	vsp_provider_stats stats;
	size_t placed_before;  /* the length of stats.placed that is older than the users, see forget.c */
	vsp_refusal *refusals; /* VSP_REFUSALS_MAX of them; null: none yet */
	uint32_t refusal_count;
} vsp_backend;

/* Where measured constants are kept from one process to the next. */
typedef struct vsp_costs_keeper {
	bool (*load)(void *user, const vsp_provider *provider, vsp_costs *costs);
	void (*save)(void *user, const vsp_provider *provider, const vsp_costs *costs);
	void *user;
} vsp_costs_keeper;

/* Where providers for devices get the code of kernels. */
struct vsp_device_code;
typedef struct vsp_device_source {
	/*
	 * The code of kernel function index in a format (enum vsp_device_format), for free. Null,
	 * or why there is none: a text that stays.
	 */
	const char *(*get)(void *user, unsigned format, uint32_t index, struct vsp_device_code *code);
	void (*free)(struct vsp_device_code *code); /* may be null */
	void *user;
	uint32_t serial; /* of the program: kernels of another one are forgotten */
} vsp_device_source;

/* The providers of one instance. Slot 0 is the CPU. */
typedef struct vsp_backends {
	uint32_t count;
	uint8_t asked;           /* enum vsp_hint: what the user asks for, whatever the program's hints; ANY: nothing */
	vsp_costs_keeper keeper; /* functions may be null */
	vsp_device_source source; /* get is null: there is no device code */
	double on_cpu_ns;         /* what operations without a hint have cost on the CPU so far, as the model says */
	const char *npu;          /* the NPU's execution provider and its options, see docs/backends.md, or null */
	/*
	 * Behind vsp_backends_interrupt: a pointer, so that compiled programs without batch
	 * instructions do not contain the function.
	 */
	void (*interrupt)(vsp_rt *rt);
	vsp_batch_observer observer;
	struct vsp_backend slot[VSP_PROVIDERS_MAX];
	vsp_ranges ranges;            /* of the current LAUNCH; not on the stack, because a guard fault abandons that */
	struct vsp_thread_pool *pool; /* threads for LAUNCH, which the instance owns, or null */
	void (*destroy_pool)(struct vsp_thread_pool *pool); /* a pointer for the same reason as interrupt */
	const struct vsp_vector_loops *loops;               /* for this processor; null: not chosen yet */
	uint8_t *scratch; /* room for sources that overlap the destination, kept between operations */
	size_t scratch_size;
	float *distances; /* of GRADB (vector.h), or null */
} vsp_backends;

extern const vsp_provider vsp_provider_cpu;

/*
 * Creates the CPU provider, and adds as many of the others as fit. Null: out of memory. The tables
 * must outlive the result.
 */
vsp_backends *vsp_backends_create(const vsp_provider *const *others, uint32_t count);
/*
 * Adds a provider, which is asked before those that are there. state is what its probe finds in
 * *state. False: there are too many.
 */
bool vsp_backends_add(vsp_backends *backends, const vsp_provider *provider, void *state);
/*
 * Closes all providers, for another program: they are opened again when they are needed. To be
 * called after a wait; backends may be null.
 */
void vsp_backends_close(vsp_backends *backends);
/* To be called after a wait; backends may be null. */
void vsp_backends_destroy(vsp_backends *backends);

/*
 * Runs op where the hint, capabilities and providers allow. Returns 0, or a vsp_trap with rt->trap
 * filled.
 */
int vsp_backends_run(vsp_rt *rt, const vsp_batch_op *op);
/*
 * Tells the operation in progress, if there is one, that rt->interrupt is set. From any thread or
 * signal handler. rt->backends may be null.
 */
static inline void vsp_backends_interrupt(vsp_rt *rt)
{
	if (rt->backends)
		rt->backends->interrupt(rt);
}
/* Waits for all providers. Returns 0 or the first trap. */
int vsp_backends_wait(vsp_rt *rt);
/* To be called before linear memory is replaced or released; rt->backends may be null. */
void vsp_backends_abandon(vsp_rt *rt);
void vsp_backends_fence(vsp_rt *rt);
/*
 * Runs EMERGE on the model of the first provider that has one. VSP_DECLINED: neither the module nor
 * the host has one.
 */
int vsp_backends_emerge(vsp_rt *rt, const float in[32], float out[32]);

/*
 * asked.c: opens a provider of a kind (enum vsp_hint), GPU or NPU. Not VSP_OK: there is none that
 * can be used; none says why when there is none at all.
 */
vsp_status vsp_backends_check(vsp_rt *rt, uint8_t kind, const char *none, vsp_error *error);

/*
 * asked.c: is text a choice of an execution provider as docs/backends.md writes it,
 * NAME[,KEY=VALUE]...[,strict]? False: why says which part is not. What there is, only the library
 * knows.
 */
bool vsp_npu_is_written_well(const char *text, char *why, size_t size);

/* vsp_stats_backend (vsp.h); backends may be null. */
vsp_status vsp_backends_stats(const vsp_backends *backends, uint32_t index, vsp_backend_stats *stats);

/* refusals.c: op does not run on the provider of a slot, for reason. */
void vsp_backends_note(vsp_backend *slot, const vsp_batch_op *op, const char *reason);
/* vsp_stats_refusal (vsp.h), but for the name; backends may be null. */
vsp_status vsp_backends_refusal(
        const vsp_backends *backends, uint32_t index, uint32_t number, vsp_backend_refusal *refusal);

/*
 * forget.c: the instance gets another user. What the last one did and what was learned from it is
 * forgotten; providers stay open, with their measured costs. Not while operations are in progress.
 */
void vsp_backends_forget(vsp_rt *rt);
/* The same before the first user: models that are placed by now stay so for all users. */
void vsp_backends_settle(vsp_rt *rt);

/* ---- the choice (choice.c) ---- */

/*
 * Opens the provider in a slot unless that has been tried. False: it cannot be used; the slot's
 * stats have the reason.
 */
bool vsp_backends_open(vsp_rt *rt, vsp_backend *slot);
/*
 * Fills order with the slots that are to be asked for op, best first, and returns their number. The
 * CPU is last. Measures and opens providers only if it matters.
 */
unsigned vsp_backends_choose(vsp_rt *rt, const vsp_batch_op *op, uint8_t order[VSP_PROVIDERS_MAX]);
/* A LAUNCH took so long on the CPU: what the model knows of its work becomes better. */
void vsp_backends_learn(vsp_rt *rt, const vsp_batch_op *op, uint64_t ns);

/* Returns size bytes that stay valid until the next call, or null. They count as the program's. */
uint8_t *vsp_backends_scratch(vsp_rt *rt, uint64_t size);
/* The bytes of that room and of the table of distances, which stay when another program is
   loaded. */
size_t vsp_backends_kept(const vsp_backends *backends);
/* Gives these back. Not while operations are in progress. */
void vsp_backends_release(vsp_rt *rt);

#endif
