/*
 * A host that frees its instance and leaves main while the compile thread is inside LLVM: the
 * process must end as if the thread did not exist, and not crash in destructors of objects that it
 * uses. Several processes leave at different moments.
 */
#include <stdbool.h>
#include <string.h>
#include <vsp/vsp.h>

#include "long_compile.h"
#include "leaving_host.h"

/* Runs the program and leaves after some more milliseconds. 0, or the error. */
static int leave_after(vsp_module *module, unsigned ms)
{
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	if (!instance || vsp_run(instance, &error) != VSP_OK)
		return 2;
	usleep(ms * 1000);
	vsp_free(instance);
	return 0;
}

int main(void)
{
	char *source = long_compile_source(600);
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = source ? vsp_assemble(source, strlen(source), NULL, &error) : NULL;
	free(source);
	if (!module)
		return 3;
	return leave_at_moments(module, leave_after, 6, 15);
}
