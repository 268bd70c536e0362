/*
 * The part of the loop by tail calls (loop_tail.h) with the handlers of pairs that record flags,
 * and of ends of loops.
 */
#include "loop_tail.h"

#define VSP_PART VSP_PART_FLAGS
#define HANDLER HANDLER_FUNCTION
#include "handlers.def"
