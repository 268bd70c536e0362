/*
 * Hosts with other rounding modes or flushed subnormals: assembling, printing and reading give the
 * same results for all of them, and their modes are restored.
 */
#include <fenv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/arith/number.h"
#include "test/support/instances.h"

static const int roundings[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
enum { ROUNDINGS = sizeof roundings / sizeof *roundings, MODES = 2 * ROUNDINGS };

#if defined(__x86_64__)
#include <xmmintrin.h>
static void flush_subnormals(bool on) { _mm_setcsr((_mm_getcsr() & ~0x8040u) | (on ? 0x8040u : 0)); }
static bool flushes(void) { return (_mm_getcsr() & 0x8040) == 0x8040; }
#else
static bool pretended;
static void flush_subnormals(bool on) { pretended = on; }
static bool flushes(void) { return pretended; }
#endif

static void set_mode(unsigned mode)
{
	assert_int_equal(fesetround(roundings[mode % ROUNDINGS]), 0);
	flush_subnormals(mode >= ROUNDINGS);
}

static void assert_mode(unsigned mode)
{
	assert_int_equal(fegetround(), roundings[mode % ROUNDINGS]);
	assert_int_equal(flushes(), mode >= ROUNDINGS);
}

static int restore_modes(void **state)
{
	(void)state;
	set_mode(0);
	return 0;
}

static const char program[] = "\t.const third = 1.0 / 3.0\n"
                              "\t.data\nlist:\t.double 0.1, 2.2250738585072014e-308, third\n\t.float 0.1\n\t.code\n"
                              "\t.export tenth\n\t.func tenth() -> 1\n\tMOVI R0, 0.1\n\tRET\n\t.end\n"
                              "\t.export show\n\t.func show(1)\n\tSYSCALL 3\n\tRET\n\t.end\n"
                              "\t.export read\n\t.func read() -> 1\n\tSYSCALL 9\n\tRET\n\t.end\n"
                              "\t.func main\n\tHLT\n\t.end\n\t.entry main\n";

static void sources_mean_the_same_in_every_mode(void **state)
{
	(void)state;
	uint8_t *first = NULL;
	size_t first_size = 0;
	for (unsigned mode = 0; mode < MODES; mode++) {
		size_t size = 0;
		set_mode(mode);
		vsp_module *module = assemble(program);
		assert_mode(mode);
		uint8_t *bytes = vsp_module_write(module, &size, NULL);
		set_mode(0);
		assert_non_null(bytes);
		if (!first) {
			first = bytes;
			first_size = size;
		}
		assert_int_equal(size, first_size);
		assert_memory_equal(bytes, first, size);
		if (bytes != first)
			vsp_bytes_free(bytes);
		vsp_module_free(module);
	}
	vsp_bytes_free(first);
}

static void disassembly_is_the_same_in_every_mode(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	char *first = vsp_module_disassemble(module, NULL, NULL);
	assert_non_null(strstr(first, "; 0.1"));
	for (unsigned mode = 1; mode < MODES; mode++) {
		set_mode(mode);
		char *text = vsp_module_disassemble(module, NULL, NULL);
		assert_mode(mode);
		assert_string_equal(text, first);
		vsp_bytes_free(text);
	}
	vsp_bytes_free(first);
	vsp_module_free(module);
}

static const struct number {
	const char *text;
	uint64_t bits;
} numbers[] = {{"0.1", 0x3FB999999999999A}, {"2.2250738585072014e-308", 0x0010000000000000}, {"1e-320", 0x7E8},
        {"5e-324", 1}, {"1.7976931348623157e+308", 0x7FEFFFFFFFFFFFFF}, {"9007199254740993.0", 0x4340000000000000}};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

/* 9007199254740993 lies halfway between two doubles; the printed one is the rounded value. */
static const char *printed(const struct number *n) { return n == &numbers[5] ? "9007199254740992.0" : n->text; }

static void numbers_are_text_and_text_is_numbers_in_every_mode(void **state)
{
	(void)state;
	for (unsigned mode = 0; mode < MODES; mode++)
		for (unsigned i = 0; i < NUMBERS; i++) {
			char text[VSP_NUMBER_MAX];
			double value = 0;
			uint64_t bits;
			set_mode(mode);
			assert_true(vsp_parse_f64(numbers[i].text, strlen(numbers[i].text), &value));
			memcpy(&bits, &value, sizeof bits);
			assert_int_equal(bits, numbers[i].bits);
			vsp_format_f64(value, text);
			assert_string_equal(text, printed(&numbers[i]));
			assert_mode(mode);
		}
}

static int give_line(void *user, char *buffer, size_t size, int64_t *length)
{
	const struct number *n = user;
	*length = (int64_t)strlen(n->text);
	assert_true((size_t)*length <= size);
	memcpy(buffer, n->text, (size_t)*length);
	return 0;
}

static char shown[64];
static int take_text(void *user, const char *text, size_t length)
{
	(void)user;
	assert_true(length < sizeof shown);
	memcpy(shown, text, length);
	shown[length] = 0;
	return 0;
}

static void programs_read_and_print_the_same_in_every_mode(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	for (unsigned mode = 0; mode < MODES; mode++)
		for (unsigned i = 0; i < NUMBERS; i++) {
			vsp_host host = {.size = sizeof host,
			        .user = (void *)(uintptr_t)&numbers[i],
			        .print = take_text,
			        .read_line = give_line};
			vsp_config config = VSP_CONFIG_INIT;
			config.capabilities = VSP_CAP_STDIO;
			config.host = &host;
			set_mode(mode);
			vsp_instance *instance = instantiate_with(module, &config);
			int64_t value = 0;
			assert_int_equal(vsp_call(instance, "read", NULL, &value, NULL), VSP_OK);
			assert_int_equal(value, numbers[i].bits);
			assert_int_equal(vsp_call(instance, "show", &value, NULL, NULL), VSP_OK);
			assert_string_equal(shown, printed(&numbers[i]));
			assert_int_equal(vsp_call(instance, "tenth", NULL, &value, NULL), VSP_OK);
			assert_int_equal(value, 0x3FB999999999999A);
			assert_mode(mode);
			vsp_free(instance);
		}
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(sources_mean_the_same_in_every_mode, restore_modes),
	        cmocka_unit_test_teardown(disassembly_is_the_same_in_every_mode, restore_modes),
	        cmocka_unit_test_teardown(numbers_are_text_and_text_is_numbers_in_every_mode, restore_modes),
	        cmocka_unit_test_teardown(programs_read_and_print_the_same_in_every_mode, restore_modes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
