/*
 * Limits of paths and pipes on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_LIMITS_H
#define VSP_APPLE_LIMITS_H

#include_next <limits.h>

#define PATH_MAX 1024
#define PIPE_BUF 512

#endif
