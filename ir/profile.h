/*
 * Profiles of what a program did: how often functions were entered, and where their branches and
 * indirect calls went. Tier 0 adds to them, and so does tier 1 code if a run is counted completely;
 * the optimiser and profile files read them. No LLVM.
 *
 * Counters are per function, in the order of its sites, and exist once the function has been
 * counted (vsp_profile_func). One thread counts. Others may read at any time, and see each counter
 * as it was a moment ago, so sums need not agree exactly.
 */
#ifndef VSP_IR_PROFILE_H
#define VSP_IR_PROFILE_H

#include "cfg.h"

/* What is counted at an instruction. */
enum vsp_profile_kind {
	VSP_SITE_BRANCH, /* conditional: times executed, times not taken */
	VSP_SITE_TABLE,  /* BRTAB: each target, then the case that none was taken */
	VSP_SITE_CALL    /* INVOKEI: see VSP_TALLY_CALLEES */
};

typedef struct vsp_profile_site {
	uint32_t pc;
	uint32_t first; /* index of its first counter */
	uint32_t count; /* number of its counters */
	uint8_t kind;   /* enum vsp_profile_kind */
} vsp_profile_site;

enum { VSP_PROFILE_ENTRIES = 0 }; /* index of the counter of entries; the sites' counters follow */

typedef struct vsp_func_profile {
	uint32_t site_count, count;
	const vsp_profile_site *sites; /* by pc */
	vsp_count *counts;             /* the counters, count of them */
} vsp_func_profile;

typedef struct vsp_profile {
	const vsp_module_data *module;
	_Atomic(vsp_func_profile *) *funcs; /* per function; null: not counted */
	_Atomic(vsp_count *) *counts;       /* their counts, for rt->tallies */
	vsp_account *account;               /* is charged for their memory; may be null */
} vsp_profile;

/*
 * Creates the profile of a verified module, which must outlive it. Nothing is counted yet. Null:
 * out of memory.
 */
vsp_profile *vsp_profile_create(const vsp_module_data *module);
void vsp_profile_destroy(vsp_profile *profile); /* profile may be null */
/* Sets all counters to 0. */
void vsp_profile_reset(vsp_profile *profile);
/* The counters of function f, created on first use. Null: out of memory. Thread-safe. */
vsp_func_profile *vsp_profile_func(vsp_profile *profile, uint32_t f);
/* The same if they exist, otherwise null. profile may be null. */
const vsp_func_profile *vsp_profile_known(const vsp_profile *profile, uint32_t f);
/* The site at pc, or null. */
const vsp_profile_site *vsp_profile_site_at(const vsp_func_profile *f, uint32_t pc);
/* The kind of site that the instruction is, or -1 if it is not a site. */
int vsp_profile_kind_of(const vsp_insn *insn);
/*
 * The number of counters of the instruction; 0: it is not a site. Those of a function follow one
 * another, after the counter of entries.
 */
uint32_t vsp_profile_counters(const vsp_insn *insn);

static inline uint64_t vsp_profile_get(const vsp_func_profile *f, uint32_t index)
{
	return atomic_load_explicit(&f->counts[index], memory_order_relaxed);
}

/* How often a conditional branch was taken and not taken. */
void vsp_profile_branch(const vsp_func_profile *f, const vsp_profile_site *site, uint64_t *taken, uint64_t *not_taken);

/*
 * The functions that an INVOKEI called, each once, the most frequent first. Returns the number of
 * known ones, at most VSP_TALLY_CALLEES. *total: the number of all calls.
 */
typedef struct vsp_profile_callee {
	uint32_t func;
	uint64_t count;
} vsp_profile_callee;
unsigned vsp_profile_callees(const vsp_func_profile *f, const vsp_profile_site *site,
        vsp_profile_callee out[VSP_TALLY_CALLEES], uint64_t *total);

/*
 * Of those, the functions that an INVOKEI calls often enough to be called directly there; they must
 * match its kind and signature. *other: the number of calls of all other functions.
 */
unsigned vsp_profile_targets(const vsp_profile *profile, const vsp_func_profile *f, const vsp_insn *invokei,
        vsp_profile_callee out[VSP_TALLY_CALLEES], uint64_t *other);

/*
 * How often each block was executed, computed from the branches; blocks in loops without a branch
 * count only what leads into them from elsewhere. blocks has cfg->block_count elements. False: out
 * of memory.
 */
bool vsp_profile_blocks(const vsp_func_profile *f, const vsp_cfg *cfg, uint64_t *blocks);

/*
 * Finds the cold blocks: those never executed in a function that did much and has returned, so that
 * they do not simply come later. cold has cfg->block_count elements. False: out of memory.
 */
bool vsp_profile_cold(const vsp_func_profile *f, const vsp_cfg *cfg, bool *cold);

#endif
