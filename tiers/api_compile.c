/*
 * The calls that need the compiler library. Builds without it say so.
 */
#include "api.h"

#include "frontend/silc.h"
#include "ir/profile_text.h"
#include "jit.h"
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

vsp_status vsp_module_hash(const vsp_module *module, uint64_t *hash, vsp_error *error)
{
	size_t size;
	uint8_t *bytes = vsp_silc_write(module->data, &size, error);
	if (!bytes)
		return error->code;
	*hash = vsp_silc_checksum(bytes, size);
	vsp_free_memory(bytes);
	return VSP_OK;
}

static vsp_aot_build_fn open_builder(vsp_error *error)
{
	void *library = VSP_COMPILER ? vsp_plat_dlopen(VSP_AOT_LIBRARY) : NULL;
	void *symbol = library ? vsp_plat_dlsym(library, VSP_AOT_SYMBOL) : NULL;
	if (!VSP_COMPILER)
		vsp_error_set(error, VSP_E_UNSUPPORTED,
		        "compiling ahead of time needs the compiler library, which this build of VSP does not have");
	else if (!symbol)
		vsp_error_set(error, VSP_E_UNSUPPORTED,
		        "the compiler library " VSP_AOT_LIBRARY " cannot be opened, or is of another version");
	return (vsp_aot_build_fn)(uintptr_t)symbol;
}

vsp_status vsp_aot_compile(
        const vsp_module *module, const char *path, const char *const *options, size_t count, vsp_error *error)
{
	vsp_error local = VSP_ERROR_INIT;
	uint64_t hash = 0;
	error = error ? error : &local;
	vsp_error_clear(error);
	if (!module || !path || (count && !options))
		return vsp_error_set(error, VSP_E_ARGUMENT, "%s is null",
		        !module ? "module"
		        : !path ? "path"
		                : "options");
	for (size_t i = 0; i < count; i++)
		if (!options[i])
			return vsp_error_set(error, VSP_E_ARGUMENT, "options[%zu] is null", i);
	vsp_aot_build_fn build = open_builder(error);
	if (!build || vsp_module_hash(module, &hash, error) != VSP_OK)
		return error->code;
	return build(module->data, hash, path, options, count, error);
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
	vsp_error local = VSP_ERROR_INIT;
	char *text = vsp_manager_text(instance->manager, &length, error ? error : &local);
	if (!text)
		return error ? error->code : local.code;
	const char *why = vsp_plat_file_write(path, text, length);
	vsp_free_memory(text);
	return why ? vsp_error_set(error, VSP_E_IO, "cannot write '%s': %s", path, why) : VSP_OK;
}

vsp_status vsp_trace_write(vsp_instance *instance, const char *path, vsp_error *error)
{
	vsp_error_clear(error);
	if (!instance || !path || instance->active)
		return vsp_error_set(error, VSP_E_ARGUMENT, "no path, or no instance that is not running");
	if (!instance->trace)
		return vsp_error_set(
		        error, VSP_E_ARGUMENT, "nothing was recorded: config.observe lacks VSP_OBSERVE_TRACE");
	size_t length;
	char *text = vsp_trace_text(instance->trace, &length);
	if (!text)
		return vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	const char *why = vsp_plat_file_write(path, text, length);
	vsp_free_memory(text);
	return why ? vsp_error_set(error, VSP_E_IO, "cannot write '%s': %s", path, why) : VSP_OK;
}

vsp_status vsp_profile_write(vsp_instance *instance, const char *path, vsp_error *error)
{
	vsp_error local = VSP_ERROR_INIT;
	error = error ? error : &local;
	vsp_error_clear(error);
	uint64_t hash = 0;
	size_t length;
	if (!instance || !path || !instance->module || instance->active)
		return vsp_error_set(
		        error, VSP_E_ARGUMENT, "no path, or no instance with a program that is not running");
	if (instance->config.profile < VSP_PROFILE_COMPLETE)
		return vsp_error_set(
		        error, VSP_E_ARGUMENT, "nothing was counted: config.profile is not VSP_PROFILE_COMPLETE");
	if (vsp_module_hash(instance->module, &hash, error) != VSP_OK)
		return error->code;
	char *text = vsp_profile_write_text(instance->profile, hash, &length);
	if (!text)
		return vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	const char *why = vsp_plat_file_write(path, text, length);
	vsp_free_memory(text);
	return why ? vsp_error_set(error, VSP_E_IO, "cannot write '%s': %s", path, why) : VSP_OK;
}
