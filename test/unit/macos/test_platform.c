/*
 * The branches of the platform layer that only macOS compiles, with the system's calls replaced:
 * waits, stacks, memory, files' times, features of processors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "runtime/platform/platform.h"
#include "system.h"

static int begin(void **state)
{
	(void)state;
	memset(&macos_given, 0, sizeof macos_given);
	memset(&macos_gives, 0, sizeof macos_gives);
	return 0;
}

static void waits_are_relative_to_now(void **state)
{
	(void)state;
	vsp_plat_mutex *mutex = vsp_plat_mutex_create();
	assert_non_null(mutex);
	vsp_plat_mutex_lock(mutex);
	macos_gives.in_time = true;
	assert_true(vsp_plat_mutex_wait(mutex, UINT64_C(2500000007)));
	assert_int_equal(macos_given.wait_s, 2);
	assert_int_equal(macos_given.wait_ns, 500000007);
	macos_gives.in_time = false;
	assert_false(vsp_plat_mutex_wait(mutex, 1));
	assert_int_equal(macos_given.wait_s, 0);
	assert_int_equal(macos_given.wait_ns, 1);
	assert_false(macos_given.waited_for_ever);
	assert_true(vsp_plat_mutex_wait(mutex, UINT64_MAX));
	assert_true(macos_given.waited_for_ever);
	vsp_plat_mutex_unlock(mutex);
	vsp_plat_mutex_destroy(mutex);
}

static void a_stack_is_known_by_its_top(void **state)
{
	(void)state;
	static char stack[4096];
	const void *low = NULL, *high = NULL;
	macos_gives.stack_top = stack + sizeof stack;
	macos_gives.stack_size = sizeof stack;
	assert_true(vsp_plat_stack(&low, &high));
	assert_ptr_equal(low, stack);
	assert_ptr_equal(high, stack + sizeof stack);
}

static void the_peak_of_memory_comes_in_bytes(void **state)
{
	(void)state;
	macos_gives.peak_bytes = 123456789;
	assert_int_equal(vsp_plat_peak_memory(), 123456789);
}

static void times_of_files_have_nanoseconds(void **state)
{
	(void)state;
	macos_gives.accessed_s = 5, macos_gives.accessed_ns = 6;
	macos_gives.modified_s = 7, macos_gives.modified_ns = 8;
	macos_gives.changed_s = 9, macos_gives.changed_ns = 10;
	macos_gives.file_size = 77;
	macos_gives.regular = true;
	vsp_plat_stamp stamp;
	assert_true(vsp_plat_file_stamp("any", &stamp));
	assert_int_equal(stamp.size, 77);
	assert_int_equal(stamp.changed_ns, INT64_C(7000000008));
	assert_true(stamp.is_regular);
	assert_false(stamp.is_directory);
	macos_gives.regular = false;
	assert_true(vsp_plat_file_stamp("any", &stamp));
	assert_true(stamp.is_directory);
	uint64_t accessed, modified, changed;
	macos_stat_times(&accessed, &modified, &changed);
	assert_int_equal(accessed, UINT64_C(5000000006));
	assert_int_equal(modified, UINT64_C(7000000008));
	assert_int_equal(changed, UINT64_C(9000000010));
	macos_gives.modified_s = -1; /* WASI's times are unsigned */
	macos_stat_times(&accessed, &modified, &changed);
	assert_int_equal(modified, 0);
}

static void code_is_flushed_before_it_runs(void **state)
{
	(void)state;
	size_t size = vsp_plat_page_size();
	char *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(page != MAP_FAILED);
	assert_true(vsp_plat_make_executable(page, size));
	assert_ptr_equal(macos_given.flushed, page);
	assert_int_equal(macos_given.flushed_size, size);
	munmap(page, size);
}

/* The numbers of XNU's sys/mman.h: MAP_PRIVATE 2, MAP_FIXED 0x10, MAP_NORESERVE 0x40, MAP_ANON
   0x1000; PROT_READ 1, PROT_WRITE 2. */
static void discarded_pages_are_mapped_anew(void **state)
{
	(void)state;
	static char page[4096];
	assert_true(vsp_plat_discard(page, sizeof page));
	assert_ptr_equal(macos_given.mapped, page);
	assert_int_equal(macos_given.mapped_size, sizeof page);
	assert_int_equal(macos_given.protection, 3);
	assert_int_equal(macos_given.flags, 0x1052);
}

static bool has(const char *feature) { return vsp_plat_feature(feature, strlen(feature)); }

static void features_are_asked_for_by_the_names_of_arm(void **state)
{
	(void)state;
	macos_gives.answer = 1;
	assert_true(has("lse"));
	assert_string_equal(macos_given.question, "hw.optional.arm.FEAT_LSE");
	assert_true(has("neon"));
	assert_string_equal(macos_given.question, "hw.optional.arm.AdvSIMD");
	macos_gives.answer = 0;
	assert_false(has("lse"));
	macos_gives.answer = -1;
	assert_false(has("lse"));
	memset(macos_given.question, 0, sizeof macos_given.question);
	macos_gives.answer = 1;
	assert_false(has("no such feature"));
	assert_string_equal(macos_given.question, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(waits_are_relative_to_now, begin),
	        cmocka_unit_test_setup(a_stack_is_known_by_its_top, begin),
	        cmocka_unit_test_setup(the_peak_of_memory_comes_in_bytes, begin),
	        cmocka_unit_test_setup(times_of_files_have_nanoseconds, begin),
	        cmocka_unit_test_setup(code_is_flushed_before_it_runs, begin),
	        cmocka_unit_test_setup(discarded_pages_are_mapped_anew, begin),
	        cmocka_unit_test_setup(features_are_asked_for_by_the_names_of_arm, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
