/*
 * Checks that single steps and a run are the same: every program given runs whole, step by step,
 * and as some steps with a run for the rest, and must end alike in every respect: status, trap,
 * state shown, memory, output and count of instructions.
 *
 *     step_programs FILE...
 */
#include <stdio.h>
#include <string.h>

#include <vsp/vsp.h>

enum { FUEL = 3000000, SOME_STEPS = 37 };

/* An instance of the program with nothing but the standard capabilities, or null when it has
   imports or does not assemble. */
static vsp_instance *instantiate(const char *path)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	config.count = 1;
	config.limit_fuel = 1;
	config.fuel = FUEL;
	config.capabilities = VSP_CAP_STDIO | VSP_CAP_ARGS;
	vsp_module *module = vsp_module_load_file(path, NULL, &error);
	vsp_instance *instance = module ? vsp_instantiate(module, &config, &error) : NULL;
	if (!instance)
		fprintf(stderr, "%s: %s\n", path, error.message);
	vsp_module_free(module);
	return instance;
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

static const char *difference(const vsp_instance *a, const vsp_instance *b, const vsp_error *x, const vsp_error *y)
{
	vsp_state_view s = VSP_STATE_INIT, t = VSP_STATE_INIT;
	size_t n, m;
	const char *text = vsp_output(a, &n), *other = vsp_output(b, &m);
	vsp_state(a, &s);
	vsp_state(b, &t);
	if (x->code != y->code || x->trap != y->trap || x->trap_code != y->trap_code || x->pc != y->pc ||
	        x->line != y->line)
		return "the error";
	if (s.end != t.end || s.exit_code != t.exit_code)
		return "the end";
	if (!vsp_state_equal(a, b))
		return "the state";
	if (vsp_cycles(a) != vsp_cycles(b))
		return "the count of instructions";
	return n != m || memcmp(text, other, n) != 0 ? "the output" : NULL;
}

/* 1 when the program does not end as its plain run does, after the steps. */
static int check(const char *path, unsigned long steps)
{
	vsp_instance *whole = instantiate(path), *stepped = instantiate(path);
	vsp_error x = VSP_ERROR_INIT, y = VSP_ERROR_INIT;
	const char *what = "loading";
	if (whole && stepped) {
		vsp_status a = finish(whole, 0, &x), b = finish(stepped, steps, &y);
		what = a != b ? "the status" : difference(whole, stepped, &x, &y);
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
