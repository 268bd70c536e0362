/*
 * The translator from WebAssembly: results of the modules of test/wasm (their .wat has the source,
 * from which the expected values were worked out), what is refused, and that any change of a byte
 * gives a module or an error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wasm_samples.h"

static void test_moves(void **state)
{
	(void)state;
	vsp_instance *i = open_sample("moves");
	int64_t pair[2];
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(call(i, "rotate", (const int64_t[]){1, 2, 3}), 231);
	assert_int_equal(vsp_call(i, "swap", (const int64_t[]){5, 6}, pair, &error), VSP_OK);
	assert_true(pair[0] == 6 && pair[1] == 5);
	assert_int_equal(call1(i, "old", 7), 1007);
	assert_int_equal(call1(i, "dropped", 7), 10);
	assert_true(call1(i, "fibonacci", 90) == INT64_C(2880067194370816120));
	/* hosts may give i32 with any upper half */
	assert_true(call1(i, "fibonacci", 90 | INT64_C(1) << 40) == INT64_C(2880067194370816120));
	vsp_free(i);
}

static void test_more_values_than_registers(void **state)
{
	(void)state;
	vsp_instance *i = open_sample("spills");
	assert_true(call1(i, "weigh", 5) == 316);
	vsp_free(i);
	i = open_sample("long");
	assert_true(call1(i, "call", 7) == INT64_C(-7710723347177665854));
	vsp_free(i);
}

/* Locals that are set on some ways only are 0 on the others. */
static void test_locals_begin_as_0(void **state)
{
	(void)state;
	vsp_instance *i = open_sample("locals");
	static const struct {
		const char *name;
		int64_t argument, result;
	} calls[] = {{"then", 0, 0}, {"then", 1, 6}, {"else", 1, 7}, {"else", 0, 20}, {"again", 1, 0}, {"again", 3, 33},
	        {"past", 1, 0}, {"past", 0, 9}, {"dead", 5, 5}, {"apart", 1, 100}, {"apart", 0, 1006},
	        {"apart", -3, 104}};
	for (unsigned n = 0; n < sizeof calls / sizeof *calls; n++) {
		call1(i, "noise", 12345);
		int64_t found = call1(i, calls[n].name, calls[n].argument);
		if (found != calls[n].result)
			fail_msg("%s(%d) = %d, not %d", calls[n].name, (int)calls[n].argument, (int)found,
			        (int)calls[n].result);
	}
	vsp_free(i);
}

static uint8_t *put_leb(uint8_t *at, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++, value >>= 7)
		*at++ = (uint8_t)((value & 0x7F) | (i + 1 < bytes ? 0x80 : 0));
	return at;
}

/*
 * func f() -> i32: count locals, each of which is set to its number and added to local 0 before the
 * next. Returns the end.
 */
static uint8_t *put_long_function(uint8_t *at, uint32_t count)
{
	static const uint8_t before[] = {
	        0, 'a', 's', 'm', 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7F, 3, 2, 1, 0, 7, 5, 1, 1, 'f', 0, 0, 10};
	memcpy(at, before, sizeof before);
	uint8_t *section = at + sizeof before, *body = section + 5 + 1, *code = body + 5;
	put_leb(section + 5, 1, 1); /* functions */
	*code++ = 1;                /* run of locals */
	code = put_leb(code, count, 3);
	*code++ = 0x7F;
	for (uint32_t n = 1; n < count; n++) {
		*code++ = 0x41; /* i32.const */
		code = put_leb(code, n, 3);
		*code++ = 0x21; /* local.set */
		code = put_leb(code, n, 3);
		*code++ = 0x20; /* local.get */
		code = put_leb(code, n, 3);
		static const uint8_t add[] = {0x20, 0, 0x6A, 0x21, 0};
		memcpy(code, add, sizeof add);
		code += sizeof add;
	}
	static const uint8_t end[] = {0x20, 0, 0x0B};
	memcpy(code, end, sizeof end);
	code += sizeof end;
	put_leb(body, (uint32_t)(code - body - 5), 5);
	put_leb(section, (uint32_t)(code - section - 5), 5);
	return code;
}

