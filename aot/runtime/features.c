/*
 * Does this processor have the features the program was compiled for? Only in programs that were
 * compiled for some.
 */
#include "program.h"

#include <string.h>

#include "runtime/base/error.h"
#include "runtime/platform/platform.h"

vsp_status vsp_aot_check_features(const char *list, vsp_error *error)
{
	while (*list) {
		size_t length = strcspn(list, ",");
		if (!vsp_plat_feature(list, length))
			return vsp_error_set(error, VSP_E_UNSUPPORTED,
			        "the program was compiled for processors with %.*s, which this one lacks, or its "
			        "system does not "
			        "tell; compile it without --mcpu and --mattr, or with --mcpu=native on this machine",
			        (int)length, list);
		list += length + (list[length] == ',');
	}
	return VSP_OK;
}
