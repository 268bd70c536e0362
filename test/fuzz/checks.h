/*
 * Checks of a module that the reader has accepted.
 */
#ifndef VSP_TEST_FUZZ_CHECKS_H
#define VSP_TEST_FUZZ_CHECKS_H

#include "ir/module.h"

/* bytes are the file's: it is written back the same, can be analysed, and survives disassembly
   and reassembly. */
void check_accepted(const vsp_module_data *m, const uint8_t *bytes, size_t size);

#endif
