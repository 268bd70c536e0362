/* A host that uses nothing but the installed headers and library. Prints 42. */
#include <stdio.h>
#include <string.h>
#include <vsp/vsp.h>

static int triple(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)caller;
	results[0] = 3 * args[0];
	return VSP_OK;
}

int main(void)
{
	static const char source[] = ".import env.triple(1) -> 1\n"
	                             ".func f(1) -> 1\nHCALL env.triple\nRET\n.end\n.export f\n";
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_assemble(source, strlen(source), NULL, &error);
	vsp_instance *instance = module ? vsp_instantiate(module, NULL, &error) : NULL;
	int64_t result = 0;
	if (instance && vsp_define_import(instance, "env.triple", 1, 1, triple, NULL, &error) == VSP_OK &&
	        vsp_call(instance, "f", (const int64_t[]){14}, &result, &error) == VSP_OK)
		printf("%lld\n", (long long)result);
	else
		fprintf(stderr, "%s\n", error.message);
	vsp_free(instance);
	vsp_module_free(module);
	return error.code != VSP_OK;
}
