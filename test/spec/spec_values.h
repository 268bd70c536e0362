/*
 * Values of wast2json: arguments, and results that are expected.
 */
#ifndef VSP_TEST_SPEC_VALUES_H
#define VSP_TEST_SPEC_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "json.h"

/* A {"type", "value"} as a register; the host's reference n is n + 1. False: an unknown type. */
bool spec_value(const json *value, int64_t *out);
/* Is the register what the test expects? i32 must be sign-extended. */
bool spec_matches(const json *expected, int64_t result);

#endif
