/*
 * Masks for addresses that were checked: they keep a processor that continues speculatively after a
 * mispredicted check from reading beyond linear memory. A mask is computed from the address itself,
 * as Linux's array_index_mask_nospec does, and an empty assembler statement hides from the compiler
 * that the check has already decided it.
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
#else /* there is no way to hide a value */
enum { VSP_HAS_MASKS = 0 };
static inline uint64_t vsp_mask_hide(uint64_t value) { return value; }
#endif

/*
 * ea if n bytes may be accessed there, otherwise 0, which is in the null zone. size: that of
 * memory.
 */
static inline int64_t vsp_mask_address(int64_t ea, unsigned n, uint64_t size)
{
	uint64_t at = vsp_mask_hide((uint64_t)ea), offset = at - VSP_NULL_ZONE, last = size - VSP_NULL_ZONE - n;
	uint64_t outside = (uint64_t)((int64_t)(offset | (last - offset)) >> 63);
	return (int64_t)(at & ~outside);
}

#endif
