/*
 * SYSCALLs: text of every kind, input, arguments, clock, random numbers, assertions, capabilities,
 * failing hosts. Expected texts come from the contract.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <locale.h>
#include <math.h>
#include <cmocka.h>

#include "runtime/backends/provider.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"
#include "runtime/arith/number.h"

enum {
	EXIT = 0x00,
	PRINT_STRING,
	PRINT_INT,
	PRINT_FLOAT,
	PRINT_BOOL,
	PRINT_BYTESIL,
	PRINT_STATE,
	READ_LINE,
	READ_INT,
	READ_FLOAT,
	PRINT_CHAR,
	PRINT_NEWLINE,
	FLUSH,
	ARGS_COUNT = 0x10,
	ARG,
	CLOCK_NS = 0x20,
	RANDOM_U64,
	ASSERT_EQ = 0xF1,
	ASSERT_TRUE
};

/* A host that keeps the output and supplies lines. */
typedef struct tape {
	char out[4096];
	size_t length;
	const char *const *lines; /* up to a null */
	int fail;                 /* the result of callbacks */
} tape;

static int tape_print(void *user, const char *text, size_t length)
{
	tape *t = user;
	memcpy(t->out + t->length, text, length);
	t->length += length;
	t->out[t->length] = '\0';
	return t->fail;
}

static int tape_read_line(void *user, char *buffer, size_t size, int64_t *length)
{
	tape *t = user;
	if (!t->lines || !*t->lines) {
		*length = -1;
		return t->fail;
	}
	size_t n = strlen(*t->lines);
	*length = (int64_t)(n < size ? n : size);
	memcpy(buffer, *t->lines++, (size_t)*length);
	return t->fail;
}

typedef struct fixture {
	vsp_rt rt;
	tape tape;
	uint64_t r[16];
	uint8_t flags;
	int flushes;
} fixture;

static fixture fx;

static int setup(void **state)
{
	memset(&fx, 0, sizeof fx);
	fx.rt.host = (vsp_host){
	        .size = sizeof(vsp_host), .user = &fx.tape, .print = tape_print, .read_line = tape_read_line};
	fx.rt.capabilities = VSP_CAP_STDIO | VSP_CAP_ARGS | VSP_CAP_CLOCK | VSP_CAP_RANDOM;
	fx.rt.backends = vsp_backends_create(NULL, 0);
	assert_non_null(fx.rt.backends);
	assert_int_equal(vsp_memory_create(&fx.rt.memory, 3, 3, VSP_BOUNDS_EXPLICIT), VSP_OK);
	*state = &fx;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vsp_memory_destroy(&fx.rt.memory);
	vsp_backends_destroy(fx.rt.backends);
	return 0;
}

static int call(uint32_t id) { return vsp_rt_syscall(&fx.rt, fx.r, id, &fx.flags); }

/* The text that id prints for R0. */
static const char *printed(uint32_t id, uint64_t r0)
{
	fx.tape.length = 0;
	fx.tape.out[0] = '\0';
	fx.r[0] = r0;
	assert_int_equal(call(id), 0);
	return fx.tape.out;
}

static uint64_t bits_of(double v)
{
	uint64_t bits;
	memcpy(&bits, &v, sizeof bits);
	return bits;
}

static void integers_are_decimal(void **state)
{
	(void)state;
	assert_string_equal(printed(PRINT_INT, 0), "0");
	assert_string_equal(printed(PRINT_INT, (uint64_t)-15), "-15");
	assert_string_equal(printed(PRINT_INT, UINT64_C(1) << 63), "-9223372036854775808");
	assert_string_equal(printed(PRINT_INT, INT64_MAX), "9223372036854775807");
}

