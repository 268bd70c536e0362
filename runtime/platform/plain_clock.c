/*
 * The time of day by C11's own clock, for platforms without better files and clocks.
 */
#include "files.h"

#include <time.h>

int vsp_clock_real(uint64_t *ns)
{
	struct timespec t = {0};
	if (timespec_get(&t, TIME_UTC) != TIME_UTC)
		return VSP_FILE_NOTSUP;
	*ns = (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
	return 0;
}
