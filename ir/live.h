/*
 * The liveness of registers and flags in one function, by a backward dataflow over vsp_cfg.
 *
 * Masks: bits 0..15 are registers, bits 16..18 flags Z N O. The state shown at the end of a run is
 * observable, so HLT and SYSCALL exit read everything. precise makes traps count as reads of the
 * flags as well, which tier 0 needs because sr is shown after its traps. Registers are always kept
 * exact there, so traps do not count as reads of them. RET reads the results (or everything, if its
 * state may be shown) and all that is live behind every CALL of the function.
 *
 * needed makes fewer things live: an instruction that only writes what nobody needs reads nothing
 * either, and may be left out. That is for tiers that show no registers after traps.
 */
#ifndef VSP_IR_LIVE_H
#define VSP_IR_LIVE_H

#include "cfg.h"

#define VSP_LIVE_Z 0x10000u
#define VSP_LIVE_N 0x20000u
#define VSP_LIVE_O 0x40000u
#define VSP_LIVE_ZNO 0x70000u
#define VSP_LIVE_ALL 0x7FFFFu

/*
 * Everything that insn reads and writes, with callees, imports and SYSCALLs resolved. Writes are
 * definite, except of what it also reads: that may stay unchanged.
 */
void vsp_insn_effects(
        const vsp_module_data *m, const vsp_func *f, const vsp_insn *insn, uint32_t *reads, uint32_t *writes);

typedef struct vsp_live {
	uint32_t *block_in; /* per block */
	uint32_t *block_out;
	uint32_t *insn_out; /* per instruction of cfg->insns: what is live directly behind it */
	bool *needless;     /* per instruction: it may be left out; with VSP_LIVE_NEEDED */
	/*
	 * What is read and written by any instruction that is not left out. A RET that shows
	 * everything does not count as a read.
	 */
	uint32_t read, written;
} vsp_live;

/*
 * Where flags must be exact although no instruction reads them, because sr may be shown. READERS:
 * nowhere, not even at the end of the run (only branches read flags). NEEDED: at the end of the
 * run, but there only what is needed. LAX: at the end of the run, everything that some instruction
 * reads. TRAPS: also at instructions that may trap. BLOCKS: also at the start of every block (the
 * trap FUEL, and INTERRUPTED where it is polled).
 */
enum vsp_live_precision {
	VSP_LIVE_READERS = -2,
	VSP_LIVE_NEEDED = -1,
	VSP_LIVE_LAX = 0,
	VSP_LIVE_TRAPS = 1,
	VSP_LIVE_BLOCKS = 2
};

/*
 * shown: the state of this function may be shown when the run ends by RET (it is the entry, or
 * called by a host); RET then reads everything. precise: enum vsp_live_precision. The result is in
 * arena. False: out of memory.
 */
bool vsp_live_build(vsp_live *live, const vsp_cfg *cfg, bool shown, int precise, vsp_arena *arena);

#endif