/* As many as the limit, of which two are needed at a time. */
static void test_50000_locals(void **state)
{
	(void)state;
	enum { LOCALS = 50000 };
	uint8_t *bytes = malloc(LOCALS * 20 + 64);
	assert_non_null(bytes);
	size_t size = (size_t)(put_long_function(bytes, LOCALS) - bytes);
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_module_load(bytes, size, &error);
	free(bytes);
	assert_string_equal(error.message, "");
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	vsp_instance *i = vsp_instantiate(module, &config, &error);
	vsp_module_free(module);
	assert_non_null(i);
	assert_int_equal(call(i, "f", NULL), (int64_t)LOCALS * (LOCALS - 1) / 2);
	vsp_free(i);
}

static void test_tables_and_memory(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *i = open_sample("tables");
	assert_int_equal(call1(i, "through", 1), 41);
	assert_int_equal(vsp_call(i, "_vsp_initialize", NULL, NULL, &error), VSP_OK); /* the start function */
	assert_int_equal(call1(i, "through", 1), 51);
	assert_trapped(i, "through", 0, VSP_TRAP_BAD_FUNCTION, "uninitialized element");
	assert_trapped(i, "through", 2, VSP_TRAP_BAD_FUNCTION, "indirect call type mismatch");
	assert_trapped(i, "through", -1, VSP_TRAP_BAD_FUNCTION, "undefined element");
	assert_int_equal(call1(i, "again", 65536), 42);
	assert_int_equal(call1(i, "through2", 8), 7); /* the other name of the same function */
	assert_trapped(i, "again", 131069, VSP_TRAP_OUT_OF_BOUNDS, "");
	assert_trapped(i, "again", -1, VSP_TRAP_OUT_OF_BOUNDS, "");
	assert_int_equal(call1(i, "choose", 0), 10);
	assert_int_equal(call1(i, "choose", 1), 20);
	assert_int_equal(call1(i, "choose", 2), 30);
	assert_int_equal(call1(i, "choose", -1), 30);
	assert_int_equal(vsp_reset(i, &error), VSP_OK); /* globals and data as at the start */
	assert_int_equal(call1(i, "through", 1), 41);
	assert_int_equal(call1(i, "again", 65536), 42);
	vsp_free(i);
}

static int64_t bits(double value)
{
	int64_t to;
	memcpy(&to, &value, sizeof to);
	return to;
}

static int64_t single_bits(float value)
{
	uint32_t to;
	memcpy(&to, &value, sizeof to);
	return to;
}

/* In range they cut off what is behind the point; beyond it they trap, exactly from the next number
   on. */
