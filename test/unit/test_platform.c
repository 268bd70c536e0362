/*
 * The platform layer: protected calls (faults, leaving, nesting, threads), the
 * floating-point environment, threads and mutexes, files. Faults need guard pages; without them
 * those tests are skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fenv.h>
#include <cmocka.h>

#include "runtime/base/alloc.h"
#include "runtime/platform/thread.h"

enum { REGION = 1 << 20 };

/* An inaccessible region and an address in it. */
typedef struct touch {
	uint8_t *at;
	int result;
	vsp_plat_outcome inner;
} touch;

static void store_at(void *opaque)
{
	touch *t = opaque;
	*(volatile uint8_t *)t->at = 1;
	t->result = 1;
}

static void load_at(void *opaque)
{
	touch *t = opaque;
	t->result = *(volatile uint8_t *)t->at;
}

static uint8_t *reserve_or_skip(void)
{
	if (!vsp_plat_has_guard())
		skip();
	uint8_t *base = vsp_plat_reserve(REGION);
	assert_non_null(base);
	return base;
}

static void a_fault_in_the_region_abandons_the_call(void **state)
{
	(void)state;
	uint8_t *base = reserve_or_skip();
	vsp_plat_region region = {.base = base, .size = REGION};
	const size_t places[] = {0, 1, 4095, 4096, REGION / 2 + 3, REGION - 1};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		touch t = {.at = base + places[i]};
		assert_int_equal(vsp_plat_protect(&region, i & 1 ? load_at : store_at, &t), VSP_PLAT_FAULT);
		assert_ptr_equal(region.fault, t.at);
		assert_int_equal(t.result, 0);
	}
	vsp_plat_release(base, REGION);
}

static void many_faults_in_a_row_are_caught(void **state)
{
	(void)state;
	uint8_t *base = reserve_or_skip();
	vsp_plat_region region = {.base = base, .size = REGION};
	for (int i = 0; i < 1000; i++) {
		touch t = {.at = base + i};
		assert_int_equal(vsp_plat_protect(&region, load_at, &t), VSP_PLAT_FAULT);
	}
	vsp_plat_release(base, REGION);
}

static void committed_pages_are_zero_and_accessible(void **state)
{
	(void)state;
	uint8_t *base = reserve_or_skip();
	size_t page = vsp_plat_page_size();
	vsp_plat_region region = {.base = base, .size = REGION};
	assert_true(vsp_plat_commit(base + page, page));
	touch t = {.at = base + page};
	assert_int_equal(vsp_plat_protect(&region, store_at, &t), VSP_PLAT_RETURNED);
	assert_int_equal(t.result, 1);
	vsp_plat_decommit(base + page, page);
	assert_int_equal(vsp_plat_protect(&region, load_at, &t), VSP_PLAT_FAULT);
	assert_true(vsp_plat_commit(base + page, page));
	assert_int_equal(vsp_plat_protect(&region, load_at, &t), VSP_PLAT_RETURNED);
	assert_int_equal(t.result, 0);
	vsp_plat_release(base, REGION);
}

static void leave(void *opaque)
{
	(void)opaque;
	vsp_plat_leave();
}

static void leaving_abandons_the_innermost_call(void **state)
{
	(void)state;
	vsp_plat_region region = {0};
	assert_int_equal(vsp_plat_protect(&region, leave, NULL), VSP_PLAT_LEFT);
	assert_null(region.fault);
}

/* Host code within a protected call makes one of its own, which faults; then the outer call goes
   on and faults too. */
static void call_again(void *opaque)
{
	touch *t = opaque;
	vsp_plat_region *own = vsp_plat_host_enter();
	vsp_plat_region region = {.base = t->at, .size = REGION};
	touch deeper = {.at = t->at + 7};
	t->inner = vsp_plat_protect(&region, load_at, &deeper);
	vsp_plat_host_leave(own);
	t->result = 1;
	load_at(t);
	t->result = 2;
}

