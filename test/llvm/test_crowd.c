/*
 * Stress test with a thousand threads at once. Each creates an instance of one shared module, runs
 * it, is interrupted by another thread, resets it, runs it to its end and frees it, while the
 * process forks now and then and its children do the same alone. Every run that was not interrupted
 * gives the right sum, and no interrupted run may report success with another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include <vsp/vsp.h>

#include "runtime/platform/platform.h"

enum { CROWD = 1000, FORKS = 5, ATTEMPTS = 50, COMPILING = 50, SUM = 3000 * 3001 / 2 };

/* One of the threads. The lock keeps the instance alive while a neighbour interrupts it. */
typedef struct member {
	vsp_plat_mutex *lock;
	vsp_instance *instance;
	unsigned number;
	const char *failure;
} member;

static vsp_module *module;
static member crowd[CROWD];
static atomic_uint present;

static const char source[] = ".export sum\n"
                             ".func main() -> 0\n"
                             "	RET\n"
                             ".end\n"
                             ".func sum(1) -> 1\n"
                             "	MOVI R1, 0\n"
                             "again:	ADD R1, R1, R0\n"
                             "	ADDI R0, R0, -1\n"
                             "	INVOKE same\n"
                             "	BNZ R0, again\n"
                             "	MOV R0, R1\n"
                             "	RET\n"
                             ".end\n"
                             ".func same(1) -> 1\n"
                             "	RET\n"
                             ".end\n";

/* A thousand compile threads, and reservations of 4 GiB each, are more than machines have room
   for: few instances have them. */
static vsp_instance *instantiate(unsigned number)
{
	vsp_config config = VSP_CONFIG_INIT;
	bool compiles = number % COMPILING == 0;
	config.tier = compiles ? VSP_TIER_AUTO : VSP_TIER_INTERP;
	config.tier1_threshold = 10;
	config.tier2_threshold = 1000;
	config.bounds = compiles ? VSP_CONFIG_BOUNDS_AUTO : VSP_CONFIG_BOUNDS_EXPLICIT;
	return vsp_instantiate(module, &config, NULL);
}

/* Null, or the error in the instance's result. */
static const char *sum_up(vsp_instance *instance)
{
	static const int64_t numbers = 3000;
	for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
		vsp_error error = VSP_ERROR_INIT;
		int64_t sum = 0;
		vsp_status status = vsp_call(instance, "sum", &numbers, &sum, &error);
		if (status == VSP_OK)
			return sum == SUM ? NULL : "a wrong sum";
		if (status != VSP_TRAPPED || error.trap != VSP_TRAP_INTERRUPTED)
			return "a call that failed";
		if (vsp_reset(instance, &error) != VSP_OK)
			return "no reset after an interrupt";
	}
	return "interrupts without end";
}

static void set_instance(member *m, vsp_instance *instance)
{
	vsp_plat_mutex_lock(m->lock);
	m->instance = instance;
	vsp_plat_mutex_unlock(m->lock);
}

static void interrupt_neighbour(const member *m)
{
	member *other = &crowd[(m->number * 7 + 1) % CROWD];
	vsp_plat_mutex_lock(other->lock);
	if (other->instance)
		vsp_interrupt(other->instance);
	vsp_plat_mutex_unlock(other->lock);
}

static void take_part(void *opaque)
{
	member *m = opaque;
	vsp_instance *instance = instantiate(m->number);
	if (!instance) {
		m->failure = "no instance";
		return;
	}
	set_instance(m, instance);
	atomic_fetch_add(&present, 1);
	m->failure = sum_up(instance);
	interrupt_neighbour(m);
	if (!m->failure)
		m->failure = sum_up(instance);
	set_instance(m, NULL);
	vsp_free(instance);
}

/* In a child there is this thread alone. 0 when it can do what its parent does. */
static int live_alone(void)
{
	vsp_instance *instance = instantiate(1);
	const char *failure = instance ? sum_up(instance) : "no instance";
	vsp_free(instance);
	return failure != NULL;
}

static void fork_and_wait(void)
{
	int status = -1;
	pid_t child = fork();
	assert_int_not_equal(child, -1);
	if (child == 0) {
		alarm(30); /* a child that waits for a lock that no thread holds any more */
		_exit(live_alone());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void a_thousand_threads_create_run_interrupt_and_free(void **unused)
{
	static vsp_plat_thread *threads[CROWD];
	vsp_error error = VSP_ERROR_INIT;
	(void)unused;
	module = vsp_assemble(source, strlen(source), NULL, &error);
	assert_non_null(module);
	for (unsigned i = 0; i < CROWD; i++)
		crowd[i] = (member){.lock = vsp_plat_mutex_create(), .number = i};
	for (unsigned i = 0; i < CROWD; i++) {
		threads[i] = vsp_plat_thread_start(take_part, &crowd[i]);
		if (i % (CROWD / FORKS) == CROWD / FORKS / 2)
			fork_and_wait();
	}
	for (unsigned i = 0; i < CROWD; i++) {
		assert_non_null(threads[i]);
		vsp_plat_thread_join(threads[i]);
	}
	assert_int_equal(atomic_load(&present), CROWD);
	for (unsigned i = 0; i < CROWD; i++) {
		if (crowd[i].failure)
			fail_msg("thread %u: %s", i, crowd[i].failure);
		vsp_plat_mutex_destroy(crowd[i].lock);
	}
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_thousand_threads_create_run_interrupt_and_free),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
