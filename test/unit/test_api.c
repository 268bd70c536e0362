/*
 * The public API: the effect of each call, and that misusing one gives an error and nothing worse.
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

#include "test/support/instances.h"
#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

static const char sum[] = "MOVI R0, 5\nMOVI R1, 10\nADD R0, R1\nHLT\n";
static const char endless[] = "loop: JMP loop\n";

static vsp_instance *instantiate(const char *source, const vsp_config *config)
{
	vsp_module *module = assemble(source);
	vsp_instance *instance = instantiate_with(module, config);
	vsp_module_free(module);
	return instance;
}

/* ---- modules ---- */

static unsigned reports;
static void count_report(void *user, int severity, const char *text)
{
	assert_ptr_equal(user, &reports);
	assert_int_equal(severity, VSP_REPORT_ERROR);
	assert_non_null(strstr(text, "bad.sil:"));
	assert_int_equal(text[strlen(text) - 1], '\n');
	reports++;
}

static void source_errors_are_all_reported(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_source_options options = VSP_SOURCE_INIT;
	options.name = "bad.sil";
	options.report = count_report;
	options.user = &reports;
	static const char bad[] = "FOO R0\nMOVI R99, 1\nHLT\n";
	reports = 0;
	assert_null(vsp_assemble(bad, strlen(bad), &options, &error));
	assert_int_equal(reports, 2);
	assert_int_equal(error.code, VSP_E_SYNTAX);
	assert_string_equal(error.file, "bad.sil");
	assert_int_equal(error.line, 1);
}

static void a_module_survives_writing_and_loading(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *first = assemble(".func f(2) -> 1\nADD R0, R1\nRET\n.end\n.export f\n.func main\nHLT\n.end\n");
	size_t size = 0, again_size = 0, length = 0;
	uint8_t *bytes = vsp_module_write(first, &size, &error);
	vsp_module *second = vsp_module_load(bytes, size, &error);
	assert_non_null(second);
	vsp_function_info info = {.size = sizeof info};
	assert_int_equal(vsp_module_find(second, "f", &info), VSP_OK);
	assert_int_equal(info.params, 2);
	assert_int_equal(info.results, 1);
	assert_int_equal(info.exported, 1);
	assert_string_equal(info.name, "f");
	char *text = vsp_module_disassemble(second, &length, &error);
	assert_int_equal(strlen(text), length);
	vsp_module *third = vsp_assemble(text, length, NULL, &error);
	uint8_t *again = vsp_module_write(third, &again_size, &error);
	assert_int_equal(again_size, size);
	assert_memory_equal(again, bytes, size);
	vsp_bytes_free(text);
	vsp_bytes_free(again);
	vsp_bytes_free(bytes);
	vsp_module_free(first);
	vsp_module_free(second);
	vsp_module_free(third);
}

static void a_module_lives_as_long_as_its_last_owner(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(sum);
	vsp_instance *instance = vsp_instantiate(module, NULL, NULL);
	assert_ptr_equal(vsp_module_retain(module), module);
	vsp_module_free(module);
	vsp_module_free(module);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[0], 15);
	vsp_free(instance);
}

static void module_questions_have_answers(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(".import env.f(1) -> 2\n.func main\nHLT\n.end\n.func hidden\nRET\n.end\n");
	const char *name = NULL, *file = NULL;
	uint32_t params = 0, results = 0, line = 0;
	vsp_function_info info = {.size = sizeof info};
	assert_int_equal(vsp_module_import_count(module), 1);
	assert_int_equal(vsp_module_import(module, 0, &name, &params, &results), VSP_OK);
	assert_string_equal(name, "env.f");
	assert_int_equal(params, 1);
	assert_int_equal(results, 2);
	assert_int_equal(vsp_module_import(module, 1, NULL, NULL, NULL), VSP_E_ARGUMENT);
	assert_int_equal(vsp_module_function_count(module), 2);
	assert_int_equal(vsp_module_function(module, 2, &info), VSP_E_ARGUMENT);
	assert_int_equal(vsp_module_find(module, "hidden", &info), VSP_E_ARGUMENT);
	assert_int_equal(vsp_module_line(module, 0, &file, &line), VSP_OK);
	assert_int_equal(line, 3);
	assert_string_equal(file, "<source>");
	assert_int_equal(vsp_module_line(module, 1u << 30, &file, &line), VSP_E_ARGUMENT);
	vsp_module_free(module);
}

