/*
 * What the files of the tier manager share, see manager.h: its state, and who may touch which part of it. Threads: the instance's thread
 * asks and enters (manager.c, tiers/manager/run.c); the compile thread takes jobs from the queue, under the lock (tiers/manager/queue.c), and compiles outside it
 * (tiers/manager/compile.c). Code, reasons and sizes of a unit are written by the compile thread before it publishes the unit's code with
 * release order, or sets failed; others read them only after.
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
	_Atomic(const char *) failed[TIERS];    /* why this tier cannot be had */
	bool requested[TIERS], traced[TIERS];   /* the instance's thread: asked for; first use is in the trace */
	bool looked_up[TIERS], reached;         /* the same: in the cache; reached at all while there is one */
	_Atomic uint32_t asked;                 /* times since the function last rose, which was at */
	_Atomic uint32_t settled;               /* this count of its; see vsp_manager_asked */
	_Atomic uint32_t last_asked;            /* the manager's asks at that time */
	struct vsp_manager_job *waiting[TIERS]; /* in the queue; under its lock */
	vsp_jit_unit built[TIERS];
	struct vsp_shown {
		char *image; /* for gdb, or null */
		vsp_gdb_entry *gdb;
	} shown[TIERS]; /* the compile thread's */
} vsp_manager_unit;

/* What the manager knows of all units of a function together. */
typedef struct vsp_manager_func {
	vsp_manager_unit *units;       /* the latest first */
	vsp_manager_unit *loop[TIERS]; /* the loop that was requested last */
	_Atomic int tier;              /* the highest that some unit has code of */
	_Atomic uint32_t settled;      /* times that it rose */
} vsp_manager_func;

typedef struct vsp_manager_job {
	struct vsp_manager_job *next, **link; /* to the one behind; what points to this one */
	vsp_manager_unit *unit;
	int tier;
} vsp_manager_job;

struct vsp_manager {
	vsp_compiler compiler; /* first: tier 0 holds a pointer to it */
	vsp_rt *rt;
	const vsp_module_data *module;
	vsp_manager_options options;
	vsp_manager_func *funcs;  /* per function */
	vsp_manager_unit **table; /* all units, by where they are; null until there is one */
	uint32_t table_capacity, unit_count;
	int ran; /* highest tier that ran */
	vsp_stop_slot stopper;
	vsp_guarded call_stack; /* rt's, once there is one */

	_Atomic uint32_t asks; /* of all units */
	uint32_t forks;        /* behind the process that the compile thread is in */

	/* Under lock. */
	vsp_plat_mutex *lock;
	vsp_plat_thread *thread;
	void (*compile_thread)(
	        void *manager); /* what it does: here, since the queue starts it and it takes from the queue */
	vsp_manager_job *first, **last;
	uint32_t pending; /* jobs not done */
	/* What the compile thread is to do beside jobs, while the instance's thread waits for it; null: nothing. */
	void (*errand)(struct vsp_manager *manager, void *arg);
	void *errand_arg;
	bool stop;
	bool inside; /* the compile thread is where nobody waits for it, in LLVM or at the cache's files, and touches neither rt nor what tools see */
	bool orphan; /* the instance has gone, and rt with it: the compile thread ends the manager */
	bool ended;  /* the compile thread has nothing left to do here */
	bool broken; /* the compile thread is parked inside LLVM: what is LLVM's stays as it is, for ever */
	vsp_manager_job *running; /* what the thread is at */
	char last_words[256];     /* the compile thread's: why it broke, or could not begin */

	vsp_slab slab;    /* machine code; empty until there is any */
	vsp_cache *cache; /* or null */

	/* The compile thread's. */
	const vsp_jit_api *api;
	vsp_jit *jit;
	_Atomic(const char *) no_jit; /* why there is none; others read it */
	char *compiler_files;         /* what entries of the cache tell of it; null until asked for */
	uint8_t *called;              /* per function: some INVOKE or TRANS names it; null until asked for */
	bool calls_any;               /* other calls occur, or what is called is not known */
	vsp_lower_options lower[TIERS];
	vsp_pass_times *passes; /* locks itself; null unless asked for */
	vsp_jit_listener listener;
};

static inline vsp_manager *vsp_manager_of(vsp_compiler *self) { return (vsp_manager *)self; }

/* manager.c: the best code of a unit above a tier, or null. */
const void *vsp_manager_best_code(const vsp_manager_unit *unit, int above, int *tier);

/* tiers/manager/units.c: the unit at pc of a function, made when it is new; null: no memory. */
vsp_manager_unit *vsp_manager_find_unit(vsp_manager *manager, uint32_t func, uint32_t pc);
/* The unit asks once more. */
void vsp_manager_count_ask(vsp_manager *manager, vsp_manager_unit *unit);
/* How often it has, since an activation of its function last went on in code. Any thread. */
uint32_t vsp_manager_asked(const vsp_manager *manager, const vsp_manager_unit *unit);
/* An activation goes on in code of function func: what its units have asked so far is settled. */
void vsp_manager_settle_asks(vsp_manager *manager, uint32_t func);

