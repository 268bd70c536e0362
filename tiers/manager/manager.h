/*
 * The tier manager of one instance. It decides which unit is compiled at which tier, has it
 * compiled in the background, and runs the code. It knows nothing of LLVM: the compiler is in a
 * shared object, which the compile thread opens when the first job comes.
 *
 * A unit is a place where compiled code can be entered: the start of a function, or a loop head for
 * on-stack replacement. The instance's thread creates units; the compile thread fills them and
 * publishes code by one atomic store.
 */
#ifndef VSP_TIERS_MANAGER_H
#define VSP_TIERS_MANAGER_H

#include <vsp/vsp.h>

#include "tiers/cache/cache.h"
#include "tiers/compiler.h"
#include "ir/module.h"
#include "tiers/observe/pass_times.h"
#include "runtime/platform/platform.h"
#include "tiers/observe/trace.h"

typedef struct vsp_manager vsp_manager;

/* The observers that need to know the contents of compiled code. */
#define VSP_OBSERVE_CODE (VSP_OBSERVE_GDB | VSP_OBSERVE_PERF)

typedef struct vsp_manager_options {
	int tier;                 /* 0: the counts choose the tier; 1 or 2: only this tier */
	uint32_t tier1_threshold; /* counts of calls or loop iterations; 1: at once; 0: knobs.def */
	uint32_t tier2_threshold;
	bool sync;            /* a hot unit waits for the compiler */
	bool precise;         /* --precise-traps */
	bool mask;            /* --spectre=mask */
	bool count;           /* instructions are counted */
	uint8_t observe;      /* VSP_OBSERVE_* of vsp.h; with PERF the files are open */
	vsp_module *owner;    /* owns the module, retained while needed; null: the caller keeps it alive */
	vsp_trace *trace;     /* or null; see vsp_manager_destroy */
	const char *cache;    /* directory of the code cache, or null; only read while the manager is created */
	uint64_t cache_limit; /* bytes; 0: knobs.def */
	/*
	 * The counts of tier 0, or null; see vsp_manager_destroy. Tier 2 uses them. With tally all
	 * code adds to them, and there is no tier 2.
	 */
	struct vsp_profile *profile;
	bool tally;
	struct vsp_beside *beside; /* or null; as long-lived as rt (tiers/effort.h) */
} vsp_manager_options;

/*
 * Creates the manager of the instance whose state is rt. The options of rt are final, and rt must
 * outlive the manager; so must module, unless options name its owner. Null with an error: the cache
 * cannot be opened. Null without an error: out of memory.
 */
vsp_manager *vsp_manager_create(
        vsp_rt *rt, const vsp_module_data *module, const vsp_manager_options *options, vsp_error *error);
/*
 * Releases all code. No compiled code may be running. manager may be null. Waits for the job that
 * the compile thread has begun, and with a cache for all jobs that were asked for, but at most
 * about 50 ms (knobs.def). False: the thread is still inside LLVM. In that case the thread frees
 * the manager, and all that the manager holds except rt, when it comes out of LLVM: the trace and
 * the profile of the options then no longer belong to the caller.
 */
bool vsp_manager_destroy(vsp_manager *manager);
/*
 * Makes compiled code end a run by returning through its frames instead of jumping over them, as it
 * must on other targets. To be called before anything is compiled. For tests.
 */
void vsp_manager_return_status(vsp_manager *manager);
/*
 * Called around a run that is nested in another one, perhaps on another thread: puts aside what
 * stops the outer run, and restores it. manager may be null.
 */
vsp_plat_stopper *vsp_manager_nest(vsp_manager *manager);
void vsp_manager_unnest(vsp_manager *manager, vsp_plat_stopper *aside);
/* Has the compile thread been started? Then destroying waits for it. manager may be null. */
bool vsp_manager_has_thread(const vsp_manager *manager);
/* The interface that tier 0 is given. */
vsp_compiler *vsp_manager_compiler(vsp_manager *manager);

/*
 * Calls from the host that begin at once. prepare: the calling thread, on whose own stack it is,
 * has just run code of this instance; can further calls on it begin at once? Then host_call is how
 * function func is called where no later compilation would replace its code; null: the call must go
 * through tier 0. It is valid until the next prepare, as is the table of them: function func's
 * place is func modulo VSP_HOST_CALLS. enter_call enters the code on regs; false: the run has ended
 * otherwise than by RET. No other run of the instance is in progress.
 */
typedef struct vsp_host_call {
	vsp_entry_fn code; /* null: not prepared */
	uint32_t func;
	uint8_t params, results;
	bool is_short; /* ir/short.h: vsp_exec_call_short will do, instead of enter_call */
	bool floats;   /* it depends on the modes for floats */
} vsp_host_call;
enum { VSP_HOST_CALLS = 8 };

bool vsp_manager_prepare(vsp_manager *manager);
const vsp_host_call *vsp_manager_host_call(vsp_manager *manager, uint32_t func);
bool vsp_manager_enter_call(vsp_manager *manager, const vsp_host_call *call, uint64_t *regs);

/* What has been compiled of a function so far. */
typedef struct vsp_manager_stats {
	int tier;            /* highest tier with code; 0: none */
	uint64_t compile_ns; /* sum over all its units and tiers */
	uint64_t code_size;  /* bytes of machine code of all its units and tiers */
	uint32_t cached;     /* number of its units and tiers that came from the cache */
	const char *reason;  /* why the last compilation failed, or "" */
} vsp_manager_stats;
/* The statistics of the code cache: 0s and "" without one. */
vsp_cache_stats vsp_manager_cache_stats(const vsp_manager *manager);
/*
 * The folder of the program's entries in the code cache, which is created if needed; null: there is
 * no cache, or the folder cannot be created.
 */
const char *vsp_manager_cache_folder(const vsp_manager *manager);
/*
 * The folder for times of passes, see vsp_jit_listener, which must live as long as the process.
 * Before anything is compiled.
 */
void vsp_manager_use_folder(vsp_manager *manager, const char *folder);
/*
 * The optimised IR of everything compiled, each unit at its highest tier: 0-terminated, to be freed
 * with vsp_free_memory. Null with an error.
 */
char *vsp_manager_text(vsp_manager *manager, size_t *length, vsp_error *error);
/*
 * The index-th pass of those that VSP_OBSERVE_PASSES in config.observe records; false behind the
 * last one. Index 0 waits for jobs that are not done.
 */
bool vsp_manager_pass(vsp_manager *manager, uint32_t index, vsp_pass_time *out);
/* Waits until all jobs are done and, with a cache, stored. For the instance's thread. */
void vsp_manager_settle(vsp_manager *manager);
/* The number of jobs that are not done. */
uint32_t vsp_manager_pending(vsp_manager *manager);
/* The reason why nothing is compiled, or "" if compilation is possible. */
const char *vsp_manager_reason(const vsp_manager *manager);
/* The highest tier that ran. */
int vsp_manager_tier(const vsp_manager *manager);
vsp_manager_stats vsp_manager_stats_of(const vsp_manager *manager, uint32_t func);
/*
 * Fills all fields but size; false when no unit of the function has code or has failed at the tier
 * (1 or 2).
 */
bool vsp_manager_tier_stats(const vsp_manager *manager, uint32_t func, uint32_t tier, vsp_tier_stats *stats);

#endif
