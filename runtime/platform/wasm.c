/*
 * The second part of the portable platform for WebAssembly with WASI. Its calls cannot be left,
 * because there is no vsp_plat_leave, and programs for WebAssembly are compiled so that they do not
 * need it. The rest is what WASI tells about the surroundings.
 */
#include "local.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

/* ---- protected calls ---- */

vsp_plat_outcome vsp_plat_protect(vsp_plat_region *region, void (*fn)(void *), void *arg)
{
	vsp_plat_region_open(region);
	fn(arg);
	vsp_plat_region_close(region);
	return VSP_PLAT_RETURNED;
}

void vsp_plat_backtrace(void) {} /* engines do not tell */

/* ---- surroundings ---- */

uint64_t vsp_plat_clock_ns(void)
{
	struct timespec t = {0};
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

bool vsp_plat_random(void *buffer, size_t size)
{
	enum { MOST = 256 }; /* the limit of getentropy */
	for (uint8_t *at = buffer; size;) {
		size_t n = size < MOST ? size : MOST;
		if (getentropy(at, n) != 0)
			return false;
		at += n;
		size -= n;
	}
	return true;
}

/* The engine cannot be asked whether there is input; it waits. */
long vsp_plat_read_some(FILE *stream, void *buffer, size_t size, uint64_t timeout_ns)
{
	if (!timeout_ns)
		return -1;
	ssize_t n = read(fileno(stream), buffer, size);
	return n >= 0 ? (long)n : errno == EINTR || errno == EAGAIN ? -1 : -2;
}

long vsp_plat_write_some(FILE *stream, const void *data, size_t size, uint64_t timeout_ns)
{
	(void)timeout_ns;
	return fwrite(data, 1, size, stream) == size && fflush(stream) == 0 ? (long)size : -2;
}

bool vsp_plat_prepare_streams(void) { return true; } /* nothing else is ever opened */

bool vsp_plat_is_terminal(int stream) { return isatty(stream) == 1; }

/*
 * Defined by the linker: the stack of what C keeps in memory. The engine's own stack of calls
 * cannot be seen; see aot/runtime/wasm.c.
 */
extern const char __stack_low, __stack_high;

bool vsp_plat_stack(const void **low, const void **high)
{
	*low = &__stack_low;
	*high = &__stack_high;
	return true;
}
