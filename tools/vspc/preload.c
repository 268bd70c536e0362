/*
 * Reading whole files, and programs with preloaded WebAssembly modules: all are linked into one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/wasm/translate.h"
#include "runtime/base/alloc.h"
#include "tiers/api/api.h"
#include "vspc.h"

/* The greatest source. */
#define SOURCE_LIMIT (UINT64_C(1) << 28)

char *vspc_read(FILE *file, const char *name, size_t *size)
{
	size_t capacity = 0, used = 0;
	uint64_t limit = VSP_BINARY_LIMIT;
	char *bytes = NULL;
	do {
		capacity = capacity ? capacity * 2 : 1 << 16;
		char *grown = vsp_realloc(bytes, capacity, 1);
		if (!grown) {
			vsp_free_memory(bytes);
			vspc_error("out of memory");
			return NULL;
		}
		bytes = grown;
		used += fread(bytes + used, 1, capacity - used, file);
		limit = vsp_bytes_are_binary(bytes, used) ? VSP_BINARY_LIMIT : SOURCE_LIMIT;
	} while (used == capacity && used <= limit);
	*size = used;
	if (!ferror(file) && used <= limit)
		return bytes;
	vspc_error("cannot read '%s': %s", name, ferror(file) ? strerror(errno) : "it is larger than any program");
	vsp_free_memory(bytes);
	return NULL;
}

/* The translator of WebAssembly calls its entry so, and puts it first. */
bool vspc_is_translated(const vsp_module *module)
{
	vsp_function_info first = {.size = sizeof first};
	return vsp_module_function(module, 0, &first) == VSP_OK && strcmp(first.name, "_vsp_entry") == 0;
}

/* The bytes of a file, or of stdin, which are the caller's; null after a message. */
static char *read_file(const char *path, size_t *size)
{
	if (strcmp(path, "-") == 0)
		return vspc_read(stdin, "standard input", size);
	const char *why = "";
	uint8_t *bytes = vsp_program_read(path, size, &why);
	if (!bytes)
		vspc_error("cannot read '%s': %s", path, why);
	return (char *)bytes;
}

/* The name and bytes that NAME=FILE stands for, both the caller's; false after a message. */
static bool read_preload(const char *value, vsp_wasm_preload *out)
{
	const char *path = strchr(value, '=') + 1;
	size_t length = (size_t)(path - value) - 1;
	char *name = malloc(length + 1);
	if (!name) {
		vspc_error("out of memory");
		return false;
	}
	memcpy(name, value, length);
	name[length] = 0;
	out->name = name;
	out->bytes = read_file(path, &out->size);
	return out->bytes;
}

static vsp_module *link_all(vspc_options *options, const vsp_wasm_preload *preloads, vsp_error *error)
{
	vsp_wasm_options wasm = VSP_WASM_OPTIONS_INIT;
	size_t size, silc_size;
	char *bytes = read_file(options->file, &size);
	if (!bytes)
		return NULL;
	if (!vsp_wasm_is_module((const uint8_t *)bytes, size)) {
		vspc_error("'--preload' needs a program that is a WebAssembly module (.wasm), and '%s' is none",
		        options->file);
		vsp_free_memory(bytes);
		return NULL;
	}
	options->wasm = true;
	wasm.preloads = preloads;
	wasm.preload_count = options->preload_count;
	uint8_t *silc = vsp_wasm_translate(bytes, size, &wasm, &silc_size, error);
	vsp_free_memory(bytes);
	vsp_module *module = silc ? vsp_module_load(silc, silc_size, error) : NULL;
	vsp_bytes_free(silc);
	return module;
}

vsp_module *vspc_load_preloaded(vspc_options *options, vsp_error *error)
{
	vsp_wasm_preload preloads[PRELOADS] = {{NULL, NULL, 0}};
	uint32_t count = 0;
	while (count < options->preload_count && read_preload(options->preloads[count], &preloads[count]))
		count++;
	vsp_module *module = count == options->preload_count ? link_all(options, preloads, error) : NULL;
	for (uint32_t i = 0; i < options->preload_count; i++) {
		free((void *)preloads[i].name);
		vsp_free_memory((void *)preloads[i].bytes);
	}
	return module;
}
