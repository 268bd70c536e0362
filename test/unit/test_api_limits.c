/*
 * The public API of limits and interrupts.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <vsp/vsp.h>

#include "api_support.h"
#include "runtime/platform/platform.h"

static const char endless[] = "loop: JMP loop\n";

static void fuel_is_exact(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.limit_fuel = 1;
	config.fuel = 4;
	vsp_instance *enough = instantiate(sum, &config);
	assert_int_equal(vsp_run(enough, &error), VSP_OK);
	assert_int_equal(vsp_cycles(enough), 4);
	config.fuel = 3;
	vsp_instance *less = instantiate(sum, &config);
	assert_int_equal(vsp_run(less, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_FUEL);
	assert_int_equal(error.pc, 0);
	assert_int_equal(state_of(less).r[0], 0);
	vsp_free(enough);
	vsp_free(less);
}

static void memory_is_limited(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.max_memory = 4 * 65536;
	vsp_instance *instance = instantiate("MOVI R1, 1\nMEMGROW R0, R1\nMEMGROW R2, R1\nHLT\n", &config);
	assert_int_equal(vsp_run(instance, &error), VSP_OK);
	assert_int_equal(state_of(instance).r[0], 3);
	assert_int_equal(state_of(instance).r[2], -1);
	vsp_free(instance);
	config.max_memory = 2 * 65536;
	vsp_module *module = assemble(sum);
	assert_null(vsp_instantiate(module, &config, &error));
	assert_int_equal(error.code, VSP_E_MEMORY);
	assert_string_equal(error.message, "the program needs 196608 bytes of memory, but the limit is 131072");
	vsp_module_free(module);
}

static void depth_is_limited_exactly(void **unused)
{
	(void)unused;
	/* n - f(n - 1): no recursion that an optimiser could make a loop, in which there is no
	   depth to limit. */
	static const char deep[] =
	        ".func f(1) -> 1\nBZ R0, end\nMOV R2, R0\nADDI R0, R0, -1\nINVOKE f\nSUB R0, R2, R0\nend: RET\n"
	        ".end\n.export f\n.func main\nHLT\n.end\n";
	int64_t result;
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.max_depth = 10;
	vsp_instance *instance = instantiate(deep, &config);
	assert_int_equal(vsp_call(instance, "f", (const int64_t[]){9}, &result, &error), VSP_OK);
	assert_int_equal(vsp_call(instance, "f", (const int64_t[]){100}, &result, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_CALL_DEPTH);
	vsp_free(instance);
	instance = instantiate(deep, NULL);
	assert_int_equal(vsp_call(instance, "f", (const int64_t[]){10000}, &result, &error), VSP_OK);
	assert_int_equal(vsp_call(instance, "f", (const int64_t[]){INT64_MAX}, &result, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_CALL_DEPTH);
	assert_int_equal(error.frames, 16);
	vsp_free(instance);
}

static void interrupts_need_a_reset(vsp_instance *instance)
{
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_run(instance, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_INTERRUPTED);
	assert_int_equal(vsp_run(instance, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_reset(instance, &error), VSP_OK);
}

static void an_interrupt_waits_for_the_next_run(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate(endless, NULL);
	vsp_interrupt(instance);
	interrupts_need_a_reset(instance);
	vsp_interrupt(instance);
	interrupts_need_a_reset(instance);
	vsp_free(instance);
}

static void reset_forgets_an_interrupt(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = instantiate(sum, NULL);
	vsp_interrupt(instance);
	assert_int_equal(vsp_reset(instance, &error), VSP_OK);
	assert_int_equal(vsp_run(instance, &error), VSP_OK);
	vsp_free(instance);
}

/* Is interrupted in a call of its own, and ignores it. */
static int ignore_interrupt(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	vsp_error error = VSP_ERROR_INIT;
	(void)user, (void)args, (void)results;
	vsp_interrupt(caller->instance);
	assert_int_equal(vsp_call(caller->instance, "spin", NULL, NULL, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_INTERRUPTED);
	return VSP_OK;
}

static void an_interrupt_of_a_nested_call_stops_the_run_around_it(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance =
	        instantiate(".import env.ignore(0)\n.func main\nHCALL env.ignore\nforever: JMP forever\n.end\n"
	                    ".func spin\nloop: JMP loop\n.end\n.export spin\n",
	                NULL);
	vsp_define_import(instance, "env.ignore", 0, 0, ignore_interrupt, NULL, &error);
	interrupts_need_a_reset(instance);
	vsp_free(instance);
}

static void interrupt_soon(void *instance)
{
	uint64_t start = vsp_plat_clock_ns();
	while (vsp_plat_clock_ns() - start < 20000000)
		;
	vsp_interrupt(instance);
}

static void another_thread_interrupts(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate(endless, NULL);
	vsp_plat_thread *thread = vsp_plat_thread_start(interrupt_soon, instance);
	if (!thread)
		skip();
	interrupts_need_a_reset(instance);
	vsp_plat_thread_join(thread);
	vsp_free(instance);
}

static vsp_instance *volatile signalled;
static void on_signal(int number)
{
	(void)number;
	vsp_interrupt(signalled);
}

static int raise_signal(void *user, vsp_caller *caller)
{
	(void)user, (void)caller;
	return raise(SIGINT);
}

static void a_signal_handler_interrupts(void **unused)
{
	(void)unused;
	vsp_host host = {.size = sizeof host, .yield = raise_signal};
	vsp_config config = VSP_CONFIG_INIT;
	config.host = &host;
	signalled = instantiate("YIELD\nloop: JMP loop\n", &config);
	void (*before)(int) = signal(SIGINT, on_signal);
	interrupts_need_a_reset(signalled);
	signal(SIGINT, before);
	vsp_free(signalled);
}

/*
 * Endless loops are hot, and these tests end soon after them: in the midst of the process's first
 * compilation that may crash where LLVM is shared (docs/decisions.md, D104). So it is done before.
 */
static int compile_first(void **unused)
{
	(void)unused;
	for (int tier = VSP_TIER_1; tier <= VSP_TIER_2; tier++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_config config = VSP_CONFIG_INIT;
		config.tier = tier;
		if (vsp_compiler_check(&error) != VSP_OK)
			return 0;
		vsp_instance *instance = instantiate(endless, &config);
		vsp_interrupt(instance); /* explicit tiers have compiled by then */
		vsp_run(instance, &error);
		vsp_free(instance);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(fuel_is_exact),
	        cmocka_unit_test(memory_is_limited),
	        cmocka_unit_test(depth_is_limited_exactly),
	        cmocka_unit_test(an_interrupt_waits_for_the_next_run),
	        cmocka_unit_test(reset_forgets_an_interrupt),
	        cmocka_unit_test(an_interrupt_of_a_nested_call_stops_the_run_around_it),
	        cmocka_unit_test(another_thread_interrupts),
	        cmocka_unit_test(a_signal_handler_interrupts),
	};
	return cmocka_run_group_tests(tests, compile_first, NULL);
}
