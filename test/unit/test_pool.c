/*
 * The pool of threads: every thread does every task once, the owner is called while it waits, and a
 * child of fork can make a pool of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "runtime/backends/pool.h"

enum { THREADS = 3 };

static struct {
	_Atomic unsigned done[THREADS];
	_Atomic bool let_go;
	_Atomic unsigned watched;
} seen;

static void count(void *arg, unsigned n, vsp_plat_stopper *stopper)
{
	assert_ptr_equal(arg, &seen);
	assert_true(!vsp_plat_has_stopper() || vsp_plat_stopper_is_mine(stopper));
	atomic_fetch_add(&seen.done[n], 1);
}

static void wait_for_watch(void *arg, unsigned n, vsp_plat_stopper *stopper)
{
	count(arg, n, stopper);
	while (!atomic_load(&seen.let_go))
		;
}

static void watch(void *arg)
{
	assert_ptr_equal(arg, &seen);
	if (atomic_fetch_add(&seen.watched, 1) == 2)
		atomic_store(&seen.let_go, true);
}

static int setup(void **state)
{
	memset(&seen, 0, sizeof seen);
	*state = vsp_thread_pool_create(THREADS, true);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	vsp_thread_pool_destroy(*state);
	return 0;
}

static void test_each_thread_does_each_task(void **state)
{
	enum { TASKS = 500 };
	assert_int_equal(vsp_thread_pool_size(*state), THREADS);
	for (unsigned i = 0; i < TASKS; i++) {
		vsp_thread_pool_run(*state, &(vsp_thread_pool_task){count, watch, &seen});
		for (unsigned n = 0; n < THREADS; n++)
			assert_int_equal(seen.done[n], i + 1);
	}
}

static void test_owner_watches_while_it_waits(void **state)
{
	vsp_thread_pool_run(*state, &(vsp_thread_pool_task){wait_for_watch, watch, &seen});
	assert_true(seen.watched >= 3);
}

static void test_ends_without_a_task(void **state) { assert_true(vsp_thread_pool_is_alive(*state)); }

/* In the child: 0 when all is well. */
static int use_in_child(vsp_thread_pool *parents)
{
	if (vsp_thread_pool_is_alive(parents))
		return 1;
	vsp_thread_pool_destroy(parents);
	vsp_thread_pool *own = vsp_thread_pool_create(THREADS, true);
	if (!own || !vsp_thread_pool_is_alive(own))
		return 2;
	memset(&seen, 0, sizeof seen);
	vsp_thread_pool_run(own, &(vsp_thread_pool_task){count, watch, &seen});
	unsigned done = 0;
	for (unsigned n = 0; n < THREADS; n++)
		done += seen.done[n];
	vsp_thread_pool_destroy(own);
	return done == THREADS ? 0 : 3;
}

static void test_child_of_fork_makes_its_own(void **state)
{
	vsp_thread_pool_run(*state, &(vsp_thread_pool_task){count, watch, &seen});
	int status = -1;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(use_in_child(*state));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	vsp_thread_pool_run(*state, &(vsp_thread_pool_task){count, watch, &seen});
	assert_int_equal(seen.done[0], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_each_thread_does_each_task, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_owner_watches_while_it_waits, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_ends_without_a_task, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_child_of_fork_makes_its_own, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
