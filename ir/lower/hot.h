/* Counters of tier 1 code. */
#ifndef VSP_LOWER_HOT_H
#define VSP_LOWER_HOT_H

#include "context.h"

/* Counts an entry of the function, which starts at pc. */
void vsp_lower_count_entry(vsp_fn *f, uint32_t pc);
/* Counts an iteration of the loop whose head is at pc, where live is the mask of live slots. */
void vsp_lower_count_loop(vsp_fn *f, uint32_t pc, uint32_t live);

#endif
