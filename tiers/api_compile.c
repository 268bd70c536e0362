/*
 * The calls that need the compiler library. This build has none: they say so.
 */
#include "api.h"

#include "runtime/alloc.h"
#include "runtime/error.h"
#include "runtime/platform.h"

vsp_status vsp_compiler_check(vsp_error *error)
{
	vsp_error_clear(error);
	if (VSP_COMPILER)
		return VSP_OK;
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

vsp_status vsp_emit_llvm(vsp_instance *instance, const char *path, vsp_error *error)
{
	vsp_error_clear(error);
	if (!instance || !path || !instance->module || instance->active)
		return vsp_error_set(
		        error, VSP_E_ARGUMENT, "no path, or no instance with a program that is not running");
	if (!instance->manager)
		return vsp_error_set(error, VSP_E_UNSUPPORTED, "the instance has no compiler");
	size_t length;
	char *text = vsp_manager_text(instance->manager, &length);
	if (!text)
		return VSP_E_MEMORY;
	const char *why = vsp_plat_file_write(path, text, length);
	vsp_free_memory(text);
	return why ? vsp_error_set(error, VSP_E_IO, "%s: %s", path, why) : VSP_OK;
}
