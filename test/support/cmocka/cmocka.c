/*
 * The part of CMocka that the tests use, see cmocka.h: tests one after the other, with a line for
 * each, and assertions that leave the test.
 */
#include "cmocka.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { RETURNED, FAILED, SKIPPED };

static jmp_buf left;

void print_message(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
}

void print_error(const char *format, ...)
{
	va_list list;
	fflush(stdout);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
}

void vsp_cmocka_skip(void) { longjmp(left, SKIPPED); }

void vsp_cmocka_fail(const char *file, int line, const char *format, ...)
{
	va_list list;
	fflush(stdout);
	fprintf(stderr, "%s:%d: ", file, line);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	longjmp(left, FAILED);
}

void vsp_cmocka_integers(uintmax_t a, uintmax_t b, bool equal, const char *what, const char *file, int line)
{
	if ((a == b) != equal)
		vsp_cmocka_fail(file, line, "%s: %#" PRIxMAX " %s %#" PRIxMAX, what, a, equal ? "!=" : "==", b);
}

void vsp_cmocka_range(uintmax_t value, uintmax_t low, uintmax_t high, const char *file, int line)
{
	if (value < low || value > high)
		vsp_cmocka_fail(file, line, "%" PRIuMAX " is not from %" PRIuMAX " to %" PRIuMAX, value, low, high);
}

void vsp_cmocka_strings(const char *a, const char *b, bool equal, const char *file, int line)
{
	if ((strcmp(a, b) == 0) != equal)
		vsp_cmocka_fail(file, line, "\"%s\" %s \"%s\"", a, equal ? "!=" : "==", b);
}

void vsp_cmocka_memories(const void *a, const void *b, size_t size, bool equal, const char *file, int line)
{
	const unsigned char *p = a, *q = b;
	size_t n = 0;
	while (n < size && p[n] == q[n])
		n++;
	if (equal && n < size)
		vsp_cmocka_fail(file, line, "byte %zu differs: 0x%02x != 0x%02x", n, p[n], q[n]);
	if (!equal && n == size)
		vsp_cmocka_fail(file, line, "all %zu bytes are equal", size);
}

/* Calls a test or a fixture, whichever is not null. */
static int enter(void (*test)(void **), CMFixtureFunction fixture, void **state)
{
	int end = setjmp(left);
	if (end == RETURNED) {
		if (test)
			test(state);
		else if (fixture && fixture(state) != 0)
			end = FAILED;
	}
	return end;
}

static int run_test(const struct CMUnitTest *t, void *state)
{
	if (t->initial_state)
		state = t->initial_state;
	int end = enter(NULL, t->setup_func, &state);
	if (end == RETURNED)
		end = enter(t->test_func, NULL, &state);
	int after = enter(NULL, t->teardown_func, &state);
	return end == RETURNED ? after : end;
}

int _cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t count, CMFixtureFunction setup,
        CMFixtureFunction teardown)
{
	static const char *const ends[] = {"OK", "FAILED", "SKIPPED"};
	void *state = NULL;
	int failed = 0;
	if (enter(NULL, setup, &state) != RETURNED)
		return -1;
	for (size_t i = 0; i < count; i++) {
		printf("[ RUN ] %s\n", tests[i].name);
		fflush(stdout);
		int end = run_test(&tests[i], state);
		failed += end == FAILED;
		printf("[ %s ] %s\n", ends[end], tests[i].name);
	}
	printf("%s: %zu tests, %d failed\n", group, count, failed);
	return enter(NULL, teardown, &state) == RETURNED ? failed : -1;
}
