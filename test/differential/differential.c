/*
 * Differential test: runs random programs (generate.h) under many configurations of libvsp and compares everything a program can
 * show - end, trap kind, registers, flags, SP, mode, gradient, memory hash, output.
 *
 *     differential [--from SEED] [--count N] [--size N] [--wild N] [--print SEED] [--quiet]
 *
 * The reference is tier 0 with explicit bounds and fuel, which also weeds out the rare endless program. After a trap the precise
 * configurations must agree with it fully; others on the kind alone when only one trap is possible.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vsp/vsp.h>

#include "generate.h"
#include "tiers/api.h"

/* A way to run; the first one is the reference. */
typedef struct setting {
	const char *name;
	int tier, bounds;
	bool precise, sync, fuel;
	uint32_t threshold; /* of tier 1 and tier 2; 0: the default */
	bool status;        /* compiled code ends runs through its returns */
} setting;

static const setting settings[] = {
        {"interp, explicit bounds, fuel", VSP_TIER_INTERP, VSP_CONFIG_BOUNDS_EXPLICIT, true, false, true, 0, false},
        {"interp, explicit bounds", VSP_TIER_INTERP, VSP_CONFIG_BOUNDS_EXPLICIT, true, false, false, 0, false},
        {"interp, guard pages", VSP_TIER_INTERP, VSP_CONFIG_BOUNDS_AUTO, true, false, false, 0, false},
        {"tier 1, guard pages", VSP_TIER_1, VSP_CONFIG_BOUNDS_AUTO, true, true, false, 0, false},
        {"tier 1, explicit bounds, fuel", VSP_TIER_1, VSP_CONFIG_BOUNDS_EXPLICIT, true, true, true, 0, false},
        {"tier 2, guard pages", VSP_TIER_2, VSP_CONFIG_BOUNDS_AUTO, false, true, false, 0, false},
        {"tier 2, guard pages, precise", VSP_TIER_2, VSP_CONFIG_BOUNDS_AUTO, true, true, false, 0, false},
        {"tier 2, explicit bounds", VSP_TIER_2, VSP_CONFIG_BOUNDS_EXPLICIT, false, true, false, 0, false},
        {"auto, thresholds 3", VSP_TIER_AUTO, VSP_CONFIG_BOUNDS_AUTO, false, true, false, 3, false},
        {"auto, thresholds 2, asynchronous", VSP_TIER_AUTO, VSP_CONFIG_BOUNDS_AUTO, false, false, false, 2, false},
        {"tier 1, explicit bounds, status returns", VSP_TIER_1, VSP_CONFIG_BOUNDS_EXPLICIT, true, true, false, 0, true},
        {"tier 2, explicit bounds, precise, status returns", VSP_TIER_2, VSP_CONFIG_BOUNDS_EXPLICIT, true, true, true,
                0, true},
        {"auto, thresholds 3, status returns", VSP_TIER_AUTO, VSP_CONFIG_BOUNDS_EXPLICIT, false, true, false, 3, true},
};
enum { SETTINGS = sizeof settings / sizeof settings[0], INTERPRETED = 3, FUEL = 2000000 };

/* What one run showed. */
typedef struct outcome {
	vsp_status status;
	vsp_state_view state;
	uint64_t memory, output;
	char message[600];
} outcome;

static int mix(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user;
	uint64_t x = (uint64_t)args[0] * 0x9E3779B97F4A7C15u ^ (uint64_t)args[1];
	uint8_t *p = caller->memory + 0x20000 + x % 0x7000;
	*p = (uint8_t)(*p + 1); /* so that code must not keep memory in registers across the call */
	results[0] = (int64_t)(x ^ x >> 29);
	return VSP_OK;
}

static uint64_t fnv1a(const char *text, size_t n)
{
	uint64_t h = 0xCBF29CE484222325u;
	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)text[i]) * 0x100000001B3u;
	return h;
}

static bool run(vsp_module *module, const setting *s, outcome *out)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = s->tier;
	config.bounds = s->bounds;
	config.deterministic = 1;
	config.precise_traps = s->precise;
	config.sync_compile = s->sync;
	config.tier1_threshold = config.tier2_threshold = s->threshold;
	config.fuel = FUEL;
	config.limit_fuel = s->fuel;
	config.capabilities = VSP_CAP_STDIO;
	memset(out, 0, sizeof *out);
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	if (!instance || vsp_define_import(instance, "test.mix", 2, 1, mix, NULL, NULL) > VSP_E_UNSUPPORTED) {
		fprintf(stderr, "cannot instantiate: %s\n", error.message);
		return false;
	}
	if (s->status && instance->manager)
		vsp_manager_return_status(instance->manager);
	out->status = vsp_run(instance, &error);
	out->state.size = sizeof out->state;
	vsp_state(instance, &out->state);
	out->memory = vsp_memory_fnv1a(instance);
	size_t n;
	const char *text = vsp_output(instance, &n);
	out->output = fnv1a(text, n);
	snprintf(out->message, sizeof out->message, "%s %s", vsp_trap_name(out->state.trap), error.message);
	vsp_free(instance);
	return true;
}

