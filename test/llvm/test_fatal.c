/*
 * Fatal errors of LLVM, which hostile builds can provoke: the process lives on, programs go on in
 * the code they have, and compiling ahead of time is an error that leaves no file.
 */
#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vsp/vsp.h>

#include "runtime/platform/platform.h"
#include "test/support/instances.h"

/* llvm_fails, called 5,000 times, is the name on which a hostile build's compiler fails. */
static const char stumbling[] = ".func main() -> 1\n"
                                "MOVI R1, 5000\n"
                                "MOVI R2, 0\n"
                                "again: MOV R0, R2\n"
                                "INVOKE llvm_fails\n"
                                "MOV R2, R0\n"
                                "ADDI R1, R1, -1\n"
                                "BNZ R1, again\n"
                                "MOV R0, R2\n"
                                "RET\n"
                                ".end\n"
                                ".func llvm_fails(1) -> 1\n"
                                "ADDI R0, R0, 3\n"
                                "RET\n"
                                ".end\n";

/* The same with a single function that is worth compiling, so that the compiler takes none before
   it. */
static const char stumbling_alone[] = ".func main() -> 1\n"
                                      "MOVI R0, 5000\n"
                                      "INVOKE llvm_fails\n"
                                      "RET\n"
                                      ".end\n"
                                      ".func llvm_fails(1) -> 1\n"
                                      "again: ADDI R0, R0, -1\n"
                                      "BNZ R0, again\n"
                                      "RET\n"
                                      ".end\n";

static vsp_instance *run(vsp_module *module, int tier, bool sync)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = tier;
	config.sync_compile = sync;
	config.profile = VSP_PROFILE_CALLS;
	config.tier1_threshold = 100; /* compiled in any case: tier auto does not weigh the cost */
	config.tier2_threshold = 1000;
	vsp_instance *instance = instantiate_with(module, &config);
	if (vsp_run(instance, &error) != VSP_OK)
		fail_msg("%s", error.message);
	return instance;
}

static void check_run(int tier, bool sync)
{
	vsp_module *module = assemble(stumbling);
	vsp_instance *instance = run(module, tier, sync);
	assert_int_equal(state_of(instance).r[0], 3 * 5000);
	vsp_free(instance);
	vsp_module_free(module);
}

static void a_program_goes_on(void **unused)
{
	(void)unused;
	check_run(VSP_TIER_AUTO, true);
	check_run(VSP_TIER_AUTO, false);
	check_run(VSP_TIER_1, true);
	check_run(VSP_TIER_2, true);
	check_run(VSP_TIER_2, false);
}

/* The end of a FIFO for which LLVM waits before it fails (tiers/llvm/breakage_hostile.c); -1: it
   does not. */
static int gate = -1;

/* The same, opened as late as can be: vsp_free has waited in vain and gives the instance's
   manager up. */
static int late_gate = -1;
static atomic_bool parked;

void __real_vsp_plat_thread_park(void);
void __wrap_vsp_plat_thread_park(void);
void __real_vsp_plat_thread_leave(vsp_plat_thread *thread);
void __wrap_vsp_plat_thread_leave(vsp_plat_thread *thread);

void __wrap_vsp_plat_thread_park(void)
{
	atomic_store(&parked, true);
	__real_vsp_plat_thread_park();
}

/* The thread has failed and freed all that was left to it before vsp_free goes on. */
void __wrap_vsp_plat_thread_leave(vsp_plat_thread *thread)
{
	if (late_gate >= 0) {
		assert_int_equal(write(late_gate, "!", 1), 1);
		close(late_gate);
		late_gate = -1;
		while (!atomic_load(&parked))
			usleep(1000);
	}
	__real_vsp_plat_thread_leave(thread);
}

bool __real_vsp_plat_mutex_wait(vsp_plat_mutex *mutex, uint64_t timeout_ns);
bool __wrap_vsp_plat_mutex_wait(vsp_plat_mutex *mutex, uint64_t timeout_ns);

