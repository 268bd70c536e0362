/*
 * Formats of integer types on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_INTTYPES_H
#define VSP_APPLE_INTTYPES_H

#include <stdint.h>

#define PRId64 "lld"
#define PRIu32 "u"
#define PRIu64 "llu"
#define PRIx32 "x"
#define PRIx64 "llx"
#define PRIX32 "X"
#define PRIX64 "llX"
#define SCNu32 "u"

#endif
