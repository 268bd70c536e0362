/* The first processor of threads on Linux: another than their maker's, and only at first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <sched.h>

#include "runtime/platform/platform.h"
#include "runtime/platform/posix_place.h"

static cpu_set_t allowed_here(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
	return set;
}

static void one_processor_of_the_maker_is_left_out(void **unused)
{
	(void)unused;
	cpu_set_t maker = allowed_here(), given, common;
	pthread_attr_t attributes;
	vsp_posix_place place = {.chosen = false};
	assert_int_equal(pthread_attr_init(&attributes), 0);
	vsp_posix_place_elsewhere(&place, &attributes);
	assert_int_equal(place.chosen, CPU_COUNT(&maker) > 1);
	if (place.chosen) {
		assert_int_equal(pthread_attr_getaffinity_np(&attributes, sizeof given, &given), 0);
		CPU_AND(&common, &given, &maker);
		assert_int_equal(CPU_COUNT(&given), CPU_COUNT(&maker) - 1);
		assert_true(CPU_EQUAL(&common, &given));
	}
	pthread_attr_destroy(&attributes);
}

static void note_allowed(void *opaque) { *(cpu_set_t *)opaque = allowed_here(); }

static void a_thread_may_use_what_its_maker_may(void **unused)
{
	(void)unused;
	cpu_set_t maker = allowed_here(), thread;
	CPU_ZERO(&thread);
	vsp_plat_thread *t = vsp_plat_thread_start(note_allowed, &thread);
	assert_non_null(t);
	vsp_plat_thread_join(t);
	assert_true(CPU_EQUAL(&maker, &thread));
}

static void makers_of_one_processor_have_threads(void **unused)
{
	(void)unused;
	cpu_set_t before = allowed_here(), one;
	int processor = 0;
	while (!CPU_ISSET(processor, &before))
		processor++;
	CPU_ZERO(&one);
	CPU_SET(processor, &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
	a_thread_may_use_what_its_maker_may(NULL);
	assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(one_processor_of_the_maker_is_left_out),
	        cmocka_unit_test(a_thread_may_use_what_its_maker_may),
	        cmocka_unit_test(makers_of_one_processor_have_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
