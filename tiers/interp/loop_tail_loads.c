/*
 * The part of the loop by tail calls (loop_tail.h) with the handlers of pairs that begin with a
 * load or a float operation.
 */
#include "loop_tail.h"

#define VSP_PART VSP_PART_LOADS
#define HANDLER HANDLER_FUNCTION
#include "handlers.def"
