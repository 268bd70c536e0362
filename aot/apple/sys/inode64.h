/*
 * Names of functions that know files by 64 bits on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_SYS_INODE64_H
#define VSP_APPLE_SYS_INODE64_H

/* On x86-64 the plain names are those of older functions, with another layout of their results. */
#if defined(__x86_64__)
#define VSP_INODE64(name) __asm("_" #name "$INODE64")
#else
#define VSP_INODE64(name)
#endif

#endif
