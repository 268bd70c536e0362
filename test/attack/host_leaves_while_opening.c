/*
 * A host that leaves main while another thread opens the compiler's library, or has just opened it:
 * the process must end as if the thread did not exist, and not crash in objects that are being
 * destroyed. Several processes leave at different moments.
 */
#include <string.h>
#include <vsp/vsp.h>

#include "leaving_host.h"

static const char source[] =
        ".func main\nMOVI R1, 2000\nMOVI R2, 0\nagain: ADDI R1, R1, -1\nBNE R1, R2, again\nHLT\n.end\n";

/* Lets the program ask for compiled code, and leaves some microseconds later. 0, or the error. */
static int leave_after(vsp_module *module, unsigned microseconds)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier1_threshold = 1;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	if (!instance || vsp_run(instance, &error) != VSP_OK)
		return 2;
	usleep(microseconds);
	return 0;
}

int main(void)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_assemble(source, strlen(source), NULL, &error);
	if (!module) {
		puts(error.message);
		return 3;
	}
	return leave_at_moments(module, leave_after, 16, 4000);
}