static void files_that_cannot_be_read_are_named(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	assert_null(vsp_module_load_file("/nonexistent/x.sil", NULL, &error));
	assert_int_equal(error.code, VSP_E_IO);
	assert_string_equal(error.message, "cannot read '/nonexistent/x.sil': No such file or directory");
}

/* ---- running ---- */

static void the_classic_calls_run_a_program(void **unused)
{
	(void)unused;
	static const uint8_t code[] = {0x21, 0x00, 5, 0x21, 0x01, 10, 0x4C, 0x00, 0x01, 0x01};
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = vsp_new_interpreted();
	assert_int_equal(vsp_load_bytes(instance, code, sizeof code, "data", 4, &error), VSP_OK);
	uint64_t size = 0;
	assert_memory_equal(vsp_memory(instance, &size) + 0x20000, "data", 4);
	assert_int_equal(size, 3 * 65536);
	assert_int_equal(vsp_run(instance, &error), VSP_OK);
	vsp_state_view state = state_of(instance);
	assert_int_equal(state.r[0], 15);
	assert_int_equal(state.end, VSP_RUN_HALTED);
	assert_int_equal(state.pc, 9);
	assert_int_equal(state.sp, 0x20000);
	assert_int_equal(state.sr, 0x10);
	assert_int_equal(vsp_reset(instance, &error), VSP_OK);
	state = state_of(instance);
	assert_int_equal(state.r[0], 0);
	assert_int_equal(state.end, VSP_RUN_NONE);
	vsp_free(instance);
}

static void every_way_of_making_an_instance_works(void **unused)
{
	(void)unused;
	for (int tier = -2; tier <= 3; tier++) {
		vsp_instance *instance = vsp_new_jit(tier);
		assert_int_equal(instance != NULL, tier >= 0 && tier <= 2);
		vsp_free(instance);
	}
	vsp_instance *instance = vsp_new(NULL);
	assert_non_null(instance);
	vsp_free(instance);
	vsp_config wrong = VSP_CONFIG_INIT;
	wrong.bounds = 7;
	assert_null(vsp_new(&wrong));
}

static void stepping_shows_each_instruction(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate(sum, NULL), *other = instantiate(sum, NULL);
	assert_int_equal(vsp_step(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[0], 5);
	assert_int_equal(state_of(instance).pc, 3);
	assert_int_equal(vsp_step(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[1], 10);
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_call(instance, "main", NULL, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_step(instance, NULL), VSP_OK);
	assert_int_equal(vsp_step(instance, NULL), VSP_HALTED);
	assert_int_equal(vsp_run(other, NULL), VSP_OK);
	assert_true(vsp_state_equal(instance, other));
	vsp_free(instance);
	vsp_free(other);
}

static void run_continues_a_stepped_run(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate("MOVI R0, 1\nADDI R0, R0, 1\nADDI R0, R0, 1\nHLT\n", NULL);
	assert_int_equal(vsp_step(instance, NULL), VSP_OK);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[0], 3);
	vsp_free(instance);
}

static const char functions[] = ".func add(2) -> 1\nADD R0, R1\nRET\n.end\n.export add\n"
                                ".func stop(0) -> 1\nMOVI R0, 9\nHLT\n.end\n.export stop\n"
                                ".func fail(1) -> 1\nMOVI R1, 0\nDIV R0, R1\nRET\n.end\n.export fail\n"
                                ".transform swap\nXCHG R0, RF\nRET\n.end\n.export swap\n"
                                ".func main\nHLT\n.end\n";

static void calls_pass_arguments_and_results(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate(functions, NULL);
	int64_t results[16] = {0}, many[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_call(instance, "add", (const int64_t[]){-3, 45}, results, &error), VSP_OK);
	assert_int_equal(results[0], 42);
	assert_int_equal(vsp_call(instance, "swap", many, results, &error), VSP_OK);
	assert_int_equal(results[0], 16);
	assert_int_equal(results[15], 1);
	assert_int_equal(results[7], 8);
	results[0] = 77;
	assert_int_equal(vsp_call(instance, "stop", NULL, results, &error), VSP_HALTED);
	assert_int_equal(results[0], 77);
	assert_int_equal(state_of(instance).r[0], 9);
	vsp_free(instance);
}

static void traps_say_what_and_where(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate(functions, NULL);
	int64_t result = 5;
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_call(instance, "fail", (const int64_t[]){1}, &result, &error), VSP_TRAPPED);
	assert_int_equal(result, 5);
	assert_int_equal(error.trap, VSP_TRAP_DIV_BY_ZERO);
	assert_string_equal(error.function, "fail");
	assert_string_equal(error.file, "<source>");
	assert_int_equal(error.line, 13);
	assert_int_equal(error.frames, 1);
	assert_string_equal(error.trace[0].function, "fail");
	vsp_state_view state = state_of(instance);
	assert_int_equal(state.end, VSP_RUN_TRAPPED);
	assert_int_equal(state.trap, VSP_TRAP_DIV_BY_ZERO);
	assert_int_equal(state.pc, error.pc);
	assert_int_equal(state.sr & 0x10, 0);
	/* A trap does not end the instance's life. */
	assert_int_equal(vsp_call(instance, "add", (const int64_t[]){1, 2}, &result, &error), VSP_OK);
	assert_int_equal(result, 3);
	vsp_free(instance);
}

