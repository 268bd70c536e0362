/* The handlers of the lowering by form; see dispatch.c. */
#ifndef VSP_LOWER_DISPATCH_H
#define VSP_LOWER_DISPATCH_H

#include "context.h"

typedef void (*vsp_lower_handler)(vsp_fn *f, const vsp_insn *i);
extern const vsp_lower_handler vsp_lower_handlers[VSP_FORMS];

#endif
