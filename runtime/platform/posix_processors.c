/*
 * The number of processors on POSIX systems other than Linux.
 */
#include "platform.h"

#include <unistd.h>

unsigned vsp_plat_processors(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);
	return count > 0 ? (unsigned)count : 1;
}
