/*
 * The calls that need the compiler library. This build has none: they say so.
 */
#include "api.h"

#include "runtime/error.h"

vsp_status vsp_compiler_check(vsp_error *error)
{
	vsp_error_clear(error);
	return vsp_error_set(error, VSP_E_UNSUPPORTED,
	        "tiers 1 and 2 need the compiler library, which this build of VSP does not have");
}

vsp_status vsp_aot_compile(
        const vsp_module *module, const char *path, const char *const *options, size_t count, vsp_error *error)
{
	vsp_error_clear(error);
	if (!module || !path || (count && !options))
		return vsp_error_set(error, VSP_E_ARGUMENT, "%s is null",
		        !module ? "module"
		        : !path ? "path"
		                : "options");
	return vsp_error_set(error, VSP_E_UNSUPPORTED,
	        "compiling ahead of time needs the compiler library, which this build of VSP does not have");
}