static void test_conversions(void **state)
{
	(void)state;
	static const char *const all[] = {"long", "unsigned_long", "int", "unsigned_int"};
	vsp_instance *i = open_sample("converts");
	assert_true(call1(i, "long", bits(-0x1p63)) == INT64_MIN);
	assert_true(call1(i, "long", bits(-2.9)) == -2);
	assert_true(call1(i, "unsigned_long", bits(0x1.fffffffffffffp63)) == -2048);
	assert_true(call1(i, "unsigned_long", bits(-0.9)) == 0);
	assert_true(call1(i, "long_of_single", single_bits(-0x1p63F)) == INT64_MIN);
	assert_true(call1(i, "unsigned_long_of_single", single_bits(0x1.fffffep63F)) == -(INT64_C(1) << 40));
	assert_true((int32_t)call1(i, "int", bits(-2147483648.9)) == INT32_MIN);
	assert_true((uint32_t)call1(i, "unsigned_int", bits(4294967295.9)) == UINT32_MAX);
	for (unsigned n = 0; n < 4; n++) {
		assert_trapped(i, all[n], INT64_C(0x7ff8) << 48, VSP_TRAP_EXPLICIT, "invalid conversion to integer");
		assert_trapped(i, all[n], bits(0x1p64), VSP_TRAP_EXPLICIT, "integer overflow");
	}
	assert_trapped(i, "long", bits(0x1p63), VSP_TRAP_EXPLICIT, "integer overflow");
	assert_trapped(i, "long", bits(-0x1.0000000000001p63), VSP_TRAP_EXPLICIT, "integer overflow");
	assert_trapped(i, "unsigned_long", bits(-1), VSP_TRAP_EXPLICIT, "integer overflow");
	assert_trapped(i, "long_of_single", single_bits(0x1p63F), VSP_TRAP_EXPLICIT, "integer overflow");
	assert_trapped(i, "unsigned_long_of_single", single_bits(0x1p64F), VSP_TRAP_EXPLICIT, "integer overflow");
	assert_trapped(i, "int", bits(2147483648.0), VSP_TRAP_EXPLICIT, "integer overflow");
	assert_trapped(i, "unsigned_int", bits(-1), VSP_TRAP_EXPLICIT, "integer overflow");
	vsp_free(i);
}

/* Values that pass the ends of blocks, the starts of loops and branches of tables. */
static void test_values_of_blocks(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *i = open_sample("converts");
	int64_t pair[2];
	assert_int_equal(vsp_call(i, "either", (const int64_t[]){1, 40, 2}, pair, &error), VSP_OK);
	assert_true(pair[0] == 42 && pair[1] == 1);
	assert_int_equal(vsp_call(i, "either", (const int64_t[]){0, 40, 2}, pair, &error), VSP_OK);
	assert_true(pair[0] == 38 && pair[1] == 2);
	assert_int_equal(call(i, "perhaps", (const int64_t[]){1, 7}), 700);
	assert_int_equal(call(i, "perhaps", (const int64_t[]){0, 7}), 7);
	assert_int_equal(call1(i, "shifted", 1), 70);
	assert_int_equal(call1(i, "shifted", 2), 25);
	assert_int_equal(call1(i, "shifted", 3), 0);
	assert_int_equal(call1(i, "carried", 0), 7);
	assert_int_equal(call1(i, "carried", 1), 27);
	assert_int_equal(call1(i, "carried", 2), 327);
	assert_int_equal(call1(i, "carried", -1), 327);
	vsp_free(i);
}

#define MAGIC 0, 'a', 's', 'm', 1, 0, 0, 0
static void assert_refused(const uint8_t *bytes, size_t size, uint64_t offset, const char *message)
{
	vsp_error error = VSP_ERROR_INIT;
	size_t silc_size;
	assert_null(vsp_wasm_translate(bytes, size, NULL, &silc_size, &error));
	assert_int_equal(error.code, VSP_E_FORMAT);
	assert_string_equal(error.message, message);
	assert_int_equal(error.offset, offset);
}

static void test_refused(void **state)
{
	(void)state;
	static const uint8_t memory[] = {MAGIC, 2, 8, 1, 1, 'm', 1, 'n', 2, 0, 1};
	static const uint8_t data[] = {MAGIC, 5, 3, 1, 0, 1, 11, 10, 1, 0, 0x41, 0xFF, 0xFF, 3, 0x0B, 2, 'h', 'i'};
	static const uint8_t table[] = {MAGIC, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 4, 4, 1, 0x70, 0, 1, 9, 7, 1, 0, 0x41,
	        1, 0x0B, 1, 0, 10, 4, 1, 2, 0, 0x0B};
	static const uint8_t pages[] = {MAGIC, 5, 5, 1, 0, 0x80, 0x80, 4};
	assert_refused(memory, sizeof memory, 11,
	        "the imported memory 'n' of module 'm' is not there: a module that exports it must be preloaded "
	        "(--preload NAME=FILE)");
	assert_refused(data, sizeof data, 16,
	        "data segment 0 would trap when instantiated: it ends at 65537, behind the memory of 1 pages");
	assert_refused(table, sizeof table, 27,
	        "element segment 0 would trap when instantiated: it ends at 2, behind the table of 1");
	assert_refused(pages, sizeof pages, 11, "memories of more than 65535 pages are not supported");
}

