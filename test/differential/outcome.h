/*
 * The result of one run of a program, and its host, which is the same for every way to run: its
 * answers depend only on the program's earlier calls.
 */
#ifndef VSP_TEST_OUTCOME_H
#define VSP_TEST_OUTCOME_H

#include <stdbool.h>

#include <vsp/vsp.h>

enum { LEAF_CALLS = 3 };

typedef struct outcome {
	vsp_status status;
	vsp_state_view state;
	uint64_t memory, output; /* hashes */
	bool starved;            /* fuel ran out, in a callback's call too */
	bool no_flags;           /* flags, SP, mode and gradient are not to be had */
	struct {
		vsp_status status;
		vsp_trap trap;
		int64_t result;
	} leaf[LEAF_CALLS]; /* calls of the exported function after the run, up to the first that traps */
	char message[600];
} outcome;

/* How the import test.back calls the program's leaf. */
typedef struct test_host test_host;
typedef vsp_status (*call_leaf_fn)(test_host *host, void *instance, const int64_t *args, int64_t *results);

struct test_host {
	vsp_host callbacks;
	call_leaf_fn call_leaf;
	uint64_t heard; /* hash of all host calls */
	uint64_t asked; /* number of host calls */
	uint8_t channel[16];
	bool full;
	bool starved; /* a call from test.back ran out of fuel, which the run around may not show */
};

void test_host_init(test_host *host, call_leaf_fn call_leaf);
/* The imports test.mix(2) -> 1, which changes memory, and test.back(2) -> 1, which calls leaf.
   user is the test_host. */
int test_host_mix(void *user, vsp_caller *caller, const int64_t *args, int64_t *results);
int test_host_back(void *user, vsp_caller *caller, const int64_t *args, int64_t *results);
/* Any import that has a result: a number that follows from the number of calls. */
int test_host_answer(void *user, vsp_caller *caller, const int64_t *args, int64_t *results);
/* Any that has none. */
int test_host_listen(void *user, vsp_caller *caller, const int64_t *args, int64_t *results);

/* Arguments of leaf call number n. */
void leaf_arguments(unsigned n, int64_t args[2]);
enum { HOST_CAPABILITIES = VSP_CAP_STDIO | VSP_CAP_ARGS, HOST_FUEL = 2000000 };

/* ---- run_library.c ---- */

/*
 * An instance with the host attached, and all imports of the module; completes config, fuel too
 * unless it is set. Null with a message on stderr.
 */
vsp_instance *instantiate_for_test(vsp_module *module, vsp_config *config, test_host *host);
/* Runs a module with config, which is completed by the settings of every run, and LAUNCHes on so
   many threads (0: on one). False with a message on stderr. */
bool run_in_library(vsp_module *module, vsp_config config, uint32_t threads, outcome *out);

/* ---- compare.c ---- */

/*
 * Null when two outcomes agree, else the name of the difference: a is tier 0's. After a trap the
 * others must have trapped too, with the same host calls; kind, place and memory may differ unless
 * they are precise.
 */
const char *outcome_difference(const outcome *a, const outcome *b, bool precise);
/* Prints an outcome to stderr. */
void outcome_show(const char *name, const outcome *o);

/* ---- coverage.c ---- */

/* Runs a module step by step and notes which instruction forms it executes. */
void cover_module(vsp_module *module);
/* Prints the forms that none of those modules executed; true when there are none. */
bool report_coverage(void);

/* ---- run_aot.c ---- */

/* Compiles a module into a shared object in folder and runs that; options as of vsp_aot_compile.
   False with a message on stderr: it cannot be done. */
bool run_ahead_of_time(
        const vsp_module *module, const char *folder, const char *const *options, size_t count, outcome *out);

#endif
