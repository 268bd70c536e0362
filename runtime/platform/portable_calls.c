/*
 * The second part of the platform in C11 alone: calls that can be left, by setjmp, and what C11
 * knows of its surroundings, which is only the calendar. WebAssembly uses wasm.c instead.
 */
#include "local.h"

#include <setjmp.h>
#include <signal.h>
#include <time.h>

/* ---- protected calls: left only by vsp_plat_leave ---- */

vsp_plat_outcome vsp_plat_protect(vsp_plat_region *region, void (*fn)(void *), void *arg)
{
	jmp_buf back;
	region->frame = &back;
	vsp_plat_region_open(region);
	vsp_plat_outcome outcome = VSP_PLAT_LEFT;
	if (setjmp(back) == 0) {
		fn(arg);
		outcome = VSP_PLAT_RETURNED;
	}
	vsp_plat_region_close(region);
	return outcome;
}

void vsp_plat_leave(void) { longjmp(*(jmp_buf *)vsp_plat_innermost->frame, 1); }

void vsp_plat_backtrace(void) {} /* it is unknown how */

/* ---- time and randomness ---- */

/* C11's only clock of real time: as monotonic as the host's calendar is. */
uint64_t vsp_plat_clock_ns(void)
{
	struct timespec t = {0};
	timespec_get(&t, TIME_UTC);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

bool vsp_plat_random(void *buffer, size_t size)
{
	(void)buffer;
	return size == 0;
}

/* ---- the stack and the terminal: unknown ---- */

bool vsp_plat_stack(const void **low, const void **high)
{
	(void)low;
	(void)high;
	return false;
}

bool vsp_plat_is_terminal(int stream)
{
	(void)stream;
	return false;
}

/*
 * In C11 it is unknown for how long a read would wait. Reading one byte at a time never waits for
 * more than is asked for.
 */
long vsp_plat_read_some(FILE *stream, void *buffer, size_t size, uint64_t timeout_ns)
{
	(void)size;
	if (!timeout_ns)
		return -1;
	int c = getc(stream);
	*(unsigned char *)buffer = (unsigned char)c;
	return c != EOF ? 1 : ferror(stream) ? -2 : 0;
}

long vsp_plat_write_some(FILE *stream, const void *data, size_t size, uint64_t timeout_ns)
{
	(void)timeout_ns;
	return fwrite(data, 1, size, stream) == size && fflush(stream) == 0 ? (long)size : -2;
}

/* Where these signals exist, a closed pipe and a file beyond the limit of sizes are failed
   writes. */
static const int of_writes[] = {
#ifdef SIGPIPE
        SIGPIPE,
#endif
#ifdef SIGXFSZ
        SIGXFSZ,
#endif
        0};

bool vsp_plat_prepare_streams(void)
{
	for (const int *number = of_writes; *number; number++)
		signal(*number, SIG_IGN);
	return true;
}
