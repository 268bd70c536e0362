/*
 * Checks that compiled code ends as the interpreter does: every program given runs in tier 0 and in
 * tiers 1 and 2, in one process, so that the compiler is opened once, and must end alike in status,
 * trap, output and, unless it traps, state shown. At a trap compiled code shows the registers that
 * are still used.
 *
 *     tier_programs FILE...
 */
#include <stdbool.h>

#include "ends.h"

static vsp_instance *instantiate(const char *path, int tier)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = tier;
	config.sync_compile = tier != VSP_TIER_INTERP;
	return instance_of(path, &config);
}

/* Has the program run in compiled code? */
static bool was_compiled(const vsp_instance *instance)
{
	vsp_stats_view stats = VSP_STATS_INIT;
	return vsp_stats(instance, &stats) == VSP_OK && stats.tier > 0;
}

/* 1 when the program does not end in the tier as it does in the interpreter. */
static int check(const char *path, int tier)
{
	vsp_instance *plain = instantiate(path, VSP_TIER_INTERP), *compiled = instantiate(path, tier);
	vsp_error x = VSP_ERROR_INIT, y = VSP_ERROR_INIT;
	const char *what = "loading";
	if (plain && compiled) {
		vsp_status a = vsp_run(plain, &x), b = vsp_run(compiled, &y);
		what = a != b ? "the status" : difference_of_ends(plain, compiled, &x, &y);
		if (!what && a != VSP_TRAPPED && !vsp_state_equal(plain, compiled))
			what = "the state";
		if (!what && !was_compiled(compiled))
			what = "the kind of code: nothing was compiled, which";
	}
	if (what)
		fprintf(stderr, "%s: %s differs in tier %d: '%s', '%s'\n", path, what, tier, x.message, y.message);
	vsp_free(plain);
	vsp_free(compiled);
	return what != NULL;
}

int main(int argc, char **argv)
{
	int failed = 0;
	for (int i = 1; i < argc; i++)
		failed += check(argv[i], VSP_TIER_1) + check(argv[i], VSP_TIER_2);
	printf("%d programs in tiers 1 and 2, %d failures\n", argc - 1, failed);
	return failed != 0;
}
