/*
 * Translated modules with references, tables that change, passive segments and preloaded modules:
 * results of those of test/wasm, whose .wat has the source, from which the expected values were
 * worked out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wasm_samples.h"

static int write_nothing(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)caller, (void)args, (void)results;
	return VSP_OK;
}

static vsp_instance *open_references(void)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *i = open_sample("references");
	vsp_define_import(i, "wasi_snapshot_preview1.fd_write", 4, 1, write_nothing, NULL, &error);
	assert_string_equal(error.message, "");
	return i;
}

static void assert_out_of_bounds(vsp_instance *instance, const char *name, int64_t x, int64_t y, int64_t z)
{
	vsp_error error = VSP_ERROR_INIT;
	const int64_t args[] = {x, y, z};
	assert_int_equal(vsp_call(instance, name, args, NULL, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_OUT_OF_BOUNDS);
}

static void call3(vsp_instance *instance, const char *name, int64_t x, int64_t y, int64_t z)
{
	call(instance, name, (const int64_t[]){x, y, z});
}

static void test_tables_that_change(void **state)
{
	(void)state;
	static const char table[] = "out of bounds table access";
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *i = open_references();
	assert_int_equal(call1(i, "through", 1), 2);
	assert_trapped(i, "through", 0, VSP_TRAP_BAD_FUNCTION, "uninitialized element");
	assert_trapped(i, "through", 4, VSP_TRAP_BAD_FUNCTION, "undefined element");
	call3(i, "init", 0, 0, 2);
	assert_int_equal(call1(i, "through", 0), 1);
	assert_int_equal(vsp_call(i, "init", (const int64_t[]){3, 0, 2}, NULL, &error), VSP_TRAPPED);
	assert_true(error.trap == VSP_TRAP_EXPLICIT && error.trap_code == 0xE3 && strstr(error.message, table));
	call(i, "drop_both", NULL);
	call3(i, "init", 0, 0, 0);
	assert_int_equal(vsp_call(i, "init", (const int64_t[]){0, 0, 1}, NULL, &error), VSP_TRAPPED);
	assert_int_equal(call1(i, "is_null", 1), 0);
	call1(i, "clear", 1);
	assert_int_equal(call1(i, "is_null", 1), 1);
	assert_trapped(i, "is_null", 4, VSP_TRAP_EXPLICIT, table);
	assert_int_equal(vsp_reset(i, &error), VSP_OK); /* tables and segments as at the start */
	assert_int_equal(call1(i, "through", 1), 2);
	call3(i, "init", 0, 0, 2);
	vsp_free(i);
}

static void test_tables_that_grow(void **state)
{
	(void)state;
	vsp_instance *i = open_references();
	assert_int_equal(call1(i, "grow", 2), 4);
	assert_int_equal(call(i, "size", NULL), 6);
	assert_int_equal(call1(i, "through", 5), 1);
	assert_int_equal(call1(i, "grow", 5), -1); /* ten entries at most */
	assert_int_equal(call1(i, "grow", -1), -1);
	assert_int_equal(call1(i, "grow", 4), 6);
	call3(i, "spread", 2, 2, 0); /* entry 1, which is function two */
	assert_int_equal(call1(i, "through", 3), 2);
	assert_int_equal(call1(i, "through", 4), 1);
	call3(i, "move", 3, 2, 7); /* onto itself, up to the end */
	assert_int_equal(call1(i, "through", 4), 2);
	assert_int_equal(call1(i, "through", 5), 1);
	assert_trapped(i, "is_null", 10, VSP_TRAP_EXPLICIT, "out of bounds table access");
	vsp_free(i);
}

static void test_references(void **state)
{
	(void)state;
	vsp_instance *i = open_references();
	const int64_t kept[] = {1, INT64_MIN + 77};
	assert_int_equal(call1(i, "kept", 0), 0);
	call(i, "keep", kept);
	assert_true(call1(i, "kept", 1) == kept[1]);
	assert_int_equal(call(i, "remember", NULL), 2);
	assert_int_equal(call(i, "many", NULL), 70809);
	assert_int_equal(
	        call(i, "last of 16", (const int64_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 77}), 77);
	vsp_free(i);
}

/* Its memory is not at the address where it is in other modules. */
static void test_passive_segments(void **state)
{
	(void)state;
	vsp_instance *i = open_references();
	call3(i, "text", 16, 4, 3);
	assert_int_equal(call1(i, "byte", 16), 'e');
	assert_int_equal(call1(i, "byte", 64), 'a');
	call3(i, "text", 65536, 0, 0);
	assert_out_of_bounds(i, "text", 65537, 0, 0);
	assert_out_of_bounds(i, "text", 0, 15, 0);
	call(i, "drop_text", NULL);
	call3(i, "text", 0, 0, 0);
	assert_out_of_bounds(i, "text", 0, 0, 1);
	call3(i, "copy", 200, 64, 2);
	assert_int_equal(call1(i, "byte", 201), 't');
	call3(i, "copy", 65536, 0, 0);
	assert_out_of_bounds(i, "copy", 65537, 0, 0);
	assert_out_of_bounds(i, "copy", 0, -1, 1);
	assert_out_of_bounds(i, "fill", -65536, 1, 70000); /* beyond 4 GiB are no other bytes */
	assert_trapped(i, "byte", -1, VSP_TRAP_OUT_OF_BOUNDS, "");
	assert_trapped(i, "byte", 65536, VSP_TRAP_OUT_OF_BOUNDS, "");
	assert_int_equal(call(i, "pages", NULL), 1);
	assert_int_equal(call1(i, "more", 2), 1);
	assert_int_equal(call1(i, "more", 1), -1);
	assert_int_equal(call1(i, "byte", 3 * 65536 - 1), 0);
	assert_trapped(i, "byte", 3 * 65536, VSP_TRAP_OUT_OF_BOUNDS, "");
	vsp_free(i);
}