static void exit_codes_are_shown(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate("MOVI R0, 263\nSYSCALL 0\nHLT\n", NULL);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).end, VSP_RUN_EXITED);
	assert_int_equal(state_of(instance).exit_code, 7);
	vsp_free(instance);
}

static void memory_persists_until_reset(void **unused)
{
	(void)unused;
	vsp_instance *instance =
	        instantiate("LOAD R0, [cell]\nADDI R0, R0, 1\nSTORE R0, [cell]\nHLT\n.data\ncell: .quad 40\n", NULL);
	uint64_t before = vsp_memory_fnv1a(instance);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[0], 42);
	assert_int_not_equal(vsp_memory_fnv1a(instance), before);
	assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
	assert_int_equal(vsp_memory_fnv1a(instance), before);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[0], 41);
	vsp_free(instance);
}

/* ---- host ---- */

static const char printing[] = "MOVI R0, 42\nSYSCALL 2\nSYSCALL 0x0B\nMOVI R0, 'x'\nOUT R0, 0\nHLT\n";

static void output_is_kept_without_a_host(void **unused)
{
	(void)unused;
	vsp_config config = VSP_CONFIG_INIT;
	config.capabilities = VSP_CAP_STDIO;
	vsp_instance *instance = instantiate(printing, &config);
	size_t length = 99;
	assert_string_equal(vsp_output(instance, &length), "");
	assert_int_equal(length, 0);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_string_equal(vsp_output(instance, &length), "42\nx");
	assert_int_equal(length, 4);
	vsp_reset(instance, NULL);
	assert_string_equal(vsp_output(instance, NULL), "");
	vsp_free(instance);
}

static void nothing_is_granted_by_default(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = instantiate(printing, NULL);
	assert_int_equal(vsp_run(instance, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_DENIED);
	vsp_free(instance);
}

/* An import that calls back into the program that called it. */
static int call_back(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	vsp_instance *instance = caller->instance;
	*(int *)user += 1;
	if (args[0] == 0)
		return VSP_OK;
	assert_int_equal(vsp_run(instance, NULL), VSP_E_ARGUMENT);
	assert_int_equal(vsp_reset(instance, NULL), VSP_E_ARGUMENT);
	return vsp_call(instance, "down", (const int64_t[]){args[0] - 1}, results, NULL);
}

static const char nesting[] = ".import env.back(1) -> 1\n"
                              ".func down(1) -> 1\nHCALL env.back\nADDI R0, R0, 1\nRET\n.end\n.export down\n"
                              ".func main\nHLT\n.end\n";

static void callbacks_may_call_back(void **unused)
{
	(void)unused;
	int calls = 0;
	int64_t result = 0;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = instantiate(nesting, NULL);
	assert_int_equal(vsp_define_import(instance, "env.back", 1, 1, call_back, &calls, &error), VSP_OK);
	assert_int_equal(vsp_call(instance, "down", (const int64_t[]){50}, &result, &error), VSP_OK);
	assert_int_equal(calls, 51);
	assert_int_equal(result, 51);
	vsp_free(instance);
}

static void nested_calls_count_in_the_depth(void **unused)
{
	(void)unused;
	int calls = 0;
	int64_t result = 0;
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.max_depth = 20;
	vsp_instance *instance = instantiate(nesting, &config);
	vsp_define_import(instance, "env.back", 1, 1, call_back, &calls, &error);
	assert_int_equal(vsp_call(instance, "down", (const int64_t[]){50}, &result, &error), VSP_TRAPPED);
	assert_true(calls <= 22);
	vsp_free(instance);
}

/* Calls the program again, whatever happens. */
static int call_again(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)args, (void)results;
	*(int *)user += 1;
	return vsp_call(caller->instance, "again", NULL, NULL, NULL);
}

