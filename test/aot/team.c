/*
 * Tests LAUNCH on several threads in a compiled program: team PROGRAM.so FLAGS, where FLAGS has an
 * s if the program always has one thread alone. Results and traps do not depend on the number of
 * threads, which the host chooses; an interrupt ends all of them.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "team_system.h"

#define VSP_AOT_NO_PROTOTYPES
#include <vsp/vsp_aot.h>

enum { ITERATIONS = 500000 };

static struct {
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *);
	vsp_status (*call)(vsp_aot_instance *, const char *, const int64_t *, int64_t *);
	const vsp_error *(*last_error)(vsp_aot_instance *);
	vsp_status (*reset)(vsp_aot_instance *);
	void (*interrupt)(vsp_aot_instance *);
	void (*release)(vsp_aot_instance *);
} program;

static int failures;

static void check(bool good, const char *what)
{
	if (!good)
		printf("FAIL: %s\n", what);
	failures += !good;
}

static void find(const char *library, void *fn, const char *name)
{
	void *symbol = library ? team_symbol(library, name) : NULL;
	check(symbol, name);
	memcpy(fn, &symbol, sizeof symbol);
}

static vsp_aot_instance *make(uint32_t threads)
{
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	config.threads = threads;
	return program.instantiate(&config, NULL);
}

/* The result of all iterations, with the number of threads that the instance then has. */
static int64_t fill(uint32_t threads, unsigned *found)
{
	const int64_t args[] = {ITERATIONS, 0x7FFFFFF};
	int64_t result = -1;
	unsigned before = team_threads();
	vsp_aot_instance *instance = make(threads);
	check(instance && program.call(instance, "fill", args, &result) == VSP_OK, "a call");
	*found = team_threads() - before;
	program.release(instance);
	for (int i = 0; i < 1000 && team_threads() != before; i++) /* the system counts a thread a little longer */
		team_sleep_ms(1);
	check(team_threads() == before, "threads end with the instance");
	return result;
}

static void results_are_the_same(bool single)
{
	unsigned found;
	int64_t alone = fill(1, &found);
	check(found == 0, "one thread is the caller's");
	for (uint32_t threads = 2; threads <= 5; threads++) {
		check(fill(threads, &found) == alone, "a result");
		check(found == (single ? 0 : threads), "as many threads as the host says");
	}
	team_environment("VSP_THREADS", "3");
	check(fill(0, &found) == alone && found == (single ? 0 : 3), "as many threads as the environment says");
	team_environment("VSP_THREADS", "");
}

/* Iterations trap from a third on, differently from two thirds on; the first kind is reported. */
static void the_first_trap_is_reported(void)
{
	const int64_t args[] = {ITERATIONS, ITERATIONS / 3};
	for (int i = 0; i < 5; i++) {
		int64_t result;
		vsp_aot_instance *instance = make(4);
		check(program.call(instance, "fill", args, &result) == VSP_TRAPPED, "a trap");
		const vsp_error *error = program.last_error(instance);
		check(error->trap == VSP_TRAP_EXPLICIT && error->trap_code == 1, "the first trap");
		check(strcmp(error->function, "steps") == 0 && error->line, "its place");
		check(error->frames == 2 && strcmp(error->trace[1].function, "fill") == 0, "its caller");
		program.release(instance);
	}
}

static void interrupt(void *instance)
{
	team_sleep_ms(100);
	program.interrupt(instance);
}

static void an_interrupt_ends_all(uint32_t threads)
{
	vsp_aot_instance *instance = make(threads);
	void *other = team_thread(interrupt, instance);
	check(other, "a thread");
	check(program.call(instance, "spin", NULL, NULL) == VSP_TRAPPED, "an interrupted call");
	check(program.last_error(instance)->trap == VSP_TRAP_INTERRUPTED, "the interrupt");
	team_join(other);
	const int64_t args[] = {1000, 0x7FFFFFF};
	int64_t result;
	check(program.reset(instance) == VSP_OK && program.call(instance, "fill", args, &result) == VSP_OK,
	        "a call after the interrupt");
	program.release(instance);
}

int main(int argc, char **argv)
{
	const char *library = argc == 3 ? argv[1] : NULL;
	find(library, &program.instantiate, "vsp_aot_instantiate");
	find(library, &program.call, "vsp_aot_call");
	find(library, &program.last_error, "vsp_aot_last_error");
	find(library, &program.reset, "vsp_aot_reset");
	find(library, &program.interrupt, "vsp_aot_interrupt");
	find(library, &program.release, "vsp_aot_free");
	if (failures)
		return 1;
	results_are_the_same(strchr(argv[2], 's') != NULL);
	the_first_trap_is_reported();
	for (uint32_t threads = 1; threads <= 3; threads += 2)
		an_interrupt_ends_all(threads);
	return failures != 0;
}
