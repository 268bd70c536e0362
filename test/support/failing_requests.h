/*
 * What tests share that fail the requests for memory of one of libvsp's compilers, one after the
 * other: the program that is compiled, the functions by which requests fail, and how many are left
 * out.
 */
#ifndef VSP_TEST_FAILING_REQUESTS_H
#define VSP_TEST_FAILING_REQUESTS_H

#include <stdint.h>
#include <stdlib.h>

#include "runtime/platform/platform.h"

static const char failing_source[] = ".func main() -> 1\n"
                                     "MOVI R1, 3000\n"
                                     "again: INVOKE step\n"
                                     "ADDI R1, R1, -1\n"
                                     "BNZ R1, again\n"
                                     "RET\n"
                                     ".end\n"
                                     ".func step(1) -> 1\n"
                                     "ADDI R0, R0, 7\n"
                                     "RET\n"
                                     ".end\n";

/* Makes the n-th request fail, counted from 1 and from now, and those after it; 0: none. Returns
   how many there were since the last call. */
typedef uint64_t fail_at_fn(uint64_t n);

/* That function of a shared object; null: it has none, as outside of hostile builds. */
static inline fail_at_fn *find_fail_at(const char *library, const char *name)
{
	void *opened = vsp_plat_dlopen(library);
	return opened ? (fail_at_fn *)(uintptr_t)vsp_plat_dlsym(opened, name) : NULL;
}

/* Every so many requests one fails: step of them, unless VSP_ALLOCATION_STEP says otherwise. */
static inline uint64_t failing_step(uint64_t step)
{
	const char *given = getenv("VSP_ALLOCATION_STEP");
	if (given)
		step = strtoull(given, NULL, 10);
	return step ? step : 1;
}

#endif
