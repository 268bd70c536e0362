/*
 * A host's memory runs out while it has a program compiled ahead of time: the call fails with a
 * reason, and the host lives on. Each try is a process of its own, whose address space may grow by
 * a little more than that of the try before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vsp/vsp.h>

#include "test/support/instances.h"

enum { SUMS = 120, MIB = 1 << 20, FIRST_MIB = 1, STEP_MIB = 5, MOST_MIB = 1200 };
enum { DONE = 0, REFUSED = 7, WRONG = 8 };

/* main calls functions of many sums. */
static vsp_module *large_program(int functions)
{
	size_t size = (size_t)functions * (SUMS * 24 + 120) + 4096, at = 0;
	char *text = malloc(size);
	assert_non_null(text);
	at += (size_t)snprintf(text + at, size - at, ".func main() -> 1\n");
	for (int f = 0; f < functions; f++)
		at += (size_t)snprintf(text + at, size - at, "INVOKE f%d\n", f);
	at += (size_t)snprintf(text + at, size - at, "RET\n.end\n");
	for (int f = 0; f < functions; f++) {
		at += (size_t)snprintf(text + at, size - at, ".func f%d(1) -> 1\n.export f%d\n", f, f);
		for (int i = 0; i < SUMS; i++)
			at += (size_t)snprintf(text + at, size - at,
			        i % 3 ? "MUL R%d, R%d, R0\n" : "ADD R%d, R%d, R0\n", i % 15 + 1, (i + 3) % 15 + 1);
		at += (size_t)snprintf(text + at, size - at, "ADD R0, R0, R5\nRET\n.end\n");
	}
	vsp_module *module = assemble(text);
	free(text);
	return module;
}

/* Address space of this process, in bytes. */
static uint64_t address_space(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (!f || fscanf(f, "%lu", &pages) != 1)
		exit(WRONG);
	fclose(f);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* From here on the process may have so much more. */
static void limit_memory(unsigned mib)
{
	struct rlimit limit = {.rlim_cur = address_space() + (uint64_t)mib * MIB, .rlim_max = RLIM_INFINITY};
	if (setrlimit(RLIMIT_AS, &limit) != 0)
		exit(WRONG);
}

/* What the host goes on to do: run a program in tier 0. */
static bool host_lives(void)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
	setrlimit(RLIMIT_AS, &none);
	static const char source[] = "MOVI R0, 42\nHLT\n";
	vsp_module *module = vsp_assemble(source, strlen(source), NULL, NULL);
	vsp_instance *instance = vsp_instantiate(module, &config, NULL);
	vsp_state_view state = VSP_STATE_INIT;
	bool good = instance && vsp_run(instance, NULL) == VSP_OK && vsp_state(instance, &state) == VSP_OK &&
	            state.r[0] == 42;
	vsp_free(instance);
	vsp_module_free(module);
	return good;
}

static int end(bool done, const vsp_error *error)
{
	if (!host_lives() || (!done && !*error->message))
		return WRONG;
	return done ? DONE : REFUSED;
}

static int compile_ahead(unsigned mib)
{
	static const char *const options[] = {"-O2"};
	vsp_error error = VSP_ERROR_INIT;
	char path[64];
	snprintf(path, sizeof path, "/tmp/vsp-host-memory-%ld.o", (long)getpid());
	vsp_module *module = large_program(60);
	limit_memory(mib);
	bool done = vsp_aot_compile(module, path, options, 1, &error) == VSP_OK;
	bool left = remove(path) == 0;
	return left == done ? end(done, &error) : WRONG;
}

/* Gives more and more memory until it is enough; how often it was not. */
static unsigned try_all(int (*try)(unsigned mib))
{
	unsigned refused = 0;
	for (unsigned mib = FIRST_MIB; mib < MOST_MIB; mib += STEP_MIB + mib / 8) {
		int status;
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			alarm(120);
			_exit(try(mib));
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		if (!WIFEXITED(status))
			fail_msg("with %u MiB the host was ended by signal %d", mib, WTERMSIG(status));
		if (WEXITSTATUS(status) == DONE)
			return refused;
		if (WEXITSTATUS(status) != REFUSED)
			fail_msg("with %u MiB: status %d", mib, WEXITSTATUS(status));
		refused++;
	}
	fail_msg("never enough memory");
	return 0;
}

static void ahead_of_time(void **unused)
{
	(void)unused;
	assert_true(try_all(compile_ahead) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ahead_of_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
