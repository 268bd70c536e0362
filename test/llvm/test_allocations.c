/*
 * Memory runs out while programs are compiled, at every request in turn: LLVM's own, those of the
 * compiler's shared object, and the library's, from source text to a stored code image. The program
 * ends with the right result, the reason is reported, and another instance is compiled afterwards.
 * Only hostile builds can make requests fail.
 *
 * Of LLVM's thousands of requests a few dozen fail, in processes of their own, since the first
 * compilation in a process makes data that all later ones share. VSP_ALLOCATION_STEP=1 takes them
 * all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include <vsp/vsp.h>

#include "runtime/base/alloc.h"
#include "test/support/failing_requests.h"
#include "test/support/instances.h"
#include "tiers/jit.h"

enum { TURNS = 3000, STEP = 7, RESULT = TURNS * STEP, CLOSER = 13, HANG_S = 20, EXIT_SUCCEEDED = 9, EXIT_WRONG = 10 };

static fail_at_fn *heap_at, *compiler_at; /* of the compiler's shared object; null where there is none that can fail */

/* ---- LLVM's ---- */

/* Does the loop give the right result, and is it compiled or the reason reported? Returns whether
   it is compiled. */
static bool runs_compiled(int tier)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = tier;
	config.sync_compile = 1;
	config.profile = VSP_PROFILE_CALLS;
	config.tier1_threshold = config.tier2_threshold = 1;
	vsp_module *module = vsp_assemble(failing_source, strlen(failing_source), NULL, NULL);
	vsp_instance *instance = vsp_instantiate(module, &config, NULL);
	vsp_state_view state = VSP_STATE_INIT;
	vsp_function_stats stats = VSP_FUNCTION_STATS_INIT;
	if (vsp_run(instance, &error) != VSP_OK || vsp_state(instance, &state) != VSP_OK || state.r[0] != RESULT)
		_exit(EXIT_WRONG);
	bool compiled = state.tier == (uint32_t)tier;
	if (vsp_stats_function(instance, 0, &stats) != VSP_OK || (!compiled && !strstr(stats.reason, "out of memory")))
		_exit(EXIT_WRONG);
	vsp_free(instance);
	vsp_module_free(module);
	return compiled;
}

/* LLVM's n-th request fails while it prints what it has compiled; are there so many? */
static bool prints(int tier, uint64_t n)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = tier;
	config.sync_compile = 1;
	vsp_module *module = vsp_assemble(failing_source, strlen(failing_source), NULL, NULL);
	vsp_instance *instance = vsp_instantiate(module, &config, NULL);
	if (vsp_run(instance, &error) != VSP_OK)
		_exit(EXIT_WRONG);
	heap_at(n);
	char *text = vsp_llvm_text(instance, NULL, &error);
	bool reached = heap_at(0) >= n;
	if (!text != (error.code != VSP_OK) || (!text && !strstr(error.message, "out of memory")))
		_exit(EXIT_WRONG);
	vsp_bytes_free(text);
	vsp_free(instance);
	vsp_module_free(module);
	return reached;
}

static bool compiles(int tier, uint64_t n)
{
	heap_at(n);
	runs_compiled(tier);
	return heap_at(0) >= n;
}

/* What LLVM does while a request fails. */
typedef bool work_fn(int tier, uint64_t n);

/* A child process; exits with EXIT_SUCCEEDED where there is no n-th request. */
static void fail_request(work_fn *work, int tier, uint64_t n)
{
	alarm(HANG_S);
	bool reached = work(tier, n);
	if (!runs_compiled(tier))
		_exit(EXIT_WRONG);
	_exit(reached ? 0 : EXIT_SUCCEEDED);
}

/* False: there is no n-th request. */
static bool survives(work_fn *work, int tier, uint64_t n)
{
	int status = 0;
	pid_t child = fork();
	assert_true(child >= 0);
	if (!child)
		fail_request(work, tier, n);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFEXITED(status) || (WEXITSTATUS(status) && WEXITSTATUS(status) != EXIT_SUCCEEDED))
		fail_msg("tier %d, request %llu: status %x", tier, (unsigned long long)n, (unsigned)status);
	return !WEXITSTATUS(status);
}

