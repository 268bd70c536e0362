/*
 * Random bytes on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_SYS_RANDOM_H
#define VSP_APPLE_SYS_RANDOM_H

#include <stddef.h>

int getentropy(void *buffer, size_t size);

#endif
