/*
 * Questions to the kernel on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_SYS_SYSCTL_H
#define VSP_APPLE_SYS_SYSCTL_H

#include <stddef.h>

int sysctlbyname(const char *name, void *value, size_t *size, void *new_value, size_t new_size);

#endif
