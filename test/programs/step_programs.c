/*
 * Checks that single steps and a run are the same: every program given runs whole, step by step,
 * and as some steps with a run for the rest, and must end alike in every respect: status, trap,
 * state shown, memory, output and count of instructions.
 *
 *     step_programs FILE...
 */
#include <stdio.h>
#include <string.h>

#include "ends.h"

enum { SOME_STEPS = 37 };

static vsp_instance *instantiate(const char *path)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	config.count = 1;
	return instance_of(path, &config);
}

/* At most limit steps, then a run; VSP_OK stands for every normal end. */
static vsp_status finish(vsp_instance *instance, unsigned long limit, vsp_error *error)
{
	vsp_status status = VSP_OK;
	for (unsigned long i = 0; i < limit && status == VSP_OK; i++)
		status = vsp_step(instance, error);
	if (status == VSP_OK)
		status = vsp_run(instance, error);
	return status == VSP_HALTED ? VSP_OK : status;
}

/* 1 when the program does not end as its plain run does, after the steps. */
static int check(const char *path, unsigned long steps)
{
	vsp_instance *whole = instantiate(path), *stepped = instantiate(path);
	vsp_error x = VSP_ERROR_INIT, y = VSP_ERROR_INIT;
	const char *what = "loading";
	if (whole && stepped) {
		vsp_status a = finish(whole, 0, &x), b = finish(stepped, steps, &y);
		what = a != b ? "the status" : difference_of_ends(whole, stepped, &x, &y);
		if (!what && !vsp_state_equal(whole, stepped))
			what = "the state";
		if (!what && vsp_cycles(whole) != vsp_cycles(stepped))
			what = "the count of instructions";
	}
	if (what)
		fprintf(stderr, "%s: %s differs after %lu steps: '%s', '%s'\n", path, what, steps, x.message,
		        y.message);
	vsp_free(whole);
	vsp_free(stepped);
	return what != NULL;
}

int main(int argc, char **argv)
{
	int failed = 0;
	for (int i = 1; i < argc; i++)
		failed += check(argv[i], FUEL + 1) + check(argv[i], SOME_STEPS);
	return failed != 0;
}
