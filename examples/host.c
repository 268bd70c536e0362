/*
 * A C program that embeds VSP: it loads host.sil, gives it a function of its own, and calls a
 * function of the program.
 *
 *     cc host.c $(pkg-config --cflags --libs vsp) -o host && ./host host.sil
 *
 * Prints "energy of 10 samples: 285".
 */
#include <inttypes.h>
#include <stdio.h>

#include <vsp/vsp.h>

/* host.sample(i): the i-th sample of a ramp. */
static int sample(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	const int64_t *slope = user;
	(void)caller;
	results[0] = args[0] * *slope;
	return VSP_OK;
}

static int report(const vsp_error *error)
{
	fprintf(stderr, "%s\n", error->message);
	return 1;
}

static int run(vsp_instance *instance, vsp_error *error)
{
	static int64_t slope = 1;
	int64_t count = 10, energy;
	if (vsp_define_import(instance, "host.sample", 1, 1, sample, &slope, error) != VSP_OK)
		return report(error);
	if (vsp_call(instance, "energy", &count, &energy, error) != VSP_OK)
		return report(error);
	printf("energy of %" PRId64 " samples: %" PRId64 "\n", count, energy);
	return 0;
}

int main(int argc, char **argv)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_module_load_file(argc > 1 ? argv[1] : "host.sil", NULL, &error);
	if (!module)
		return report(&error);
	vsp_instance *instance = vsp_instantiate(module, NULL, &error);
	vsp_module_free(module); /* the instance keeps it */
	if (!instance)
		return report(&error);
	int status = run(instance, &error);
	vsp_free(instance);
	return status;
}
