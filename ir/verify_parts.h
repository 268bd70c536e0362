/*
 * The interface between the verifier's parts, private to ir/verify*.c. Each check fills the error
 * before it returns false, so that checks can be chained with &&.
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

/* Is address the start of an instruction? Any address may be passed. */
bool vsp_verify_is_start(const vsp_verifier *v, int64_t address);

/*
 * These fill the error for a place in the file, or for the instruction at pc (whose function is
 * named too), and return false.
 */
bool vsp_verify_fail(vsp_verifier *v, uint64_t offset, const char *format, ...) VSP_PRINTF(3, 4);
bool vsp_verify_fail_insn(vsp_verifier *v, uint32_t pc, const char *format, ...) VSP_PRINTF(3, 4);
bool vsp_verify_no_memory(vsp_verifier *v);

/* Checks symbols (and makes their indices), imports, models and the line table. */
bool vsp_verify_tables(vsp_verifier *v);
/*
 * Checks that nothing which a kernel reaches by INVOKE and TRANS is forbidden there or recursive.
 * Everything else in the code must be verified already.
 */
bool vsp_verify_kernels(vsp_verifier *v);

/* Checks sections GLOB, TYPE, TABL and DSEG. Functions must be verified, but not their code. */
bool vsp_verify_sections(vsp_verifier *v);
/* Checks a number of a slot, global, table or type. */
bool vsp_verify_number(vsp_verifier *v, const vsp_insn *insn, vsp_operand_sense sense);

#endif