static vsp_module *link_samples(const char *name, const vsp_wasm_options *options)
{
	size_t size, silc_size;
	vsp_error error = VSP_ERROR_INIT;
	uint8_t *bytes = read_sample(name, &size), *silc = vsp_wasm_translate(bytes, size, options, &silc_size, &error);
	free(bytes);
	assert_string_equal(error.message, "");
	vsp_module *module = vsp_module_load(silc, silc_size, &error);
	vsp_bytes_free(silc);
	assert_non_null(module);
	return module;
}

static void test_preloaded_modules(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_wasm_options options = VSP_WASM_OPTIONS_INIT;
	vsp_wasm_preload library = {"library", NULL, 0};
	uint8_t *bytes = read_sample("library", &library.size);
	library.bytes = bytes;
	options.preloads = &library;
	options.preload_count = 1;
	vsp_module *module = link_samples("linked", &options);
	free(bytes);
	vsp_instance *i = vsp_instantiate(module, NULL, &error);
	vsp_module_free(module);
	assert_non_null(i);
	assert_trapped(i, "through", 2, VSP_TRAP_BAD_FUNCTION, "uninitialized element"); /* not yet */
	assert_int_equal(vsp_call(i, "_vsp_initialize", NULL, NULL, &error), VSP_OK);
	assert_int_equal(call(i, "counted", NULL), 10);
	assert_int_equal(call(i, "both", NULL), 5042); /* each has a byte 100 of its own */
	assert_int_equal(call(i, "counted", NULL), 11);
	assert_int_equal(call1(i, "through", 2), 42); /* through their table a function of ours */
	assert_int_equal(call1(i, "theirs", 65532), 0);
	assert_trapped(i, "theirs", 65533, VSP_TRAP_OUT_OF_BOUNDS, "");
	assert_trapped(i, "theirs", -1, VSP_TRAP_OUT_OF_BOUNDS, "");
	assert_trapped(i, "own", 131069, VSP_TRAP_OUT_OF_BOUNDS, "");
	assert_int_equal(call(i, "sizes", NULL), 1229); /* 1,000 + 2 * 100 + 3 * 10 - 1 */
	assert_int_equal(call1(i, "library.get", 3 * 65536 - 4), 0);
	assert_trapped(i, "set", 3 * 65536 - 3, VSP_TRAP_OUT_OF_BOUNDS, "");
	assert_trapped(i, "set", -4, VSP_TRAP_OUT_OF_BOUNDS, "");
	vsp_free(i);
}

static void refuse_preloads(const vsp_wasm_preload *preloads, uint32_t count, vsp_status code, const char *message)
{
	size_t size, silc_size;
	vsp_error error = VSP_ERROR_INIT;
	vsp_wasm_options options = {sizeof options, count, preloads};
	uint8_t *bytes = read_sample("linked", &size);
	assert_null(vsp_wasm_translate(bytes, size, &options, &silc_size, &error));
	free(bytes);
	assert_int_equal(error.code, code);
	assert_string_equal(error.message, message);
}

static void test_refused_preloads(void **state)
{
	(void)state;
	static const uint8_t empty[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
	vsp_wasm_preload list[] = {{"library", empty, 8}, {"library", empty, 8}};
	refuse_preloads(list, 1, VSP_E_FORMAT,
	        "the imported function 'put' of module 'library' is none of that module's exports");
	refuse_preloads(list, 2, VSP_E_ARGUMENT, "preloaded module 2 has the name of another one");
	refuse_preloads(list, 1001, VSP_E_ARGUMENT, "there are more than 1000 preloaded modules");
	refuse_preloads(NULL, 1, VSP_E_ARGUMENT, "preloads is null");
	list[0].size = 7;
	refuse_preloads(list, 1, VSP_E_FORMAT,
	        "preloaded module library: it does not begin with the bytes of WebAssembly version 1");
	list[0].bytes = NULL;
	refuse_preloads(list, 1, VSP_E_ARGUMENT, "preloaded module 1 has no bytes");
	list[0].name = "";
	refuse_preloads(list, 1, VSP_E_ARGUMENT, "preloaded module 1 has no name, or one that is not UTF-8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables_that_change),
	        cmocka_unit_test(test_tables_that_grow), cmocka_unit_test(test_references),
	        cmocka_unit_test(test_passive_segments), cmocka_unit_test(test_preloaded_modules),
	        cmocka_unit_test(test_refused_preloads)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
