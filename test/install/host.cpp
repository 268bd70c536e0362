// The headers are C++ too, with every initialiser used. Prints 15.
#include <cstdio>
#include <vsp/vsp.h>

int main()
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_source_options options = VSP_SOURCE_INIT;
	vsp_state_view state = VSP_STATE_INIT;
	vsp_stats_view stats = VSP_STATS_INIT;
	vsp_function_stats function = VSP_FUNCTION_STATS_INIT;
	static const char source[] = "MOVI R0, 5\nMOVI R1, 10\nADD R0, R1\nHLT\n";
	vsp_module *module = vsp_assemble(source, sizeof source - 1, &options, &error);
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	bool good = vsp_run(instance, &error) == VSP_OK && vsp_state(instance, &state) == VSP_OK &&
		    vsp_stats(instance, &stats) == VSP_OK && vsp_stats_function(instance, 0, &function) == VSP_OK;
	std::printf("%lld\n", good ? static_cast<long long>(state.r[0]) : -1LL);
	vsp_free(instance);
	vsp_module_free(module);
}
