/*
 * Children of fork with instances that were alive: they keep the code that there is, compile
 * further code, can be interrupted, and free everything, whatever the compile thread was doing.
 * Each child ends by itself with 0 or reports an error; one that hangs is ended by its alarm.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/platform/platform.h"
#include "test/support/instances.h"

static const char program[] =
        "\t.export first\n\t.func first(1) -> 1\n\tMOVI R1, 0\nnext:\tADD R1, R1, R0\n\tADDI R0, R0, -1\n"
        "\tBNZ R0, next\n\tMOV R0, R1\n\tRET\n\t.end\n"
        "\t.export second\n\t.func second(1) -> 1\n\tMOVI R1, 0\nmore:\tADDI R1, R1, 3\n\tADDI R0, R0, -1\n"
        "\tBNZ R0, more\n\tMOV R0, R1\n\tRET\n\t.end\n"
        "\t.export spin\n\t.func spin\nagain:\tADDI R0, R0, 1\n\tJMP again\n\t.end\n"
        "\t.func main\n\tHLT\n\t.end\n\t.entry main\n";

static vsp_instance *make(vsp_module *module, bool sync)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.sync_compile = sync;
	return instantiate_with(module, &config);
}

static bool sums(vsp_instance *instance)
{
	int64_t n = 1000000, value = 0;
	return vsp_call(instance, "first", &n, &value, NULL) == VSP_OK && value == 500000500000;
}

static bool triples(vsp_instance *instance)
{
	int64_t n = 1000000, value = 0;
	return vsp_call(instance, "second", &n, &value, NULL) == VSP_OK && value == 3000000;
}

static void *interrupt_soon(void *instance)
{
	nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	vsp_interrupt(instance);
	return NULL;
}

static bool is_interrupted(vsp_instance *instance)
{
	pthread_t other;
	vsp_error error = VSP_ERROR_INIT;
	if (pthread_create(&other, NULL, interrupt_soon, instance) != 0)
		return false;
	bool good = vsp_call(instance, "spin", NULL, NULL, &error) == VSP_TRAPPED && error.trap == VSP_TRAP_INTERRUPTED;
	pthread_join(other, NULL);
	return good && vsp_reset(instance, &error) == VSP_OK;
}

/* Waits until function index has compiled code; jobs in the queue must not wait for ever. */
static bool is_compiled(vsp_instance *instance, uint32_t index, bool (*call)(vsp_instance *))
{
	vsp_function_stats stats = VSP_FUNCTION_STATS_INIT;
	while (vsp_stats_function(instance, index, &stats) == VSP_OK && !stats.tier && !*stats.reason)
		if (!call(instance))
			return false;
	if (*stats.reason)
		fprintf(stderr, "not compiled: %s\n", stats.reason);
	return stats.tier > 0 || vsp_plat_fork_lost(); /* the compiler was at work for longer than a fork waits */
}

/* The exit status of a child: 0, or which step failed. */
static int use_all(vsp_instance *instance, vsp_module *module)
{
	if (!sums(instance) || !is_compiled(instance, 0, sums))
		return 1;
	if (!triples(instance) || !is_compiled(instance, 1, triples))
		return 2;
	if (!is_interrupted(instance) || !sums(instance))
		return 3;
	vsp_instance *fresh = make(module, true);
	if (!triples(fresh) || !is_compiled(fresh, 1, triples))
		return 4;
	vsp_free(fresh);
	vsp_free(instance);
	vsp_module_free(module);
	return 0;
}

static void wait_for(pid_t child)
{
	int status = -1;
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (status != 0)
		fail_msg("the child ended with %x", (unsigned)status);
}

/* Forks after_ns after the first call, when the compiler may be being opened, at work or at
   rest. */
static void fork_after(vsp_module *module, bool sync, long after_ns)
{
	vsp_instance *instance = make(module, sync);
	assert_true(sums(instance));
	nanosleep(&(struct timespec){.tv_nsec = after_ns}, NULL);
	pid_t child = fork();
	if (child == 0) {
		alarm(60);
		_exit(use_all(instance, module));
	}
	assert_true(triples(instance) && sums(instance)); /* the parent goes on meanwhile */
	wait_for(child);
	vsp_free(instance);
}

