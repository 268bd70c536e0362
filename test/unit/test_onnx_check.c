/*
 * The look at ONNX models before the library sees them: messages written by hand, and that nothing
 * is read beyond their end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/backends/onnx/check.h"
#include "runtime/base/alloc.h"

#define CHECK(...) vsp_onnx_check((const uint8_t[]){__VA_ARGS__}, sizeof(uint8_t[]){__VA_ARGS__})
/* A tag: field and wire type (0 varint, 2 bytes). */
#define V(field) ((field) << 3)
#define B(field) ((field) << 3 | 2)

static void models_without_files_are_good(void **state)
{
	(void)state;
	assert_null(CHECK(V(1), 7));                             /* ir_version */
	assert_null(CHECK(B(7), 4, B(5), 2, V(14), 0));          /* graph, initializer, data_location DEFAULT */
	assert_null(CHECK(B(7), 4, B(2), 2, 'o', 'k'));          /* the graph's name */
	assert_null(CHECK(B(2), 6, B(7), 4, B(5), 2, V(14), 1)); /* text that looks like a graph */
	assert_null(CHECK(B(7), 6, B(1), 4, B(5), 2, B(1), 0));  /* an attribute of a node */
}

static void data_in_files_is_refused_wherever_it_is(void **state)
{
	(void)state;
	assert_non_null(strstr(CHECK(B(7), 4, B(5), 2, V(14), 1), "another file"));
	assert_non_null(strstr(CHECK(B(7), 4, B(5), 2, B(13), 0), "another file"));
	/* the values of a sparse initializer; a tensor in a node's attribute; one in its
	   subgraph */
	assert_non_null(strstr(CHECK(B(7), 6, B(15), 4, B(1), 2, V(14), 1), "another file"));
	assert_non_null(strstr(CHECK(B(7), 8, B(1), 6, B(5), 4, B(5), 2, V(14), 1), "another file"));
	assert_non_null(strstr(CHECK(B(7), 10, B(1), 8, B(5), 6, B(6), 4, B(5), 2, V(14), 1), "another file"));
	/* functions have two-byte tags: 25 << 3 | 2 is 202 */
	assert_non_null(strstr(CHECK(202, 1, 8, B(7), 6, B(5), 4, B(5), 2, V(14), 1), "another file"));
	/* the second of two fields, and numbers with more bytes than they need */
	assert_non_null(strstr(CHECK(B(7), 6, B(5), 4, V(14), 0, V(14), 1), "another file"));
	assert_non_null(strstr(CHECK(B(7), 5, B(5), 0x82, 0x00, V(14), 1), "another file"));
}

static void other_bytes_are_refused(void **state)
{
	(void)state;
	assert_string_equal(vsp_onnx_check(NULL, 0), "the model has no bytes");
	assert_non_null(CHECK(B(7), 5, B(5), 2, V(14), 0)); /* longer than the file */
	assert_non_null(CHECK(B(7), 3, B(5), 2, V(14), 0)); /* longer than what contains it */
	assert_non_null(strstr(CHECK(V(1)), "cut short"));
	/* field 13 with a bit that readers drop */
	assert_non_null(CHECK(B(7), 8, B(5), 6, 0xEA, 0x80, 0x80, 0x80, 0x10, 0));
	assert_non_null(CHECK(V(1) | 3)); /* a group */
	assert_non_null(CHECK(0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1));
	assert_non_null(CHECK(1 << 3 | 1, 0, 0)); /* eight bytes that are not there */
}

/* Subgraphs within subgraphs: attribute 5, graph 6, node 1, again and again. */
static void subgraphs_have_a_limit(void **state)
{
	(void)state;
	enum { LEVELS = 40, EACH = 9, SIZE = LEVELS * EACH };
	static const uint8_t fields[] = {B(1), B(5), B(6)};
	uint8_t bytes[SIZE + 3];
	size_t at = sizeof bytes;
	for (unsigned i = 0; i < LEVELS; i++)
		for (unsigned k = 3; k-- > 0;) {
			size_t length = sizeof bytes - at;
			bytes[--at] = (uint8_t)(length >> 7);
			bytes[--at] = (uint8_t)(length & 0x7F) | 0x80;
			bytes[--at] = fields[k];
		}
	size_t length = sizeof bytes - at;
	bytes[--at] = (uint8_t)(length >> 7);
	bytes[--at] = (uint8_t)(length & 0x7F) | 0x80;
	bytes[--at] = B(7);
	assert_non_null(strstr(vsp_onnx_check(bytes + at, sizeof bytes - at), "too deeply"));
}

/* Any bytes, in blocks of exactly their size: a sanitizer sees what is read beyond them. */
static void no_byte_beyond_the_end_is_read(void **state)
{
	(void)state;
	uint32_t seed = 1;
	for (unsigned i = 0; i < 20000; i++) {
		size_t size = i % 40 + 1;
		uint8_t *bytes = vsp_alloc(size, 1);
		assert_non_null(bytes);
		for (size_t k = 0; k < size; k++) {
			static const uint8_t likely[] = {B(7), B(5), B(1), B(6), V(14), B(13), 2, 4, 8, 0x80};
			seed = seed * 1664525u + 1013904223u;
			bytes[k] = seed >> 31 ? likely[(seed >> 16) % sizeof likely] : (uint8_t)(seed >> 16);
		}
		vsp_onnx_check(bytes, size);
		vsp_free_memory(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(models_without_files_are_good),
	        cmocka_unit_test(data_in_files_is_refused_wherever_it_is),
	        cmocka_unit_test(other_bytes_are_refused),
	        cmocka_unit_test(subgraphs_have_a_limit),
	        cmocka_unit_test(no_byte_beyond_the_end_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