static void nested_calls_end_before_the_machine_stack_does(void **unused)
{
	(void)unused;
	int calls = 0;
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.max_depth = 1000000;
	vsp_instance *instance = instantiate(".import env.again(0)\n.func main\nHLT\n.end\n"
	                                     ".func again\nHCALL env.again\nRET\n.end\n.export again\n",
	        &config);
	vsp_define_import(instance, "env.again", 0, 0, call_again, &calls, &error);
	assert_int_equal(vsp_call(instance, "again", NULL, NULL, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_HOST); /* CALL_DEPTH in the innermost, which the callbacks hand on */
	assert_true(calls > 100);
	vsp_free(instance);
}

static int refuse(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)caller, (void)args, (void)results;
	return VSP_E_HOST;
}

static void a_failing_callback_traps_host(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	int64_t result;
	vsp_instance *instance = instantiate(nesting, NULL);
	vsp_define_import(instance, "env.back", 1, 1, refuse, NULL, &error);
	assert_int_equal(vsp_call(instance, "down", (const int64_t[]){1}, &result, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_HOST);
	vsp_free(instance);
}

static void imports_must_be_there_and_match(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = instantiate(nesting, NULL);
	assert_int_equal(vsp_run(instance, &error), VSP_E_LINK);
	assert_string_equal(error.message, "the program imports 'env.back' (1 -> 1), which the host does not define");
	vsp_define_import(instance, "env.back", 2, 1, refuse, NULL, &error);
	assert_int_equal(vsp_run(instance, &error), VSP_E_LINK);
	assert_string_equal(
	        error.message, "the program imports 'env.back' as 1 -> 1, but the host defines it as 2 -> 1");
	vsp_define_import(instance, "env.back", 1, 1, refuse, NULL, &error);
	assert_int_equal(vsp_run(instance, &error), VSP_OK);
	assert_int_equal(vsp_define_import(instance, "env.back", 1, 1, refuse, NULL, &error), VSP_E_ARGUMENT);
	vsp_free(instance);
}

static int free_caller(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)args, (void)results;
	vsp_free(caller->instance);
	return VSP_OK;
}

static void freeing_from_a_callback_waits_for_the_end(void **unused)
{
	(void)unused;
	int64_t result = 0;
	vsp_instance *instance = instantiate(nesting, NULL);
	vsp_define_import(instance, "env.back", 1, 1, free_caller, NULL, NULL);
	assert_int_equal(vsp_call(instance, "down", (const int64_t[]){1}, &result, NULL), VSP_OK);
	assert_int_equal(result, 1);
}

/* ---- limits and interrupts ---- */

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
	assert_string_equal(error.message, "the program needs 192 KiB of memory, but the limit is 128 KiB");
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

/* ---- callbacks that call back ---- */

/* A host that calls the program from every callback. */
typedef struct nesting_host {
	vsp_instance *instance;
	const char *export;
	int64_t result;
	unsigned calls;
	char text[8];
} nesting_host;

static vsp_status nest_once(nesting_host *h)
{
	h->calls++;
	return vsp_call(h->instance, h->export, NULL, &h->result, NULL);
}

static int print_and_grow(void *user, const char *text, size_t length)
{
	nesting_host *h = user;
	int status = nest_once(h);
	memcpy(h->text, text, length < sizeof h->text ? length : sizeof h->text);
	return status;
}