/* In a process that has never forked: forks as soon as the compile thread has been created. */
static int fork_at_once(void)
{
	vsp_module *module = assemble(program);
	vsp_instance *instance = make(module, false);
	int64_t n = 150, value = 0; /* enough iterations for a job */
	if (vsp_call(instance, "first", &n, &value, NULL) != VSP_OK)
		return 1;
	pid_t child = fork();
	if (child == 0) {
		alarm(20);
		_exit(is_compiled(instance, 0, sums) ? 0 : 2);
	}
	int status = -1;
	return waitpid(child, &status, 0) == child && status == 0 ? 0 : 3;
}

/*
 * It must come first, before this process has a thread. On one processor the compile thread has
 * often not run yet when its process forks.
 */
static void children_go_on_when_the_compile_thread_had_not_begun(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		pid_t child = fork();
		if (child == 0) {
			cpu_set_t one;
			CPU_ZERO(&one);
			CPU_SET(sched_getcpu(), &one);
			sched_setaffinity(0, sizeof one, &one);
			_exit(fork_at_once());
		}
		wait_for(child);
	}
}

static void children_go_on_whatever_the_compiler_was_at(void **state)
{
	static const long after_ns[] = {0, 1000000, 5000000, 20000000, 100000000};
	(void)state;
	vsp_module *module = assemble(program);
	for (unsigned i = 0; i < sizeof after_ns / sizeof *after_ns; i++)
		for (int sync = 0; sync < 2; sync++)
			fork_after(module, sync, after_ns[i]);
	vsp_module_free(module);
}

static void children_free_what_they_do_not_use(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	for (unsigned i = 0; i < 20; i++) {
		vsp_instance *instance = make(module, false);
		assert_true(sums(instance));
		pid_t child = fork();
		if (child == 0) {
			alarm(60);
			vsp_free(instance);
			vsp_module_free(module);
			_exit(0);
		}
		wait_for(child);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* An instance that the parent took stays with the parent; the child takes and frees others. */
static void children_use_pools(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	vsp_pool_config how = VSP_POOL_CONFIG_INIT;
	how.ready = 3;
	vsp_pool *pool = vsp_pool_new(module, &how, NULL);
	vsp_instance *taken = vsp_pool_take(pool, NULL);
	assert_true(sums(taken));
	pid_t child = fork();
	if (child == 0) {
		alarm(60);
		for (int n = 0; n < 10; n++) {
			vsp_instance *instance = vsp_pool_take(pool, NULL);
			if (!instance || !sums(instance) || !triples(instance))
				_exit(1);
			vsp_free(instance);
		}
		vsp_free(taken);
		vsp_pool_free(pool);
		_exit(0);
	}
	assert_true(triples(taken));
	vsp_free(taken);
	wait_for(child);
	vsp_pool_free(pool);
	vsp_module_free(module);
}

static void children_of_children_go_on(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	vsp_instance *instance = make(module, false);
	assert_true(sums(instance));
	pid_t child = fork();
	if (child == 0) {
		alarm(60);
		if (!triples(instance))
			_exit(1);
		pid_t grandchild = fork();
		if (grandchild == 0)
			_exit(use_all(instance, module));
		int status = -1;
		_exit(waitpid(grandchild, &status, 0) == grandchild && status == 0 ? use_all(instance, module) : 2);
	}
	wait_for(child);
	vsp_free(instance);
	vsp_module_free(module);
}

/* ---- one-time initialisation ---- */

static atomic_bool at_it;

static void take_long(void)
{
	atomic_store(&at_it, true);
	nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
}

static void do_nothing(void) {}

static void *do_once(void *unused)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	vsp_plat_call_once(&once, take_long);
	return unused;
}

/* Another thread is in the middle of a one-time initialisation; the child does something else. */
static void children_do_things_once(void **state)
{
	static vsp_plat_once other = VSP_PLAT_ONCE_INIT;
	pthread_t thread;
	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, do_once, NULL), 0);
	while (!atomic_load(&at_it))
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	pid_t child = fork();
	if (child == 0) {
		alarm(20);
		vsp_plat_call_once(&other, do_nothing);
		_exit(0);
	}
	wait_for(child);
	pthread_join(thread, NULL);
}