/* A module that exports its function, of so many i32 as parameters, by a name of so many bytes,
   here zeros. */
static void export_refused(unsigned params, unsigned name_size, uint64_t at, const char *message)
{
	uint8_t bytes[128] = {MAGIC, 1, (uint8_t)(params + 4), 1, 0x60, (uint8_t)params};
	size_t size = 13;
	for (unsigned i = 0; i < params; i++)
		bytes[size++] = 0x7F;
	const uint8_t rest[] = {0, 3, 2, 1, 0, 7, (uint8_t)(name_size + 4), 1, (uint8_t)name_size},
	              code[] = {0, 0, 10, 4, 1, 2, 0, 0x0B};
	memcpy(bytes + size, rest, sizeof rest);
	memset(bytes + size + sizeof rest, params ? 'e' : 0, name_size);
	memcpy(bytes + size + sizeof rest + name_size, code, sizeof code);
	assert_refused(bytes, size + sizeof rest + name_size + sizeof code, at, message);
}

static void test_refused_exports(void **state)
{
	(void)state;
	export_refused(0, 0, 21, "exported names that are empty or contain zeros are not supported");
	export_refused(0, 16, 21, "exported names that are empty or contain zeros are not supported");
	export_refused(17, 1, 38, "exported functions with more than 16 parameters or results are not supported");
}

/* A module of one import, of the names m and f. */
static void import_refused(const char *m, const char *f, const char *message)
{
	uint8_t bytes[64] = {MAGIC, 1, 4, 1, 0x60, 0, 0, 2};
	size_t m_size = strlen(m), f_size = strlen(f), size = 17;
	bytes[15] = (uint8_t)(m_size + f_size + 5);
	bytes[16] = 1;
	bytes[size++] = (uint8_t)m_size;
	memcpy(bytes + size, m, m_size);
	size += m_size;
	bytes[size++] = (uint8_t)f_size;
	memcpy(bytes + size, f, f_size);
	assert_refused(bytes, size + f_size + 2, 17, message);
}

/* The place is one in the file, also of names that VSP's modules cannot have. */
static void test_refused_names_of_imports(void **state)
{
	(void)state;
	import_refused("", "f", "imports whose names are empty or contain zeros are not supported");
	import_refused("m", "", "imports whose names are empty or contain zeros are not supported");
	import_refused(".m", "f", "imports from modules whose names begin with a dot are not supported");
	import_refused(".", ".", "imports from modules whose names begin with a dot are not supported");
}

/* The place is one in the file, as above. */
static void test_refused_names_of_models(void **state)
{
	(void)state;
	static const uint8_t latin[] = {MAGIC, 0, 16, 10, 'v', 's', 'p', '.', 'm', 'o', 'd', 'e', 'l', 's', 'a', 0,
	        0xE9, 't', 0},
	                     empty[] = {MAGIC, 0, 12, 10, 'v', 's', 'p', '.', 'm', 'o', 'd', 'e', 'l', 's', 0};
	assert_refused(latin, sizeof latin, 23, "the name of a model is not valid UTF-8");
	assert_refused(empty, sizeof empty, 21, "names of models have 1 to 255 bytes");
}

/* The start function is an import: "env" "f", or of VSP's own instructions. */
#define START(size, ...) MAGIC, 1, 4, 1, 0x60, 0, 0, 2, size, 1, __VA_ARGS__, 0, 0, 8, 1, 0

static int count_call(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)caller, (void)args, (void)results;
	++*(int *)user;
	return VSP_OK;
}

