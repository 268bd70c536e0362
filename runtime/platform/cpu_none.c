/*
 * The version for processors that VSP cannot tell apart: code made for one of them cannot be kept
 * for another process.
 */
#include "platform.h"

size_t vsp_plat_processor(uint8_t out[VSP_PLAT_PROCESSOR])
{
	(void)out;
	return 0;
}

void vsp_plat_processor_name(char *out, size_t size)
{
	if (size)
		out[0] = 0;
}
