/* The loop by tail calls (loop_tail.h): one part of its handlers of pairs. */
#include "loop_tail.h"

#define VSP_PART VSP_PART_FLAGS
#define HANDLER HANDLER_FUNCTION
#include "handlers.def"