static void nested_calls_leave_to_the_innermost(void **state)
{
	(void)state;
	uint8_t *base = reserve_or_skip();
	vsp_plat_region region = {.base = base, .size = REGION};
	touch t = {.at = base};
	assert_int_equal(vsp_plat_protect(&region, call_again, &t), VSP_PLAT_FAULT);
	assert_int_equal(t.inner, VSP_PLAT_FAULT);
	assert_int_equal(t.result, 1);
	assert_ptr_equal(region.fault, base);
	vsp_plat_release(base, REGION);
}

enum { THREADS = 4, ROUNDS = 200 };

static void fault_often(void *opaque)
{
	touch *t = opaque;
	vsp_plat_region region = {.base = t->at, .size = REGION};
	for (int i = 0; i < ROUNDS; i++) {
		touch one = {.at = t->at + i};
		if (vsp_plat_protect(&region, load_at, &one) == VSP_PLAT_FAULT && region.fault == one.at)
			t->result++;
	}
}

static void threads_fault_independently(void **state)
{
	(void)state;
	uint8_t *base = reserve_or_skip();
	touch t[THREADS] = {0};
	vsp_plat_thread *threads[THREADS];
	for (int i = 0; i < THREADS; i++) {
		t[i].at = base + i * 4096;
		threads[i] = vsp_plat_thread_start(fault_often, &t[i]);
		assert_non_null(threads[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		vsp_plat_thread_join(threads[i]);
		assert_int_equal(t[i].result, ROUNDS);
	}
	vsp_plat_release(base, REGION);
}

/* The handler of a fault runs with the system's modes. */
static void a_fault_leaves_the_rounding_mode_alone(void **state)
{
	(void)state;
	volatile double one = 1.0, tiny = 0x1p-60;
	uint8_t *base = reserve_or_skip();
	vsp_plat_region region = {.base = base, .size = REGION};
	touch t = {.at = base};
	assert_int_equal(fesetround(FE_UPWARD), 0);
	assert_int_equal(vsp_plat_protect(&region, load_at, &t), VSP_PLAT_FAULT);
	int mode = fegetround();
	volatile double sum = one + tiny; /* not computed later, in other modes */
	fesetround(FE_TONEAREST);
	assert_int_equal(mode, FE_UPWARD);
	assert_true(sum > 1.0);
	vsp_plat_release(base, REGION);
}

/* A thread that comes after another may have its stack. */
static void note_serial(void *opaque) { *(uint64_t *)opaque = vsp_plat_thread_serial(); }

static void no_two_threads_have_one_serial_number(void **state)
{
	(void)state;
	uint64_t serials[8] = {vsp_plat_thread_serial()};
	for (int i = 1; i < 8; i++) {
		vsp_plat_thread *thread = vsp_plat_thread_start(note_serial, &serials[i]);
		if (!thread)
			skip();
		vsp_plat_thread_join(thread);
		for (int j = 0; j < i; j++)
			assert_int_not_equal(serials[i], serials[j]);
	}
	assert_int_equal(vsp_plat_thread_serial(), serials[0]);
}

static void the_host_gets_its_rounding_mode_back(void **state)
{
	(void)state;
	volatile double one = 1.0, tiny = 0x1p-60;
	assert_int_equal(fesetround(FE_UPWARD), 0);
	uint64_t saved = vsp_plat_fp_enter();
	assert_true(one + tiny == 1.0);
	vsp_plat_fp_restore(saved);
	assert_true(one + tiny > 1.0);
	assert_int_equal(fegetround(), FE_UPWARD);
	fesetround(FE_TONEAREST);
}

#if defined(__x86_64__)
#include <xmmintrin.h>
static void subnormals_are_on_inside_and_as_before_outside(void **state)
{
	(void)state;
	volatile double small = 0x1p-1060, half = 0.5;
	unsigned host = _mm_getcsr();
	_mm_setcsr(host | 0x8040); /* FTZ and DAZ */
	uint64_t saved = vsp_plat_fp_enter();
	volatile double inside = small * half; /* computed here and nowhere else */
	vsp_plat_fp_restore(saved);
	volatile double outside = small * half;
	_mm_setcsr(host);
	assert_true(inside == 0x1p-1061);
	assert_true(outside == 0.0);
}
#else
static void subnormals_are_on_inside_and_as_before_outside(void **state)
{
	(void)state;
	skip();
}
#endif

static void the_clock_never_goes_back(void **state)
{
	(void)state;
	uint64_t last = vsp_plat_clock_ns();
	for (int i = 0; i < 1000; i++) {
		uint64_t now = vsp_plat_clock_ns();
		assert_true(now >= last);
		last = now;
	}
}

static void random_bytes_differ(void **state)
{
	(void)state;
	uint8_t a[1000] = {0}, b[1000] = {0};
	if (!vsp_plat_random(a, sizeof a))
		skip();
	assert_true(vsp_plat_random(b, sizeof b));
	assert_memory_not_equal(a, b, sizeof a);
	assert_memory_not_equal(a, a + 500, 500);
}

typedef struct counter {
	vsp_plat_mutex *mutex;
	int value, wanted;
} counter;

static void count_up(void *opaque)
{
	counter *c = opaque;
	for (int i = 0; i < 1000; i++) {
		vsp_plat_mutex_lock(c->mutex);
		c->value++;
		vsp_plat_mutex_signal(c->mutex);
		vsp_plat_mutex_unlock(c->mutex);
	}
}

static void a_mutex_excludes_and_wakes(void **state)
{
	(void)state;
	counter c = {.mutex = vsp_plat_mutex_create(), .wanted = 2000};
	assert_non_null(c.mutex);
	vsp_plat_thread *a = vsp_plat_thread_start(count_up, &c), *b = vsp_plat_thread_start(count_up, &c);
	if (!a) {
		vsp_plat_mutex_destroy(c.mutex);
		skip();
	}
	assert_non_null(b);
	vsp_plat_mutex_lock(c.mutex);
	while (c.value < c.wanted)
		vsp_plat_mutex_wait(c.mutex, UINT64_MAX);
	vsp_plat_mutex_unlock(c.mutex);
	vsp_plat_thread_join(a);
	vsp_plat_thread_join(b);
	assert_int_equal(c.value, 2000);
	vsp_plat_mutex_destroy(c.mutex);
}

static void waiting_times_out(void **state)
{
	(void)state;
	vsp_plat_mutex *m = vsp_plat_mutex_create();
	assert_non_null(m);
	vsp_plat_mutex_lock(m);
	uint64_t start = vsp_plat_clock_ns();
	assert_false(vsp_plat_mutex_wait(m, 2000000));
	assert_true(vsp_plat_clock_ns() - start >= 2000000);
	vsp_plat_mutex_unlock(m);
	vsp_plat_mutex_destroy(m);
}

#define FILE_NAME VSP_BINARY_DIR "/test_platform.file"

static void files_are_written_whole_and_read_back(void **state)
{
	(void)state;
	static uint8_t data[200000];
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	const char *error = "?";
	size_t size = 0;
	for (size_t n = 0; n <= sizeof data; n = n ? n * 447 : 1) { /* 0, 1, 447, 199809 */
		assert_null(vsp_plat_file_write(FILE_NAME, data, n));
		uint8_t *back = vsp_plat_file_read(FILE_NAME, UINT64_MAX, &size, &error);
		assert_non_null(back);
		assert_null(error);
		assert_int_equal(size, n);
		assert_memory_equal(back, data, n);
		vsp_plat_file_free(back, size);
	}
	assert_null(vsp_plat_file_read(FILE_NAME, 199808, &size, &error));
	assert_string_equal(error, "File too large");
	uint8_t *exact = vsp_plat_file_read(FILE_NAME, 199809, &size, &error);
	assert_non_null(exact);
	vsp_plat_file_free(exact, size);
	remove(FILE_NAME);
}

/* Between opening and finishing an output is not visible in its folder; an older file stays. */
static void outputs_appear_when_they_are_finished(void **state)
{
	(void)state;
	const char *why = NULL;
	size_t size;
	remove(FILE_NAME);
	vsp_plat_output *out = vsp_plat_output_open(FILE_NAME, &why);
	assert_non_null(out);
	assert_null(vsp_plat_file_read(FILE_NAME, 100, &size, &why));
	assert_null(vsp_plat_output_finish(out, "first", 5));
	out = vsp_plat_output_open(FILE_NAME, &why);
	assert_non_null(out);
	vsp_plat_output_cancel(out);
	uint8_t *back = vsp_plat_file_read(FILE_NAME, 100, &size, &why);
	assert_non_null(back);
	assert_int_equal(size, 5);
	vsp_plat_file_free(back, size);
	assert_null(vsp_plat_output_open(VSP_BINARY_DIR "/no/such/place", &why));
	assert_string_equal(why, "No such file or directory");
	assert_null(vsp_plat_output_open("", &why));
	vsp_plat_output_cancel(NULL);
	remove(FILE_NAME);
}

static void names_of_one_file_are_told(void **state)
{
	(void)state;
	assert_true(vsp_plat_same_file(FILE_NAME, FILE_NAME)); /* not there yet */
	assert_null(vsp_plat_file_write(FILE_NAME, "x", 1));
	assert_true(vsp_plat_same_file(FILE_NAME, FILE_NAME));
	assert_false(vsp_plat_same_file(FILE_NAME, FILE_NAME ".other"));
	char real[VSP_PLAT_PATH];
	if (!vsp_plat_real_path(VSP_BINARY_DIR "/../", real, sizeof real)) { /* C11 alone cannot tell */
		assert_true(vsp_plat_same_file(FILE_NAME, VSP_BINARY_DIR "/./test_platform.file"));
		assert_true(vsp_plat_same_file(FILE_NAME ".new", VSP_BINARY_DIR "//test_platform.file.new"));
	}
	remove(FILE_NAME);
}

static void file_errors_have_a_reason(void **state)
{
	(void)state;
	const char *error = NULL;
	size_t size;
	assert_null(vsp_plat_file_read(FILE_NAME ".missing", 100, &size, &error));
	assert_string_equal(error, "No such file or directory");
	assert_null(vsp_plat_file_read(VSP_BINARY_DIR, 100, &size, &error));
	assert_string_equal(error, "Is a directory");
	assert_string_equal(vsp_plat_file_write(VSP_BINARY_DIR "/no/such/place", "x", 1), "No such file or directory");
	assert_non_null(vsp_plat_file_write(VSP_BINARY_DIR, "x", 1));
}

static void shared_objects_that_do_not_exist_are_null(void **state)
{
	(void)state;
	assert_null(vsp_plat_dlopen("libvsp-there-is-no-such-thing.so.77"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_fault_in_the_region_abandons_the_call),
	        cmocka_unit_test(many_faults_in_a_row_are_caught),
	        cmocka_unit_test(committed_pages_are_zero_and_accessible),
	        cmocka_unit_test(leaving_abandons_the_innermost_call),
	        cmocka_unit_test(nested_calls_leave_to_the_innermost),
	        cmocka_unit_test(threads_fault_independently),
	        cmocka_unit_test(a_fault_leaves_the_rounding_mode_alone),
	        cmocka_unit_test(no_two_threads_have_one_serial_number),
	        cmocka_unit_test(the_host_gets_its_rounding_mode_back),
	        cmocka_unit_test(subnormals_are_on_inside_and_as_before_outside),
	        cmocka_unit_test(the_clock_never_goes_back),
	        cmocka_unit_test(random_bytes_differ),
	        cmocka_unit_test(a_mutex_excludes_and_wakes),
	        cmocka_unit_test(waiting_times_out),
	        cmocka_unit_test(files_are_written_whole_and_read_back),
	        cmocka_unit_test(outputs_appear_when_they_are_finished),
	        cmocka_unit_test(names_of_one_file_are_told),
	        cmocka_unit_test(file_errors_have_a_reason),
	        cmocka_unit_test(shared_objects_that_do_not_exist_are_null),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
