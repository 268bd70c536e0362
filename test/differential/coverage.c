/*
 * Coverage of random programs: each runs step by step in tier 0, and every form of the instruction
 * table must be executed by one of them.
 */
#include "outcome.h"

#include <stdio.h>

#include "ir/opcode.h"
#include "tiers/api/api.h"

enum { STEPS = 20000 }; /* at most, of one program */

static unsigned long executed[VSP_FORMS];

static void count_at(const vsp_module_data *data, uint32_t pc)
{
	vsp_insn i;
	if (pc < data->code_size && !vsp_insn_decode(data->code, data->code_size, pc, &i))
		executed[i.form]++;
}

void cover_module(vsp_module *module)
{
	test_host host;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	vsp_instance *instance = instantiate_for_test(module, &config, &host);
	vsp_state_view state = VSP_STATE_INIT;
	vsp_status status = instance ? VSP_OK : VSP_HALTED;
	for (unsigned n = 0; n < STEPS && status == VSP_OK; n++) {
		status = vsp_step(instance, NULL);
		vsp_state(instance, &state);
		count_at(module->data, state.pc);
	}
	vsp_free(instance);
}

bool report_coverage(void)
{
	unsigned missing = 0;
	for (unsigned form = 0; form < VSP_FORMS; form++)
		if (!executed[form]) {
			fprintf(stderr, "never executed: %s\n", vsp_forms[form].mnemonic);
			missing++;
		}
	printf("%u of %u instruction forms executed\n", VSP_FORMS - missing, (unsigned)VSP_FORMS);
	return missing == 0;
}
