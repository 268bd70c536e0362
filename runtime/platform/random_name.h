/*
 * Names for temporary files and folders that nobody can guess, so that another user cannot be there
 * first.
 */
#ifndef VSP_RUNTIME_RANDOM_NAME_H
#define VSP_RUNTIME_RANDOM_NAME_H

#include <stdio.h>

#include "platform.h"

enum { VSP_RANDOM_DIGITS = 17 }; /* with the 0 at the end */

/* Without random numbers the clock must do; whoever makes the file then refuses one that exists. */
static inline void vsp_random_digits(char digits[VSP_RANDOM_DIGITS])
{
	uint64_t salt = vsp_plat_clock_ns();
	vsp_plat_random(&salt, sizeof salt);
	snprintf(digits, VSP_RANDOM_DIGITS, "%016llx", (unsigned long long)salt);
}

#endif
