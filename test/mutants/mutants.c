/*
 * Mutants of programs (test/support/mutate.h): files with changes and a correct checksum. Each is
 * refused, with a place and a reason, or it is a program like any other: it runs in tier 0, in
 * baseline code and in compiled code, with limits of fuel, memory and depth, and all must end
 * alike.
 *
 *     mutants [--from SEED] [--count N] [--print SEED] [--verbose] FILE...
 *
 * FILE is a .sil or .silc file; those that cannot be read are left out. --count mutants are made of
 * each. --print writes the mutant of a seed to stdout; --verbose says which one comes next, for
 * those that end the process.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/differential/outcome.h"
#include "test/support/mutate.h"

enum { FUEL = 20000, MEMORY = 1 << 24, DEPTH = 200, GROWTH = 600 };

typedef struct command {
	uint64_t from, count;
	const char *print;
	bool verbose;
} command;

typedef struct tally {
	uint64_t mutants, refused, too_large, trapped, ended, failures;
} tally;

typedef struct original {
	const char *name;
	uint8_t *bytes;
	size_t size;
} original;

static bool fail(const original *o, uint64_t seed, const char *what)
{
	fprintf(stderr, "%s, mutant %" PRIu64 ": %s\n", o->name, seed, what);
	return false;
}

/* ---- running ---- */

/* The seed chooses bounds, precise traps and the tier, so that each has its share. */
static vsp_config compiled_config(uint64_t seed)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = seed % 4 ? VSP_TIER_2 : VSP_TIER_1;
	config.bounds = seed % 8 < 4 ? VSP_CONFIG_BOUNDS_AUTO : VSP_CONFIG_BOUNDS_EXPLICIT;
	config.precise_traps = config.tier == VSP_TIER_1 || seed % 3 != 0;
	config.sync_compile = 1;
	return config;
}

static vsp_config limited(vsp_config config)
{
	config.max_memory = MEMORY;
	config.max_depth = DEPTH;
	config.limit_fuel = 1;
	config.fuel = FUEL;
	return config;
}

/* Does the program exceed its limits already at the start? Then it is not run. */
static bool is_too_large(vsp_module *module, const vsp_config *config)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = vsp_instantiate(module, config, &error);
	vsp_free(instance);
	return !instance && error.code == VSP_E_MEMORY;
}

static const char *name_of(int tier)
{
	return tier == VSP_TIER_BASELINE ? "baseline" : tier == VSP_TIER_1 ? "tier 1" : "tier 2";
}

static bool compare(const original *o, uint64_t seed, vsp_module *module, vsp_config config, const outcome *interpreted)
{
	outcome other;
	config = limited(config);
	if (!run_in_library(module, config, 0, &other))
		return fail(o, seed, "cannot be instantiated again");
	const char *what = outcome_difference(interpreted, &other, config.precise_traps);
	if (!what)
		return true;
	outcome_show("interpreted", interpreted);
	outcome_show(name_of(config.tier), &other);
	return fail(o, seed, what);
}

static vsp_config copied_config(uint64_t seed)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_BASELINE;
	config.bounds = seed % 2 ? VSP_CONFIG_BOUNDS_AUTO : VSP_CONFIG_BOUNDS_EXPLICIT;
	config.no_signals = seed % 4 == 0;
	config.precise_traps = 1;
	return config;
}

static bool run_mutant(const original *o, uint64_t seed, vsp_module *module, tally *t)
{
	outcome interpreted;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	config.bounds = VSP_CONFIG_BOUNDS_EXPLICIT;
	config = limited(config);
	if (is_too_large(module, &config)) {
		t->too_large++;
		return true;
	}
	if (!run_in_library(module, config, 0, &interpreted))
		return fail(o, seed, "cannot be instantiated");
	t->trapped += interpreted.status == VSP_TRAPPED;
	t->ended += interpreted.status == VSP_OK;
	return compare(o, seed, module, copied_config(seed), &interpreted) &&
	       compare(o, seed, module, compiled_config(seed), &interpreted);
}

/* ---- mutants ---- */

static uint8_t *make(const original *o, uint64_t seed, size_t *size)
{
	uint8_t *bytes = malloc(o->size + GROWTH);
	if (!bytes)
		exit(2);
	memcpy(bytes, o->bytes, o->size);
	*size = mutate_silc(bytes, o->size, o->size + GROWTH, seed);
	return bytes;
}

static bool check(const original *o, uint64_t seed, tally *t)
{
	vsp_error error = VSP_ERROR_INIT;
	size_t size;
	uint8_t *bytes = make(o, seed, &size);
	vsp_module *module = vsp_module_load(bytes, size, &error);
	bool good = true;
	if (module)
		good = run_mutant(o, seed, module, t);
	else if (error.code != VSP_E_FORMAT || !error.message[0] || error.offset > size)
		good = fail(o, seed, "is refused without a reason or a place");
	t->refused += !module;
	vsp_module_free(module);
	free(bytes);
	return good;
}

static int print(const original *o, uint64_t seed)
{
	size_t size;
	uint8_t *bytes = make(o, seed, &size);
	fwrite(bytes, 1, size, stdout);
	free(bytes);
	return 0;
}

static void check_all(const original *o, const command *c, tally *t)
{
	for (uint64_t seed = c->from; seed < c->from + c->count && t->failures < 10; seed++) {
		if (c->verbose)
			fprintf(stderr, "%s %" PRIu64 "\n", o->name, seed);
		t->mutants++;
		t->failures += !check(o, seed, t);
	}
}

/* False: it is no program. */
static bool read_original(const char *path, original *o)
{
	vsp_module *module = vsp_module_load_file(path, NULL, NULL);
	*o = (original){.name = path};
	if (module)
		o->bytes = vsp_module_write(module, &o->size, NULL);
	vsp_module_free(module);
	return o->bytes;
}

/* ---- the command line ---- */

static bool set_option(command *c, const char *name, const char *value)
{
	if (!strcmp(name, "--from"))
		c->from = strtoull(value, NULL, 0);
	else if (!strcmp(name, "--count"))
		c->count = strtoull(value, NULL, 0);
	else if (!strcmp(name, "--print"))
		c->print = value;
	else
		return false;
	return true;
}

/* Index of the first file; 0: wrong options. */
static int read_options(int argc, char **argv, command *c)
{
	int i = 1;
	while (i < argc && argv[i][0] == '-')
		if (!strcmp(argv[i], "--verbose"))
			c->verbose = ++i;
		else if (i + 1 < argc && set_option(c, argv[i], argv[i + 1]))
			i += 2;
		else
			return 0;
	return i < argc ? i : 0;
}

int main(int argc, char **argv)
{
	command c = {.from = 1, .count = 10};
	tally t = {0};
	int i = read_options(argc, argv, &c);
	if (!i) {
		fputs("usage: mutants [--from SEED] [--count N] [--print SEED] [--verbose] FILE...\n", stderr);
		return 2;
	}
	for (; i < argc; i++) {
		original o;
		if (!read_original(argv[i], &o))
			continue;
		if (c.print)
			return print(&o, strtoull(c.print, NULL, 0));
		check_all(&o, &c, &t);
		vsp_bytes_free(o.bytes);
	}
	printf("%" PRIu64 " mutants: %" PRIu64 " refused, %" PRIu64 " too large, %" PRIu64 " trapped, %" PRIu64
	       " ended, %" PRIu64 " failures\n",
	        t.mutants, t.refused, t.too_large, t.trapped, t.ended, t.failures);
	return t.failures || !t.refused || !t.trapped || !t.ended;
}
