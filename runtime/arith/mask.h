/*
 * Masks for addresses that were checked: they keep a processor that goes on past a mispredicted check from reading beyond linear memory. A mask is
 * computed from the address itself, as Linux's array_index_mask_nospec does, and an empty assembler statement keeps the compiler from knowing that the check
 * has decided it.
 */
#ifndef VSP_RUNTIME_MASK_H
#define VSP_RUNTIME_MASK_H

#include <stdint.h>

#include "runtime/base/machine.h"

#if defined(__GNUC__)
enum { VSP_HAS_MASKS = 1 };
static inline uint64_t vsp_mask_hide(uint64_t value)
{
	__asm__("" : "+r"(value));
	return value;
}
#else /* no way to hide a value */
enum { VSP_HAS_MASKS = 0 };
static inline uint64_t vsp_mask_hide(uint64_t value) { return value; }
#endif

/* ea, at which n bytes may be accessed; where they may not, 0, which is in the null zone. size: of memory. */
static inline int64_t vsp_mask_address(int64_t ea, unsigned n, uint64_t size)
{
	uint64_t at = vsp_mask_hide((uint64_t)ea), offset = at - VSP_NULL_ZONE, last = size - VSP_NULL_ZONE - n;
	uint64_t outside = (uint64_t)((int64_t)(offset | (last - offset)) >> 63);
	return (int64_t)(at & ~outside);
}

#endif
