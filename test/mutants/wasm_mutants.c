/*
 * Mutants of WebAssembly modules: bytes of a module are changed, and what the translator still
 * accepts is a program like any other. Its exports are called in tier 0, in baseline code, in
 * compiled code and, for some, ahead of time, under limits; all must end alike.
 *
 *     wasm_mutants [--from SEED] [--count N] [--aot FOLDER] [--verbose] FILE.wasm...
 *
 * --count mutants are tried of each file. --aot compiles every AOT_EACH-th accepted one into FOLDER
 * and removes it again; shared objects stay loaded, so there are AOT_MOST of them.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vsp/vsp.h>

#include "test/support/mutate.h"

enum { FUEL = 20000, MEMORY = 1 << 24, DEPTH = 200, CALLS = 12, HEAD = 8, AOT_EACH = 12, AOT_MOST = 60 };

typedef struct tally {
	uint64_t tried, refused, run, trapped, ahead, failures;
} tally;

typedef struct command {
	uint64_t from, count;
	const char *folder;
	bool verbose;
} command;

/* What one call of an export did. */
typedef struct called {
	vsp_status status;
	vsp_trap trap;
	int64_t results[16];
} called;

typedef struct outcome {
	called calls[CALLS];
	unsigned count; /* up to the first that traps */
	uint64_t memory;
} outcome;

/* ---- mutants ---- */

/* A changed byte is often one of its neighbours or another numeric instruction, which stays
   valid. */
static uint8_t changed(mutate_random *random, uint8_t byte)
{
	switch (mutate_below(random, 5)) {
	case 0: return (uint8_t)mutate_next(random);
	case 1: return (uint8_t)(byte ^ 1u << mutate_below(random, 8));
	case 2: return (uint8_t)(byte + 1);
	case 3: return (uint8_t)(byte - 1);
	default: return byte >= 0x45 && byte <= 0xC4 ? (uint8_t)(0x45 + mutate_below(random, 0x80)) : (byte ^ 0x40);
	}
}

static void mutate(uint8_t *bytes, size_t size, uint64_t seed)
{
	mutate_random random = mutate_seeded(seed);
	for (size_t n = 1 + mutate_below(&random, 3); n && size > HEAD; n--) {
		size_t at = HEAD + mutate_below(&random, size - HEAD);
		bytes[at] = changed(&random, bytes[at]);
	}
}

/* ---- the calls ---- */

/* The argument k of call number n: small, so that loops end, or at an edge. */
static int64_t argument(unsigned n, unsigned k)
{
	static const int64_t values[] = {0, 1, 2, 7, 100, -1, INT32_MAX, 0x10000, INT64_MIN, 3};
	return values[(3 * n + k) % (sizeof values / sizeof *values)];
}

/* Calls the exports in order, each with some arguments, up to the first trap. */
typedef void (*call_fn)(void *instance, const char *name, const int64_t *args, called *c);

static void call_all(const vsp_module *module, void *instance, call_fn call, outcome *o)
{
	vsp_function_info info = {.size = sizeof info};
	*o = (outcome){.count = 0};
	for (uint32_t f = 0; vsp_module_function(module, f, &info) == VSP_OK && o->count < CALLS; f++) {
		if (!info.exported || !*info.name)
			continue;
		int64_t args[16];
		called *c = &o->calls[o->count];
		for (unsigned k = 0; k < 16; k++)
			args[k] = argument(o->count, k);
		call(instance, info.name, args, c);
		for (uint32_t k = info.results; k < 16; k++)
			c->results[k] = 0; /* what is beyond them has no meaning */
		o->count++;
		if (c->status != VSP_OK)
			break;
	}
}

/* Where limits end a run, and in tiers that count by blocks, only that it has ended is the same. */
static bool is_limit(vsp_trap trap) { return trap == VSP_TRAP_FUEL || trap == VSP_TRAP_CALL_DEPTH; }

static const char *difference(const outcome *a, const outcome *b)
{
	if (a->count != b->count)
		return "another number of calls";
	for (unsigned i = 0; i < a->count; i++) {
		const called *x = &a->calls[i], *y = &b->calls[i];
		if (x->status != y->status)
			return "another status";
		if (x->status == VSP_TRAPPED && (is_limit(x->trap) || is_limit(y->trap)))
			return NULL;
		if (x->trap != y->trap)
			return "another trap";
		if (x->status == VSP_OK && memcmp(x->results, y->results, sizeof x->results) != 0)
			return "other results";
	}
	return a->memory == b->memory ? NULL : "other memory";
}

