/*
 * The validator of WebAssembly: for rules that the specification's tests do not reach (limits,
 * features that are refused, places and names in messages) a module that breaks just the rule, with
 * the offset and the message of the error; and every way to cut off or change a byte of a module is
 * either accepted or refused with a place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "frontend/wasm/wasm.h"

#define MAGIC 0, 'a', 's', 'm', 1, 0, 0, 0

static vsp_status read_bytes(const uint8_t *bytes, size_t size, vsp_error *error)
{
	vsp_arena arena = VSP_ARENA_INIT;
	wasm_module m;
	uint8_t *copy = malloc(size + !size); /* sanitizers see reads beyond its end */
	assert_non_null(copy);
	memcpy(copy, bytes, size);
	vsp_status status = wasm_module_read(&m, copy, size, &arena, error);
	vsp_arena_free(&arena);
	free(copy);
	return status;
}

static void assert_refused(const uint8_t *bytes, size_t size, uint64_t offset, const char *message)
{
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(read_bytes(bytes, size, &error), VSP_E_FORMAT);
	assert_string_equal(error.message, message);
	assert_int_equal(error.offset, offset);
}

/* One function [] -> [], named f, with one memory, whose body is given. Its code begins at 0x1a. */
#define FUNCTION_HEAD MAGIC, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1
enum { CODE_AT = 0x1B };
static size_t make_function(uint8_t *out, const uint8_t *body, size_t size)
{
	static const uint8_t head[] = {FUNCTION_HEAD}, name[] = {0, 11, 4, 'n', 'a', 'm', 'e', 1, 4, 1, 0, 1, 'f'};
	uint8_t *at = out;
	memcpy(at, head, sizeof head);
	at += sizeof head;
	*at++ = 10;
	*at++ = (uint8_t)(size + 2);
	*at++ = 1;
	*at++ = (uint8_t)size;
	memcpy(at, body, size);
	memcpy(at + size, name, sizeof name);
	return (size_t)(at - out) + size + sizeof name;
}

#define BODY(...) \
	((const uint8_t[]){__VA_ARGS__}), sizeof(uint8_t[]) { __VA_ARGS__ }
static void body_refused(const uint8_t *body, size_t size, uint64_t at, const char *message)
{
	uint8_t bytes[256];
	assert_refused(bytes, make_function(bytes, body, size), CODE_AT + at, message);
}

static void test_refused_features(void **state)
{
	(void)state;
	body_refused(BODY(0, 0xFD, 0x0C, 0x0B), 1, "function 0 (f): v128 is not supported");
	body_refused(BODY(0, 0xFE, 0x03, 0x0B), 1,
	        "function 0 (f): the threads feature (atomic instructions) is not supported");
	body_refused(BODY(0, 0x06, 0x40, 0x0B), 1,
	        "function 0 (f): the exceptions feature (try, catch, throw) is not supported");
	body_refused(BODY(0, 0x01, 0x12, 0x00, 0x0B), 2,
	        "function 0 (f): the tail calls feature (return_call) is not supported");
	body_refused(BODY(0, 0xFB, 0x00, 0x0B), 1, "function 0 (f): the GC types feature is not supported");
	body_refused(BODY(0, 0x14, 0x00, 0x0B), 1,
	        "function 0 (f): the typed function references feature (call_ref) is not supported");
	body_refused(BODY(1, 1, 0x7B, 0x0B), 2, "function 0 (f): v128 is not supported");
	body_refused(BODY(0, 0x02, 0x7B, 0x0B, 0x0B), 2, "function 0 (f): v128 is not supported");
	body_refused(BODY(0, 0x41, 0, 0x28, 0x42, 0, 0, 0x1A, 0x0B), 4,
	        "function 0 (f): the multi-memory feature is not supported");
	static const uint8_t shared[] = {MAGIC, 5, 4, 1, 3, 1, 1}, wide[] = {MAGIC, 5, 3, 1, 4, 1},
	                     two[] = {MAGIC, 5, 5, 2, 0, 1, 0, 1}, tags[] = {MAGIC, 13, 3, 1, 0, 0},
	                     structs[] = {MAGIC, 1, 4, 1, 0x5F, 0, 0};
	assert_refused(shared, sizeof shared, 11, "the threads feature (shared memory) is not supported");
	assert_refused(wide, sizeof wide, 11, "the memory64 feature is not supported");
	assert_refused(two, sizeof two, 13, "the multi-memory feature is not supported");
	assert_refused(tags, sizeof tags, 8, "the exceptions feature (section tag) is not supported");
	assert_refused(structs, sizeof structs, 11, "the GC types feature is not supported");
}