static void test_start_is_import(void **state)
{
	(void)state;
	static const uint8_t ordinary[] = {START(9, 3, 'e', 'n', 'v', 1, 'f')};
	static const uint8_t guest[] = {START(13, 3, 'v', 's', 'p', 5, 'f', 'e', 'n', 'c', 'e')};
	int calls = 0;
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_module_load(ordinary, sizeof ordinary, &error);
	assert_string_equal(error.message, "");
	vsp_instance *instance = vsp_instantiate(module, NULL, &error);
	assert_int_equal(vsp_define_import(instance, "env.f", 0, 0, count_call, &calls, &error), VSP_OK);
	assert_int_equal(vsp_run(instance, &error), VSP_OK);
	assert_int_equal(calls, 1);
	vsp_free(instance);
	vsp_module_free(module);
	assert_refused(guest, sizeof guest, 17,
	        "VSP's own instructions cannot be exported, be values of pointers, or be the start function");
}

/* A kernel that reads a global, which only the verifier refuses. */
static void test_error_of_any_size(void **state)
{
	(void)state;
	static const uint8_t kernel[] = {MAGIC, 1, 6, 1, 0x60, 2, 0x7F, 0x7F, 0, 3, 2, 1, 0, 6, 6, 1, 0x7F, 1, 0x41, 0,
	        0x0B, 7, 16, 1, 12, 'v', 's', 'p', '.', 'k', 'e', 'r', 'n', 'e', 'l', '.', 'k', 0, 0, 10, 8, 1, 6, 0,
	        0x23, 0, 0x24, 0, 0x0B};
	struct {
		uint32_t size;
		int32_t code;
		char rest[16];
	} small = {8, 0, "untouched"};
	vsp_error error = VSP_ERROR_INIT;
	assert_null(vsp_module_load(kernel, sizeof kernel, &error));
	assert_non_null(strstr(error.message, "a kernel has no globals"));
	assert_null(vsp_module_load(kernel, sizeof kernel, NULL));
	assert_null(vsp_module_load(kernel, sizeof kernel, (vsp_error *)(void *)&small));
	assert_int_equal(small.code, VSP_E_FORMAT);
	assert_string_equal(small.rest, "untouched");
}

/* Every sample with one byte changed. */
static void test_changed_bytes(void **state)
{
	static const char *const samples[] = {"moves", "spills", "long", "locals", "tables", "references", "library"};
	(void)state;
	for (size_t s = 0; s < sizeof samples / sizeof samples[0]; s++) {
		size_t size;
		uint8_t *bytes = read_sample(samples[s], &size);
		for (size_t i = 8; i < size; i++)
			for (unsigned change = 1; change < 256; change += 6 * VSP_TEST_EVERY) {
				vsp_error error = VSP_ERROR_INIT;
				size_t silc_size;
				bytes[i] = (uint8_t)(bytes[i] + change);
				uint8_t *silc = vsp_wasm_translate(bytes, size, NULL, &silc_size, &error);
				assert_true(silc ? error.code == VSP_OK
				                 : error.code == VSP_E_FORMAT && error.offset <= size);
				vsp_bytes_free(silc);
				bytes[i] = (uint8_t)(bytes[i] - change);
			}
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_moves),
	        cmocka_unit_test(test_more_values_than_registers), cmocka_unit_test(test_locals_begin_as_0),
	        cmocka_unit_test(test_50000_locals), cmocka_unit_test(test_tables_and_memory),
	        cmocka_unit_test(test_conversions), cmocka_unit_test(test_values_of_blocks),
	        cmocka_unit_test(test_refused), cmocka_unit_test(test_refused_exports),
	        cmocka_unit_test(test_refused_names_of_imports), cmocka_unit_test(test_refused_names_of_models),
	        cmocka_unit_test(test_start_is_import), cmocka_unit_test(test_error_of_any_size),
	        cmocka_unit_test(test_changed_bytes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