/* ---- forks from within a run ---- */

static const char calling_back[] =
        "\t.import \"env.hook\" (0) -> 0\n\t.export work\n\t.func work(1) -> 1\n\tHCALL env.hook\n\tMOVI R1, 0\n"
        "next:\tXOR R1, R1, R0\n\tMULI R1, R1, 3\n\tADDI R0, R0, -1\n\tBNZ R0, next\n\tMOV R0, "
        "R1\n\tRET\n\t.end\n\t.func main\n\tHLT\n\t.end\n\t.entry main\n";

/* The action of the callback. */
typedef struct forking {
	vsp_instance *instance;
	bool wanted, also_nested;
	pid_t child;
	pthread_t other;
} forking;

/* Where the callback returns to a loop that nothing else would end. Nested: another run of
   compiled code begins and ends before. */
static int fork_and_interrupt(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	forking *f = user;
	int64_t few = 100000, value;
	(void)caller, (void)args, (void)results;
	if (!f->wanted)
		return 0;
	f->wanted = false;
	f->child = fork();
	if (f->child == 0)
		alarm(20);
	if (f->also_nested && vsp_call(f->instance, "work", &few, &value, NULL) != VSP_OK)
		return 1;
	return pthread_create(&f->other, NULL, interrupt_soon, f->instance) != 0;
}

static bool works(vsp_instance *instance)
{
	int64_t n = 100000, value;
	return vsp_call(instance, "work", &n, &value, NULL) == VSP_OK;
}

/* The instance is reset and works again. */
static bool is_interrupted_after_fork(forking *f)
{
	int64_t endless = 0, value;
	vsp_error error = VSP_ERROR_INIT;
	bool good = vsp_call(f->instance, "work", &endless, &value, &error) == VSP_TRAPPED &&
	            error.trap == VSP_TRAP_INTERRUPTED;
	pthread_join(f->other, NULL);
	return good && vsp_reset(f->instance, NULL) == VSP_OK && works(f->instance);
}

/* A grandchild too: the loop that its parent has left is entered again. */
static void fork_in_callback(bool also_nested)
{
	forking f = {.also_nested = also_nested};
	vsp_module *module = assemble(calling_back);
	f.instance = make(module, true);
	assert_int_equal(vsp_define_import(f.instance, "env.hook", 0, 0, fork_and_interrupt, &f, NULL), VSP_OK);
	assert_true(is_compiled(f.instance, 0, works));
	f.wanted = true;
	bool good = is_interrupted_after_fork(&f);
	if (f.child == 0) {
		f.wanted = true;
		good = is_interrupted_after_fork(&f) && good;
		int status = 0;
		if (f.child > 0)
			good = waitpid(f.child, &status, 0) == f.child && status == 0 && good;
		_exit(good ? 0 : 1);
	}
	assert_true(good);
	wait_for(f.child);
	vsp_free(f.instance);
	vsp_module_free(module);
}

static void runs_that_forked_can_be_interrupted_in_the_child(void **state)
{
	(void)state;
	fork_in_callback(false);
	fork_in_callback(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(children_go_on_when_the_compile_thread_had_not_begun),
	        cmocka_unit_test(children_go_on_whatever_the_compiler_was_at),
	        cmocka_unit_test(children_free_what_they_do_not_use),
	        cmocka_unit_test(children_use_pools),
	        cmocka_unit_test(children_of_children_go_on),
	        cmocka_unit_test(children_do_things_once),
	        cmocka_unit_test(runs_that_forked_can_be_interrupted_in_the_child),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