static int grow_and_read(void *user, char *buffer, size_t size, int64_t *length)
{
	int status = nest_once(user);
	memset(buffer, 'x', size);
	*length = (int64_t)size;
	return status;
}

/* The text and the buffer are in the program's memory, which a nested call must not move away. */
static void memory_stays_where_a_callback_has_it(void **unused)
{
	(void)unused;
	static const char source[] = ".memory 3, 60000\n.export grow\n.func main\nMOVI R0, text\nMOVI R1, 5\nSYSCALL "
	                             "1\nMOVI R0, text\nMOVI R1, 5\n"
	                             "SYSCALL 7\nMOVI R1, text\nLD8U R0, [R1]\nHLT\n.end\n"
	                             ".func grow() -> 1\nMOVI R0, 1000\nMEMGROW R0, R0\nRET\n.end\n"
	                             ".data\ntext: .ascii \"hello\"\n";
	nesting_host back = {.export = "grow"};
	vsp_host host = {.size = sizeof host, .user = &back, .print = print_and_grow, .read_line = grow_and_read};
	vsp_config config = VSP_CONFIG_INIT;
	vsp_state_view state = VSP_STATE_INIT;
	config.host = &host;
	config.capabilities = VSP_CAP_STDIO;
	config.bounds = VSP_CONFIG_BOUNDS_EXPLICIT;
	back.instance = instantiate(source, &config);
	assert_int_equal(vsp_run(back.instance, NULL), VSP_OK);
	assert_int_equal(back.calls, 2);
	assert_int_equal(back.result, -1);
	assert_memory_equal(back.text, "hello", 5);
	assert_int_equal(vsp_state(back.instance, &state), VSP_OK);
	assert_int_equal(state.r[0], 'x');
	assert_int_equal(vsp_call(back.instance, "grow", NULL, &back.result, NULL), VSP_OK);
	assert_int_equal(back.result, 3); /* nothing is lent any more */
	vsp_free(back.instance);
}

static int out_and_nest(void *user, uint32_t port, uint8_t byte)
{
	(void)port, (void)byte;
	return nest_once(user) == VSP_OK ? 0 : -VSP_TRAP_CALL_DEPTH;
}

static int act_and_nest(void *user, uint32_t number, uint8_t byte) { return out_and_nest(user, number, byte); }

/* A set maximum of activations is exact: a callback's call counts from where the program is,
   whatever instruction called the host. */
static void every_callback_nests_from_the_depth_of_its_program(void **unused)
{
	(void)unused;
	static const char *const instructions[] = {"OUT R0, 1", "ACT R0"};
	for (size_t i = 0; i < sizeof instructions / sizeof instructions[0]; i++) {
		char source[256];
		nesting_host back = {.export = "again"};
		vsp_host host = {.size = sizeof host, .user = &back, .out = out_and_nest, .act = act_and_nest};
		vsp_config config = VSP_CONFIG_INIT;
		vsp_error error = VSP_ERROR_INIT;
		snprintf(source, sizeof source,
		        ".export again\n.func main\nRET\n.end\n.func again\nINVOKE deeper\nRET\n.end\n"
		        ".func deeper\n%s\nRET\n.end\n",
		        instructions[i]);
		config.host = &host;
		config.capabilities = VSP_CAP_STDIO;
		config.tier = VSP_TIER_INTERP;
		config.max_depth = 20;
		back.instance = instantiate(source, &config);
		assert_int_equal(vsp_call(back.instance, "again", NULL, NULL, &error), VSP_TRAPPED);
		assert_int_equal(error.trap, VSP_TRAP_CALL_DEPTH);
		/* Each round is two activations; the first of the outermost is at depth 0. */
		assert_in_range(back.calls, 9, 11);
		vsp_free(back.instance);
	}
}

/* ---- threads ---- */

enum { THREADS = 4 };

typedef struct work {
	vsp_module *module;
	int64_t result;
} work;

static void run_many(void *arg)
{
	work *w = arg;
	for (int i = 0; i < 50; i++) {
		vsp_instance *instance = vsp_instantiate(w->module, NULL, NULL);
		int64_t result = 0;
		if (vsp_call(instance, "add", (const int64_t[]){i, 1}, &result, NULL) == VSP_OK)
			w->result += result;
		vsp_free(instance);
	}
	vsp_module_free(w->module);
}

