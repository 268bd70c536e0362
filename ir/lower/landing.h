/*
 * Marks where indirect jumps and calls may land, for processors that check it: ENDBR of x86's CET,
 * BTI of 64-bit ARM.
 */
#ifndef VSP_LOWER_LANDING_H
#define VSP_LOWER_LANDING_H

#include <llvm-c/Core.h>

/*
 * Has code generated with marks at all functions of the module that may be called by address;
 * objects say so in their notes. Jump tables, which are read-only, are used without a check. Does
 * nothing for targets without marks. To be called again when functions have been added.
 */
void vsp_lower_mark_landings(LLVMModuleRef module);

#endif