static void floats_are_the_shortest_that_read_back(void **state)
{
	(void)state;
	static const struct {
		double v;
		const char *text;
	} cases[] = {{1.0, "1.0"}, {0.1, "0.1"}, {1e300, "1e+300"}, {-2.5, "-2.5"}, {0.0, "0.0"}, {-0.0, "-0.0"},
	        {5e-324, "5e-324"}, {1.7976931348623157e308, "1.7976931348623157e+308"}, {100.0, "100.0"},
	        {123456.789, "123456.789"}, {1e15, "1000000000000000.0"}, {1e16, "1e+16"}, {0.0001, "0.0001"},
	        {0.00001, "1e-05"}, {2.2250738585072014e-308, "2.2250738585072014e-308"}, {0.3, "0.3"},
	        {0.1 + 0.2, "0.30000000000000004"}, {9007199254740993.0, "9007199254740992.0"},
	        /* Powers of two, where the shortest text may not be the rounding of the value. */
	        {0x1p-44, "5.684341886080802e-14"}, {0x1p-1074, "5e-324"}, {0x1p89, "6.189700196426902e+26"},
	        {INFINITY, "inf"}, {-INFINITY, "-inf"}, {NAN, "nan"}, {-NAN, "nan"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(printed(PRINT_FLOAT, bits_of(cases[i].v)), cases[i].text);
	char text[VSP_NUMBER_MAX];
	vsp_format_f32(0.1f, text);
	assert_string_equal(text, "0.1");
	vsp_format_f32(16777216.0f, text);
	assert_string_equal(text, "16777216.0");
}

static void every_float_reads_back(void **state)
{
	(void)state;
	uint64_t x = 88172645463325252u; /* xorshift64, Marsaglia */
	for (int i = 0; i < 3000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		double v, back;
		memcpy(&v, &x, sizeof v);
		if (isnan(v))
			continue;
		char text[VSP_NUMBER_MAX];
		size_t n = vsp_format_f64(v, text);
		assert_int_equal(strlen(text), n);
		assert_true(vsp_parse_f64(text, n, &back));
		assert_true(bits_of(back) == bits_of(v));
	}
}

static void text_of_bools_bytes_states_and_characters(void **state)
{
	(void)state;
	assert_string_equal(printed(PRINT_BOOL, 0), "false");
	assert_string_equal(printed(PRINT_BOOL, 0x100000000), "true");
	assert_string_equal(printed(PRINT_BYTESIL, 0xFF80), "(0,0)");
	assert_string_equal(printed(PRINT_BYTESIL, 0x0F), "(-8,15)");
	for (unsigned i = 1; i < 16; i++)
		fx.r[i] = 0xAB00 + i * 0x11;
	assert_string_equal(printed(PRINT_STATE, 0x80), "80112233445566778899aabbccddeeff");
	assert_string_equal(printed(PRINT_CHAR, 'A'), "A");
	assert_string_equal(printed(PRINT_CHAR, 0xE9), "\xC3\xA9");
	assert_string_equal(printed(PRINT_CHAR, 0x20AC), "\xE2\x82\xAC");
	assert_string_equal(printed(PRINT_CHAR, 0x10FFFF), "\xF4\x8F\xBF\xBF");
	assert_string_equal(printed(PRINT_CHAR, 0x110000), "\xEF\xBF\xBD");
	assert_string_equal(printed(PRINT_CHAR, 0xD800), "\xEF\xBF\xBD");
	assert_string_equal(printed(PRINT_CHAR, (uint64_t)-1), "\xEF\xBF\xBD");
	assert_string_equal(printed(PRINT_NEWLINE, 7), "\n");
}

static void strings_are_bounds_checked_unless_empty(void **state)
{
	(void)state;
	memcpy(fx.rt.memory.base + 0x20000, "hello", 5);
	fx.r[1] = 5;
	assert_string_equal(printed(PRINT_STRING, 0xFFFFFFFF00020000), "hello");
	fx.r[0] = 1;
	fx.r[1] = 0;
	assert_int_equal(call(PRINT_STRING), 0);
	fx.r[1] = 1;
	assert_int_equal(call(PRINT_STRING), VSP_TRAP_OUT_OF_BOUNDS);
	fx.r[0] = 0xFFFF;
	assert_int_equal(call(PRINT_STRING), VSP_TRAP_STACK_OVERFLOW);
	fx.r[0] = 0x20000;
	fx.r[1] = UINT64_MAX;
	assert_int_equal(call(PRINT_STRING), VSP_TRAP_OUT_OF_BOUNDS);
}

static void lines_are_read_into_memory(void **state)
{
	(void)state;
	const char *const lines[] = {"first", "second", "third", NULL};
	fx.tape.lines = lines;
	fx.r[0] = 0x10000;
	fx.r[1] = 100;
	assert_int_equal(call(READ_LINE), 0);
	assert_int_equal(fx.r[0], 5);
	assert_memory_equal(fx.rt.memory.base + 0x10000, "first\0", 6);
	fx.r[0] = 0x10000;
	fx.r[1] = 3;
	assert_int_equal(call(READ_LINE), 0);
	assert_int_equal(fx.r[0], 3);
	assert_memory_equal(fx.rt.memory.base + 0x10000, "secst", 5);
	fx.r[0] = 0;
	fx.r[1] = 0;
	assert_int_equal(call(READ_LINE), 0);
	assert_int_equal(fx.r[0], 0);
	fx.r[0] = 0x10000;
	fx.r[1] = 9;
	assert_int_equal(call(READ_LINE), 0);
	assert_true(fx.r[0] == UINT64_MAX);
	fx.r[0] = 0x2FFFF;
	fx.r[1] = 2;
	assert_int_equal(call(READ_LINE), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(fx.r[0], 0x2FFFF);
}

static void numbers_are_read_a_line_each(void **state)
{
	(void)state;
	const char *const lines[] = {" -42 ", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
	        "x1", "12x", "", "1.5", "1e3 and more", ".", "-inf", "1e", "0.1e-400", NULL};
	const struct {
		uint32_t id;
		bool found;
		uint64_t value;
	} expected[] = {{READ_INT, true, (uint64_t)-42}, {READ_INT, true, INT64_MAX}, {READ_INT, false, 0},
	        {READ_INT, true, UINT64_C(1) << 63}, {READ_INT, false, 0}, {READ_INT, false, 0}, {READ_INT, false, 0},
	        {READ_FLOAT, true, bits_of(1.5)}, {READ_FLOAT, true, bits_of(1000)}, {READ_FLOAT, false, 0},
	        {READ_FLOAT, true, bits_of(-INFINITY)}, {READ_FLOAT, false, 0}, {READ_FLOAT, true, 0},
	        {READ_INT, false, 0}};
	fx.tape.lines = lines;
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		fx.r[0] = 99;
		fx.flags = i & 1 ? VSP_SR_Z | VSP_SR_N | VSP_SR_O : VSP_SR_Z;
		uint8_t others = fx.flags & ~VSP_SR_N;
		assert_int_equal(call(expected[i].id), 0);
		assert_int_equal(fx.r[0], expected[i].value);
		assert_int_equal(fx.flags, others | (expected[i].found ? 0 : VSP_SR_N));
	}
}

static void arguments_are_copied_out(void **state)
{
	(void)state;
	const char *const args[] = {"alpha", ""};
	fx.rt.host.args = args;
	fx.rt.host.arg_count = 2;
	assert_int_equal(call(ARGS_COUNT), 0);
	assert_int_equal(fx.r[0], 2);
	const struct {
		uint64_t index, size, length;
	} cases[] = {{0, 100, 5}, {0, 5, 5}, {0, 2, 2}, {1, 5, 0}, {2, 5, UINT64_MAX}, {UINT64_MAX, 5, UINT64_MAX}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		memset(fx.rt.memory.base + 0x10000, '.', 16);
		fx.r[0] = cases[i].index;
		fx.r[1] = 0x10000;
		fx.r[2] = cases[i].size;
		assert_int_equal(call(ARG), 0);
		assert_true(fx.r[0] == cases[i].length);
		size_t n = fx.r[0] == UINT64_MAX ? 0 : (size_t)fx.r[0];
		assert_memory_equal(fx.rt.memory.base + 0x10000, "alpha", n);
		assert_int_equal(fx.rt.memory.base[0x10000 + n], '.');
	}
	fx.r[0] = 0;
	fx.r[1] = 0x2FFFE;
	fx.r[2] = 5;
	assert_int_equal(call(ARG), VSP_TRAP_OUT_OF_BOUNDS);
}

static int fixed_clock(void *user, uint64_t *ns)
{
	(void)user;
	*ns = 12345;
	return 0;
}

static void clock_and_random_come_from_the_host_or_the_platform(void **state)
{
	(void)state;
	assert_int_equal(call(CLOCK_NS), 0);
	uint64_t first = fx.r[0];
	assert_int_equal(call(CLOCK_NS), 0);
	assert_true(fx.r[0] >= first);
	fx.rt.host.clock_ns = fixed_clock;
	fx.rt.host.random_u64 = fixed_clock;
	assert_int_equal(call(CLOCK_NS), 0);
	assert_int_equal(fx.r[0], 12345);
	assert_int_equal(call(RANDOM_U64), 0);
	assert_int_equal(fx.r[0], 12345);
}

static int count_flush(void *user)
{
	(void)user;
	return ++fx.flushes > 1 ? -VSP_TRAP_HOST : 0;
}

/* A host that buffers nothing has nothing to flush. */
static void flushing_is_the_hosts_and_may_be_missing(void **state)
{
	(void)state;
	assert_int_equal(call(FLUSH), 0);
	fx.rt.host.flush = count_flush;
	assert_int_equal(call(FLUSH), 0);
	assert_int_equal(fx.flushes, 1);
	assert_int_equal(call(FLUSH), VSP_TRAP_HOST);
	fx.rt.capabilities = 0;
	assert_int_equal(call(FLUSH), VSP_TRAP_DENIED);
	assert_int_equal(fx.flushes, 2);
}

static void assertions_trap_with_their_code(void **state)
{
	(void)state;
	fx.r[0] = 5;
	fx.r[1] = 5;
	assert_int_equal(call(ASSERT_EQ), 0);
	assert_int_equal(call(ASSERT_TRUE), 0);
	fx.r[1] = (uint64_t)-6;
	assert_int_equal(call(ASSERT_EQ), VSP_TRAP_EXPLICIT);
	assert_int_equal(fx.rt.trap.code, 0xF1);
	assert_string_equal(fx.rt.trap.message, "assertion failed: 5 is not -6");
	fx.r[0] = 0;
	assert_int_equal(call(ASSERT_TRUE), VSP_TRAP_EXPLICIT);
	assert_int_equal(fx.rt.trap.code, 0xF2);
}

static void exit_keeps_the_low_byte(void **state)
{
	(void)state;
	fx.r[0] = 0x1FF;
	assert_int_equal(call(EXIT), VSP_RT_EXIT);
	assert_int_equal(fx.rt.exit_code, 255);
}

static void without_its_capability_a_call_is_denied(void **state)
{
	(void)state;
	const struct {
		uint32_t id;
		const char *name;
	} cases[] = {{PRINT_INT, "stdio"}, {READ_LINE, "stdio"}, {ARGS_COUNT, "args"}, {ARG, "args"},
	        {CLOCK_NS, "clock"}, {RANDOM_U64, "random"}};
	fx.rt.capabilities = 0;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		fx.r[0] = 1;
		assert_int_equal(call(cases[i].id), VSP_TRAP_DENIED);
		assert_int_equal(fx.r[0], 1);
		char flag[32];
		snprintf(flag, sizeof flag, "--allow=%s", cases[i].name);
		assert_non_null(strstr(fx.rt.trap.message, flag));
	}
	assert_int_equal(call(ASSERT_TRUE), 0);
	assert_int_equal(call(EXIT), VSP_RT_EXIT);
}

static void a_host_that_fails_traps_host_and_changes_nothing(void **state)
{
	(void)state;
	const char *const lines[] = {"1", "2", "3", NULL};
	fx.tape.lines = lines;
	fx.tape.fail = -99;
	fx.r[0] = 7;
	assert_int_equal(call(PRINT_INT), VSP_TRAP_HOST);
	assert_int_equal(call(READ_INT), VSP_TRAP_HOST);
	assert_int_equal(fx.r[0], 7);
	fx.tape.fail = 1;
	assert_int_equal(call(READ_FLOAT), VSP_TRAP_HOST);
	fx.tape.fail = -VSP_TRAP_UNSUPPORTED;
	assert_int_equal(call(PRINT_INT), VSP_TRAP_UNSUPPORTED);
	fx.rt.host.print = NULL;
	fx.tape.fail = 0;
	assert_int_equal(call(PRINT_INT), VSP_TRAP_UNSUPPORTED);
	assert_int_equal(call(0x0D), VSP_TRAP_UNSUPPORTED);
	assert_int_equal(call(0x100), VSP_TRAP_UNSUPPORTED);
}

static void numbers_do_not_follow_the_locale(void **state)
{
	(void)state;
	if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8"))
		skip();
	double v = 0;
	assert_string_equal(printed(PRINT_FLOAT, bits_of(0.5)), "0.5");
	assert_true(vsp_parse_f64("2.5", 3, &v));
	setlocale(LC_NUMERIC, "C");
	assert_true(v == 2.5);
}

static void long_mantissas_round_correctly(void **state)
{
	(void)state;
	/* 2^53 + 1 is halfway between two doubles; a 1 far after it decides. */
	char text[1200];
	memset(text, '0', sizeof text);
	memcpy(text, "9007199254740993.", 17);
	double v = 0;
	assert_true(vsp_parse_f64(text, 1000, &v));
	assert_true(v == 9007199254740992.0);
	text[999] = '1';
	assert_true(vsp_parse_f64(text, 1000, &v));
	assert_true(v == 9007199254740994.0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(integers_are_decimal),
	        TEST(floats_are_the_shortest_that_read_back),
	        TEST(every_float_reads_back),
	        TEST(text_of_bools_bytes_states_and_characters),
	        TEST(strings_are_bounds_checked_unless_empty),
	        TEST(lines_are_read_into_memory),
	        TEST(numbers_are_read_a_line_each),
	        TEST(arguments_are_copied_out),
	        TEST(clock_and_random_come_from_the_host_or_the_platform),
	        TEST(flushing_is_the_hosts_and_may_be_missing),
	        TEST(assertions_trap_with_their_code),
	        TEST(exit_keeps_the_low_byte),
	        TEST(without_its_capability_a_call_is_denied),
	        TEST(a_host_that_fails_traps_host_and_changes_nothing),
	        TEST(numbers_do_not_follow_the_locale),
	        TEST(long_mantissas_round_correctly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
