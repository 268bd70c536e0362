/*
 * Programs that the library runs (linkers), and folders that it makes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "runtime/platform/platform.h"

static vsp_plat_run_result run_script(const char *script, char *output, size_t size, int *status)
{
	const char *words[] = {"/bin/sh", "-c", script, NULL};
	return vsp_plat_run(words, output, size, status);
}

static void a_program_tells_status_and_output(void **unused)
{
	char output[64];
	int status = -1;
	(void)unused;
	assert_int_equal(
	        run_script("echo out; echo err >&2; exit 3", output, sizeof output, &status), VSP_PLAT_RUN_DONE);
	assert_int_equal(status, 3);
	assert_string_equal(output, "out\nerr\n");
	assert_int_equal(run_script("exit 0", NULL, 0, &status), VSP_PLAT_RUN_DONE);
	assert_int_equal(status, 0);
}

static void long_output_is_cut(void **unused)
{
	char output[8];
	int status = -1;
	(void)unused;
	assert_int_equal(run_script("i=0; while [ $i -lt 2000 ]; do echo 123456789; i=$((i+1)); done", output,
	                         sizeof output, &status),
	        VSP_PLAT_RUN_DONE);
	assert_int_equal(status, 0);
	assert_string_equal(output, "1234567");
}

static void what_is_missing_or_killed_is_told(void **unused)
{
	const char *missing[] = {"/no/such/program", NULL};
	char output[8] = "before";
	int status = -1;
	(void)unused;
	assert_int_equal(vsp_plat_run(missing, output, sizeof output, &status), VSP_PLAT_RUN_MISSING);
	assert_string_equal(output, "");
	assert_int_equal(run_script("kill -9 $$", output, sizeof output, &status), VSP_PLAT_RUN_FAILED);
}

static void folders_are_made_with_those_above(void **unused)
{
	char base[] = "/tmp/vsp-folders-XXXXXX", path[64], long_path[8192];
	struct stat st;
	(void)unused;
	assert_non_null(mkdtemp(base));
	snprintf(path, sizeof path, "%s/a/b/c", base);
	assert_true(vsp_plat_make_folder(path));
	assert_true(stat(path, &st) == 0 && S_ISDIR(st.st_mode));
	assert_true(vsp_plat_make_folder(path)); /* it is there */
	snprintf(path, sizeof path, "%s/file", base);
	fclose(fopen(path, "w"));
	assert_false(vsp_plat_make_folder(path));
	remove(path);
	memset(long_path, 'a', sizeof long_path);
	long_path[sizeof long_path - 1] = 0;
	assert_false(vsp_plat_make_folder(long_path));
	assert_false(vsp_plat_make_folder(""));
	static const char *const made[] = {"a/b/c", "a/b", "a", ""};
	for (unsigned i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s/%s", base, made[i]);
		assert_int_equal(rmdir(path), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_program_tells_status_and_output),
	        cmocka_unit_test(long_output_is_cut),
	        cmocka_unit_test(what_is_missing_or_killed_is_told),
	        cmocka_unit_test(folders_are_made_with_those_above),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
