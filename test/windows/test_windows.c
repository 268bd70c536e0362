/*
 * What only the platform layer for Windows does: paths and arguments in UTF-8, long paths, command
 * lines, pipes that are waited for, and faults that are not VSP's. The program is also what it runs
 * itself: with --print it prints its arguments, one on a line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <cmocka.h>

#include "runtime/platform/platform.h"

static char *self; /* the path of this program */

/* ---- paths ---- */

static void names_are_found_behind_either_slash_and_drives(void **state)
{
	(void)state;
	assert_string_equal(vsp_plat_path_name("a\\b/c.sil"), "c.sil");
	assert_string_equal(vsp_plat_path_name("a/b\\c.sil"), "c.sil");
	assert_string_equal(vsp_plat_path_name("c:d.sil"), "d.sil");
	assert_string_equal(vsp_plat_path_name("d.sil"), "d.sil");
	assert_string_equal(vsp_plat_path_name("a\\"), "");
	assert_true(vsp_plat_path_is_absolute("C:\\a"));
	assert_true(vsp_plat_path_is_absolute("\\\\server\\share"));
	assert_true(vsp_plat_path_is_absolute("/a"));
	assert_false(vsp_plat_path_is_absolute("a\\b"));
	assert_false(vsp_plat_path_is_absolute(""));
}

static void check_written(const char *path)
{
	const char *error = NULL;
	size_t size = 0;
	assert_null(vsp_plat_file_write(path, "first", 5));
	assert_null(vsp_plat_file_write(path, "second", 6));
	uint8_t *back = vsp_plat_file_read(path, 100, &size, &error);
	assert_non_null(back);
	assert_int_equal(size, 6);
	assert_memory_equal(back, "second", 6);
	vsp_plat_file_free(back, size);
	FILE *stream = vsp_plat_stream_open(path, false);
	assert_non_null(stream);
	assert_int_equal(fgetc(stream), 's');
	fclose(stream);
	assert_true(vsp_plat_remove(path));
	assert_null(vsp_plat_file_read(path, 100, &size, &error));
	assert_string_equal(error, "No such file or directory");
}

/* Not of long paths: Wine 8 cannot tell the real one of these. */
static void check_real(const char *path)
{
	const char *error = NULL;
	char real[VSP_PLAT_PATH];
	size_t size = 0;
	assert_null(vsp_plat_file_write(path, "real", 4));
	assert_null(vsp_plat_real_path(path, real, sizeof real));
	uint8_t *back = vsp_plat_real_read(real, 100, &size, &error);
	assert_non_null(back);
	assert_int_equal(size, 4);
	vsp_plat_file_free(back, size);
}

static void paths_are_utf8(void **state)
{
	(void)state;
	static const char folder[] = VSP_BINARY_DIR "/Ordner \xc3\xa4\xe2\x82\xac\xf0\x9d\x84\x9e";
	char path[sizeof folder + 32];
	assert_true(vsp_plat_make_folder(folder));
	snprintf(path, sizeof path, "%s/\xe6\x97\xa5\xe6\x9c\xac.sil", folder);
	check_written(path);
	check_real(path);
	vsp_plat_remove_folder(folder);
	/* What is not UTF-8 is no name. */
	assert_non_null(vsp_plat_file_write(VSP_BINARY_DIR "/\xff.sil", "x", 1));
}

static void paths_may_be_longer_than_the_usual_limit(void **state)
{
	(void)state;
	enum { DEPTH = 9 };
	char path[VSP_PLAT_PATH] = VSP_BINARY_DIR "/deep";
	for (int i = 0; i < DEPTH; i++)
		strcat(path, "/a folder with a name of forty characters");
	assert_true(vsp_plat_make_folder(path));
	strcat(path, "/file");
	assert_true(strlen(path) > MAX_PATH);
	check_written(path);
	for (int i = 0; i <= DEPTH; i++) {
		path[vsp_plat_path_name(path) - path - 1] = 0;
		assert_true(vsp_plat_remove(path));
	}
}

static void folders_of_ones_own_are_new(void **state)
{
	(void)state;
	static const char folder[] = VSP_BINARY_DIR "/own";
	vsp_plat_remove_folder(folder);
	assert_null(vsp_plat_make_own_folder(folder));
	assert_string_equal(vsp_plat_make_own_folder(folder), "File exists");
	assert_null(vsp_plat_file_write(VSP_BINARY_DIR "/own/file", "x", 1));
	vsp_plat_remove_folder(folder);
	vsp_plat_stamp stamp;
	assert_false(vsp_plat_file_stamp(folder, &stamp));
}