static void test_places_and_names(void **state)
{
	(void)state;
	body_refused(BODY(0, 0x27, 0x0B), 1, "function 0 (f): opcode 0x27 is unknown");
	body_refused(BODY(0, 0xFC, 0x20, 0x0B), 1, "function 0 (f): opcode FC 32 is unknown");
	body_refused(BODY(0, 0x1A, 0x0B), 2, "function 0 (f): type mismatch: an operand is missing");
	body_refused(BODY(0, 0x20, 0x00, 0x0B), 2, "function 0 (f): unknown local 0");
	body_refused(BODY(0, 0x41, 0x80, 0x80, 0x80, 0x80, 0x08, 0x0B), 2,
	        "function 0 (f): the number is too large or too long for 32 bits");
}

/* The count of data segments that no section can have. */
static void test_data_count(void **state)
{
	(void)state;
	static const uint8_t bytes[] = {MAGIC, 12, 5, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F};
	assert_refused(bytes, sizeof bytes, 10, "there are fewer data segments than their count says");
}

/* Each limit's first value beyond, and the last one below. */
static void test_limits(void **state)
{
	(void)state;
	body_refused(BODY(1, 0xD1, 0x86, 0x03, 0x7F, 0x0B), 5, "function 0 (f): there are more than 50000 locals");
	uint8_t bytes[256];
	vsp_error error = VSP_ERROR_INIT;
	static const uint8_t most[] = {1, 0xD0, 0x86, 0x03, 0x7F, 0x0B};
	assert_int_equal(read_bytes(bytes, make_function(bytes, most, sizeof most), &error), VSP_OK);

	static uint8_t large[200000] = {
	        MAGIC, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 0x89, 0x80, 0x08, 1, 0x84, 0x80, 0x08};
	enum { NESTED = 1 << 16, AT = 25 }; /* with two bytes for each block and one for each end: 3 * 65536 + 2 */
	static const uint8_t sizes[] = {10, 0x86, 0x80, 0x0C, 1, 0x82, 0x80, 0x0C};
	memcpy(large + 18, sizes, sizeof sizes);
	uint8_t *at = large + 18 + sizeof sizes;
	*at++ = 0;
	for (int i = 0; i < NESTED; i++, at += 2)
		memcpy(at, (uint8_t[]){0x02, 0x40}, 2);
	memset(at, 0x0B, NESTED + 1);
	assert_int_equal(read_bytes(large, (size_t)(at + NESTED + 1 - large), &error), VSP_OK);
}

/* A module with something of everything. */
static const uint8_t sample[] = {MAGIC, 1, 12, 3, 0x60, 0, 0, 0x60, 1, 0x7F, 1, 0x7F, 0x60, 0, 0, /* types */
        2, 7, 1, 1, 'e', 1, 'f', 0, 1,                                                            /* import e.f */
        3, 3, 2, 1, 0, 4, 4, 1, 0x70, 0, 4, 5, 3, 1, 0, 1, 6, 6, 1, 0x7F, 1, 0x41, 1, 0x0B,       /* to globals */
        7, 5, 1, 1, 'x', 0, 1, 8, 1, 2, 9, 7, 1, 0, 0x41, 0, 0x0B, 1, 1,                          /* to elements */
        10, 52, 2, 38, 1, 1, 0x7E, 0x20, 0, 0x04, 0x7F, 0x41, 0, 0x28, 2, 4, 0x05, 0x20, 0, 0x20, 0, 0x11, 1, 0, 0x0B,
        0x02, 0x40, 0x41, 1, 0x0E, 1, 0, 0, 0x0B, 0x23, 0, 0x6A, 0x21, 0, 0x20, 0, 0x0B, 11, 0, 0x41, 3, 0x10, 0, 0x24,
        0, 0x03, 0x40, 0x0B, 0x0B, /* code */
        11, 8, 1, 0, 0x41, 0, 0x0B, 2, 'h', 'i'};

static void check_any(const uint8_t *bytes, size_t size)
{
	vsp_error error = VSP_ERROR_INIT;
	if (read_bytes(bytes, size, &error) == VSP_OK)
		return;
	assert_int_equal(error.code, VSP_E_FORMAT);
	assert_true(error.message[0] && error.offset <= size);
}

static void test_changed_bytes(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	uint8_t changed[sizeof sample];
	read_bytes(sample, sizeof sample, &error);
	assert_string_equal(error.message, "");
	for (size_t i = 0; i < sizeof sample; i++) {
		check_any(sample, i);
		memcpy(changed, sample, sizeof sample);
		for (unsigned value = 0; value < 256; value++) {
			changed[i] = (uint8_t)value;
			check_any(changed, sizeof changed);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_refused_features),
	        cmocka_unit_test(test_places_and_names), cmocka_unit_test(test_limits),
	        cmocka_unit_test(test_data_count), cmocka_unit_test(test_changed_bytes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
