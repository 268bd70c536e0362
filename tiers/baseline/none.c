/*
 * The baseline compiler where there are no stencils: on machines, or with compilers, for which the
 * build cannot make any. Functions stay with the interpreter.
 */
#include "baseline.h"

vsp_baseline *vsp_baseline_create(const vsp_module_data *module, vsp_account *account, uint32_t first_count,
        const vsp_baseline_watch *watch, vsp_beside *beside)
{
	(void)module, (void)account, (void)first_count, (void)watch, (void)beside;
	return NULL;
}

void vsp_baseline_destroy(vsp_baseline *baseline) { (void)baseline; }

vsp_faster *vsp_baseline_faster(vsp_baseline *baseline)
{
	(void)baseline;
	return NULL;
}

vsp_baseline_stats vsp_baseline_stats_of(const vsp_baseline *baseline, uint32_t func)
{
	(void)baseline, (void)func;
	return (vsp_baseline_stats){.reason = ""};
}

bool vsp_baseline_has_thread(const vsp_baseline *baseline)
{
	(void)baseline;
	return false;
}