/* ---- libvsp ---- */

static void call_library(void *instance, const char *name, const int64_t *args, called *c)
{
	vsp_error error = VSP_ERROR_INIT;
	c->status = vsp_call(instance, name, args, c->results, &error);
	c->trap = error.trap;
}

static bool run_library(vsp_module *module, int tier, uint64_t seed, outcome *o)
{
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	config.tier = tier;
	config.bounds = seed % 2 ? VSP_CONFIG_BOUNDS_EXPLICIT : VSP_CONFIG_BOUNDS_AUTO;
	config.no_signals = seed % 4 == 1;
	config.precise_traps = config.deterministic = 1;
	config.max_memory = MEMORY;
	config.max_depth = DEPTH;
	config.limit_fuel = 1;
	config.fuel = FUEL;
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	if (!instance)
		return false;
	call_all(module, instance, call_library, o);
	o->memory = vsp_memory_fnv1a(instance);
	vsp_free(instance);
	return true;
}

/* ---- ahead of time ---- */

typedef struct program {
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *);
	vsp_status (*call)(vsp_aot_instance *, const char *, const int64_t *, int64_t *);
	uint8_t *(*memory)(vsp_aot_instance *, uint64_t *);
	const vsp_error *(*last_error)(vsp_aot_instance *);
	void (*release)(vsp_aot_instance *);
} program;
static program compiled; /* the one that runs */

/* A pointer to a function from dlsym goes through memory: ISO C has no conversion. */
static bool find(void *library, const char *name, void *to)
{
	void *symbol = dlsym(library, name);
	memcpy(to, &symbol, sizeof symbol);
	return symbol != NULL;
}

static void call_compiled(void *instance, const char *name, const int64_t *args, called *c)
{
	c->status = compiled.call(instance, name, args, c->results);
	c->trap = c->status == VSP_TRAPPED ? compiled.last_error(instance)->trap : VSP_TRAP_NONE;
}

/* As vsp_memory_fnv1a: the first 64 KiB count as zeros. */
static uint64_t hash_memory(vsp_aot_instance *instance)
{
	uint64_t size, h = 0xCBF29CE484222325u;
	const uint8_t *base = compiled.memory(instance, &size);
	for (uint64_t i = 0; i < size; i++)
		h = (h ^ (i < 0x10000 ? 0 : base[i])) * 0x100000001B3u;
	return h;
}

static bool open_compiled(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	remove(path);
	if (!library)
		fprintf(stderr, "%s\n", dlerror());
	return library && find(library, "vsp_aot_instantiate", &compiled.instantiate) &&
	       find(library, "vsp_aot_call", &compiled.call) && find(library, "vsp_aot_memory", &compiled.memory) &&
	       find(library, "vsp_aot_last_error", &compiled.last_error) &&
	       find(library, "vsp_aot_free", &compiled.release);
}

static bool run_ahead(const vsp_module *module, const char *folder, uint64_t seed, uint64_t serial, outcome *o)
{
	static const char *const levels[] = {"-O0", "-O1", "-O2", "-O3"};
	const char *options[] = {levels[seed % 4], "--precise-traps", "--deterministic", "--fuel=20000",
	        "--max-depth=200", "--max-memory=16777216", seed % 3 ? "--bounds=guard" : "--bounds=explicit"};
	char path[4096];
	vsp_error error = VSP_ERROR_INIT;
	snprintf(path, sizeof path, "%s/mutant%" PRIu64 ".so", folder, serial);
	if (vsp_aot_compile(module, path, options, sizeof options / sizeof *options, &error) != VSP_OK) {
		fprintf(stderr, "cannot compile: %s\n", error.message);
		return false;
	}
	vsp_aot_instance *instance = open_compiled(path) ? compiled.instantiate(NULL, &error) : NULL;
	if (!instance) {
		fprintf(stderr, "cannot instantiate: %s\n", error.message);
		return false;
	}
	call_all(module, instance, call_compiled, o);
	o->memory = hash_memory(instance);
	compiled.release(instance);
	return true;
}

/* ---- checks ---- */

static bool fail(const char *name, uint64_t seed, const char *way, const char *what)
{
	fprintf(stderr, "%s, mutant %" PRIu64 ", %s: %s\n", name, seed, way, what);
	return false;
}

