/*
 * The part of the loop by tail calls (loop_tail.h) with the handlers of pairs that begin with
 * arithmetic.
 */
#include "loop_tail.h"

#define VSP_PART VSP_PART_ARITHMETIC
#define HANDLER HANDLER_FUNCTION
#include "handlers.def"
