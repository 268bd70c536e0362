/*
 * The tier manager of one instance: decides what is compiled at which tier, has it compiled in the background, and runs it. It knows no
 * LLVM; the compiler is in a shared object that the compile thread opens when the first job comes.
 *
 * A unit is a place where compiled code can be entered: the start of a function, or a loop head for on-stack replacement. Units are
 * made by the instance's thread and filled by the compile thread, which publishes code by one atomic store.
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

/* Those ways to see inside that need to know what is in compiled code. */
#define VSP_OBSERVE_CODE (VSP_OBSERVE_GDB | VSP_OBSERVE_PERF)

typedef struct vsp_manager_options {
	int tier;                 /* 0: rise by counts; 1 or 2: only that one */
	uint32_t tier1_threshold; /* counts of calls or loop iterations; 1: at once; 0: knobs.def */
	uint32_t tier2_threshold;
	bool sync;       /* hot waits for the compiler */
	bool precise;    /* --precise-traps */
	bool mask;       /* --spectre=mask */
	bool count;      /* instructions are counted */
	uint8_t observe; /* VSP_OBSERVE_* of vsp.h; with PERF the files are open */
	vsp_module
	        *owner;   /* holds the module, and is retained as long as that is needed; null: the caller sees to it */
	vsp_trace *trace; /* or null; see vsp_manager_destroy */
	const char *cache;    /* directory of the code cache, or null; only read while the manager is created */
	uint64_t cache_limit; /* bytes; 0: knobs.def */
	/* Counts of tier 0, or null; see vsp_manager_destroy. Tier 2 uses them; with tally all code adds to them, and there is no tier 2. */
	struct vsp_profile *profile;
	bool tally;
} vsp_manager_options;

/* For the instance whose state is rt; rt, whose options are final, must outlive it, and module too unless options name its owner. Null: the cache cannot be opened, see error, or
   without one out of memory. */
vsp_manager *vsp_manager_create(
        vsp_rt *rt, const vsp_module_data *module, const vsp_manager_options *options, vsp_error *error);
/*
 * Releases all code. No compiled code may be running. Null is allowed. A job that the compile thread has begun is waited for, and with a
 * cache all that were asked for, but not for longer than some 50 ms (knobs.def). False: the thread is still inside LLVM. It ends the
 * manager when it comes out, and what the manager holds beside rt with it: the options' trace and profile are no longer the caller's then.
 */
bool vsp_manager_destroy(vsp_manager *manager);
/* Has compiled code end runs through its returns instead of over its frames, as it must on other targets; before anything is compiled. For tests. */
void vsp_manager_return_status(vsp_manager *manager);
/* Around a run nested in another, perhaps on another thread: what stops the one around it is put aside, and back. manager may be null. */
vsp_plat_stopper *vsp_manager_nest(vsp_manager *manager);
void vsp_manager_unnest(vsp_manager *manager, vsp_plat_stopper *aside);
/* What tier 0 is given. */
vsp_compiler *vsp_manager_compiler(vsp_manager *manager);

/* What became of a function so far. */
typedef struct vsp_manager_stats {
	int tier;            /* highest tier with code; 0: none */
	uint64_t compile_ns; /* of all its units and tiers */
	uint64_t code_size;  /* bytes of machine code of them */
	uint32_t cached;     /* units and tiers of it that came from the cache */
	const char *reason;  /* why the last compilation failed, or "" */
} vsp_manager_stats;
/* Of the code cache: 0s and "" without one. */
vsp_cache_stats vsp_manager_cache_stats(const vsp_manager *manager);
/* The folder of the program's entries in the code cache, made; null: there is no cache, or it cannot be made. */
const char *vsp_manager_cache_folder(const vsp_manager *manager);
/* The optimised IR of all that has been compiled at the highest tier each: 0-terminated, free with vsp_free_memory. Null with an error. */
char *vsp_manager_text(vsp_manager *manager, size_t *length, vsp_error *error);
/* The index-th pass, of config.observe's VSP_OBSERVE_PASSES; false behind the last. 0 waits for jobs that are not done. */
bool vsp_manager_pass(vsp_manager *manager, uint32_t index, vsp_pass_time *out);
/* Waits until all jobs are done and, with a cache, stored. The instance's thread. */
void vsp_manager_settle(vsp_manager *manager);
/* Jobs that are not done. */
uint32_t vsp_manager_pending(vsp_manager *manager);
/* Why nothing is compiled, or "" when something may be. */
const char *vsp_manager_reason(const vsp_manager *manager);
/* The highest tier that ran. */
int vsp_manager_tier(const vsp_manager *manager);
vsp_manager_stats vsp_manager_stats_of(const vsp_manager *manager, uint32_t func);
/* Fills all but size; false when no unit of the function has code or has failed at the tier (1 or 2). */
bool vsp_manager_tier_stats(const vsp_manager *manager, uint32_t func, uint32_t tier, vsp_tier_stats *stats);

#endif
