/*
 * Programs in compiled code, through the public interface: they tier up, fault where tier 0 does,
 * recurse as deep, stop when interrupted, and leave nothing behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <vsp/vsp.h>

#include "test/support/instances.h"
#include "runtime/platform/platform.h"

static vsp_instance *instantiate(vsp_module *module, int tier, bool sync)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = tier;
	config.sync_compile = sync;
	return instantiate_with(module, &config);
}

/* 1 + 2 + ... + 3000 in two nested loops: enough for both thresholds. */
static const char triangle[] = ".func main() -> 0\n"
                               "MOVI R1, 3000\n"
                               "outer: MOV R2, R1\n"
                               "inner: ADDI R0, R0, 1\n"
                               "ADDI R2, R2, -1\n"
                               "BNZ R2, inner\n"
                               "ADDI R1, R1, -1\n"
                               "BNZ R1, outer\n"
                               "RET\n"
                               ".end\n";

static void a_hot_loop_rises_to_the_highest_tier(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = assemble(triangle);
	vsp_instance *instance = instantiate(module, VSP_TIER_AUTO, true);
	assert_int_equal(vsp_run(instance, &error), VSP_OK);
	vsp_state_view state = state_of(instance);
	assert_int_equal(state.r[0], 3000 * 3001 / 2);
	assert_int_equal(state.tier, 2);
	vsp_free(instance);
	vsp_module_free(module);
}

/* The same as a function that a host calls. */
static const char called_triangle[] = ".func kernel(1) -> 1\n"
                                      "MOV R1, R0\n"
                                      "MOVI R0, 0\n"
                                      "outer: MOV R2, R1\n"
                                      "inner: ADDI R0, R0, 1\n"
                                      "ADDI R2, R2, -1\n"
                                      "BNZ R2, inner\n"
                                      "ADDI R1, R1, -1\n"
                                      "BNZ R1, outer\n"
                                      "RET\n"
                                      ".end\n"
                                      ".export kernel\n"
                                      ".func main() -> 0\nRET\n.end\n";

static uint64_t code_after_a_call(vsp_instance *instance)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_function_stats stats = VSP_FUNCTION_STATS_INIT;
	int64_t n = 3000;
	assert_int_equal(vsp_call(instance, "kernel", &n, &n, &error), VSP_OK);
	assert_int_equal(n, 3000 * 3001 / 2);
	assert_int_equal(vsp_stats_function(instance, 0, &stats), VSP_OK);
	assert_int_equal(stats.tier, 2);
	return stats.code_size - stats.baseline_code_size;
}

/* The first call tiers up in its inner loop, the second finds the function compiled; the outer
   loop needs no code then. */
static void calls_after_a_loop_rose_begin_in_the_highest_tier(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(called_triangle);
	vsp_instance *instance = instantiate(module, VSP_TIER_AUTO, true);
	uint64_t first = code_after_a_call(instance), second = code_after_a_call(instance);
	assert_true(second > first);
	for (int i = 0; i < 20; i++)
		assert_int_equal(code_after_a_call(instance), second);
	vsp_free(instance);
	vsp_module_free(module);
}

/* Recursion through f and g in turn, each counting once. */
static const char even_odd[] =
        ".func main() -> 0\nMOVI R0, 12000\nINVOKE f\nRET\n.end\n"
        ".func f(1) -> 1\nBZ R0, end_f\nADDI R0, R0, -1\nINVOKE g\nADDI R0, R0, 1\nend_f: RET\n.end\n"
        ".func g(1) -> 1\nBZ R0, end_g\nADDI R0, R0, -1\nINVOKE f\nADDI R0, R0, 1\nend_g: RET\n.end\n";

