/*
 * Memory runs out while a program is compiled ahead of time, at every request in turn: of the
 * compiler's shared object and of the library. Each compilation ends with the file it makes
 * otherwise, byte for byte, or with an error that says why and nothing in the folder. Only hostile
 * builds can make requests fail.
 *
 * In ordinary runs a sample of the requests fails; VSP_ALLOCATION_STEP=1 takes them all. Each fails
 * in a process of its own, which ends where the compilation does.
 */
#include <dirent.h>
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
#include "tiers/jit.h"

enum { HANG_S = 60, PATH = 256, ROOM = 1 << 22 };
enum ending { REACHED, SUCCEEDED = 9, WRONG = 10 };

static fail_at_fn *compiler_at; /* of the compiler's shared object; null where there is none that can fail */
static char folder[] = "/tmp/vsp-aot-allocations-XXXXXX";
static vsp_module *module;
static char wanted[ROOM]; /* the output without failures */
static size_t wanted_size;

static void path_of(char path[PATH], const char *name) { snprintf(path, PATH, "%s/%s", folder, name); }

static size_t read_whole(const char *name, char *bytes)
{
	char path[PATH];
	path_of(path, name);
	FILE *file = fopen(path, "rb");
	size_t size = file ? fread(bytes, 1, ROOM, file) : 0;
	if (file)
		fclose(file);
	return size;
}

static unsigned count_files(void)
{
	unsigned count = 0;
	DIR *dir = opendir(folder);
	for (struct dirent *entry; dir && (entry = readdir(dir));)
		count += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return count;
}

static vsp_status compile(const char *name, vsp_error *error)
{
	static const char *const options[] = {"-O2"};
	char path[PATH];
	path_of(path, name);
	return vsp_aot_compile(module, path, options, 1, error);
}

/* Is what the compilation left behind all or nothing? */
static bool is_whole_or_absent(vsp_status status, const vsp_error *error, const char *name)
{
	static char have[ROOM];
	size_t size = read_whole(name, have);
	unsigned files = count_files();
	bool told = (status == VSP_E_MEMORY || status == VSP_E_IO) && strstr(error->message, "memory"),
	     whole = size && size == wanted_size && memcmp(have, wanted, size) == 0,
	     good = status == VSP_OK ? whole && files == 1 : told && !files;
	if (!good)
		fprintf(stderr, "%s: status %d, %s, %u files, %zu bytes of %zu\n", name, (int)status, error->message,
		        files, size, wanted_size);
	return good;
}

/* A child process. */
static enum ending fail_request(fail_at_fn *fail_at, uint64_t n, const char *name)
{
	vsp_error error = VSP_ERROR_INIT;
	alarm(HANG_S);
	fail_at(n);
	vsp_status status = compile(name, &error);
	bool reached = fail_at(0) >= n;
	if (!is_whole_or_absent(status, &error, name))
		return WRONG;
	return reached ? REACHED : SUCCEEDED;
}

/* False: there is no n-th request. */
static bool survives(fail_at_fn *fail_at, uint64_t n, const char *name)
{
	char path[PATH];
	int status = 0;
	pid_t child = fork();
	assert_true(child >= 0);
	if (!child)
		_exit(fail_request(fail_at, n, name));
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFEXITED(status) || (WEXITSTATUS(status) != REACHED && WEXITSTATUS(status) != SUCCEEDED))
		fail_msg("%s, request %llu: status %x", name, (unsigned long long)n, (unsigned)status);
	path_of(path, name);
	remove(path);
	return WEXITSTATUS(status) == REACHED;
}

static void fail_requests(fail_at_fn *fail_at, const char *kind, uint64_t step)
{
	char name[32], path[PATH];
	vsp_error error = VSP_ERROR_INIT;
	uint64_t n = 1;
	if (!fail_at)
		skip();
	step = failing_step(step);
	snprintf(name, sizeof name, "program%s", kind);
	path_of(path, name);
	compile(name, &error);
	assert_string_equal(error.message, "");
	wanted_size = read_whole(name, wanted);
	remove(path);
	while (survives(fail_at, n, name))
		n += step;
	assert_true(n > step); /* the first one is there */
}

static void the_compiler_gets_no_memory(void **unused)
{
	(void)unused;
	fail_requests(compiler_at, ".s", 1);
	fail_requests(compiler_at, ".o", 1);
	fail_requests(compiler_at, ".a", 3);
	fail_requests(compiler_at, ".so", 5);
	fail_requests(compiler_at, ".ll", 3);
	fail_requests(compiler_at, ".bc", 3);
	fail_requests(compiler_at, ".h", 1); /* which once was missing, with success */
}

static void the_library_gets_no_memory(void **unused)
{
	(void)unused;
	vsp_alloc_fail_at(0);
	vsp_free_memory(vsp_alloc(1, 1));
	if (!vsp_alloc_fail_at(0))
		skip();
	fail_requests(vsp_alloc_fail_at, ".s", 1);
	fail_requests(vsp_alloc_fail_at, ".o", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_compiler_gets_no_memory),
	        cmocka_unit_test(the_library_gets_no_memory),
	};
	compiler_at = find_fail_at(VSP_AOT_LIBRARY, "vsp_breakage_alloc_at");
	module = vsp_assemble(failing_source, strlen(failing_source), NULL, NULL);
	if (!module || !mkdtemp(folder))
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	vsp_module_free(module);
	char command[sizeof folder + 16];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command) || failed;
}
