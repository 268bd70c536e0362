/*
 * Formats of integer types on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_INTTYPES_H
#define VSP_APPLE_INTTYPES_H

#include <stdint.h>

#define PRId64 "lld"

#endif
