/*
 * For tests of batch instructions: a state with memory of bytes without pattern, a copy of it, and
 * functions for LAUNCH and PIPE that note how they are called.
 */
#ifndef VSP_TEST_BATCH_SUPPORT_H
#define VSP_TEST_BATCH_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/backends/provider.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"

enum { PAGES = 4, SIZE = PAGES * 65536, BASE = 0x10000 };

static vsp_rt rt;
static uint8_t before[SIZE];
static vsp_rt_func funcs[4];

/* The values seen by the functions that LAUNCH and PIPE run. */
static struct {
	uint64_t calls, r0_sum, r1;
	int trap, trap_at;
	bool ranges_set;
} seen;

/* Function 0: a transform that adds 1 to R0; 1: a transform that traps; 2: a kernel; 3: a
   function. */
static inline int run_function(vsp_rt *self, uint32_t func, uint64_t regs[16])
{
	seen.r0_sum += regs[0];
	seen.r1 = regs[1];
	seen.ranges_set = self->ranges != NULL;
	if (func == 1 || (seen.trap && (uint64_t)seen.trap_at == seen.calls)) {
		regs[0] = 999;
		return vsp_rt_fail(self, VSP_TRAP_DIV_BY_ZERO, NULL);
	}
	seen.calls++;
	regs[0]++;
	return 0;
}

/* Memory of bytes without pattern. */
static inline void fill(void)
{
	uint32_t x = 2463534242u; /* xorshift32, Marsaglia */
	for (uint32_t i = BASE; i < SIZE; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		rt.memory.base[i] = (uint8_t)(x >> 11);
	}
	memcpy(before + BASE, rt.memory.base + BASE, SIZE - BASE);
}

static inline int setup(void **state)
{
	(void)state;
	memset(&rt, 0, sizeof rt);
	memset(&seen, 0, sizeof seen);
	const uint8_t kinds[4] = {VSP_KIND_TRANSFORM, VSP_KIND_TRANSFORM, VSP_KIND_KERNEL, VSP_KIND_FUNCTION};
	for (unsigned i = 0; i < 4; i++)
		funcs[i].kind = kinds[i];
	rt.funcs = funcs;
	rt.func_count = 4;
	rt.run_function = run_function;
	rt.backends = vsp_backends_create(NULL, 0);
	assert_non_null(rt.backends);
	assert_int_equal(vsp_memory_create(&rt.memory, PAGES, PAGES, VSP_BOUNDS_AUTO), VSP_OK);
	fill();
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	vsp_memory_destroy(&rt.memory);
	vsp_backends_destroy(rt.backends);
	return 0;
}

static inline void memory_is_as_before(void) { assert_memory_equal(rt.memory.base + BASE, before + BASE, SIZE - BASE); }

static inline void put32(uint32_t at, uint32_t v) { vsp_write_le(rt.memory.base + at, v, 4); }

static inline void put_block(uint32_t at, uint32_t address, uint32_t length, uint32_t flags)
{
	put32(at, 1);
	put32(at + 4, address);
	put32(at + 8, length);
	put32(at + 12, flags);
}

#endif
