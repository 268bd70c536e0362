/*
 * Memory for code on macOS. Programs whose runtime is hardened may make code in mappings with
 * MAP_JIT alone, whose protection nobody can change afterwards. On Apple silicon each thread either
 * may write to all such memory or may run it, as it chooses; on x86-64 it always may do both. The
 * system places a mapping by chance.
 */
#include "code_memory.h"
#include "platform.h"

#include <libkern/OSCacheControl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

static void set_writable(bool writable)
{
	if (pthread_jit_write_protect_supported_np())
		pthread_jit_write_protect_np(!writable);
}

void *vsp_code_reserve(uint64_t bytes)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_JIT;
	void *p = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE | PROT_EXEC, flags, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

bool vsp_code_commit(void *code, void *data, uint64_t bytes)
{
	(void)code, (void)data, (void)bytes;
	set_writable(true);
	return true;
}

bool vsp_code_seal(void *code, void *data, uint64_t bytes)
{
	(void)data;
	sys_icache_invalidate(code, (size_t)bytes);
	set_writable(false);
	return true;
}

/* Pages must stay in the mapping, so that what was in them goes first. */
bool vsp_code_decommit(void *code, void *data, uint64_t bytes)
{
	set_writable(true);
	memset(code, 0, (size_t)bytes);
	memset(data, 0, (size_t)bytes);
	sys_icache_invalidate(code, (size_t)bytes);
	set_writable(false);
	return madvise(code, (size_t)bytes, MADV_FREE) == 0 && madvise(data, (size_t)bytes, MADV_FREE) == 0;
}
