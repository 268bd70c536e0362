/*
 * Mappings of memory on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_SYS_MMAN_H
#define VSP_APPLE_SYS_MMAN_H

#include <stddef.h>
#include <stdint.h>

#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define MAP_SHARED 0x0001
#define MAP_PRIVATE 0x0002
#define MAP_FIXED 0x0010
#define MAP_NORESERVE 0x0040
#define MAP_JIT 0x0800
#define MAP_ANONYMOUS 0x1000
#define MADV_NORMAL 0
#define MADV_FREE 5
#define MAP_FAILED ((void *)-1)

void *mmap(void *address, size_t size, int protection, int flags, int file, int64_t offset);
int mprotect(void *address, size_t size, int protection);
int munmap(void *address, size_t size);
int madvise(void *address, size_t size, int advice);

#endif