static void fail_requests(work_fn *work, int tier, uint64_t step)
{
	uint64_t n = 1;
	step = failing_step(step);
	while (survives(work, tier, n))
		n += step;
	assert_true(n > step);                                /* the first one is there */
	for (n -= step; survives(work, tier, n); n += CLOSER) /* after the code: what is freed, and by whom */
		continue;
}

static void llvm_gets_no_memory(void **unused)
{
	(void)unused;
	if (!heap_at)
		skip();
	fail_requests(compiles, VSP_TIER_1, 311);
	fail_requests(compiles, VSP_TIER_2, 293);
	fail_requests(prints, VSP_TIER_2, 97);
}

/* ---- the library's and the shared object's ---- */

static char folder[] = "/tmp/vsp-allocations-XXXXXX";

/* Null, or the error in the life of a program: from text to bytes and back, compiled, stored and
   shown. */
static const char *live(vsp_error *error)
{
	static unsigned lives;
	char cache[sizeof folder + 16];
	snprintf(cache, sizeof cache, "%s/%u", folder, lives++); /* one in which nothing is found */
	vsp_config config = VSP_CONFIG_INIT;
	config.sync_compile = 1;
	config.profile = VSP_PROFILE_CALLS;
	config.observe = VSP_OBSERVE_TRACE;
	config.tier1_threshold = config.tier2_threshold = 1;
	config.cache = cache;
	size_t size;
	vsp_module *assembled = vsp_assemble(failing_source, strlen(failing_source), NULL, error);
	uint8_t *bytes = assembled ? vsp_module_write(assembled, &size, error) : NULL;
	vsp_module *module = bytes ? vsp_module_load(bytes, size, error) : NULL;
	vsp_instance *instance = module ? vsp_instantiate(module, &config, error) : NULL;
	const char *wrong = instance ? NULL : "an instance";
	if (!wrong && vsp_run(instance, error) != VSP_OK)
		wrong = "the run";
	if (!wrong)
		assert_int_equal(state_of(instance).r[0], RESULT);
	char *trace = wrong ? NULL : vsp_trace_text(instance, NULL, error);
	char *text = wrong ? NULL : vsp_module_disassemble(module, NULL, error);
	if (!wrong && (!trace || !text))
		wrong = "a text";
	vsp_bytes_free(trace);
	vsp_bytes_free(text);
	vsp_free(instance);
	vsp_module_free(module);
	vsp_bytes_free(bytes);
	vsp_module_free(assembled);
	return wrong;
}

/* Every request from the n-th on fails; until none is left. */
static void fail_all(fail_at_fn *fail_at)
{
	vsp_error error = VSP_ERROR_INIT;
	uint64_t n = 0, seen;
	assert_null(live(&error));
	do {
		error = (vsp_error)VSP_ERROR_INIT;
		fail_at(++n);
		const char *wrong = live(&error);
		seen = fail_at(0);
		if (wrong && !strstr(error.message, "out of memory"))
			fail_msg("request %llu, %s: %s", (unsigned long long)n, wrong, error.message);
	} while (seen >= n);
	assert_true(n > 10);
	assert_null(live(&error));
}

static void the_library_gets_no_memory(void **unused)
{
	(void)unused;
	vsp_alloc_fail_at(0);
	vsp_free_memory(vsp_alloc(1, 1));
	if (!vsp_alloc_fail_at(0))
		skip();
	fail_all(vsp_alloc_fail_at);
}

static void the_compiler_gets_no_memory(void **unused)
{
	(void)unused;
	if (!compiler_at)
		skip();
	fail_all(compiler_at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(llvm_gets_no_memory),
	        cmocka_unit_test(the_compiler_gets_no_memory),
	        cmocka_unit_test(the_library_gets_no_memory),
	};
	heap_at = find_fail_at(VSP_JIT_LIBRARY, "vsp_breakage_heap_at");
	compiler_at = find_fail_at(VSP_JIT_LIBRARY, "vsp_breakage_alloc_at");
	if (!mkdtemp(folder))
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	char command[sizeof folder + 16];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command) || failed;
}
