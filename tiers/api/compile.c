/*
 * The functions of the API that need the compiler library. In builds without it they report that.
 */
#include "api.h"

#include "frontend/silc/silc.h"
#include "ir/profile_text.h"
#include "tiers/jit.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/platform/platform.h"

static bool is_file(void *user, const char *path)
{
	vsp_plat_stamp stamp;
	(void)user;
	return vsp_plat_file_stamp(path, &stamp) && !stamp.is_directory;
}

/*
 * The library for compiling ahead of time contains all of LLVM's targets, and takes long to open.
 */
static bool has_builder(void)
{
	return vsp_plat_library_paths(VSP_AOT_LIBRARY, is_file, NULL) || vsp_plat_dlopen(VSP_AOT_LIBRARY);
}

vsp_status vsp_compiler_check(vsp_error *error)
{
	const vsp_jit_api *api;
	vsp_error_clear(error);
	if (!VSP_COMPILER)
		return vsp_error_set(error, VSP_E_UNSUPPORTED,
		        "tiers 1 and 2 need the compiler library, which this build of VSP does not have; tiers auto "
		        "and "
		        "interp do without");
	const char *why = vsp_jit_open(&api);
	if (!why && !has_builder())
		why = "the compiler library " VSP_AOT_LIBRARY " is not there";
	if (!why)
		return VSP_OK;
	return vsp_error_set(error, VSP_E_UNSUPPORTED,
	        "%s; install it where VSP's libraries are, and LLVM's library if it needs that, or let VSP_LIBRARY_DIR "
	        "name their folder",
	        why);
}

vsp_status vsp_module_hash(const vsp_module *module, uint64_t *hash, vsp_error *error)
{
	size_t size;
	vsp_error own = VSP_ERROR_INIT;
	uint8_t *bytes = vsp_silc_write(module->data, &size, &own);
	if (!bytes)
		return vsp_error_give(error, &own);
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
		        "compiling ahead of time needs the compiler library, which this build of VSP does not have; "
		        "one "
		        "that has it compiles for all systems (target)");
	else if (!symbol)
		vsp_error_set(error, VSP_E_UNSUPPORTED,
		        "the compiler library " VSP_AOT_LIBRARY " cannot be opened, or is of another version");
	return (vsp_aot_build_fn)(uintptr_t)symbol;
}

vsp_status vsp_aot_compile(
        const vsp_module *module, const char *path, const char *const *options, size_t count, vsp_error *error)
{
	vsp_error own = VSP_ERROR_INIT;
	uint64_t hash = 0;
	vsp_error_clear(error);
	if (!module || !path || (count && !options))
		return vsp_error_set(error, VSP_E_ARGUMENT, "%s is null",
		        !module ? "module"
		        : !path ? "path"
		                : "options");
	for (size_t i = 0; i < count; i++)
		if (!options[i])
			return vsp_error_set(error, VSP_E_ARGUMENT, "options[%zu] is null", i);
	vsp_aot_build_fn build = open_builder(&own);
	if (build && vsp_module_hash(module, &hash, &own) == VSP_OK)
		build(module->data, hash, path, options, count, &own);
	return vsp_error_give(error, &own);
}

/* ---- what can be written from an instance: as text, or to a file ---- */

char *vsp_llvm_text(vsp_instance *instance, size_t *length, vsp_error *error)
{
	vsp_error local = VSP_ERROR_INIT;
	size_t own;
	error = error ? error : &local;
	vsp_error_clear(error);
	if (!instance || !instance->module || instance->active) {
		vsp_error_set(error, VSP_E_ARGUMENT, "no instance with a program that is not running");
		return NULL;
	}
	if (!instance->manager) {
		vsp_error_set(error, VSP_E_UNSUPPORTED, "the instance has no compiler");
		return NULL;
	}
	return vsp_manager_text(instance->manager, length ? length : &own, error);
}

char *vsp_trace_text(vsp_instance *instance, size_t *length, vsp_error *error)
{
	size_t own;
	vsp_error_clear(error);
	if (!instance || instance->active) {
		vsp_error_set(error, VSP_E_ARGUMENT, "no instance that is not running");
		return NULL;
	}
	if (!instance->trace) {
		vsp_error_set(error, VSP_E_ARGUMENT, "nothing was recorded: config.observe lacks VSP_OBSERVE_TRACE");
		return NULL;
	}
	char *text = vsp_trace_json(instance->trace, length ? length : &own);
	if (!text)
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	return text;
}

char *vsp_profile_text(vsp_instance *instance, size_t *length, vsp_error *error)
{
	vsp_error local = VSP_ERROR_INIT;
	uint64_t hash = 0;
	size_t own;
	error = error ? error : &local;
	vsp_error_clear(error);
	if (!instance || !instance->module || instance->active) {
		vsp_error_set(error, VSP_E_ARGUMENT, "no instance with a program that is not running");
		return NULL;
	}
	if (instance->config.profile < VSP_PROFILE_COMPLETE) {
		vsp_error_set(error, VSP_E_ARGUMENT, "nothing was counted: config.profile is not VSP_PROFILE_COMPLETE");
		return NULL;
	}
	if (vsp_module_hash(instance->module, &hash, error) != VSP_OK)
		return NULL;
	char *text = vsp_profile_write_text(instance->profile, hash, length ? length : &own);
	if (!text)
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	return text;
}

typedef char *(*text_fn)(vsp_instance *instance, size_t *length, vsp_error *error);

static vsp_status write_text(vsp_instance *instance, text_fn make, const char *path, vsp_error *error)
{
	vsp_error own = VSP_ERROR_INIT;
	size_t length;
	vsp_error_clear(error);
	if (!path)
		return vsp_error_set(error, VSP_E_ARGUMENT, "path is null");
	char *text = make(instance, &length, &own);
	if (!text)
		return vsp_error_give(error, &own);
	const char *why = vsp_plat_file_write(path, text, length);
	vsp_free_memory(text);
	return why ? vsp_error_set(error, VSP_E_IO, "cannot write '%s': %s", path, why) : VSP_OK;
}

vsp_status vsp_emit_llvm(vsp_instance *instance, const char *path, vsp_error *error)
{
	return write_text(instance, vsp_llvm_text, path, error);
}

vsp_status vsp_trace_write(vsp_instance *instance, const char *path, vsp_error *error)
{
	return write_text(instance, vsp_trace_text, path, error);
}

vsp_status vsp_profile_write(vsp_instance *instance, const char *path, vsp_error *error)
{
	return write_text(instance, vsp_profile_text, path, error);
}
