/*
 * The registers of translated code: how many instructions the functions of
 * test/wasm/registers.wat execute, which are those of the source when no value has to be in a slot,
 * and results of functions with so many values that the linear scan gives them places.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wasm_samples.h"

static vsp_instance *open_bytes(const uint8_t *bytes, size_t size)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_module *module = vsp_module_load(bytes, size, &error);
	assert_string_equal(error.message, "");
	config.tier = VSP_TIER_INTERP;
	config.count = 1;
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	vsp_module_free(module);
	assert_non_null(instance);
	return instance;
}

static vsp_instance *open_registers(void)
{
	size_t size;
	uint8_t *bytes = read_sample("registers", &size);
	vsp_instance *instance = open_bytes(bytes, size);
	free(bytes);
	return instance;
}

/* Calls it, and returns how many instructions that took. */
static uint64_t cost_of(vsp_instance *i, const char *name, int64_t argument, int64_t result)
{
	uint64_t before = vsp_cycles(i);
	assert_true(call1(i, name, argument) == result);
	return vsp_cycles(i) - before;
}

static uint32_t scanned(const vsp_instance *i)
{
	vsp_stats_view stats = VSP_STATS_INIT;
	assert_int_equal(vsp_stats(i, &stats), VSP_OK);
	return stats.scanned;
}

/* 15 sums, 15 more and a return; no slots. */
static void test_all_registers_are_used(void **state)
{
	(void)state;
	vsp_instance *i = open_registers();
	assert_in_range(cost_of(i, "sixteen", 1, 136), 31, 32);
	assert_int_equal(scanned(i), 0);
	vsp_free(i);
}

/* Three times 12 sums and 11 more. */
static void test_locals_that_are_used_again_are_other_values(void **state)
{
	(void)state;
	vsp_instance *i = open_registers();
	assert_in_range(cost_of(i, "again", 1, 13974), 70, 71);
	vsp_free(i);
}

/* Three rounds of 100 with five instructions, which have registers; the rest may be in slots. */
static void test_inner_loops_have_registers(void **state)
{
	(void)state;
	vsp_instance *i = open_registers();
	assert_in_range(cost_of(i, "loops", 3, 2546), 1500, 1500 + 3 * 20 * 3 + 100);
	vsp_free(i);
}

/* A web that nobody reads was united with one that is read, and neither got a register. */
static void test_values_outlive_copies_that_nobody_reads(void **state)
{
	(void)state;
	vsp_instance *i = open_registers();
	assert_true(call1(i, "unread", 41) == 42);
	assert_true(call1(i, "overwritten", 21) == 42);
	vsp_free(i);
}

/* ---- functions that are too large ---- */

static uint8_t *put_leb(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 5; i++, value >>= 7)
		*at++ = (uint8_t)((value & 0x7F) | (i < 4 ? 0x80 : 0));
	return at;
}

/* func f(i64) -> i64: count times x = (x + i) ^ x, with a new local each, of 10 that change. */
static uint8_t *put_function(uint8_t *at, uint32_t count)
{
	static const uint8_t before[] = {
	        0, 'a', 's', 'm', 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7E, 1, 0x7E, 3, 2, 1, 0, 7, 5, 1, 1, 'f', 0, 0, 10};
	memcpy(at, before, sizeof before);
	uint8_t *section = at + sizeof before, *body = section + 5 + 1, *code = body + 5;
	section[5] = 1;
	static const uint8_t locals[] = {1, 10, 0x7E};
	memcpy(code, locals, sizeof locals);
	code += sizeof locals;
	for (uint32_t n = 0; n < count; n++) {
		*code++ = 0x20; /* local.get */
		*code++ = (uint8_t)(n % 11);
		*code++ = 0x42; /* i64.const */
		code = put_leb(code, n);
		static const uint8_t sum[] = {0x7C, 0x20, 0, 0x85, 0x21}; /* i64.add, i64.xor, local.set */
		memcpy(code, sum, sizeof sum);
		code += sizeof sum;
		*code++ = (uint8_t)((n + 1) % 11);
	}
	static const uint8_t end[] = {0x20, 0, 0x0B};
	memcpy(code, end, sizeof end);
	code += sizeof end;
	put_leb(body, (uint32_t)(code - body - 5));
	put_leb(section, (uint32_t)(code - section - 5));
	return code;
}

static int64_t compute(uint32_t count, int64_t x)
{
	uint64_t locals[11] = {(uint64_t)x};
	for (uint32_t n = 0; n < count; n++)
		locals[(n + 1) % 11] = (locals[n % 11] + n) ^ locals[0];
	return (int64_t)locals[0];
}

static uint32_t scanned_of(uint32_t count)
{
	uint8_t *bytes = malloc((size_t)count * 16 + 64);
	assert_non_null(bytes);
	vsp_instance *i = open_bytes(bytes, (size_t)(put_function(bytes, count) - bytes));
	free(bytes);
	assert_true(call1(i, "f", 12345) == compute(count, 12345));
	uint32_t functions = scanned(i);
	vsp_free(i);
	return functions;
}

static void test_large_functions_are_scanned(void **state)
{
	(void)state;
	assert_int_equal(scanned_of(9), 0);
	assert_int_equal(scanned_of(5000), 0);
	assert_int_equal(scanned_of(30000), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_registers_are_used),
	        cmocka_unit_test(test_locals_that_are_used_again_are_other_values),
	        cmocka_unit_test(test_inner_loops_have_registers),
	        cmocka_unit_test(test_values_outlive_copies_that_nobody_reads),
	        cmocka_unit_test(test_large_functions_are_scanned)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
