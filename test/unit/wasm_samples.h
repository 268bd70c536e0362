/*
 * The modules of test/wasm for unit tests, and calls of their exports.
 */
#ifndef VSP_TEST_WASM_SAMPLES_H
#define VSP_TEST_WASM_SAMPLES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <vsp/vsp.h>

/* The bytes of a module, which are the caller's. */
static inline uint8_t *read_sample(const char *name, size_t *size)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/test/wasm/%s.wasm", VSP_SOURCE_DIR, name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	uint8_t *bytes = malloc(1 << 16);
	assert_non_null(bytes);
	*size = fread(bytes, 1, 1 << 16, file);
	fclose(file);
	return bytes;
}

static inline vsp_instance *open_sample(const char *name)
{
	size_t size;
	vsp_error error = VSP_ERROR_INIT;
	uint8_t *bytes = read_sample(name, &size);
	vsp_module *module = vsp_module_load(bytes, size, &error);
	free(bytes);
	assert_string_equal(error.message, "");
	vsp_instance *instance = vsp_instantiate(module, NULL, &error);
	vsp_module_free(module);
	assert_non_null(instance);
	return instance;
}

static inline int64_t call(vsp_instance *instance, const char *name, const int64_t *args)
{
	vsp_error error = VSP_ERROR_INIT;
	int64_t results[16] = {0};
	vsp_call(instance, name, args, results, &error);
	assert_string_equal(error.message, "");
	return results[0];
}

static inline int64_t call1(vsp_instance *instance, const char *name, int64_t x) { return call(instance, name, &x); }

static inline void assert_trapped(vsp_instance *instance, const char *name, int64_t x, vsp_trap trap, const char *words)
{
	vsp_error error = VSP_ERROR_INIT;
	int64_t result;
	assert_int_equal(vsp_call(instance, name, &x, &result, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, trap);
	assert_non_null(strstr(error.message, words));
}

#endif
