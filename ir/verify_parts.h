/*
 * The verifier's parts, private to ir/verify*.c. Each check returns false after having filled the error, so that checks chain
 * with &&.
 */
#ifndef VSP_IR_VERIFY_PARTS_H
#define VSP_IR_VERIFY_PARTS_H

#include "layout.h"
#include "runtime/base/error.h"

typedef struct vsp_verifier {
	vsp_module_data *m;
	vsp_error *error;
	uint8_t *starts;      /* bit i % 8 of byte i / 8: an instruction starts at code address i */
	uint32_t *not_kernel; /* per function: the first instruction that kernels may not contain, or VSP_NO_PC */
} vsp_verifier;

/* Is address the start of an instruction? Any address may be asked for. */
bool vsp_verify_is_start(const vsp_verifier *v, int64_t address);

/* Fill the error for a place in the file, and for the instruction at pc (its function is named too); return false. */
bool vsp_verify_fail(vsp_verifier *v, uint64_t offset, const char *format, ...) VSP_PRINTF(3, 4);
bool vsp_verify_fail_insn(vsp_verifier *v, uint32_t pc, const char *format, ...) VSP_PRINTF(3, 4);
bool vsp_verify_no_memory(vsp_verifier *v);

/* Symbols (making the indices), imports, models and the line table. */
bool vsp_verify_tables(vsp_verifier *v);
/* Nothing a kernel reaches by INVOKE and TRANS is forbidden there or recursive. Code must be verified otherwise. */
bool vsp_verify_kernels(vsp_verifier *v);

#endif
