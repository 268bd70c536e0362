/*
 * The system's view of code memory: however many functions are compiled, or come from the cache, it
 * has a handful of mappings, and only those of code are executable. Where the system lets nothing
 * become executable, nothing is left registered of what was linked in vain.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "test/support/instances.h"
#include "test/support/many_functions.h"
#include "tiers/api/api.h"
#include "tiers/manager/parts.h"

enum { FUNCS = 80 };

/* ---- mappings ---- */

/* What the system has mapped between two addresses, in all and in which code may run; 0: it does
   not tell. */
typedef struct mappings {
	unsigned all, executable;
} mappings;

static mappings count_mappings(uintptr_t from, uintptr_t to)
{
	char line[512];
	mappings found = {0, 0};
	FILE *maps = fopen("/proc/self/maps", "r");
	while (maps && fgets(line, sizeof line, maps)) {
		unsigned long low, high;
		char may[5];
		if (sscanf(line, "%lx-%lx %4s", &low, &high, may) != 3 || high <= from || low >= to)
			continue;
		found.all++;
		found.executable += may[2] == 'x';
	}
	if (maps)
		fclose(maps);
	return found;
}

static void check_mappings(const vsp_slab *slab)
{
	uintptr_t code = (uintptr_t)slab->base, data = code + VSP_SLAB_APART,
	          bytes = (uintptr_t)slab->pages * slab->page_size;
	mappings ofcode = count_mappings(code, code + bytes), ofdata = count_mappings(data, data + bytes);
	if (!ofcode.all)
		skip();
	assert_in_range(ofcode.all, 1, 4); /* the first page, code, a hole that a larger unit has left, and the rest */
	assert_in_range(ofdata.all, 1, 4);
	assert_in_range(ofcode.executable, 1, 2);
	assert_int_equal(ofdata.executable, 0);
}

static uint32_t compiled_functions(const vsp_instance *instance)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < instance->manager->module->func_count; i++)
		count += instance->manager->funcs[i].tier > 0;
	return count;
}

/* In tier 1, where compiling is waited for. */
static vsp_instance *tier_1_instance(vsp_module *module, const char *cache)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.sync_compile = 1;
	config.tier = VSP_TIER_1;
	config.cache = cache;
	return instantiate_with(module, &config);
}

static void run_and_count(vsp_module *module, const char *cache, bool filled)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_stats_view stats = VSP_STATS_INIT;
	vsp_instance *instance = tier_1_instance(module, cache);
	if (vsp_run(instance, &error) != VSP_OK)
		fail_msg("%s", error.message);
	assert_int_equal(vsp_stats(instance, &stats), VSP_OK);
	assert_int_equal(compiled_functions(instance), FUNCS + 1);
	assert_true(!filled || stats.cache_loaded > FUNCS);
	check_mappings(&instance->manager->slab);
	vsp_free(instance);
}

static void mappings_do_not_grow_with_functions(void **unused)
{
	(void)unused;
	char folder[] = "/tmp/vsp_test_mappings.XXXXXX", command[sizeof folder + 16];
	vsp_module *module = many_functions(FUNCS);
	run_and_count(module, NULL, false);
	assert_non_null(mkdtemp(folder));
	run_and_count(module, folder, false);
	run_and_count(module, folder, true);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
	vsp_module_free(module);
}

/* ---- sealing fails ---- */

/* The unwinder's question, which reads all tables that are registered. */
extern const void *_Unwind_Find_FDE(const void *pc, void *bases);

static const char *reason_of(const vsp_instance *instance, uint32_t func)
{
	vsp_function_stats stats = VSP_FUNCTION_STATS_INIT;
	return vsp_stats_function(instance, func, &stats) == VSP_OK ? stats.reason : "";
}

/* In a process in which no writable memory becomes executable. */
static int run_forbidden(vsp_module *module)
{
	enum { SET_MDWE = 65, REFUSE_EXEC_GAIN = 1 };
	vsp_instance *instance = tier_1_instance(module, NULL);
	vsp_error error = VSP_ERROR_INIT;
	uintptr_t room[64];
	if (prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0) != 0)
		return 77; /* an older system */
	if (vsp_run(instance, &error) != VSP_OK ||
	        strcmp(reason_of(instance, FUNCS), "code memory cannot be made executable") != 0)
		return 1;
	const vsp_slab *slab = &instance->manager->slab;
	for (uint32_t page = 0; page < slab->pages; page++)
		if (_Unwind_Find_FDE(slab->base + page * slab->page_size, room))
			return 2;
	return slab->hole_count == 1 && slab->holes[0].count == slab->pages - 2 ? 0 : 3;
}

static void code_that_cannot_be_sealed_leaves_nothing_registered(void **unused)
{
	(void)unused;
	vsp_module *module = many_functions(FUNCS);
	int status;
	pid_t child = fork();
	if (!child)
		_exit(run_forbidden(module));
	assert_int_equal(waitpid(child, &status, 0), child);
	vsp_module_free(module);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(mappings_do_not_grow_with_functions),
	        cmocka_unit_test(code_that_cannot_be_sealed_leaves_nothing_registered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
