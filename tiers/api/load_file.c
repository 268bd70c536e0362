/*
 * Modules of the public API from files: binary if the first bytes or the name say so, otherwise
 * source.
 */
#include "api.h"

#include <string.h>

#include "frontend/wasm/translate.h"
#include "runtime/base/error.h"
#include "runtime/base/sized.h"
#include "runtime/platform/platform.h"

/*
 * A file that needs more memory than this must have that size already: no pipe gets so much memory.
 */
#define PIPE_LIMIT (UINT64_C(1) << 28)

static bool ends_with(const char *path, const char *suffix)
{
	size_t n = strlen(path), m = strlen(suffix);
	return n > m && strcmp(path + n - m, suffix) == 0;
}

/*
 * No source begins with a 0, as WebAssembly of every version does, or with the 7F of the system's
 * own programs: the assembler would have something to say of every line of them.
 */
bool vsp_bytes_are_binary(const void *bytes, size_t size)
{
	const uint8_t *first = bytes;
	return (size >= 4 && memcmp(bytes, "SILC", 4) == 0) || (size && (*first == 0 || *first == 0x7F));
}

/* Do its first bytes, or its name, say that it is a binary? */
static bool is_binary(const char *path, const uint8_t *bytes, size_t size)
{
	return vsp_bytes_are_binary(bytes, size) || ends_with(path, ".silc") || ends_with(path, ".wasm");
}

/* Its name or first bytes promise a WebAssembly module, and it is none. */
static bool is_broken_wasm(const char *path, const uint8_t *bytes, size_t size)
{
	bool silc = size >= 4 && memcmp(bytes, "SILC", 4) == 0;
	bool promised = ends_with(path, ".wasm") || (size >= 4 && memcmp(bytes, "\0asm", 4) == 0);
	return promised && !silc && !vsp_wasm_is_module(bytes, size);
}

static vsp_module *load_binary(const char *path, const uint8_t *bytes, size_t size, vsp_error *error)
{
	if (!is_broken_wasm(path, bytes, size))
		return vsp_module_load(bytes, size, error);
	vsp_error_set(error, VSP_E_FORMAT, "%s",
	        size ? "not a WebAssembly module: it does not begin with the bytes of version 1"
	             : "not a WebAssembly module: it is empty");
	return NULL;
}

uint8_t *vsp_program_read(const char *path, size_t *size, const char **why)
{
	vsp_plat_stamp stamp;
	bool small = vsp_plat_file_stamp(path, &stamp) && stamp.size <= PIPE_LIMIT;
	return vsp_plat_file_read(path, small ? PIPE_LIMIT : VSP_BINARY_LIMIT, size, why);
}

vsp_module *vsp_module_load_file(const char *path, const vsp_source_options *options, vsp_error *error)
{
	vsp_error_clear(error);
	vsp_source_options own = VSP_SOURCE_INIT;
	if (!path) {
		vsp_error_set(error, VSP_E_ARGUMENT, "path is null");
		return NULL;
	}
	if (!vsp_source_options_copy(&own, options, error))
		return NULL;
	own.name = path;
	size_t size = 0;
	const char *why = "";
	uint8_t *bytes = vsp_program_read(path, &size, &why);
	if (!bytes) {
		vsp_error_source(error, VSP_E_IO, path, 0, 0, "cannot read '%s': %s", path, why);
		return NULL;
	}
	bool binary = is_binary(path, bytes, size);
	vsp_module *module = binary ? load_binary(path, bytes, size, error)
	                            : vsp_source_assemble((const char *)bytes, size, &own, error);
	vsp_plat_file_free(bytes, size);
	return module;
}
