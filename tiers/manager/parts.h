/*
 * The state of the tier manager, which its files share, and the rules for who may touch which part;
 * see manager.h. The instance's thread asks for units and enters code (manager.c, run.c). The
 * compile thread takes jobs from the queue under the lock (queue.c) and compiles them outside it
 * (compile.c). The compile thread writes the code, reasons and sizes of a unit before it publishes
 * the unit's code with release order, or before it sets failed; other threads read them only
 * afterwards.
 */
#ifndef VSP_TIERS_MANAGER_PARTS_H
#define VSP_TIERS_MANAGER_PARTS_H

#include "tiers/cache/cache.h"
#include "ir/profile.h"
#include "tiers/jit.h"
#include "manager.h"
#include "tiers/observe/pass_times.h"
#include "tiers/observe/registry.h"
#include "runtime/platform/guarded.h"
#include "runtime/platform/platform.h"
#include "runtime/platform/stop_slot.h"

enum {
#define KNOB(name, value, text) KNOB_##name = (value),
#include "tiers/knobs.def"
	TIERS = 3,
	MAX_INLINED = 32
};

typedef struct vsp_manager_unit {
	struct vsp_manager_unit *next; /* of the same function */
	uint32_t func, pc;
	_Atomic(const void *) code[TIERS];
	_Atomic(const char *) failed[TIERS];    /* why this tier is not available */
	bool requested[TIERS], traced[TIERS];   /* the instance's thread: asked for; its first use is in the trace */
	bool looked_up[TIERS], reached;         /* the same: looked up in the cache; reached while there is a cache */
	_Atomic uint32_t asked;                 /* how often it has asked since its function last rose; */
	_Atomic uint32_t settled;               /* the function's count of rises then; see vsp_manager_asked */
	_Atomic uint32_t last_asked;            /* the value of the manager's asks when it last asked */
	struct vsp_manager_job *waiting[TIERS]; /* its job in the queue; under the queue's lock */
	uint64_t launched;                      /* of a kernel's loop: the cost of all LAUNCHes so far, see kernels.c */
	vsp_jit_unit built[TIERS];
	struct vsp_shown {
		char *image; /* for gdb, or null */
		vsp_gdb_entry *gdb;
	} shown[TIERS]; /* owned by the compile thread */
} vsp_manager_unit;

/* What the manager knows about all units of a function together. */
typedef struct vsp_manager_func {
	vsp_manager_unit *units;       /* the newest first */
	vsp_manager_unit *loop[TIERS]; /* the loop that was requested last */
	_Atomic int tier;              /* the highest tier at which some unit has code */
	_Atomic uint32_t settled;      /* how often it has risen to a higher tier */
	/* The instance's thread: ir/short.h was asked and says so; has_floats: of short ones. */
	bool judged, is_short, has_floats;
} vsp_manager_func;

typedef struct vsp_manager_job {
	struct vsp_manager_job *next, **link; /* the next job; the pointer that points to this job */
	vsp_manager_unit *unit;
	int tier;
} vsp_manager_job;

/* Calls of the host that begin at once, and what they are entered with. */
typedef struct vsp_host_calls {
	vsp_host_call table[VSP_HOST_CALLS];
	vsp_plat_region region;
	struct vsp_entry_call { /* of the call that is in progress; there is no more than one */
		vsp_rt *rt;
		vsp_entry_fn code;
		uint64_t *regs;
		uint32_t flags, base;
		uint32_t end_pc;
	} entry;
} vsp_host_calls;

struct vsp_manager {
	vsp_compiler compiler; /* first member: tier 0 holds a pointer to it */
	vsp_rt *rt;
	const vsp_module_data *module;
	vsp_manager_options options;
	vsp_manager_func *funcs;  /* per function */
	vsp_manager_unit **table; /* hash table of all units by function and pc; null until there is a unit */
	uint32_t table_capacity, unit_count;
	struct vsp_host_calls *host_calls; /* null until the host's second call */
	int ran;                           /* the highest tier that ran */
	vsp_stop_slot stopper;
	vsp_guarded call_stack; /* the call stack of rt, once there is one */
	/*
	 * Tier auto weighs what compiling costs the program: see worth.c. began: the time of the
	 * first request, or 0. spent: by the compile thread, which owns it.
	 */
	bool weighs;
	_Atomic uint64_t began;
	uint64_t spent;

	_Atomic uint32_t asks; /* by all units */
	uint32_t forks;        /* the forks that lie behind the process in which the compile thread runs */

