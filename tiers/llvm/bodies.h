/*
 * The bodies of the runtime's pure functions, for inlining; see bodies_link.c.
 */
#ifndef VSP_LLVM_BODIES_H
#define VSP_LLVM_BODIES_H

#include <llvm-c/Core.h>
#include <stdbool.h>

/*
 * Adds the bodies of the pure functions that module calls; only the optimiser uses them. False:
 * they cannot be read.
 */
bool vsp_bodies_link(LLVMModuleRef module);

#endif
