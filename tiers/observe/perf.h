/*
 * The data about compiled code that perf reads: lines of its map, records of its jitdump; see
 * perf.c.
 */
#ifndef VSP_TIERS_PERF_H
#define VSP_TIERS_PERF_H

#include "frontend/text.h"
#include "tiers/jit.h"

enum { VSP_JITDUMP_HEADER = 40, VSP_JITDUMP_END = 16 };
/* The first and the last bytes of a jitdump. */
void vsp_jitdump_header(char out[VSP_JITDUMP_HEADER]);
void vsp_jitdump_end(char out[VSP_JITDUMP_END]);

/*
 * Adds a unit with a map, compiled at a tier, to both, which are growing texts; number is the first
 * of as many numbers as it has symbols.
 */
void vsp_perf_describe(vsp_text *map, vsp_text *dump, const vsp_module_data *module, const vsp_jit_unit *unit, int tier,
        uint64_t number);

/*
 * perf_unwind.c: adds the unwinding information of one symbol, .eh_frame followed by .eh_frame_hdr,
 * for code that is followed by it at the next multiple of 8 bytes. Returns the size of the second;
 * 0: there is none, and nothing was added.
 */
size_t vsp_unwind_describe(vsp_text *out, const vsp_jit_unit *unit, const vsp_code_symbol *symbol);

#endif