/* Null when the outcomes agree, else what differs. */
static const char *difference(const outcome *a, const outcome *b)
{
	bool trapped = a->status == VSP_TRAPPED;
	if (a->status != b->status || a->state.end != b->state.end)
		return "end";
	if (a->state.trap != b->state.trap || a->state.trap_code != b->state.trap_code)
		return "trap";
	if (a->output != b->output)
		return "output";
	if (a->memory != b->memory)
		return "memory";
	if (a->state.mode != b->state.mode || memcmp(a->state.g, b->state.g, sizeof a->state.g))
		return "mode or gradient";
	if (a->state.pc != b->state.pc && b->state.pc != VSP_NO_PC)
		return "pc";
	if (trapped && !b->state.known)
		return NULL;
	if (memcmp(a->state.r, b->state.r, sizeof a->state.r))
		return "registers";
	return a->state.sr != b->state.sr ? "flags" : a->state.sp != b->state.sp ? "SP" : NULL;
}

static void show(const char *name, const outcome *o)
{
	fprintf(stderr, "  %s: status %d, %s, pc %" PRIx32 ", sp %" PRIx32 ", sr %02x, memory %016" PRIx64 "\n   ",
	        name, o->status, o->message, o->state.pc, o->state.sp, o->state.sr, o->memory);
	for (int i = 0; i < 16; i++)
		fprintf(stderr, " %" PRIx64, (uint64_t)o->state.r[i]);
	fputc('\n', stderr);
}

static void report(void *user, int severity, const char *text)
{
	(void)user;
	(void)severity;
	fputs(text, stderr);
}

typedef struct tally {
	uint64_t programs, traps, endless, failures;
} tally;

static void check(uint64_t seed, const generate_options *options, tally *t)
{
	size_t length;
	vsp_error error = VSP_ERROR_INIT;
	char *text = generate_program(seed, options, &length);
	vsp_source_options source = VSP_SOURCE_INIT;
	source.name = "random.sil";
	source.report = report;
	vsp_module *module = text ? vsp_assemble(text, length, &source, &error) : NULL;
	free(text);
	t->programs++;
	if (!module) {
		fprintf(stderr, "seed %" PRIu64 ": does not assemble\n", seed);
		t->failures++;
		return;
	}
	outcome reference, other;
	bool ok = run(module, &settings[0], &reference);
	if (ok && reference.state.trap == VSP_TRAP_FUEL) {
		t->endless++;
		vsp_module_free(module);
		return;
	}
	t->traps += ok && reference.status == VSP_TRAPPED;
	unsigned count = vsp_compiler_check(NULL) == VSP_OK ? SETTINGS : INTERPRETED;
	for (unsigned i = 1; ok && i < count; i++) {
		/* Optimised code may drop a load that nobody uses with its trap, and may then never end. */
		if (reference.status == VSP_TRAPPED && !settings[i].precise)
			continue;
		const char *what = run(module, &settings[i], &other) ? difference(&reference, &other) : "instance";
		if (what) {
			fprintf(stderr, "seed %" PRIu64 ": %s differs\n", seed, what);
			show(settings[0].name, &reference);
			show(settings[i].name, &other);
			ok = false;
		}
	}
	t->failures += !ok;
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

int main(int argc, char **argv)
{
	generate_options options = {.size = 120, .wild_in = 400, .imports = 1};
	uint64_t from = 1, count = 2000;
	bool quiet = false;
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "0";
		if (!strcmp(argv[i], "--quiet")) {
			quiet = true;
			continue;
		}
		uint64_t n = strtoull(value, NULL, 0);
		i++;
		if (!strcmp(argv[i - 1], "--from"))
			from = n;
		else if (!strcmp(argv[i - 1], "--count"))
			count = n;
		else if (!strcmp(argv[i - 1], "--size"))
			options.size = (uint32_t)n;
		else if (!strcmp(argv[i - 1], "--wild"))
			options.wild_in = (uint32_t)n;
		else if (!strcmp(argv[i - 1], "--print"))
			return print_program(n, &options);
		else {
			fprintf(stderr, "differential: unknown option %s\n", argv[i - 1]);
			return 2;
		}
	}
	tally t = {0};
	for (uint64_t seed = from; seed < from + count && t.failures < 10; seed++)
		check(seed, &options, &t);
	if (!quiet)
		printf("%" PRIu64 " programs, %" PRIu64 " trapped, %" PRIu64 " endless, %" PRIu64 " failures\n",
		        t.programs, t.traps, t.endless, t.failures);
	/* A generator that mostly makes programs that trap or never end tests little. */
	if (t.programs >= 100 && (t.endless > t.programs / 10 || t.traps > t.programs * 3 / 4))
		t.failures++;
	return t.failures != 0;
}
