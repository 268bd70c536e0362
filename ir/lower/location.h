/* Where in the program the code that is being built is from. */
#ifndef VSP_LOWER_LOCATION_H
#define VSP_LOWER_LOCATION_H

#include "context.h"

/* Gives the LLVM function, whose prologue has the place pc, debug information where that is wanted; then the place of what is built from here on. */
void vsp_lower_set_scope(vsp_fn *f, uint32_t pc);
void vsp_lower_set_location(vsp_fn *f, uint32_t pc);

#endif
