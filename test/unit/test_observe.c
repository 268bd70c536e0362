/*
 * config.observe through the public interface, as far as no compiler is needed; test/observe tests
 * the information about compiled code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <vsp/vsp.h>

static const char trace_path[] = "test_observe_trace.json";

static vsp_instance *instantiate(uint8_t observe, vsp_error *error)
{
	static const char source[] = ".func main() -> 0\nRET\n.end\n";
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	config.observe = observe;
	vsp_module *module = vsp_assemble(source, sizeof source - 1, NULL, error);
	assert_non_null(module);
	vsp_instance *instance = vsp_instantiate(module, &config, error);
	vsp_module_free(module);
	return instance;
}

/* How often a word occurs in the trace that was written. */
static int count_in_trace(const char *word)
{
	static char text[1 << 16];
	FILE *file = fopen(trace_path, "rb");
	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = 0;
	fclose(file);
	int n = 0;
	for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
		n++;
	return n;
}

static void runs_are_traced_since_loading(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = instantiate(VSP_OBSERVE_TRACE, &error);
	assert_non_null(instance);
	for (int i = 0; i < 3; i++)
		assert_int_equal(vsp_run(instance, &error), VSP_OK);
	assert_int_equal(vsp_trace_write(instance, trace_path, &error), VSP_OK);
	assert_int_equal(count_in_trace("\"run main\""), 3);
	assert_int_equal(vsp_reset(instance, &error), VSP_OK);
	assert_int_equal(vsp_run(instance, &error), VSP_OK);
	assert_int_equal(vsp_trace_write(instance, trace_path, &error), VSP_OK);
	assert_int_equal(count_in_trace("\"run main\""), 4);
	remove(trace_path);
	vsp_free(instance);
}

static void what_was_not_recorded_cannot_be_written(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = instantiate(0, &error);
	assert_non_null(instance);
	assert_int_equal(vsp_trace_write(instance, trace_path, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "nothing was recorded: config.observe lacks VSP_OBSERVE_TRACE");
	assert_int_equal(vsp_trace_write(NULL, trace_path, NULL), VSP_E_ARGUMENT);
	assert_int_equal(vsp_trace_write(instance, NULL, NULL), VSP_E_ARGUMENT);
	vsp_free(instance);
	instance = instantiate(VSP_OBSERVE_TRACE, &error);
	assert_int_equal(vsp_trace_write(instance, "no/such/folder/t.json", &error), VSP_E_IO);
	vsp_free(instance);
}

static void unknown_bits_are_refused(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	assert_null(instantiate(0x80, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	assert_string_equal(error.message, "config.observe is 0x80, which has bits without a meaning");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(runs_are_traced_since_loading),
	        cmocka_unit_test(what_was_not_recorded_cannot_be_written),
	        cmocka_unit_test(unknown_bits_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
