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
	int64_t result;
	assert_int_equal(vsp_call(instance, name, args, &result, &error), VSP_TRAPPED);
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

/* VSP's own instructions take addresses of the program, and reach no table below them. */
static void test_own_instructions(void **state)
{
	(void)state;
	static const int64_t outside[] = {-1, -65536, -65537, -131072, 65536, INT32_MAX, INT32_MIN};
	vsp_instance *i = open_sample("guests");
	assert_int_equal(call(i, "fold", (const int64_t[]){0, 2}), 3);
	for (size_t k = 0; k < sizeof outside / sizeof outside[0]; k++) {
		assert_out_of_bounds(i, "fold", outside[k], 1, 0);
		assert_out_of_bounds(i, "copy", outside[k], 0, 8);
		assert_out_of_bounds(i, "copy", 0, outside[k], 8);
		assert_out_of_bounds(i, "gradients", outside[k] & ~15, 1, 0); /* others are misaligned */
	}
	assert_out_of_bounds(i, "fold", 1, 65536, 0);
	assert_out_of_bounds(i, "fold", 1, -1, 0);
	vsp_free(i);
	i = open_sample("memoryless");
	assert_out_of_bounds(i, "copy", 0, 8, 8);
	assert_out_of_bounds(i, "copy", -65536, 0, 8);
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

/* wants.wasm with the byte at the given place changed, if it is not 0, and growing.wasm. */
static vsp_instance *open_wants(size_t place, uint8_t value, vsp_error *error)
{
	vsp_wasm_options options = VSP_WASM_OPTIONS_INIT;
	vsp_wasm_preload preload = {"growing", NULL, 0};
	size_t size, silc_size;
	uint8_t *growing = read_sample("growing", &preload.size), *wants = read_sample("wants", &size);
	if (place)
		wants[place] = value;
	preload.bytes = growing;
	options.preloads = &preload;
	options.preload_count = 1;
	uint8_t *silc = vsp_wasm_translate(wants, size, &options, &silc_size, error);
	vsp_module *module = silc ? vsp_module_load(silc, silc_size, error) : NULL;
	vsp_instance *i = module ? vsp_instantiate(module, NULL, error) : NULL;
	vsp_module_free(module);
	vsp_bytes_free(silc);
	free(growing);
	free(wants);
	return i;
}

/* Behind "memory" and its kind, and behind "table", its kind and type, there are flags and the
   least. */
static size_t least_of(const char *field, size_t behind)
{
	size_t size, at = 0;
	uint8_t *wants = read_sample("wants", &size);
	while (memcmp(wants + at, field, strlen(field)) != 0)
		at++;
	free(wants);
	return at + strlen(field) + behind;
}

static void test_imports_of_what_has_grown(void **state)
{
	(void)state;
	static const char smaller[] = "smaller than the module that imports it says";
	const size_t places[] = {least_of("memory", 2), least_of("table", 3)};
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *i = open_wants(0, 0, &error);
	assert_string_equal(error.message, "");
	assert_trapped(i, "through", 1, VSP_TRAP_BAD_FUNCTION, "undefined element"); /* not yet */
	assert_int_equal(vsp_call(i, "_vsp_initialize", NULL, NULL, &error), VSP_OK);
	assert_int_equal(call1(i, "through", 1), 7);
	vsp_free(i);
	for (unsigned k = 0; k < 2; k++) {
		i = open_wants(places[k], 3, &error);
		assert_string_equal(error.message, "");
		assert_int_equal(vsp_call(i, "_vsp_initialize", NULL, NULL, &error), VSP_TRAPPED);
		assert_true(
		        error.trap == VSP_TRAP_EXPLICIT && error.trap_code == 0xE4 && strstr(error.message, smaller));
		vsp_free(i);
		error = (vsp_error)VSP_ERROR_INIT;
	}
}

/* Its block and range are in the memory that both modules share, wherever that is. */
static void test_kernels_of_preloaded_modules(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *i = open_wants(0, 0, &error);
	assert_int_equal(vsp_call(i, "_vsp_initialize", NULL, NULL, &error), VSP_OK);
	assert_true(call(i, "growing.where", NULL) > 0x10000 + 32); /* the table is below the memory */
	assert_int_equal(call(i, "last", NULL), 12);
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

#define MAGIC 0, 'a', 's', 'm', 1, 0, 0, 0
#define MEMORY 5, 3, 1, 0, 1
#define VRED MAGIC, 1, 8, 1, 0x60, 3, 0x7F, 0x7F, 0x7F, 1, 0x7F, 2, 12, 1, 3, 'v', 's', 'p', 4, 'v', 'r', 'e', 'd', 0, 0
/* A function of that type: bytes after 0x60. */
#define LOG(size, ...) MAGIC, 1, size, 1, 0x60, __VA_ARGS__, 2, 11, 1, 3, 'e', 'n', 'v', 3, 'l', 'o', 'g', 0, 0
static const uint8_t vred[] = {VRED, MEMORY}, bare_vred[] = {VRED};
static const uint8_t log_i32[] = {LOG(5, 1, 0x7F, 0), MEMORY}, log_f64[] = {LOG(5, 1, 0x7C, 0), MEMORY};
static const uint8_t make_i64[] = {LOG(5, 0, 1, 0x7E), MEMORY}, bare_log[] = {LOG(5, 1, 0x7F, 0)};
static const uint8_t wasi[] = {
        MAGIC, 1, 4, 1, 0x60, 0, 0, 2, 14, 1, 6, 'w', 'a', 's', 'i', '_', 'x', 3, 'l', 'o', 'g', 0, 0};
static const uint8_t models[] = {MAGIC, 0, 13, 10, 'v', 's', 'p', '.', 'm', 'o', 'd', 'e', 'l', 's', 'm', 0};
#define EXPORT(size, ...) \
	MAGIC, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, size + 4, 1, size, __VA_ARGS__, 0, 0, 10, 4, 1, 2, 0, 0x0B
static const uint8_t initialize[] = {
        EXPORT(15, '_', 'v', 's', 'p', '_', 'i', 'n', 'i', 't', 'i', 'a', 'l', 'i', 'z', 'e')};
static const uint8_t entry[] = {EXPORT(10, '_', 'v', 's', 'p', '_', 'e', 'n', 't', 'r', 'y')};
static const uint8_t kernel[] = {MAGIC, 1, 6, 1, 0x60, 2, 0x7F, 0x7F, 0, 3, 2, 1, 0, MEMORY, 7, 16, 1, 12, 'v', 's',
        'p', '.', 'k', 'e', 'r', 'n', 'e', 'l', '.', 'k', 0, 0, 10, 4, 1, 2, 0, 0x0B};
static const uint8_t exports_f[] = {EXPORT(1, 'f')};

/* A module with a memory and that one, which is preloaded for it. */
static uint8_t *link_one(const char *name, const uint8_t *bytes, size_t size, size_t *silc_size, vsp_error *error)
{
	static const uint8_t main_module[] = {MAGIC, MEMORY};
	vsp_wasm_preload preload = {name, bytes, size};
	vsp_wasm_options options = {sizeof options, 1, &preload};
	*error = (vsp_error)VSP_ERROR_INIT;
	return vsp_wasm_translate(main_module, sizeof main_module, &options, silc_size, error);
}

static void assert_links(const uint8_t *bytes, size_t size, const char *refusal)
{
	vsp_error error;
	size_t silc_size;
	uint8_t *silc = link_one("library", bytes, size, &silc_size, &error);
	vsp_bytes_free(silc);
	assert_true(silc ? !refusal : refusal && strstr(error.message, refusal));
	assert_string_equal(error.file, refusal ? "library" : "");
}

/* Hosts, WASI and VSP's own instructions would take addresses of another memory for the
   program's. */
static void test_imports_that_use_memory(void **state)
{
	(void)state;
	static const char refusal[] = "would use the program's memory, which is not this module's";
	assert_links(vred, sizeof vred, refusal);
	assert_links(bare_vred, sizeof bare_vred, refusal);
	assert_links(log_i32, sizeof log_i32, refusal);
	assert_links(make_i64, sizeof make_i64, refusal);
	assert_links(wasi, sizeof wasi, refusal);
	assert_links(log_f64, sizeof log_f64, NULL);
	assert_links(bare_log, sizeof bare_log, NULL);
}

static void test_what_preloaded_modules_cannot_have(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	size_t silc_size;
	assert_links(
	        kernel, sizeof kernel, "the kernel 'vsp.kernel.k' would use the program's memory, which is not this");
	assert_links(models, sizeof models, "preloaded module library: models of preloaded modules are not supported");
	assert_links(initialize, sizeof initialize, "the export '_vsp_initialize' has a name of VSP's own");
	assert_null(vsp_module_load(initialize, sizeof initialize, &error));
	assert_non_null(strstr(error.message, "the export '_vsp_initialize' has a name of VSP's own"));
	assert_null(vsp_module_load(entry, sizeof entry, &error));
	assert_null(link_one("vsp", exports_f, sizeof exports_f, &silc_size, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	assert_non_null(strstr(error.message, "has the name 'vsp', by which modules import VSP's own instructions"));
	assert_null(link_one("wasi_snapshot_preview1", exports_f, sizeof exports_f, &silc_size, &error));
	assert_non_null(strstr(error.message, "by which modules import WASI's functions"));
}

/* Names of 255 bytes at most, and whole characters: of 128 with two bytes each 127. */
static void test_names_are_cut_between_characters(void **state)
{
	(void)state;
	char name[257] = "";
	vsp_error error;
	size_t silc_size;
	for (unsigned i = 0; i < 128; i++)
		strcat(name, "\xC3\xA9");
	uint8_t *silc = link_one(name, exports_f, sizeof exports_f, &silc_size, &error);
	assert_string_equal(error.message, "");
	vsp_module *module = vsp_module_load(silc, silc_size, &error);
	vsp_bytes_free(silc);
	assert_non_null(module);
	name[254] = 0;
	assert_int_equal(vsp_module_find(module, name, NULL), VSP_OK);
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables_that_change),
	        cmocka_unit_test(test_tables_that_grow), cmocka_unit_test(test_references),
	        cmocka_unit_test(test_passive_segments), cmocka_unit_test(test_preloaded_modules),
	        cmocka_unit_test(test_refused_preloads), cmocka_unit_test(test_own_instructions),
	        cmocka_unit_test(test_imports_of_what_has_grown), cmocka_unit_test(test_kernels_of_preloaded_modules),
	        cmocka_unit_test(test_imports_that_use_memory),
	        cmocka_unit_test(test_what_preloaded_modules_cannot_have),
	        cmocka_unit_test(test_names_are_cut_between_characters)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
