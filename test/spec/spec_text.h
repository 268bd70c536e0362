/*
 * A module by way of its disassembly, which must assemble to the same bytes.
 */
#ifndef VSP_TEST_SPEC_TEXT_H
#define VSP_TEST_SPEC_TEXT_H

#include <vsp/vsp.h>

/* The module that the text of this one assembles to, in its place: frees it. Null with *error when
   the text is refused or gives other bytes. */
vsp_module *spec_text_again(vsp_module *module, vsp_error *error);

#endif
