/*
 * Includes every public header and uses every initialiser; test_headers.sh compiles it in several
 * languages with all warnings. Twice, and the headers that vspc made for two programs after each
 * other.
 */
#include <vsp/vsp.h>
#include <vsp/vsp_aot.h>

#include "plain.h"
#include "prefixed.h"
#include "other.h"

#include "plain.h"
#include <vsp/vsp.h>
#include <vsp/vsp_aot.h>

vsp_status use_headers(vsp_aot_instance *instance);

vsp_status use_headers(vsp_aot_instance *instance)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_source_options source = VSP_SOURCE_INIT;
	vsp_state_view state = VSP_STATE_INIT;
	vsp_stats_view stats = VSP_STATS_INIT;
	vsp_function_stats function = VSP_FUNCTION_STATS_INIT;
	vsp_tier_stats tier = VSP_TIER_STATS_INIT;
	vsp_pass_stats pass = VSP_PASS_STATS_INIT;
	vsp_aot_config aot = VSP_AOT_CONFIG_INIT;
	uint32_t sizes = error.size + config.size + source.size + state.size + stats.size + function.size + tier.size +
	                 pass.size + aot.size;
	int64_t args[2] = {1, 2}, result = 0;
	if (sizes == 0 || vsp_aot_module.abi_version != VSP_AOT_ABI_VERSION ||
	        a_vsp_aot_module.abi_version != b_vsp_aot_module.abi_version)
		return VSP_E_ARGUMENT;
	if (divide(instance, args, &result) != VSP_OK || a_divide(instance, args, &result) != VSP_OK)
		return VSP_TRAPPED;
	return a_vsp_aot_run(instance) == VSP_OK ? b_vsp_aot_run(instance) : vsp_aot_run(instance);
}
