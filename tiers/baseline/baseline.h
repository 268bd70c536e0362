/*
 * The baseline compiler: machine code for functions of tier 0, made by copying stencils (docs/
 * design.md). It belongs to one instance, and plugs into its interpreter.
 */
#ifndef VSP_TIERS_BASELINE_H
#define VSP_TIERS_BASELINE_H

#include "tiers/effort.h"
#include "tiers/interp/faster.h"
#include "tiers/jit.h"
#include "ir/module.h"

typedef struct vsp_baseline vsp_baseline;

/*
 * Who is told of code before it runs. unit, with a map, lives as long as the call, its code and its
 * unwinding information as long as the compiler; null: there is no code, and reason says why, or
 * there is no memory to describe it.
 */
typedef struct vsp_baseline_watch {
	void (*made)(void *user, uint32_t func, const vsp_jit_unit *unit, const char *reason, uint64_t start_ns);
	void *user;
} vsp_baseline_watch;

/*
 * Creates a compiler that has compiled nothing, and compiles functions at a count of calls or loop
 * iterations; 0: at their first call. account is charged with what it allocates; it, module and
 * beside must outlive the compiler. watch and beside may be null. Null: there are no stencils for
 * this machine, or no memory.
 */
vsp_baseline *vsp_baseline_create(const vsp_module_data *module, vsp_account *account, uint32_t first_count,
        const vsp_baseline_watch *watch, vsp_beside *beside);
/* baseline may be null. Its code must not be running, and its interpreter must be gone. */
void vsp_baseline_destroy(vsp_baseline *baseline);
/* The interface that the interpreter is given; null for null. */
vsp_faster *vsp_baseline_faster(vsp_baseline *baseline);

/* What has been compiled of a function. */
typedef struct vsp_baseline_stats {
	uint64_t compile_ns;
	uint64_t code_size; /* bytes of machine code; 0: there is none */
	const char *reason; /* why there is none though it was asked for, a constant, or "" */
} vsp_baseline_stats;
vsp_baseline_stats vsp_baseline_stats_of(const vsp_baseline *baseline, uint32_t func);
/* Are functions compiled on a thread beside the program? baseline may be null. */
bool vsp_baseline_has_thread(const vsp_baseline *baseline);

#endif
