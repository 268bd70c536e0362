/*
 * Fuzz target: any bytes given to the translator from WebAssembly, as a program and as a module
 * that is preloaded for itself, by the name "a". What it accepts is a verified module, so writing
 * and reading it must give the same file.
 */
#include "frontend/silc/silc.h"
#include "frontend/wasm/translate.h"
#include "fuzz.h"
#include "runtime/base/alloc.h"

static void check_written(const vsp_module_data *m)
{
	size_t size, again_size;
	vsp_error error = VSP_ERROR_INIT;
	uint8_t *bytes = vsp_silc_write(m, &size, &error);
	CHECK(bytes);
	vsp_module_data *read = vsp_silc_read(bytes, size, &error);
	CHECK(read);
	uint8_t *again = vsp_silc_write(read, &again_size, &error);
	CHECK(again && again_size == size && memcmp(again, bytes, size) == 0);
	vsp_module_data_free(read);
	vsp_free_memory(bytes);
	vsp_free_memory(again);
}

static void check_module(vsp_module_data *m, const vsp_error *error, size_t size)
{
	CHECK(m ? error->code == VSP_OK : error->code == VSP_E_FORMAT && error->message[0] && error->offset <= size);
	if (m)
		check_written(m);
	vsp_module_data_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t magic[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
	uint8_t *bytes = malloc(size + !size); /* of its own, so that sanitizers see reads beyond the end */
	CHECK(bytes);
	if (size)
		memcpy(bytes, data, size);
	memcpy(bytes, magic, size < sizeof magic ? size : sizeof magic);
	const vsp_wasm_source sources[] = {{"a", bytes, size}, {NULL, bytes, size}};
	vsp_error error = VSP_ERROR_INIT, linked = VSP_ERROR_INIT;
	check_module(vsp_wasm_translate_module(bytes, size, &error), &error, size);
	check_module(vsp_wasm_link_modules(sources, 2, &linked), &linked, size);
	free(bytes);
	return 0;
}