static bool check_way(
        const char *name, uint64_t seed, const char *way, bool ran, const outcome *wanted, const outcome *o)
{
	const char *what = ran ? difference(wanted, o) : "cannot be run";
	return what ? fail(name, seed, way, what) : true;
}

static bool check_module(const char *name, uint64_t seed, vsp_module *module, const command *c, tally *t)
{
	outcome wanted, o;
	if (!run_library(module, VSP_TIER_INTERP, 1, &wanted))
		return true; /* it needs more than the limits allow */
	t->run++;
	t->trapped += wanted.count && wanted.calls[wanted.count - 1].status == VSP_TRAPPED;
	bool ran = run_library(module, VSP_TIER_BASELINE, seed, &o);
	if (!check_way(name, seed, "baseline", ran, &wanted, &o))
		return false;
	if (vsp_compiler_check(NULL) == VSP_OK) {
		ran = run_library(module, seed % 3 ? VSP_TIER_1 : VSP_TIER_2, seed, &o);
		if (!check_way(name, seed, seed % 3 ? "tier 1" : "tier 2", ran, &wanted, &o))
			return false;
	}
	if (!c->folder || t->run % AOT_EACH || t->ahead == AOT_MOST)
		return true;
	ran = run_ahead(module, c->folder, seed, t->ahead++, &o);
	return check_way(name, seed, "ahead of time", ran, &wanted, &o);
}

static bool check(const char *name, const uint8_t *original, size_t size, uint64_t seed, const command *c, tally *t)
{
	vsp_error error = VSP_ERROR_INIT;
	uint8_t *bytes = malloc(size);
	if (!bytes)
		exit(2);
	memcpy(bytes, original, size);
	mutate(bytes, size, seed);
	vsp_module *module = vsp_module_load(bytes, size, &error);
	bool good = true;
	t->tried++;
	t->refused += !module;
	if (module)
		good = vsp_module_import_count(module) || check_module(name, seed, module, c, t);
	else if (error.code != VSP_E_FORMAT || !error.message[0] || error.offset > size)
		good = fail(name, seed, "translating", "is refused without a reason or a place");
	vsp_module_free(module);
	free(bytes);
	return good;
}

static bool check_file(const char *path, const command *c, tally *t)
{
	static uint8_t bytes[1 << 16];
	FILE *file = fopen(path, "rb");
	size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
	if (file)
		fclose(file);
	if (!size)
		return fail(path, 0, "reading", "there is nothing");
	for (uint64_t seed = c->from; seed < c->from + c->count && t->failures < 10; seed++) {
		if (c->verbose)
			fprintf(stderr, "%s %" PRIu64 "\n", path, seed);
		t->failures += !check(path, bytes, size, seed, c, t);
	}
	return true;
}

/* Index of the first file; 0: wrong options. */
static int read_options(int argc, char **argv, command *c)
{
	int i = 1;
	for (; i < argc && argv[i][0] == '-'; i++)
		if (!strcmp(argv[i], "--verbose"))
			c->verbose = true;
		else if (i + 1 < argc && !strcmp(argv[i], "--from"))
			c->from = strtoull(argv[++i], NULL, 0);
		else if (i + 1 < argc && !strcmp(argv[i], "--count"))
			c->count = strtoull(argv[++i], NULL, 0);
		else if (i + 1 < argc && !strcmp(argv[i], "--aot"))
			c->folder = argv[++i];
		else
			return 0;
	return i < argc ? i : 0;
}

int main(int argc, char **argv)
{
	command c = {.from = 1, .count = 100};
	tally t = {0};
	int i = read_options(argc, argv, &c);
	if (!i) {
		fputs("usage: wasm_mutants [--from SEED] [--count N] [--aot FOLDER] [--verbose] FILE.wasm...\n",
		        stderr);
		return 2;
	}
	for (; i < argc; i++)
		t.failures += !check_file(argv[i], &c, &t);
	printf("%" PRIu64 " mutants: %" PRIu64 " refused, %" PRIu64 " run, %" PRIu64 " trapped, %" PRIu64
	       " ahead of time, %" PRIu64 " failures\n",
	        t.tried, t.refused, t.run, t.trapped, t.ahead, t.failures);
	return t.failures || !t.run || (c.folder && !t.ahead);
}
