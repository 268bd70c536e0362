/*
 * What one work item of a device computes of a batch instruction, by the functions that the CPU
 * uses too. This file is compiled for devices alone (tiers/gpu), where linear memory is in an
 * address space of its own; nothing of it is in libvsp.
 *
 * All have the parameters of kernels (ir/lower/kernel.h) behind the number of the item. The
 * argument holds the addresses of destination and source, the budget what else the instruction
 * says. Floats in memory need not be aligned, and are moved byte by byte.
 */
#include <string.h>

#include "bytesil.h"
#include "device_work.h"

#if !defined(__clang__)
#error "address spaces are clang's"
#endif
#define DEVICE __attribute__((address_space(1)))

#define ITEM(name) \
	void vsp_item_##name(uint64_t item, DEVICE uint8_t *memory, uint64_t size, uint64_t first, uint64_t count, \
	        uint64_t argument, uint64_t budget, DEVICE uint64_t *record, uint64_t operation); \
	void vsp_item_##name(uint64_t item, DEVICE uint8_t *memory, uint64_t size, uint64_t first, uint64_t count, \
	        uint64_t argument, uint64_t budget, DEVICE uint64_t *record, uint64_t operation)

/* What the parameters mean here; each item uses some of them. */
#define PARAMETERS \
	DEVICE uint8_t *dst = memory + (uint32_t)argument; \
	const DEVICE uint8_t *src = memory + (argument >> 32); \
	uint64_t i = first + item; \
	(void)size, (void)count, (void)budget, (void)record, (void)operation, (void)dst, (void)src, (void)i

static float load_f32(const DEVICE uint8_t *p)
{
	uint32_t bits = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	float f;
	memcpy(&f, &bits, sizeof f);
	return f;
}

static void store_f32(DEVICE uint8_t *p, float f)
{
	uint32_t bits;
	memcpy(&bits, &f, sizeof bits);
	for (unsigned n = 0; n < 4; n++)
		p[n] = (uint8_t)(bits >> 8 * n);
}

/* One component of a gradient. */
ITEM(gradb)
{
	PARAMETERS;
	store_f32(dst + 4 * i, i % 16 == 15 ? 0.0f : vsp_bytesil_distance(src[i], src[i + 1]));
}

/* One layer; the budget is the rate's bits. */
ITEM(descb)
{
	PARAMETERS;
	uint32_t bits = (uint32_t)budget;
	float rate;
	memcpy(&rate, &bits, sizeof rate);
	dst[i] = vsp_bytesil_descent(dst[i], rate, load_f32(src + 4 * i));
}

/* One byte. */
#define VMAP(name, selector, value) \
	ITEM(vmap_##name) \
	{ \
		PARAMETERS; \
		uint8_t x = dst[i], y = src[i]; \
		(void)x; \
		dst[i] = (uint8_t)(value); \
	}
#include "vmap.def"

/* What the cost model takes for a kernel: instructions that need each other's results. */
ITEM(work)
{
	PARAMETERS;
	uint64_t x = i;
	for (uint64_t n = 0; n < VSP_WORK_TURNS; n++) {
		x = x * 6364136223846793005u + n;
		x ^= x >> 29;
	}
	dst[i] = (uint8_t)x;
}

/* The exclusive or of every count-th byte from this item on, up to the budget, behind the
   record. */
ITEM(vred_xor)
{
	PARAMETERS;
	uint8_t all = 0;
	for (uint64_t n = item; n < budget; n += count)
		all ^= src[n];
	((DEVICE uint8_t *)(record + 1))[item] = all;
}