	/* Protected by the lock. */
	vsp_plat_mutex *lock;
	vsp_plat_thread *thread;
	void (*compile_thread)(
	        void *manager); /* the body: a pointer, since the queue starts the thread and the body uses the queue */
	vsp_manager_job *first, **last;
	uint32_t pending; /* jobs that are not done */
	/*
	 * What the compile thread must do beside jobs, while the instance's thread waits for it;
	 * null: nothing.
	 */
	void (*errand)(struct vsp_manager *manager, void *arg);
	void *errand_arg;
	bool stop;
	/*
	 * The compile thread is where nobody waits for it, in LLVM or at the cache's files, and
	 * touches neither rt nor what tools see.
	 */
	bool inside;
	bool orphan; /* the instance has gone, and rt with it: the compile thread frees the manager */
	bool ended;  /* the compile thread has nothing left to do here */
	/* The compile thread is stopped inside LLVM for ever: LLVM's objects stay as they are. */
	bool broken;
	vsp_manager_job *running; /* the job that the compile thread works on */
	char last_words[256];     /* written by the compile thread: why it broke, or could not begin */

	vsp_slab slab;    /* machine code; empty until there is some */
	vsp_cache *cache; /* or null */

	/* Owned by the compile thread. */
	const vsp_jit_api *api;
	vsp_jit *jit;
	_Atomic(const char *) no_jit; /* why there is no compiler; other threads read it */
	char *compiler_files;         /* the compiler's files, as cache entries name them; null until needed */
	uint8_t *called;              /* per function: is it named by an INVOKE or TRANS? null until needed */
	bool calls_any;               /* there are other calls, or the callees are not known */
	vsp_lower_options lower[TIERS], lower_loop[TIERS]; /* lower_loop: of kernels' loops */
	vsp_pass_times *passes;                            /* has its own lock; null unless asked for */
	vsp_jit_listener listener;
};

static inline vsp_manager *vsp_manager_of(vsp_compiler *self) { return (vsp_manager *)self; }

/* manager.c: returns the best code that a unit has above a tier, or null. */
const void *vsp_manager_best_code(const vsp_manager_unit *unit, int above, int *tier);

/* units.c: returns the unit at pc of a function, which is created if it is new; null: no memory. */
vsp_manager_unit *vsp_manager_find_unit(vsp_manager *manager, uint32_t func, uint32_t pc);
/* Counts one more request by the unit. */
void vsp_manager_count_ask(vsp_manager *manager, vsp_manager_unit *unit);
/*
 * How often the unit has asked since an activation of its function last moved into compiled code.
 * For any thread.
 */
uint32_t vsp_manager_asked(const vsp_manager *manager, const vsp_manager_unit *unit);
/*
 * An activation moves into compiled code of function func: the requests of its units so far are
 * settled.
 */
void vsp_manager_settle_asks(vsp_manager *manager, uint32_t func);

/*
 * queue.c: queues a job, once per unit and tier, and waits for it where compilation is synchronous.
 * A job for tier 2 replaces a job for tier 1 that has not begun, of the same unit or of another
 * loop of its function, unless the function is large. Without memory or threads the tier is given
 * up for this unit.
 */
void vsp_manager_request(vsp_manager *manager, vsp_manager_unit *unit, int tier);
/* queue.c: waits until all jobs are done, or the program is interrupted. */
void vsp_manager_await_jobs(vsp_manager *manager);
/* Appends a job to the queue. Under the lock. */
void vsp_manager_append(vsp_manager *manager, vsp_manager_job *job);
/*
 * Compiles unit to instead of unit from, whose job waits in the queue. Does nothing if that job has
 * been taken from the queue.
 */
void vsp_manager_redirect(vsp_manager *manager, vsp_manager_unit *from, vsp_manager_unit *to, int tier);
/*
 * Takes the next job from the queue: one whose unit is still asked for and is not inlined into
 * another wanted unit, otherwise the first one. Under the lock, which is released in between. Null:
 * the queue has become empty, or the thread must stop.
 */
vsp_manager_job *vsp_manager_take_job(vsp_manager *manager);
/*
 * queue.c: makes the compile thread call errand, and waits for it. So LLVM always works on a thread
 * that may stay inside it when LLVM fails or memory runs out. False: it has failed so, or there is
 * no thread; manager->last_words, or the lack of a thread, is the reason.
 */
bool vsp_manager_run_errand(vsp_manager *manager, void (*errand)(vsp_manager *manager, void *arg), void *arg);
/*
 * worth.c: has the program run long enough for the compile thread to be started? The instance's
 * thread asks.
 */
bool vsp_manager_may_begin(vsp_manager *manager);
/*
 * worth.c: waits until the next job may be done without holding up the program. Under the lock,
 * which is released in between. False: the queue may have changed, so the question is to be asked
 * again.
 */