/* The waiting thread holds the mutex until it waits, so the failure happens after that. */
bool __wrap_vsp_plat_mutex_wait(vsp_plat_mutex *mutex, uint64_t timeout_ns)
{
	int opened = gate;
	gate = -1;
	if (opened >= 0) {
		assert_int_equal(write(opened, "!", 1), 1);
		close(opened);
	}
	return __real_vsp_plat_mutex_wait(mutex, timeout_ns);
}

/* Opens the gate's end as soon as LLVM is there. */
static int open_gate(const char *path)
{
	enum { TRIES = 60000 };
	int opened = -1;
	for (int i = 0; i < TRIES && (opened = open(path, O_WRONLY | O_NONBLOCK)) < 0; i++)
		usleep(1000);
	return opened;
}

/* Frees an instance while LLVM is at the gate, which passed opens. */
static void free_at_the_gate(int *passed)
{
	static const char path[] = "test_fatal.gate";
	vsp_module *module = assemble(stumbling_alone);
	remove(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(setenv("VSP_BREAKAGE_GATE", path, 1), 0);
	vsp_instance *instance = run(module, VSP_TIER_AUTO, false);
	int opened = open_gate(path);
	assert_true(opened >= 0);
	*passed = opened;
	vsp_free(instance);
	assert_int_equal(*passed, -1);
	unsetenv("VSP_BREAKAGE_GATE");
	remove(path);
	vsp_module_free(module);
}

/* The instance is freed while its function is compiled, and the failure happens while vsp_free
   waits for that. */
static void an_instance_can_be_freed_meanwhile(void **unused)
{
	(void)unused;
	free_at_the_gate(&gate);
}

/* The failure happens when vsp_free has stopped waiting, and all that the compile thread keeps is
   freed before vsp_free returns. */
static void what_the_compile_thread_keeps_may_go_at_once(void **unused)
{
	(void)unused;
	atomic_store(&parked, false);
	free_at_the_gate(&late_gate);
}

static void statistics_say_why(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(stumbling);
	vsp_instance *instance = run(module, VSP_TIER_AUTO, true);
	vsp_function_stats stats = VSP_FUNCTION_STATS_INIT;
	assert_int_equal(vsp_stats_function(instance, 1, &stats), VSP_OK);
	assert_int_equal(strncmp(stats.reason, "LLVM failed: ", 13), 0);
	vsp_free(instance);
	vsp_module_free(module);
}

static void other_instances_are_compiled(void **unused)
{
	(void)unused;
	vsp_module *broken = assemble(stumbling), *module = assemble(".func main() -> 0\n"
	                                                             "MOVI R1, 9000\n"
	                                                             "again: ADDI R0, R0, 2\n"
	                                                             "ADDI R1, R1, -1\n"
	                                                             "BNZ R1, again\n"
	                                                             "RET\n"
	                                                             ".end\n");
	vsp_instance *first = run(broken, VSP_TIER_AUTO, true), *second = run(module, VSP_TIER_AUTO, true);
	vsp_state_view state = state_of(second);
	assert_int_equal(state.tier, 2);
	assert_int_equal(state.r[0], 2 * 9000);
	vsp_free(first);
	vsp_free(second);
	vsp_module_free(broken);
	vsp_module_free(module);
}

static void compiling_ahead_is_an_error(void **unused)
{
	(void)unused;
	static const char path[] = "test_fatal.o";
	vsp_module *module = assemble(stumbling);
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_aot_compile(module, path, NULL, 0, &error), VSP_E_UNSUPPORTED);
	assert_int_equal(strncmp(error.message, "LLVM failed: ", 13), 0);
	assert_null(fopen(path, "rb"));
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_program_goes_on),
	        cmocka_unit_test(an_instance_can_be_freed_meanwhile),
	        cmocka_unit_test(what_the_compile_thread_keeps_may_go_at_once),
	        cmocka_unit_test(statistics_say_why),
	        cmocka_unit_test(other_instances_are_compiled),
	        cmocka_unit_test(compiling_ahead_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