static void threads_share_a_module(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(functions);
	vsp_plat_thread *threads[THREADS];
	work works[THREADS];
	for (int i = 0; i < THREADS; i++) {
		works[i] = (work){vsp_module_retain(module), 0};
		threads[i] = vsp_plat_thread_start(run_many, &works[i]);
		if (!threads[i])
			run_many(&works[i]);
	}
	vsp_module_free(module);
	for (int i = 0; i < THREADS; i++) {
		if (threads[i])
			vsp_plat_thread_join(threads[i]);
		assert_int_equal(works[i].result, 50 * 49 / 2 + 50);
	}
}

/* ---- misuse ---- */

static void null_pointers_give_errors(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_state_view state = VSP_STATE_INIT;
	vsp_stats_view stats = VSP_STATS_INIT;
	vsp_function_stats function = VSP_FUNCTION_STATS_INIT;
	vsp_function_info info = {.size = sizeof info};
	size_t size;
	assert_null(vsp_assemble(NULL, 1, NULL, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	assert_null(vsp_module_load(NULL, 1, &error));
	assert_null(vsp_module_load_file(NULL, NULL, &error));
	assert_null(vsp_module_load_raw(NULL, 1, NULL, 0, &error));
	assert_null(vsp_module_write(NULL, &size, &error));
	assert_null(vsp_module_disassemble(NULL, NULL, &error));
	assert_null(vsp_module_retain(NULL));
	vsp_module_free(NULL);
	assert_int_equal(vsp_module_function_count(NULL), 0);
	assert_int_equal(vsp_module_function(NULL, 0, &info), VSP_E_ARGUMENT);
	assert_int_equal(vsp_module_find(NULL, "x", &info), VSP_E_ARGUMENT);
	assert_int_equal(vsp_module_import_count(NULL), 0);
	assert_int_equal(vsp_module_import(NULL, 0, NULL, NULL, NULL), VSP_E_ARGUMENT);
	assert_null(vsp_instantiate(NULL, NULL, &error));
	vsp_free(NULL);
	vsp_interrupt(NULL);
	assert_int_equal(vsp_load(NULL, "", 0, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_load_file(NULL, "x", &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_load_bytes(NULL, "", 0, NULL, 0, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_run(NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_step(NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_call(NULL, "f", NULL, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_reset(NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_set_host(NULL, NULL), VSP_E_ARGUMENT);
	assert_int_equal(vsp_state(NULL, &state), VSP_E_ARGUMENT);
	assert_int_equal(vsp_stats(NULL, &stats), VSP_E_ARGUMENT);
	assert_int_equal(vsp_stats_function(NULL, 0, &function), VSP_E_ARGUMENT);
	assert_null(vsp_memory(NULL, NULL));
	assert_string_equal(vsp_output(NULL, NULL), "");
	assert_int_equal(vsp_cycles(NULL), 0);
	assert_int_equal(vsp_memory_fnv1a(NULL), 0);
	assert_true(vsp_state_equal(NULL, NULL));
	assert_int_equal(vsp_state_bytesil(NULL, 0), 0);
}

static void an_instance_without_a_program_gives_errors(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_function_stats function = VSP_FUNCTION_STATS_INIT;
	vsp_stats_view stats = VSP_STATS_INIT;
	vsp_instance *instance = vsp_new(NULL);
	assert_int_equal(vsp_run(instance, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "the instance has no program");
	assert_int_equal(vsp_step(instance, NULL), VSP_E_ARGUMENT);
	assert_int_equal(vsp_call(instance, "f", NULL, NULL, NULL), VSP_E_ARGUMENT);
	assert_int_equal(vsp_reset(instance, NULL), VSP_E_ARGUMENT);
	assert_null(vsp_memory(instance, NULL));
	assert_null(vsp_instance_module(instance));
	assert_int_equal(state_of(instance).end, VSP_RUN_NONE);
	assert_int_equal(vsp_stats(instance, &stats), VSP_OK);
	assert_int_equal(vsp_stats_function(instance, 0, &function), VSP_E_ARGUMENT);
	vsp_interrupt(instance);
	assert_int_equal(vsp_load(instance, "SILC", 4, &error), VSP_E_FORMAT);
	assert_int_equal(vsp_load_bytes(instance, "", 0, NULL, 0, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_load_bytes(instance, "\x05", 1, NULL, 0, &error), VSP_E_FORMAT);
	vsp_free(instance);
}

static void a_refused_program_leaves_the_old_one(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate(sum, NULL);
	assert_int_equal(vsp_load(instance, "nonsense", 8, NULL), VSP_E_FORMAT);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[0], 15);
	vsp_free(instance);
}

static void unknown_names_and_missing_pointers_give_errors(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = instantiate(functions, NULL);
	assert_int_equal(vsp_call(instance, "nothing", NULL, NULL, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "the program exports no function 'nothing'");
	assert_int_equal(vsp_call(instance, NULL, NULL, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_call(instance, "add", NULL, NULL, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "'add' is 2 -> 1, but args is null");
	assert_int_equal(vsp_call(instance, "add", (const int64_t[]){1, 2}, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_define_import(instance, "x", 17, 0, refuse, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_define_import(instance, NULL, 0, 0, refuse, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_define_import(instance, "x", 0, 0, NULL, NULL, &error), VSP_E_ARGUMENT);
	vsp_free(instance);
}

static void without_the_compiler_library_calls_say_so(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = assemble(sum);
	if (vsp_compiler_check(&error) != VSP_OK) {
		assert_int_equal(error.code, VSP_E_UNSUPPORTED);
		assert_int_equal(vsp_aot_compile(module, "x.so", NULL, 0, &error), VSP_E_UNSUPPORTED);
	}
	assert_int_equal(vsp_aot_compile(NULL, "x.so", NULL, 0, &error), VSP_E_ARGUMENT);
	vsp_module_free(module);
}

static void a_null_among_the_options_is_refused(void **unused)
{
	(void)unused;
	static const char *const options[] = {"-O2", NULL, "--fuel=1"};
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = assemble(sum);
	assert_int_equal(vsp_aot_compile(module, "x.o", options, 3, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "options[1] is null");
	assert_int_equal(vsp_aot_compile(module, "x.o", NULL, 1, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_aot_compile(module, NULL, NULL, 0, &error), VSP_E_ARGUMENT);
	vsp_module_free(module);
}

static void texts_and_settling_want_an_instance_that_has_them(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_settle(NULL), VSP_E_ARGUMENT);
	assert_null(vsp_trace_text(NULL, NULL, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	assert_null(vsp_profile_text(NULL, NULL, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	assert_null(vsp_llvm_text(NULL, NULL, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	vsp_instance *instance = vsp_new_interpreted();
	assert_non_null(instance);
	assert_int_equal(vsp_settle(instance), VSP_OK);
	assert_null(vsp_trace_text(instance, NULL, NULL));
	assert_null(vsp_profile_text(instance, NULL, NULL));
	assert_int_equal(vsp_emit_llvm(instance, NULL, &error), VSP_E_ARGUMENT);
	vsp_free(instance);
}

/* A folder that is to be searched has a name. */
static void sources_may_name_folders(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_source_options options = VSP_SOURCE_INIT;
	options.include_dir_count = 1;
	assert_null(vsp_assemble("HLT", 3, &options, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	static const char *const folders[] = {"/nowhere"};
	static const char source[] = ".include \"none.sil\"";
	options.include_dirs = folders;
	assert_null(vsp_assemble(source, sizeof source - 1, &options, &error));
	assert_int_equal(error.code, VSP_E_SYNTAX);
	vsp_module *module = vsp_assemble("HLT", 3, &options, &error);
	assert_non_null(module);
	vsp_module_free(module);
}

static void names_are_known(void **unused)
{
	(void)unused;
	assert_string_equal(vsp_status_name(VSP_E_LINK), "VSP_E_LINK");
	assert_string_equal(vsp_trap_name(VSP_TRAP_BAD_MODE), "BAD_MODE");
	assert_string_equal(vsp_trap_name((vsp_trap)99), "unknown");
	assert_string_equal(vsp_trap_text(VSP_TRAP_DIV_BY_ZERO), "integer division by zero");
	assert_string_equal(vsp_version(), "2.0.0");
	assert_string_equal(vsp_backend_name(0), "cpu");
	assert_null(vsp_backend_name(1));
}

/* ---- allocation failures ---- */

/* All steps of an embedder, from source to output; true when all succeeded. */
static bool whole_life(void)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.capabilities = VSP_CAP_STDIO;
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_assemble(printing, strlen(printing), NULL, &error);
	vsp_instance *instance = module ? vsp_instantiate(module, &config, &error) : NULL;
	bool good = instance && vsp_define_import(instance, "a.b", 0, 0, refuse, NULL, &error) == VSP_OK &&
	            vsp_run(instance, &error) == VSP_OK && strcmp(vsp_output(instance, NULL), "42\nx") == 0;
	if (!good)
		assert_int_not_equal(error.code, VSP_OK);
	vsp_free(instance);
	vsp_module_free(module);
	return good;
}

static void every_failed_allocation_is_survived(void **unused)
{
	(void)unused;
	assert_true(whole_life());
	vsp_alloc_fail_at(0);
	assert_true(whole_life());
	uint64_t requests = vsp_alloc_fail_at(0);
	if (!requests)
		skip(); /* not a hostile build */
	for (uint64_t n = 1; n <= requests; n++) {
		vsp_alloc_fail_at(n);
		assert_false(whole_life());
	}
	vsp_alloc_fail_at(0);
	assert_true(whole_life());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(source_errors_are_all_reported),
	        cmocka_unit_test(a_module_survives_writing_and_loading),
	        cmocka_unit_test(a_module_lives_as_long_as_its_last_owner),
	        cmocka_unit_test(module_questions_have_answers),
	        cmocka_unit_test(files_that_cannot_be_read_are_named),
	        cmocka_unit_test(the_classic_calls_run_a_program),
	        cmocka_unit_test(every_way_of_making_an_instance_works),
	        cmocka_unit_test(stepping_shows_each_instruction),
	        cmocka_unit_test(run_continues_a_stepped_run),
	        cmocka_unit_test(calls_pass_arguments_and_results),
	        cmocka_unit_test(traps_say_what_and_where),
	        cmocka_unit_test(exit_codes_are_shown),
	        cmocka_unit_test(memory_persists_until_reset),
	        cmocka_unit_test(output_is_kept_without_a_host),
	        cmocka_unit_test(nothing_is_granted_by_default),
	        cmocka_unit_test(callbacks_may_call_back),
	        cmocka_unit_test(nested_calls_count_in_the_depth),
	        cmocka_unit_test(nested_calls_end_before_the_machine_stack_does),
	        cmocka_unit_test(a_failing_callback_traps_host),
	        cmocka_unit_test(imports_must_be_there_and_match),
	        cmocka_unit_test(freeing_from_a_callback_waits_for_the_end),
	        cmocka_unit_test(fuel_is_exact),
	        cmocka_unit_test(memory_is_limited),
	        cmocka_unit_test(depth_is_limited_exactly),
	        cmocka_unit_test(an_interrupt_waits_for_the_next_run),
	        cmocka_unit_test(reset_forgets_an_interrupt),
	        cmocka_unit_test(an_interrupt_of_a_nested_call_stops_the_run_around_it),
	        cmocka_unit_test(another_thread_interrupts),
	        cmocka_unit_test(a_signal_handler_interrupts),
	        cmocka_unit_test(threads_share_a_module),
	        cmocka_unit_test(null_pointers_give_errors),
	        cmocka_unit_test(an_instance_without_a_program_gives_errors),
	        cmocka_unit_test(a_refused_program_leaves_the_old_one),
	        cmocka_unit_test(unknown_names_and_missing_pointers_give_errors),
	        cmocka_unit_test(without_the_compiler_library_calls_say_so),
	        cmocka_unit_test(a_null_among_the_options_is_refused),
	        cmocka_unit_test(texts_and_settling_want_an_instance_that_has_them),
	        cmocka_unit_test(sources_may_name_folders),
	        cmocka_unit_test(names_are_known),
	        cmocka_unit_test(memory_stays_where_a_callback_has_it),
	        cmocka_unit_test(every_callback_nests_from_the_depth_of_its_program),
	        cmocka_unit_test(every_failed_allocation_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
