/*
 * The version for systems where programs cannot ask for processor features, so compilers must not
 * use any.
 */
#include "platform.h"

bool vsp_plat_feature(const char *name, size_t length)
{
	(void)name;
	(void)length;
	return false;
}
