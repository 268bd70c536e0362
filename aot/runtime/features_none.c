/*
 * Processor features where nothing is checked; see features.def.
 */
#include "program.h"

vsp_status vsp_aot_check_features(const char *list, vsp_error *error)
{
	(void)list;
	(void)error;
	return VSP_OK;
}