/*
 * tiers/manager/queue.c: queues a job, once per unit and tier, and waits for it where compilation is synchronous. Tier 2 takes the place of a tier 1
 * of it or of another loop of its function that has not begun, unless the function is large. Without memory or threads the tier is given up for this unit.
 */
void vsp_manager_request(vsp_manager *manager, vsp_manager_unit *unit, int tier);
/* Appends a job to the queue. Under the lock. */
void vsp_manager_append(vsp_manager *manager, vsp_manager_job *job);
/* Has unit to compiled in place of from, which waits in the queue; does nothing when it has been taken from there. */
void vsp_manager_redirect(vsp_manager *manager, vsp_manager_unit *from, vsp_manager_unit *to, int tier);
/*
 * Takes the next job from the queue: one whose unit is still asked for and not compiled into that of another one, else the first. Under the lock, which is
 * opened in between; null: the queue has become empty, or the thread is to stop.
 */
vsp_manager_job *vsp_manager_take_job(vsp_manager *manager);
/*
 * Has the compile thread call errand, and waits for it. So whatever LLVM does happens on a thread that may stay inside it when LLVM
 * fails or memory runs out. False: it has, or there is no thread; manager->last_words, or the lack of a thread, says why.
 */
bool vsp_manager_run_errand(vsp_manager *manager, void (*errand)(vsp_manager *manager, void *arg), void *arg);
/* Ends the compile thread, see vsp_manager_destroy. False: it is inside LLVM, and the manager is its own now. */
bool vsp_manager_stop(vsp_manager *manager);

/* tiers/manager/end.c: frees all that is left once rt is not used any more. The compile thread, or nobody, is inside. */
void vsp_manager_end(vsp_manager *manager);

/*
 * tiers/manager/fork.c: makes the manager one of this process, if a fork lies behind. The instance's thread calls it before it looks at what the compile thread
 * shares.
 */
void vsp_manager_after_fork(vsp_manager *manager);
#define VSP_MANAGER_FORKED "the process was forked during a compilation, which took too long to wait for"

/* tiers/manager/compile.c: what the compile thread does, until it is told to stop. */
void vsp_manager_compile_thread(void *manager);

/* tiers/manager/describe.c: callees of function f, and theirs, that are small enough to be compiled with it: how many. */
uint32_t vsp_manager_inlined(const vsp_manager *manager, uint32_t f, uint32_t list[MAX_INLINED]);
/* What is compiled for a unit at a tier; the list is filled and must live as long as the job. */
vsp_jit_job vsp_manager_describe(
        vsp_manager *manager, const vsp_manager_unit *unit, int tier, uint32_t inlined[MAX_INLINED]);

/* tiers/manager/publish.c: the instance's code memory, reserved at the first call; null: no address space. Any thread. */
vsp_slab *vsp_manager_slab(vsp_manager *manager);
/* Makes a unit's code visible, unless a higher tier was faster. Any thread. */
void vsp_manager_publish(vsp_manager *manager, vsp_manager_unit *unit, int tier);

/* tiers/manager/compile.c: opens the compiler, the first time; null, or why there is none. The compile thread. */
const char *vsp_manager_need_jit(vsp_manager *manager);

/* tiers/manager/cache.c: opens the cache that the options name; true when they name none, or when tools are to see what they could not of cached code. Lowering options are final. */
bool vsp_manager_open_cache(vsp_manager *manager, vsp_error *error);
/* Without a compile thread. */
void vsp_manager_close_cache(vsp_manager *manager);
/* Takes a unit's code at a tier from the cache, which is tried once. False: it is not there, or has been asked for elsewhere. */
bool vsp_manager_from_cache(vsp_manager *manager, vsp_manager_unit *unit, int tier);
/* The unit is reached: takes the best code that the cache was known to have from the start. */
void vsp_manager_look_up(vsp_manager *manager, vsp_manager_unit *unit);
/* Did the cache have code of the function's start, or of its loops, from the start? */
bool vsp_manager_may_load(const vsp_manager *manager, uint32_t func, bool loop);
/* Stores the unit that was compiled last. The compile thread. */
void vsp_manager_keep(vsp_manager *manager, const vsp_manager_unit *unit, int tier);

/* tiers/manager/run.c: functions of the manager's vsp_compiler. */
enum vsp_compiled_end vsp_manager_enter(vsp_compiler *self, vsp_rt *rt, const void *code, vsp_activation *activation);
void vsp_manager_interrupt(vsp_compiler *self, bool pending);
/* Can compiled code run on this thread now: is there room on its stack, and can it be interrupted? Also keeps rt->stack_limit right. */
bool vsp_manager_can_enter(vsp_manager *manager);

/* tiers/manager/show.c: adds an event of a unit to the trace, if there is one, as of now; from and why as in vsp_trace_event. */
void vsp_manager_show(
        vsp_manager *manager, const vsp_manager_unit *unit, int tier, vsp_trace_kind kind, int from, const char *why);
/* The compile thread has compiled a unit, or could not (why, else null); before anyone else can see it. */
void vsp_manager_show_compiled(vsp_manager *manager, vsp_manager_unit *unit, int tier, const char *why);
/* Takes back what tools were told of a unit's code, which is about to go. */
void vsp_manager_hide(vsp_manager_unit *unit, int tier);

#endif
