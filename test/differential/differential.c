/*
 * Differential test: runs random programs (generate.h) under many configurations of libvsp, and
 * compiled ahead of time, and compares everything a program can show: end, trap kind and place,
 * registers, flags, SP, mode, gradient, memory hash, host calls, and calls of an exported function
 * afterwards.
 *
 *     differential [--from SEED] [--count N] [--size N] [--wild N] [--sample N] [--aot FOLDER]
 *     [--only TEXT] [--kernels 1] [--quiet]
 *     differential --coverage [...]       runs the programs step by step and lists the instruction
 *     forms none of them executed
 *     differential --print SEED [...]     the program of a seed
 *
 * --sample runs each program in N of the compiled configurations instead of all. --only takes the
 * configurations whose name contains TEXT. The reference is tier 0 with explicit bounds and fuel,
 * which also finds the rare endless program. After a trap the precise configurations must agree
 * with it fully; the others must have trapped too, with the same host calls; the kind, place and
 * memory may differ.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "outcome.h"

/* A way to run in the library; the first one is the reference. */
typedef struct setting {
	const char *name;
	int tier, bounds;
	bool precise, sync, fuel;
	uint32_t threshold1, threshold2; /* 0: the default */
	uint32_t threads;                /* of LAUNCH; 0: one. Hostile builds use them for any kernel */
} setting;

enum { GUARD = VSP_CONFIG_BOUNDS_AUTO, EXPLICIT = VSP_CONFIG_BOUNDS_EXPLICIT };
static const setting settings[] = {
        {"interp, explicit bounds, fuel", VSP_TIER_INTERP, EXPLICIT, true, false, true, 0, 0, 0},
        {"interp, explicit bounds", VSP_TIER_INTERP, EXPLICIT, true, false, false, 0, 0, 0},
        {"interp, guard pages", VSP_TIER_INTERP, GUARD, true, false, false, 0, 0, 0},
        {"baseline, guard pages", VSP_TIER_BASELINE, GUARD, true, false, false, 0, 0, 0},
        {"baseline, explicit bounds, fuel", VSP_TIER_BASELINE, EXPLICIT, true, false, true, 0, 0, 0},
        {"tier 1, guard pages", VSP_TIER_1, GUARD, true, true, false, 0, 0, 0},
        {"tier 1, explicit bounds, fuel", VSP_TIER_1, EXPLICIT, true, true, true, 0, 0, 0},
        {"tier 2, guard pages", VSP_TIER_2, GUARD, false, true, false, 0, 0, 0},
        {"tier 2, guard pages, precise", VSP_TIER_2, GUARD, true, true, false, 0, 0, 0},
        {"tier 2, explicit bounds", VSP_TIER_2, EXPLICIT, false, true, false, 0, 0, 0},
        {"tier 2, explicit bounds, precise, fuel", VSP_TIER_2, EXPLICIT, true, true, true, 0, 0, 0},
        {"tier 2, guard pages, threads", VSP_TIER_2, GUARD, false, true, false, 0, 0, 4},
        {"tier 1, explicit bounds, threads", VSP_TIER_1, EXPLICIT, false, true, false, 0, 0, 3},
        {"auto, thresholds 3", VSP_TIER_AUTO, GUARD, false, true, false, 3, 3, 0},
        {"auto, thresholds 1 and 8, precise", VSP_TIER_AUTO, GUARD, true, true, false, 1, 8, 0},
        {"auto, thresholds 2, asynchronous", VSP_TIER_AUTO, GUARD, false, false, false, 2, 2, 0},
        {"auto, thresholds 1 and 4, asynchronous", VSP_TIER_AUTO, GUARD, false, false, false, 1, 4, 0},
};
enum { SETTINGS = sizeof settings / sizeof settings[0], INTERPRETED = 3 };

/* A way to compile ahead of time. */
typedef struct aot_setting {
	const char *name;
	bool precise;
	const char *options[5];
} aot_setting;

static const aot_setting aot_settings[] = {
        {"ahead of time", false, {"--deterministic"}},
        {"ahead of time, precise", true, {"--deterministic", "--precise-traps"}},
        {"ahead of time, -O0, precise", true, {"--deterministic", "-O0", "--precise-traps"}},
        {"ahead of time, explicit bounds", false, {"--deterministic", "--bounds=explicit", "--no-signals", "-O1"}},
        {"ahead of time, -O3, this machine", false, {"--deterministic", "-O3", "--mcpu=native"}},
};
enum { AOT_SETTINGS = sizeof aot_settings / sizeof aot_settings[0] };

typedef struct command {
	generate_options generate;
	uint64_t from, count, sample;
	const char *aot, *only;
	bool quiet, coverage;
} command;

typedef struct tally {
	uint64_t programs, traps, endless, failures;
} tally;

/* ---- running ---- */

static bool agrees(uint64_t seed, const outcome *reference, const char *name, const outcome *other, bool precise)
{
	const char *what = outcome_difference(reference, other, precise);
	if (!what)
		return true;
	fprintf(stderr, "seed %" PRIu64 ": %s differs\n", seed, what);
	outcome_show(settings[0].name, reference);
	outcome_show(name, other);
	return false;
}

static bool run_setting(vsp_module *module, const setting *s, outcome *out)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = s->tier;
	config.bounds = s->bounds;
	config.precise_traps = s->precise;
	config.sync_compile = s->sync;
	config.tier1_threshold = s->threshold1;
	config.tier2_threshold = s->threshold2;
	config.limit_fuel = s->fuel;
	return run_in_library(module, config, s->threads, out);
}

