/*
 * The translation from WebAssembly through the public API, with modules that are preloaded.
 */
#include <inttypes.h>
#include <string.h>

#include "api.h"
#include "frontend/silc/silc.h"
#include "frontend/wasm/translate.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/base/sized.h"

enum { MOST_PRELOADS = 1000 };

/* Why no module can have the name, or null. */
static const char *fault_of_name(const char *name)
{
	if (strcmp(name, "vsp") == 0)
		return "has the name 'vsp', by which modules import VSP's own instructions; choose another";
	if (strncmp(name, "wasi_", strlen("wasi_")) == 0)
		return "has a name that begins with 'wasi_', by which modules import WASI's functions; choose another";
	return NULL;
}

/* What is wrong with a preloaded module, or null. */
static const char *fault_of_preload(const vsp_wasm_options *options, uint32_t i)
{
	const vsp_wasm_preload *preload = &options->preloads[i];
	if (!preload->name || !*preload->name || !vsp_text_is_utf8(preload->name, strlen(preload->name)))
		return "has no name, or one that is not UTF-8";
	for (uint32_t k = 0; k < i; k++)
		if (strcmp(options->preloads[k].name, preload->name) == 0)
			return "has the name of another one";
	return preload->bytes ? fault_of_name(preload->name) : "has no bytes";
}

/* What is wrong with the preloads as a whole, or null. */
static const char *fault_of_preloads(const vsp_wasm_options *options)
{
	if (options->preload_count > MOST_PRELOADS)
		return "there are more than 1000 preloaded modules";
	return options->preload_count && !options->preloads ? "preloads is null" : NULL;
}

static vsp_module_data *link_preloads(const vsp_wasm_options *options, const void *bytes, size_t size, vsp_error *error)
{
	uint32_t count = options->preload_count;
	const char *fault = fault_of_preloads(options);
	if (fault) {
		vsp_error_set(error, VSP_E_ARGUMENT, "%s", fault);
		return NULL;
	}
	vsp_wasm_source *sources = vsp_alloc((size_t)count + 1, sizeof *sources);
	if (!sources) {
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
		return NULL;
	}
	uint32_t i = 0;
	for (; !fault && i < count; i++) {
		const vsp_wasm_preload *preload = &options->preloads[i];
		fault = fault_of_preload(options, i);
		sources[i] = (vsp_wasm_source){preload->name, preload->bytes, preload->size};
	}
	if (!fault)
		sources[count] = (vsp_wasm_source){.bytes = bytes, .size = size};
	else
		vsp_error_set(error, VSP_E_ARGUMENT, "preloaded module %" PRIu32 " %s", i, fault);
	vsp_module_data *m = fault ? NULL : vsp_wasm_link_modules(sources, count + 1, error);
	vsp_free_memory(sources);
	return m;
}

uint8_t *vsp_wasm_translate(
        const void *bytes, size_t size, const vsp_wasm_options *options, size_t *silc_size, vsp_error *error)
{
	vsp_wasm_options own = VSP_WASM_OPTIONS_INIT;
	vsp_error_clear(error);
	if (!bytes || !silc_size) {
		vsp_error_set(error, VSP_E_ARGUMENT, "%s is null", bytes ? "silc_size" : "bytes");
		return NULL;
	}
	if (options)
		vsp_copy_sized(&own, sizeof own, options, options->size);
	vsp_module_data *m = link_preloads(&own, bytes, size, error);
	uint8_t *silc = m ? vsp_silc_write(m, silc_size, error) : NULL;
	vsp_module_data_free(m);
	return silc;
}
