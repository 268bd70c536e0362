/*
 * The disassembler: text that the assembler turns back into the identical bytes.
 */
#ifndef VSP_FRONTEND_DISASSEMBLER_H
#define VSP_FRONTEND_DISASSEMBLER_H

#include "ir/module.h"

/* malloc'd, 0-terminated text the caller frees (*length without the 0), or null: out of memory. */
char *vsp_disassemble(const vsp_module_data *m, size_t *length);

/* One instruction without labels or address, such as "ADD R0, R0, R1", for messages;
   returns the length it needed. Targets are printed as numbers. */
size_t vsp_disassemble_insn(const vsp_module_data *m, const vsp_insn *insn, char *out, size_t size);

#endif