/* Is this configuration compared? Every seed takes its own sample of the compiled ones. */
static bool is_wanted(const command *c, const char *name, uint64_t seed, unsigned i)
{
	if (c->only && !strstr(name, c->only))
		return false;
	return i < INTERPRETED || !c->sample || (i + seed * 7) % (SETTINGS - INTERPRETED) < c->sample;
}

static bool compare_settings(const command *c, uint64_t seed, vsp_module *module, const outcome *reference)
{
	unsigned count = vsp_compiler_check(NULL) == VSP_OK ? SETTINGS : INTERPRETED;
	for (unsigned i = 1; i < count; i++) {
		const setting *s = &settings[i];
		outcome other;
		if (!is_wanted(c, s->name, seed, i))
			continue;
		if (!run_setting(module, s, &other) || !agrees(seed, reference, s->name, &other, s->precise))
			return false;
	}
	return true;
}

static bool compare_aot(const command *c, uint64_t seed, const vsp_module *module, const outcome *reference)
{
	const aot_setting *s = &aot_settings[seed % AOT_SETTINGS];
	outcome other;
	size_t count = 0;
	if (c->only && !strstr(s->name, c->only))
		return true;
	while (count < 5 && s->options[count])
		count++;
	return run_ahead_of_time(module, c->aot, s->options, count, &other) &&
	       agrees(seed, reference, s->name, &other, s->precise);
}

static void report(void *user, int severity, const char *text)
{
	(void)user;
	(void)severity;
	fputs(text, stderr);
}

static vsp_module *assemble(const command *c, uint64_t seed)
{
	size_t length;
	char *text = generate_program(seed, &c->generate, &length);
	vsp_source_options source = VSP_SOURCE_INIT;
	source.name = "random.sil";
	source.report = report;
	vsp_module *module = text ? vsp_assemble(text, length, &source, NULL) : NULL;
	free(text);
	if (!module)
		fprintf(stderr, "seed %" PRIu64 ": does not assemble\n", seed);
	return module;
}

static bool check_module(const command *c, uint64_t seed, vsp_module *module, tally *t)
{
	outcome reference;
	if (c->coverage) {
		cover_module(module);
		return true;
	}
	if (!run_setting(module, &settings[0], &reference))
		return false;
	if (reference.starved) {
		t->endless++;
		return true;
	}
	t->traps += reference.status == VSP_TRAPPED;
	return compare_settings(c, seed, module, &reference) && (!c->aot || compare_aot(c, seed, module, &reference));
}

static void check(const command *c, uint64_t seed, tally *t)
{
	vsp_module *module = assemble(c, seed);
	t->programs++;
	t->failures += !module || !check_module(c, seed, module, t);
	vsp_module_free(module);
}

static int print_program(uint64_t seed, const generate_options *options)
{
	size_t length;
	char *text = generate_program(seed, options, &length);
	if (text)
		fwrite(text, 1, length, stdout);
	free(text);
	return text ? 0 : 2;
}

/* ---- the command line ---- */

static bool set_option(command *c, const char *name, const char *value)
{
	uint64_t n = strtoull(value, NULL, 0);
	if (!strcmp(name, "--from"))
		c->from = n;
	else if (!strcmp(name, "--count"))
		c->count = n;
	else if (!strcmp(name, "--sample"))
		c->sample = n;
	else if (!strcmp(name, "--size"))
		c->generate.size = (uint32_t)n;
	else if (!strcmp(name, "--wild"))
		c->generate.wild_in = (uint32_t)n;
	else if (!strcmp(name, "--kernels"))
		c->generate.kernels = (uint32_t)n;
	else if (!strcmp(name, "--aot"))
		c->aot = value;
	else if (!strcmp(name, "--only"))
		c->only = value;
	else
		return false;
	return true;
}

/* Too many programs that trap or never end would test little. */
static bool is_balanced(const tally *t)
{
	return t->programs < 100 || (t->endless <= t->programs / 10 && t->traps <= t->programs * 3 / 4);
}

int main(int argc, char **argv)
{
	command c = {.generate = {.size = 120, .wild_in = 400, .imports = 1}, .from = 1, .count = 2000};
	const char *print = NULL;
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "0";
		if (!strcmp(argv[i], "--quiet"))
			c.quiet = true;
		else if (!strcmp(argv[i], "--coverage"))
			c.coverage = true;
		else if (!strcmp(argv[i], "--print"))
			print = argv[++i] ? value : "1";
		else if (set_option(&c, argv[i], value))
			i++;
		else {
			fprintf(stderr, "differential: unknown option %s\n", argv[i]);
			return 2;
		}
	}
	if (print)
		return print_program(strtoull(print, NULL, 0), &c.generate);
	tally t = {0};
	for (uint64_t seed = c.from; seed < c.from + c.count && t.failures < 10; seed++)
		check(&c, seed, &t);
	if (!c.quiet)
		printf("%" PRIu64 " programs, %" PRIu64 " trapped, %" PRIu64 " endless, %" PRIu64 " failures\n",
		        t.programs, t.traps, t.endless, t.failures);
	bool covered = !c.coverage || report_coverage();
	return t.failures || !covered || !is_balanced(&t);
}
