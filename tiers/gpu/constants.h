/* Moves constant tables to where devices have them; see constants.c. */
#ifndef VSP_GPU_CONSTANTS_H
#define VSP_GPU_CONSTANTS_H

#include <llvm-c/Core.h>
#include <stdbool.h>

/*
 * Moves the tables of a module to the address space of constants. False: one is used in a way that
 * is not known.
 */
bool vsp_gpu_move_constants(LLVMModuleRef module);

#endif
