/*
 * The part of CMocka's interface that the tests use, for builds whose machine or C library has no
 * CMocka package. A test fails at its first assertion that does not hold; assertions are made on
 * the thread that runs the tests.
 */
#ifndef VSP_TEST_CMOCKA_H
#define VSP_TEST_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int (*CMFixtureFunction)(void **state);
struct CMUnitTest {
	const char *name;
	void (*test_func)(void **state);
	CMFixtureFunction setup_func, teardown_func; /* null: none; not 0: it has failed */
	void *initial_state;
};

#define cmocka_unit_test(f) {#f, f, NULL, NULL, NULL}
#define cmocka_unit_test_setup(f, setup) {#f, f, setup, NULL, NULL}
#define cmocka_unit_test_teardown(f, teardown) {#f, f, NULL, teardown, NULL}
#define cmocka_unit_test_setup_teardown(f, setup, teardown) {#f, f, setup, teardown, NULL}
/* The number of tests that failed; negative: the group's setup or teardown has. */
#define cmocka_run_group_tests(tests, setup, teardown) \
	_cmocka_run_group_tests(#tests, tests, sizeof(tests) / sizeof *(tests), setup, teardown)
int _cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t count, CMFixtureFunction setup,
        CMFixtureFunction teardown);

void print_message(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void vsp_cmocka_skip(void);
_Noreturn void vsp_cmocka_fail(const char *file, int line, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void vsp_cmocka_integers(uintmax_t a, uintmax_t b, bool equal, const char *what, const char *file, int line);
void vsp_cmocka_range(uintmax_t value, uintmax_t low, uintmax_t high, const char *file, int line);
void vsp_cmocka_strings(const char *a, const char *b, bool equal, const char *file, int line);
void vsp_cmocka_memories(const void *a, const void *b, size_t size, bool equal, const char *file, int line);

#define skip() vsp_cmocka_skip()
#define fail() vsp_cmocka_fail(__FILE__, __LINE__, "failed")
#define fail_msg(...) vsp_cmocka_fail(__FILE__, __LINE__, __VA_ARGS__)

#define VSP_CMOCKA_HOLDS(condition, text) ((condition) ? (void)0 : vsp_cmocka_fail(__FILE__, __LINE__, "%s", text))
#define assert_true(c) VSP_CMOCKA_HOLDS(c, "not true: " #c)
#define assert_false(c) VSP_CMOCKA_HOLDS(!(c), "not false: " #c)
#define assert_null(p) VSP_CMOCKA_HOLDS((p) == NULL, "not null: " #p)
#define assert_non_null(p) VSP_CMOCKA_HOLDS((p) != NULL, "null: " #p)
#define assert_ptr_equal(a, b) VSP_CMOCKA_HOLDS((const void *)(a) == (const void *)(b), "not the same: " #a ", " #b)
#define assert_ptr_not_equal(a, b) VSP_CMOCKA_HOLDS((const void *)(a) != (const void *)(b), "the same: " #a ", " #b)
#define assert_int_equal(a, b) vsp_cmocka_integers((uintmax_t)(a), (uintmax_t)(b), true, #a ", " #b, __FILE__, __LINE__)
#define assert_int_not_equal(a, b) \
	vsp_cmocka_integers((uintmax_t)(a), (uintmax_t)(b), false, #a ", " #b, __FILE__, __LINE__)
#define assert_in_range(v, low, high) \
	vsp_cmocka_range((uintmax_t)(v), (uintmax_t)(low), (uintmax_t)(high), __FILE__, __LINE__)
#define assert_string_equal(a, b) vsp_cmocka_strings(a, b, true, __FILE__, __LINE__)
#define assert_string_not_equal(a, b) vsp_cmocka_strings(a, b, false, __FILE__, __LINE__)
#define assert_memory_equal(a, b, n) vsp_cmocka_memories(a, b, n, true, __FILE__, __LINE__)
#define assert_memory_not_equal(a, b, n) vsp_cmocka_memories(a, b, n, false, __FILE__, __LINE__)

#endif
