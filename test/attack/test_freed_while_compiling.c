/*
 * Instances that are freed while the compile thread works for them, at any moment of it: freeing
 * does not wait long for LLVM, and the data that the thread still needs (the module, counts, a
 * trace) stays until it returns, although the host has released all of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "long_compile.h"
#include "runtime/platform/platform.h"
#include "test/support/instances.h"

enum { INSTANCES = 12 };
#define SECOND UINT64_C(1000000000)

static void pause_ns(uint64_t ns)
{
	vsp_plat_mutex *mutex = vsp_plat_mutex_create();
	assert_non_null(mutex);
	vsp_plat_mutex_lock(mutex);
	vsp_plat_mutex_wait(mutex, ns);
	vsp_plat_mutex_unlock(mutex);
	vsp_plat_mutex_destroy(mutex);
}

static vsp_module *long_program(unsigned blocks)
{
	char *source = long_compile_source(blocks);
	assert_non_null(source);
	vsp_module *module = assemble(source);
	free(source);
	return module;
}

/* With everything that the compile thread writes to or reads from. */
static void free_at(unsigned moment, uint32_t blocks)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier1_threshold = config.tier2_threshold = moment % 2 ? 1 : 0;
	config.observe = VSP_OBSERVE_TRACE | VSP_OBSERVE_PASSES;
	vsp_module *module = long_program(blocks);
	vsp_instance *instance = instantiate_with(module, &config);
	vsp_module_free(module);
	vsp_error error = VSP_ERROR_INIT;
	if (vsp_run(instance, &error) != VSP_OK)
		fail_msg("%s", error.message);
	pause_ns(moment * SECOND / 200);
	uint64_t start = vsp_plat_clock_ns();
	vsp_free(instance);
	if (vsp_plat_clock_ns() - start > 20 * SECOND)
		fail_msg("an instance that was freed waited for the compiler");
}

static void nobody_waits_and_nothing_is_missed(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < INSTANCES; i++)
		free_at(i, 50 + 100 * (i % 5));
}

/* The program waits for the compiler, and the interrupt must reach it there. */
static void bark(void *instance)
{
	pause_ns(SECOND / 20);
	vsp_interrupt(instance);
}

static void a_program_that_waits_for_the_compiler_is_interrupted(void **unused)
{
	(void)unused;
	vsp_config config = VSP_CONFIG_INIT;
	config.sync_compile = 1;
	vsp_module *module = long_program(600);
	vsp_instance *instance = instantiate_with(module, &config);
	vsp_plat_thread *dog = vsp_plat_thread_start(bark, instance);
	assert_non_null(dog);
	vsp_error error = VSP_ERROR_INIT;
	uint64_t start = vsp_plat_clock_ns();
	vsp_status status = vsp_run(instance, &error);
	if (vsp_plat_clock_ns() - start > 20 * SECOND)
		fail_msg("a program that was interrupted waited for the compiler");
	assert_true(status == VSP_OK || status == VSP_TRAPPED); /* OK: the compiler was quick */
	vsp_plat_thread_join(dog);
	vsp_free(instance);
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nobody_waits_and_nothing_is_missed),
	        cmocka_unit_test(a_program_that_waits_for_the_compiler_is_interrupted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
