/*
 * Address space on POSIX: it is reserved without memory, and committed piece by piece.
 */
#include "platform.h"

#include <sys/mman.h>
#include <unistd.h>

#if !defined(MAP_NORESERVE)
#define MAP_NORESERVE 0 /* a hint that some systems lack */
#endif

/* Apple's systems have a call of their own for what is else the compiler's. */
#if defined(__APPLE__)
#include <libkern/OSCacheControl.h>
#define VSP_CLEAR_CACHE(start, size) sys_icache_invalidate(start, size)
#else
#define VSP_CLEAR_CACHE(start, size) __builtin___clear_cache(start, (start) + (size))
#endif

size_t vsp_plat_page_size(void)
{
	long size = sysconf(_SC_PAGESIZE);
	return size > 0 ? (size_t)size : 4096;
}

void *vsp_plat_reserve(uint64_t bytes)
{
	if (bytes > SIZE_MAX)
		return NULL;
	void *p = mmap(NULL, (size_t)bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

bool vsp_plat_commit(void *address, uint64_t bytes)
{
	return mprotect(address, (size_t)bytes, PROT_READ | PROT_WRITE) == 0;
}

/*
 * A new mapping in place of the old pages gives their memory back, and makes them zero when they
 * are committed again.
 */
bool vsp_plat_decommit(void *address, uint64_t bytes)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
	return mmap(address, (size_t)bytes, PROT_NONE, flags, -1, 0) != MAP_FAILED;
}

/* Only Linux promises that MADV_DONTNEED makes pages of a private mapping zero. */
#if defined(__linux__)
bool vsp_plat_discard(void *address, uint64_t bytes) { return madvise(address, (size_t)bytes, MADV_DONTNEED) == 0; }
#else
bool vsp_plat_discard(void *address, uint64_t bytes)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
	return mmap(address, (size_t)bytes, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED;
}
#endif

bool vsp_plat_make_executable(void *address, uint64_t bytes)
{
	char *start = address;
	VSP_CLEAR_CACHE(start, (size_t)bytes);
	return mprotect(address, (size_t)bytes, PROT_READ | PROT_EXEC) == 0;
}

bool vsp_plat_make_read_only(void *address, uint64_t bytes) { return mprotect(address, (size_t)bytes, PROT_READ) == 0; }

void vsp_plat_release(void *address, uint64_t bytes) { munmap(address, (size_t)bytes); }
