/*
 * Caches of instructions on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_LIBKERN_OSCACHECONTROL_H
#define VSP_APPLE_LIBKERN_OSCACHECONTROL_H

#include <stddef.h>

void sys_icache_invalidate(void *start, size_t size);

#endif
