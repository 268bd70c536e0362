/*
 * Programs that bytes decide on: every form of the instruction table with plausible operands,
 * targets at instructions, calls of functions of the right kind. Without damage they are valid by
 * construction.
 */
#ifndef VSP_TEST_FUZZ_PROGRAM_H
#define VSP_TEST_FUZZ_PROGRAM_H

#include "fuzz.h"
#include "test/support/silc_builder.h"

/* The file; free with silc_bytes_free. It imports env.f(1) -> 1, and exports functions f0, f1... */
silc_bytes fuzz_program(fuzz_input *in);

#endif
