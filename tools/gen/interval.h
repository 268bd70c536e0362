/*
 * Interval arithmetic on non-negative fixed-point numbers, for generators that must prove the last
 * bit of a constant.
 *
 * A number has 64 integer bits and 384 fraction bits; an interval holds a lower and an upper bound
 * of an exact real, and every operation rounds outwards, so a comparison or a rounding that
 * succeeds is proven. One that cannot be decided, or an overflow, ends the program with a message,
 * since a generator cannot go on then. Runs on the build machine only.
 */
#ifndef VSP_TOOLS_INTERVAL_H
#define VSP_TOOLS_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>

enum { VSP_FIX_LIMBS = 14, VSP_FIX_FRACTION = 12 }; /* of 32 bits, least significant first */

typedef struct vsp_fix {
	uint32_t limb[VSP_FIX_LIMBS];
} vsp_fix;

typedef struct vsp_interval {
	vsp_fix low, high;
} vsp_interval;

vsp_interval vsp_interval_of(uint32_t integer);
vsp_interval vsp_interval_add(vsp_interval x, vsp_interval y);
/* x - y, which must be known to be positive */
vsp_interval vsp_interval_sub(vsp_interval x, vsp_interval y);
vsp_interval vsp_interval_mul(vsp_interval x, vsp_interval y);
/* x / y; y must be known to be positive */
vsp_interval vsp_interval_div(vsp_interval x, vsp_interval y);
vsp_interval vsp_interval_sqrt(vsp_interval x);
/* e^(n/2), |n| < 60 */
vsp_interval vsp_interval_exp_half(int n);

/* x < y; undecided when the intervals meet. */
bool vsp_interval_less(vsp_interval x, vsp_interval y);
/* Bits of the double nearest to x, ties to even, and of the least double >= x; 2^-300 < x <
   2^63. */
uint64_t vsp_interval_round(vsp_interval x);
uint64_t vsp_interval_round_up(vsp_interval x);

#endif
