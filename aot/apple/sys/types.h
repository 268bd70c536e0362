/*
 * Types of the system on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_SYS_TYPES_H
#define VSP_APPLE_SYS_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef long ssize_t;
typedef int64_t off_t;
typedef int32_t dev_t, pid_t;
typedef uint16_t mode_t, nlink_t;
typedef uint64_t ino_t;
typedef uint32_t uid_t, gid_t;

#endif
