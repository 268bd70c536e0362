/*
 * The table of which handler lowers which form. It is an expansion of the instruction table, so a
 * form without a handler does not link.
 */
#include "dispatch.h"

const vsp_lower_handler vsp_lower_handlers[VSP_FORMS] = {
#define INSN(NAME, ...) [VSP_I_##NAME] = vsp_lower_##NAME,
#include "ir/opcodes.def"
};
