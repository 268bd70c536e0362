/*
 * What only macOS compiles: memory for code with MAP_JIT and each thread's right to write to it, on
 * Apple silicon and on x86-64, with the system's calls replaced; and the registers of a signal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "context.h"

enum { PAGE = 4096, PROT_RWX = 7, JIT_FLAGS = 0x0002 | 0x1000 | 0x0040 | 0x0800, FREE_PAGES = 5 };

/* The names that unit.cmake gives the functions and the calls of macos_code.c. */
void *macos_vsp_code_reserve(uint64_t bytes);
bool macos_vsp_code_commit(void *code, void *data, uint64_t bytes);
bool macos_vsp_code_seal(void *code, void *data, uint64_t bytes);
bool macos_vsp_code_decommit(void *code, void *data, uint64_t bytes);
void *macos_mmap(void *address, size_t size, int protection, int flags, int file, int64_t offset);
int macos_madvise(void *address, size_t size, int advice);
int macos_pthread_jit_write_protect_supported_np(void);
void macos_pthread_jit_write_protect_np(int protect);
void macos_sys_icache_invalidate(void *start, size_t size);

/* ---- the system ---- */

static uint8_t memory[2 * PAGE];
static char calls[256]; /* in order */
static bool silicon, no_memory, keeps_pages;

static void note(const char *call)
{
	size_t used = strlen(calls);
	snprintf(calls + used, sizeof calls - used, "%s ", call);
}

void *macos_mmap(void *address, size_t size, int protection, int flags, int file, int64_t offset)
{
	assert_null(address);
	assert_int_equal(size, sizeof memory);
	assert_int_equal(protection, PROT_RWX);
	assert_int_equal(flags, JIT_FLAGS);
	assert_int_equal(file, -1);
	assert_int_equal(offset, 0);
	return no_memory ? (void *)-1 : memory;
}

int macos_madvise(void *address, size_t size, int advice)
{
	assert_int_equal(size, PAGE);
	assert_int_equal(advice, FREE_PAGES);
	note(address == memory ? "free-code" : "free-data");
	return keeps_pages ? -1 : 0;
}

int macos_pthread_jit_write_protect_supported_np(void) { return silicon; }

void macos_pthread_jit_write_protect_np(int protect)
{
	assert_true(silicon); /* elsewhere it may end the process */
	note(protect ? "run" : "write");
}

void macos_sys_icache_invalidate(void *start, size_t size)
{
	assert_ptr_equal(start, memory);
	assert_int_equal(size, PAGE);
	note("invalidate");
}

static int begin(void **state)
{
	(void)state;
	memset(memory, 0, sizeof memory);
	calls[0] = 0;
	silicon = no_memory = keeps_pages = false;
	return 0;
}

/* ---- memory for code ---- */

static void one_mapping_for_code_is_reserved(void **state)
{
	(void)state;
	assert_ptr_equal(macos_vsp_code_reserve(sizeof memory), memory);
	no_memory = true;
	assert_null(macos_vsp_code_reserve(sizeof memory));
}

static void a_thread_writes_before_it_runs(void **state)
{
	(void)state;
	silicon = true;
	assert_true(macos_vsp_code_commit(memory, memory + PAGE, PAGE));
	assert_string_equal(calls, "write ");
	assert_true(macos_vsp_code_seal(memory, memory + PAGE, PAGE));
	assert_string_equal(calls, "write invalidate run ");
}

static void on_x86_64_no_thread_changes_its_rights(void **state)
{
	(void)state;
	assert_true(macos_vsp_code_commit(memory, memory + PAGE, PAGE));
	assert_true(macos_vsp_code_seal(memory, memory + PAGE, PAGE));
	assert_string_equal(calls, "invalidate ");
}

static void pages_given_back_hold_no_code(void **state)
{
	(void)state;
	static const uint8_t zeros[sizeof memory];
	silicon = true;
	memset(memory, 0xC3, sizeof memory);
	assert_true(macos_vsp_code_decommit(memory, memory + PAGE, PAGE));
	assert_string_equal(calls, "write invalidate run free-code free-data ");
	assert_memory_equal(memory, zeros, sizeof memory);
	keeps_pages = true;
	assert_false(macos_vsp_code_decommit(memory, memory + PAGE, PAGE));
}

/* ---- signals ---- */

static void the_program_counter_of_a_signal_is_read(void **state)
{
	(void)state;
	assert_int_equal(macos_pc(0x1234567890), 0x1234567890);
	assert_true(macos_faults_are_exact());
	assert_false(macos_sets_pc()); /* so that there is no baseline code */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(one_mapping_for_code_is_reserved, begin),
	        cmocka_unit_test_setup(a_thread_writes_before_it_runs, begin),
	        cmocka_unit_test_setup(on_x86_64_no_thread_changes_its_rights, begin),
	        cmocka_unit_test_setup(pages_given_back_hold_no_code, begin),
	        cmocka_unit_test(the_program_counter_of_a_signal_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
