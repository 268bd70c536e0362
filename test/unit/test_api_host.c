/*
 * The public API of hosts: output, capabilities, imports, and callbacks that call the program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <vsp/vsp.h>

#include "api_support.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(output_is_kept_without_a_host),
	        cmocka_unit_test(nothing_is_granted_by_default),
	        cmocka_unit_test(callbacks_may_call_back),
	        cmocka_unit_test(nested_calls_count_in_the_depth),
	        cmocka_unit_test(nested_calls_end_before_the_machine_stack_does),
	        cmocka_unit_test(a_failing_callback_traps_host),
	        cmocka_unit_test(imports_must_be_there_and_match),
	        cmocka_unit_test(freeing_from_a_callback_waits_for_the_end),
	        cmocka_unit_test(memory_stays_where_a_callback_has_it),
	        cmocka_unit_test(every_callback_nests_from_the_depth_of_its_program),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