static void recursion_goes_as_deep_in_every_tier(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(even_odd);
	for (int tier = VSP_TIER_INTERP; tier <= VSP_TIER_2; tier++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_instance *instance = instantiate(module, tier, true);
		for (int run = 0; run < 3; run++)
			assert_int_equal(vsp_run(instance, &error), VSP_OK);
		assert_int_equal(state_of(instance).r[0], 12000);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* The program's load out of bounds at pc, on line 4, is the place of the trap. Not in tier 2:
   optimised code may drop an unused load. */
static void check_fault(const char *source, uint32_t pc)
{
	vsp_module *module = assemble(source);
	static const int tiers[] = {VSP_TIER_INTERP, VSP_TIER_1};
	for (int i = 0; i < 2; i++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_instance *instance = instantiate(module, tiers[i], true);
		assert_int_equal(vsp_run(instance, &error), VSP_TRAPPED);
		assert_int_equal(error.trap, VSP_TRAP_OUT_OF_BOUNDS);
		assert_int_equal(error.pc, pc);
		assert_int_equal(error.line, 4);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

static void a_guard_fault_names_the_instruction(void **unused)
{
	(void)unused;
	/* after MOVI with 32 bits and NOP */
	check_fault(
	        ".func main() -> 0\nMOVI R1, 0x20000\nNOP\nloop: LOAD R2, [R1]\nADDI R1, R1, 8\nJMP loop\n.end\n", 7);
}

/* Code after the end of the run is lowered, but LLVM drops it with its places; the rest must be
   as exact. */
static void a_guard_fault_names_the_instruction_beside_dead_code(void **unused)
{
	(void)unused;
	/* after MOVI with 32 bits and BZ */
	check_fault(".func main() -> 0\nMOVI R1, 0x20000\nBZ R1, quit\nloop: LOAD R2, [R1]\nADDI R1, R1, 8\n"
	            "JMP loop\nquit: SYSCALL 0\nLOAD R3, [R1]\nTRAP 1\n.end\n",
	        10);
}

/* work moves from tier 1 to tier 2 while it runs, and is one activation all the same. */
static void an_activation_that_rose_stands_once_in_a_back_trace(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(".func main() -> 0\nNOP\nINVOKE work\nRET\n.end\n"
	                              ".func work(0) -> 1\nMOVI R1, 0\nMOVI R2, 0x20000\nloop: ADDI R1, R1, 1\n"
	                              "LOAD R3, [R2]\nADD R0, R0, R3\nADDI R2, R2, 4\nJMP loop\n.end\n");
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_AUTO;
	config.sync_compile = 1;
	config.tier1_threshold = 1;
	config.tier2_threshold = 1000;
	config.precise_traps = 1;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = instantiate_with(module, &config);
	assert_int_equal(vsp_run(instance, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(error.frames, 2);
	assert_string_equal(error.trace[0].function, "work");
	assert_string_equal(error.trace[1].function, "main");
	vsp_free(instance);
	vsp_module_free(module);
}

static void interrupt_soon(void *instance)
{
	uint64_t until = vsp_plat_clock_ns() + 20000000;
	while (vsp_plat_clock_ns() < until)
		;
	vsp_interrupt(instance);
}

static void an_interrupt_stops_compiled_loops(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(".func main() -> 0\nloop: ADDI R1, R1, 1\nJMP loop\n.end\n");
	for (int tier = VSP_TIER_INTERP; tier <= VSP_TIER_2; tier++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_instance *instance = instantiate(module, tier, true);
		for (int run = 0; run < 2; run++) {
			vsp_plat_thread *thread = vsp_plat_thread_start(interrupt_soon, instance);
			assert_non_null(thread);
			assert_int_equal(vsp_run(instance, &error), VSP_TRAPPED);
			assert_int_equal(error.trap, VSP_TRAP_INTERRUPTED);
			vsp_plat_thread_join(thread);
			assert_int_equal(vsp_reset(instance, &error), VSP_OK);
		}
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* The request found nothing to stop, and the stopper was already at work when reset forgot it. */
static void reset_forgets_an_interrupt_of_compiled_code(void **unused)
{
	(void)unused;
	vsp_module *module =
	        assemble(".export count\n.func main() -> 0\nRET\n.end\n.func count(1) -> 0\n"
	                 "loop: ADDI R1, R1, 3\nXOR R2, R2, R1\nADDI R0, R0, -1\nBNZ R0, loop\nRET\n.end\n");
	for (int tier = VSP_TIER_AUTO; tier <= VSP_TIER_2; tier++) {
		static const int64_t few = 5000, many = 30000000;
		vsp_error error = VSP_ERROR_INIT;
		vsp_instance *instance = instantiate(module, tier, true);
		assert_int_equal(vsp_call(instance, "count", &few, NULL, &error), VSP_OK);
		vsp_interrupt(instance);
		assert_int_equal(vsp_reset(instance, &error), VSP_OK);
		assert_int_equal(vsp_call(instance, "count", &many, NULL, &error), VSP_OK);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* Counts of mappings in /proc/self/maps: how many mappings hold code outside of files, and how
   many can be written and executed. */
typedef struct code_maps {
	unsigned generated, writable;
} code_maps;

static code_maps count_code_maps(FILE *maps)
{
	code_maps n = {0, 0};
	char line[512], rights[5], path[256];
	while (fgets(line, sizeof line, maps)) {
		int fields = sscanf(line, "%*s %4s %*s %*s %*s %255s", rights, path);
		n.generated += fields == 1 && rights[2] == 'x';
		n.writable += fields >= 1 && rights[1] == 'w' && rights[2] == 'x';
	}
	fclose(maps);
	return n;
}

static code_maps look_at_code(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	if (!maps)
		skip();
	return count_code_maps(maps);
}

static void code_cannot_be_written_and_goes_with_its_instance(void **unused)
{
	(void)unused;
	unsigned before = look_at_code().generated;
	vsp_module *module = assemble(triangle);
	for (int tier = VSP_TIER_1; tier <= VSP_TIER_2; tier++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_instance *instance = instantiate(module, tier, true);
		assert_int_equal(vsp_run(instance, &error), VSP_OK);
		code_maps there = look_at_code();
		assert_true(there.generated > before);
		assert_int_equal(there.writable, 0);
		vsp_free(instance);
		assert_int_equal(look_at_code().generated, before);
	}
	vsp_module_free(module);
}

static void instances_can_go_while_the_compiler_works(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(triangle);
	for (int i = 0; i < 30; i++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_instance *instance = instantiate(module, VSP_TIER_AUTO, false);
		assert_int_equal(vsp_run(instance, &error), VSP_OK);
		assert_int_equal(state_of(instance).r[0], 3000 * 3001 / 2);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* Calls a function that traps. */
static int call_back(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user;
	(void)args;
	(void)results;
	return vsp_call(caller->instance, "divides", NULL, NULL, NULL);
}

/* The program's trap is HOST at the HCALL, not where the call from the callback trapped. */
static void a_trap_in_a_callback_is_not_the_place_of_the_callers(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(".import t.back(0) -> 0\n"
	                              ".func main() -> 0\n"
	                              "MOVI R0, 1\n"
	                              "HCALL t.back\n"
	                              "RET\n"
	                              ".end\n"
	                              ".func divides() -> 0\n"
	                              "DIV R0, R0, R1\n"
	                              "RET\n"
	                              ".end\n"
	                              ".export divides\n");
	for (int tier = VSP_TIER_INTERP; tier <= VSP_TIER_2; tier++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_instance *instance = instantiate(module, tier, true);
		assert_int_equal(vsp_define_import(instance, "t.back", 0, 0, call_back, NULL, &error), VSP_OK);
		assert_int_equal(vsp_run(instance, &error), VSP_TRAPPED);
		assert_int_equal(error.trap, VSP_TRAP_HOST);
		assert_int_equal(error.pc, 3);
		assert_string_equal(error.function, "main");
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* Runs that are too short for the thresholds, each after a reset: counting begins anew with each,
   and nothing is compiled; a run that is long enough is compiled all the same. */
static void counting_begins_anew_with_a_reset(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(called_triangle);
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	config.sync_compile = 1;
	config.tier1_threshold = 1000;
	config.tier2_threshold = 2000;
	vsp_instance *instance = instantiate_with(module, &config);
	for (int calls = 1; calls <= 8; calls++)
		for (int run = 0; run < 40; run++) {
			for (int i = 0; i < calls; i++) {
				int64_t n = 4;
				assert_int_equal(vsp_call(instance, "kernel", &n, &n, &error), VSP_OK);
				assert_int_equal(n, 10);
			}
			assert_int_equal(state_of(instance).tier, 0);
			assert_int_equal(vsp_reset(instance, &error), VSP_OK);
		}
	assert_true(code_after_a_call(instance) > 0);
	vsp_free(instance);
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_hot_loop_rises_to_the_highest_tier),
	        cmocka_unit_test(calls_after_a_loop_rose_begin_in_the_highest_tier),
	        cmocka_unit_test(recursion_goes_as_deep_in_every_tier),
	        cmocka_unit_test(a_guard_fault_names_the_instruction),
	        cmocka_unit_test(a_guard_fault_names_the_instruction_beside_dead_code),
	        cmocka_unit_test(an_activation_that_rose_stands_once_in_a_back_trace),
	        cmocka_unit_test(an_interrupt_stops_compiled_loops),
	        cmocka_unit_test(reset_forgets_an_interrupt_of_compiled_code),
	        cmocka_unit_test(code_cannot_be_written_and_goes_with_its_instance),
	        cmocka_unit_test(instances_can_go_while_the_compiler_works),
	        cmocka_unit_test(a_trap_in_a_callback_is_not_the_place_of_the_callers),
	        cmocka_unit_test(counting_begins_anew_with_a_reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
