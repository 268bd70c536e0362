/*
 * Programs and instances through the public interface; a failure ends the test with its message.
 * Include after cmocka.h.
 */
#ifndef VSP_TEST_INSTANCES_H
#define VSP_TEST_INSTANCES_H

#include <string.h>

#include <vsp/vsp.h>

static inline vsp_module *assemble(const char *source)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_assemble(source, strlen(source), NULL, &error);
	if (!module)
		fail_msg("line %u: %s", (unsigned)error.line, error.message);
	return module;
}

static inline vsp_instance *instantiate_with(vsp_module *module, const vsp_config *config)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = vsp_instantiate(module, config, &error);
	if (!instance)
		fail_msg("%s", error.message);
	return instance;
}

static inline vsp_function handle_of(const vsp_module *module, const char *name, uint32_t params, uint32_t results)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_function function = VSP_FUNCTION_INIT;
	if (vsp_module_lookup(module, name, params, results, &function, &error) != VSP_OK)
		fail_msg("%s", error.message);
	return function;
}

static inline vsp_state_view state_of(const vsp_instance *instance)
{
	vsp_state_view state = VSP_STATE_INIT;
	assert_int_equal(vsp_state(instance, &state), VSP_OK);
	return state;
}

#endif
