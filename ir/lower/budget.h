/*
 * Limits on the functions that are compiled, and the choice of how each is lowered. Private to
 * ir/lower.
 */
#ifndef VSP_LOWER_BUDGET_H
#define VSP_LOWER_BUDGET_H

#include "order.h"

enum {
#define LIMIT(name, value, text) VSP_LIMIT_##name = (value),
#include VSP_LIMITS
};

/*
 * Decides how f is lowered, from its start node on: sets f->in_memory if its registers are kept in
 * memory, or returns the reason why it is not lowered at all.
 */
vsp_lower_reason vsp_lower_judge(vsp_fn *f, const vsp_order *o, uint32_t start);
/*
 * slot_merges.c: how many values of local slots merge, as merged_values counts those of registers.
 * False: out of memory.
 */
bool vsp_lower_merged_slots(vsp_fn *f, const vsp_order *o, uint64_t *merged);
/*
 * loops.c: the number of blocks of all loops reached from start, added up; UINT64_MAX when that
 * sum, or the work to find it, exceeds limit. False: out of memory.
 */
bool vsp_lower_nesting(const vsp_fn *f, uint32_t start, uint64_t limit, uint64_t *members);

#endif
