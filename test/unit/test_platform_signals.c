/*
 * The platform layer where there are signals: whose a fault is, the host's or the library's, and
 * the modes of files that are written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <signal.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "runtime/platform/thread.h"

enum { REGION = 1 << 20 };

/* An inaccessible region and an address in it. */
typedef struct touch {
	uint8_t *at;
	int result;
} touch;

static void load_at(void *opaque)
{
	touch *t = opaque;
	t->result = *(volatile uint8_t *)t->at;
}

/* The host's handler, there before the library's. */
static sigjmp_buf host_back;
static volatile sig_atomic_t host_faults;

static void host_handler(int number)
{
	(void)number;
	host_faults++;
	siglongjmp(host_back, 1);
}

/* CMocka installs handlers of its own around each test, so the host's is put back before the
   library looks. */
static uint8_t *reserve_or_skip(void)
{
	signal(SIGSEGV, host_handler);
#if defined(SIGBUS)
	signal(SIGBUS, host_handler);
#endif
	if (!vsp_plat_has_guard())
		skip();
	uint8_t *base = vsp_plat_reserve(REGION);
	assert_non_null(base);
	return base;
}

static void faults_elsewhere_go_to_the_handler_of_the_host(void **state)
{
	(void)state;
	uint8_t *base = reserve_or_skip();
	vsp_plat_region region = {.base = base, .size = REGION / 2};
	touch outside = {.at = base + REGION / 2};
	host_faults = 0;
	if (!sigsetjmp(host_back, 1)) /* without any protected call */
		load_at(&outside);
	assert_int_equal(host_faults, 1);
	touch inside = {.at = base};
	assert_int_equal(vsp_plat_protect(&region, load_at, &inside), VSP_PLAT_FAULT);
	assert_int_equal(host_faults, 1);
	/* The host restored its signal mask, so its handler works again. */
	if (!sigsetjmp(host_back, 1))
		load_at(&outside);
	assert_int_equal(host_faults, 2);
	vsp_plat_release(base, REGION);
}

/* A callback of the host that faults in the very region is the host's fault. */
static void host_faults_inside(void *opaque)
{
	touch *t = opaque;
	vsp_plat_region *own = vsp_plat_host_enter();
	if (!sigsetjmp(host_back, 1))
		load_at(t);
	vsp_plat_host_leave(own);
	t->result = 5;
}

static void a_fault_in_a_callback_belongs_to_the_host(void **state)
{
	(void)state;
	uint8_t *base = reserve_or_skip();
	vsp_plat_region region = {.base = base, .size = REGION};
	touch t = {.at = base};
	host_faults = 0;
	assert_int_equal(vsp_plat_protect(&region, host_faults_inside, &t), VSP_PLAT_RETURNED);
	assert_int_equal(host_faults, 1);
	assert_int_equal(t.result, 5);
	vsp_plat_release(base, REGION);
}

#define FILE_NAME VSP_BINARY_DIR "/test_platform_signals.file"

static void new_files_have_the_mode_of_the_umask_and_devices_are_written_in_place(void **state)
{
	(void)state;
	if (!vsp_plat_has_guard()) /* plain C knows no modes */
		skip();
	struct stat st;
	mode_t old = umask(027);
	assert_null(vsp_plat_file_write(FILE_NAME, "x", 1));
	umask(old);
	assert_int_equal(stat(FILE_NAME, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	remove(FILE_NAME);
	assert_string_equal(vsp_plat_file_write("/dev/full", "x", 1), "No space left on device");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(faults_elsewhere_go_to_the_handler_of_the_host),
	        cmocka_unit_test(a_fault_in_a_callback_belongs_to_the_host),
	        cmocka_unit_test(new_files_have_the_mode_of_the_umask_and_devices_are_written_in_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
