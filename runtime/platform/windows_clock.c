/*
 * The time of day on Windows, whose older C library lacks C11's clock.
 */
#include "files.h"

#include <windows.h>

int vsp_clock_real(uint64_t *ns)
{
	const uint64_t before_1970 = UINT64_C(116444736000000000); /* since 1601, in units of 100 ns */
	FILETIME now;
	GetSystemTimeAsFileTime(&now);
	*ns = (((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime) - before_1970) * 100;
	return 0;
}
