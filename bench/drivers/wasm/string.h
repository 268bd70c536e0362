/* The memory functions the kernels use, for WebAssembly, where both are instructions. */
#include <stddef.h>

#define memcpy(to, from, size) __builtin_memcpy(to, from, size)
#define memset(to, value, size) __builtin_memset(to, value, size)