/* ---- programs that are run ---- */

static void arguments_arrive_as_they_were_given(void **state)
{
	(void)state;
	const char *words[] = {self, "--print", "a b", "", "\"", "a\\\\b", "a b\\", "\\\"x\\\\\"", "*", "%PATH%",
	        "\xc3\xa4\xf0\x9d\x84\x9e", NULL};
	char output[1024], wanted[1024] = "";
	int status = -1;
	assert_int_equal(vsp_plat_run(words, output, sizeof output, &status), VSP_PLAT_RUN_DONE);
	for (int i = 2; words[i]; i++) {
		strcat(wanted, words[i]);
		strcat(wanted, "\n");
	}
	assert_int_equal(status, 3);
	assert_string_equal(output, wanted);
	assert_int_equal(vsp_plat_run(words, output, 4, &status), VSP_PLAT_RUN_DONE);
	assert_string_equal(output, "a b");
	words[0] = "there-is-no-such-program";
	assert_int_equal(vsp_plat_run(words, output, sizeof output, &status), VSP_PLAT_RUN_MISSING);
}

/* ---- pipes ---- */

static void a_pipe_is_read_as_soon_as_it_has_bytes(void **state)
{
	(void)state;
	HANDLE from, to;
	char buffer[16];
	DWORD done;
	assert_true(CreatePipe(&from, &to, NULL, 0));
	FILE *stream = _fdopen(_open_osfhandle((intptr_t)from, _O_BINARY), "rb");
	assert_non_null(stream);
	uint64_t start = vsp_plat_clock_ns();
	assert_int_equal(vsp_plat_read_some(stream, buffer, sizeof buffer, 20000000), -1);
	assert_true(vsp_plat_clock_ns() - start >= 20000000);
	assert_int_equal(vsp_plat_read_some(stream, buffer, sizeof buffer, 0), -1);
	assert_true(WriteFile(to, "four", 4, &done, NULL));
	assert_int_equal(vsp_plat_read_some(stream, buffer, sizeof buffer, UINT64_MAX), 4);
	assert_memory_equal(buffer, "four", 4);
	CloseHandle(to);
	assert_int_equal(vsp_plat_read_some(stream, buffer, sizeof buffer, UINT64_MAX), 0);
	fclose(stream);
}

/* ---- faults of others ---- */

static volatile int host_faults;
static jmp_buf host_back;

static void host_leaves(void) { longjmp(host_back, 1); }

static LONG CALLBACK host_handler(EXCEPTION_POINTERS *e)
{
	if (e->ExceptionRecord->ExceptionCode != EXCEPTION_ACCESS_VIOLATION)
		return EXCEPTION_CONTINUE_SEARCH;
	host_faults++;
	e->ContextRecord->Rip = (uintptr_t)host_leaves;
	e->ContextRecord->Rsp = (e->ContextRecord->Rsp & ~(DWORD64)15) - 40;
	return EXCEPTION_CONTINUE_EXECUTION;
}

static void touch(void *at) { *(volatile uint8_t *)at; }

static void faults_elsewhere_go_to_the_handler_of_the_host(void **state)
{
	(void)state;
	enum { REGION = 1 << 20 };
	uint8_t *base = vsp_plat_reserve(REGION);
	vsp_plat_region region = {.base = base, .size = REGION / 2};
	assert_true(vsp_plat_has_guard());
	void *handler = AddVectoredExceptionHandler(0, host_handler);
	assert_int_equal(vsp_plat_protect(&region, touch, base), VSP_PLAT_FAULT);
	assert_int_equal(host_faults, 0);
	if (!_setjmp(host_back, NULL))
		vsp_plat_protect(&region, touch, base + REGION / 2);
	assert_int_equal(host_faults, 1);
	RemoveVectoredExceptionHandler(handler);
	vsp_plat_release(base, REGION);
}

int main(int argc, char **argv)
{
	vsp_plat_prepare_streams();
	vsp_plat_arguments(&argc, &argv);
	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		for (int i = 2; i < argc; i++)
			printf("%s\n", argv[i]);
		return 3;
	}
	self = argv[0];
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_are_found_behind_either_slash_and_drives),
	        cmocka_unit_test(paths_are_utf8),
	        cmocka_unit_test(paths_may_be_longer_than_the_usual_limit),
	        cmocka_unit_test(folders_of_ones_own_are_new),
	        cmocka_unit_test(arguments_arrive_as_they_were_given),
	        cmocka_unit_test(a_pipe_is_read_as_soon_as_it_has_bytes),
	        cmocka_unit_test(faults_elsewhere_go_to_the_handler_of_the_host),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