bool vsp_manager_is_worth(vsp_manager *manager);
/*
 * Ends the compile thread, see vsp_manager_destroy. False: the thread is inside LLVM, and owns the
 * manager from now on.
 */
bool vsp_manager_stop(vsp_manager *manager);

/*
 * end.c: frees all that is left once rt is not used any more. No other thread than the caller uses
 * the manager.
 */
void vsp_manager_end(vsp_manager *manager);

/*
 * fork.c: makes the manager belong to this process, if the process was forked. The instance's
 * thread calls it before it looks at anything that the compile thread shares.
 */
void vsp_manager_after_fork(vsp_manager *manager);
#define VSP_MANAGER_FORKED "the process was forked during a compilation, which took too long to wait for"

/* compile.c: the body of the compile thread, which runs until it is told to stop. */
void vsp_manager_compile_thread(void *manager);

/*
 * describe.c: lists the callees of function f, and their callees, that are small enough to be
 * compiled with it. Returns their number.
 */
uint32_t vsp_manager_inlined(const vsp_manager *manager, uint32_t f, uint32_t list[MAX_INLINED]);
/*
 * Describes what is compiled for a unit at a tier. The list is filled, and must live as long as the
 * job.
 */
vsp_jit_job vsp_manager_describe(
        vsp_manager *manager, const vsp_manager_unit *unit, int tier, uint32_t inlined[MAX_INLINED]);

/*
 * publish.c: returns the instance's code memory, which is reserved by the first call; null: no
 * address space. For any thread.
 */
vsp_slab *vsp_manager_slab(vsp_manager *manager);
/* Makes a unit's code visible, unless a higher tier has been published first. For any thread. */
void vsp_manager_publish(vsp_manager *manager, vsp_manager_unit *unit, int tier);

/*
 * compile.c: opens the compiler when it is first needed. Returns null, or why there is none. For
 * the compile thread.
 */
const char *vsp_manager_need_jit(vsp_manager *manager);

/*
 * cache.c: opens the cache that the options name. True also if they name none, or if tools want to
 * see details that cached code does not carry. The lowering options must be final.
 */
bool vsp_manager_open_cache(vsp_manager *manager, vsp_error *error);
/* For use when there is no compile thread. */
void vsp_manager_close_cache(vsp_manager *manager);
/*
 * Takes a unit's code at a tier from the cache, which is tried once. False: the code is not there,
 * or its compilation was asked for already.
 */
bool vsp_manager_from_cache(vsp_manager *manager, vsp_manager_unit *unit, int tier);
/* The unit is reached: takes the best code that was in the cache at the start. */
void vsp_manager_look_up(vsp_manager *manager, vsp_manager_unit *unit);
/* Did the cache at the start hold code for the function's start, or for its loops? */
bool vsp_manager_may_load(const vsp_manager *manager, uint32_t func, bool loop);
/* Stores the unit that was compiled last. For the compile thread. */
void vsp_manager_keep(vsp_manager *manager, const vsp_manager_unit *unit, int tier);

/* kernels.c: LAUNCH in compiled code. */
extern const struct vsp_kernel_calls vsp_manager_kernel_calls;

/*
 * run.c: the same as enter, on the state of one of the instance's threads, which stopper stops
 * (null: it polls).
 */
enum vsp_compiled_end vsp_manager_enter_on(
        vsp_manager *manager, vsp_rt *rt, const void *code, vsp_activation *activation, vsp_plat_stopper *stopper);
/* run.c: functions of the manager's vsp_compiler. */
enum vsp_compiled_end vsp_manager_enter(vsp_compiler *self, vsp_rt *rt, const void *code, vsp_activation *activation);
void vsp_manager_interrupt(vsp_compiler *self, bool pending);
/*
 * Can compiled code run on this thread now, that is, does its stack have room, and can it be
 * interrupted? Also updates rt->stack_limit.
 */
bool vsp_manager_can_enter(vsp_manager *manager);

/*
 * show.c: adds an event of a unit to the trace, if there is one, with the present time; from and
 * why are as in vsp_trace_event.
 */
void vsp_manager_show(
        vsp_manager *manager, const vsp_manager_unit *unit, int tier, vsp_trace_kind kind, int from, const char *why);
/*
 * The compile thread has compiled a unit, or could not (why tells the reason, otherwise null). To
 * be called before anyone else can see the code.
 */
void vsp_manager_show_compiled(vsp_manager *manager, vsp_manager_unit *unit, int tier, const char *why);
/* Tells tools to forget a unit's code, which is about to be freed. */
void vsp_manager_hide(vsp_manager_unit *unit, int tier);

#endif
