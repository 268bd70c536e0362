/*
 * Files of the constants of back ends: what is kept for the next process, what is refused, and that
 * constants which a host gives for a back end of its own are not kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <vsp/vsp_provider.h>

#include "runtime/backends/provider.h"
#include "runtime/platform/platform.h"
#include "tiers/cache/costs.h"

static char folder[] = "/tmp/vsp_test_costs.XXXXXX";
static const vsp_provider device = {.name = "device"}, other = {.name = "other"};
static const vsp_costs some = {.launch_ns = 5, .byte_ns = 0.5, .work_ns = {1, 2, 3, 4, 5}};

static int set_up(void **state)
{
	(void)state;
	strcpy(folder + sizeof folder - 7, "XXXXXX");
	return !mkdtemp(folder);
}

static int tear_down(void **state)
{
	(void)state;
	char command[sizeof folder + 16];
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

/* No owners of files: nothing is kept. */
static void need_cache(void)
{
	if (vsp_plat_private_directory(folder))
		skip();
}

/* The number of files; path becomes that of one. */
static unsigned files(char path[512])
{
	DIR *d = opendir(folder);
	unsigned n = 0;
	assert_non_null(d);
	for (struct dirent *e = readdir(d); e; e = readdir(d))
		if (e->d_name[0] != '.') {
			n++;
			snprintf(path, 512, "%s/%s", folder, e->d_name);
		}
	closedir(d);
	return n;
}

static bool are_kept(const vsp_provider *provider)
{
	vsp_costs costs;
	memset(&costs, 0, sizeof costs);
	return vsp_costs_load(folder, provider, &costs) && memcmp(&costs, &some, sizeof costs) == 0;
}

static void each_provider_has_constants_of_its_own(void **state)
{
	(void)state;
	need_cache();
	assert_false(are_kept(&device));
	vsp_costs_save(folder, &device, &some);
	assert_true(are_kept(&device));
	assert_false(are_kept(&other));
}

static void a_file_that_is_not_whole_or_not_ours_is_missing(void **state)
{
	(void)state;
	char path[512];
	need_cache();
	vsp_costs_save(folder, &device, &some);
	assert_int_equal(files(path), 1);
	assert_int_equal(chmod(path, 0666), 0);
	assert_false(are_kept(&device));
	vsp_costs_save(folder, &device, &some);
	assert_true(are_kept(&device));
	assert_int_equal(truncate(path, 80), 0);
	assert_false(are_kept(&device));
	assert_int_equal(truncate(path, 0), 0);
	assert_false(are_kept(&device));
	assert_int_equal(truncate(path, 1 << 20), 0);
	assert_false(are_kept(&device));
	vsp_costs_save("/proc/nowhere", &device, &some); /* nothing happens */
}

/* ---- a host's back end ---- */

static int runs;

static int run(void *state, const vsp_provider_op *op, char *reason, size_t size)
{
	(void)state, (void)op, (void)reason, (void)size;
	runs++;
	return VSP_PROVIDER_DONE;
}

/* How often a VMAP of 64 KiB without a hint goes to a host's back end that takes so long to
   begin. */
static int runs_with(double launch_ns)
{
	static const char program[] = "MOVI R0, 0x20000\nMOVI R1, 0x10000\nVMAP.COPY R0, R0, R1\nHLT\n";
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.cache = folder;
	vsp_module *module = vsp_assemble(program, sizeof program - 1, NULL, &error);
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	vsp_provider_table table = VSP_PROVIDER_TABLE_INIT;
	table.name = "dsp";
	table.kind = VSP_BACKEND_GPU;
	table.operations = 1u << VSP_OPERATION_VMAP;
	table.run = run;
	table.launch_ns = launch_ns;
	runs = 0;
	assert_non_null(instance);
	assert_int_equal(vsp_add_provider(instance, &table, &error), VSP_OK);
	assert_int_equal(vsp_run(instance, &error), VSP_OK);
	vsp_free(instance);
	vsp_module_free(module);
	return runs;
}

static void constants_that_a_host_gives_are_not_kept(void **state)
{
	(void)state;
	char path[512];
	need_cache();
	assert_int_equal(runs_with(1), 1);
	assert_int_equal(runs_with(1e9), 0);
	assert_int_equal(runs_with(1), 1);
	assert_int_equal(files(path), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(each_provider_has_constants_of_its_own),
	        TEST(a_file_that_is_not_whole_or_not_ours_is_missing), TEST(constants_that_a_host_gives_are_not_kept)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
