/*
 * Processor features where programs cannot ask for them; compilers are not to use any.
 */
#include "platform.h"

bool vsp_plat_feature(const char *name, size_t length)
{
	(void)name;
	(void)length;
	return false;
}
