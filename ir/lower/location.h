/*
 * The place in the program of the code that is being built.
 */
#ifndef VSP_LOWER_LOCATION_H
#define VSP_LOWER_LOCATION_H

#include "context.h"

/*
 * Gives debug information to the LLVM function, whose prologue has the place pc, if options ask for
 * it; then sets the place of the code that is built from here on.
 */
void vsp_lower_set_scope(vsp_fn *f, uint32_t pc);
void vsp_lower_set_location(vsp_fn *f, uint32_t pc);

#endif
