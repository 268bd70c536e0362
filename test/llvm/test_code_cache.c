/*
 * The code cache with the compiler, in processes of their own: code that one process compiles the
 * next one runs without loading the compiler. Files may be damaged in between, and many processes
 * may run at once.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>
#include <cmocka.h>

#include <vsp/vsp.h>

#include "runtime/platform/platform.h"

/* Two loops, calls, a switch and a helper of floating point, so that code has data, stubs and
   slots. */
static const char program[] = ".func main() -> 0\n"
                              "MOVI R5, 2000\n"
                              "MOVI R6, 0\n"
                              "next: MOV R0, R5\n"
                              "INVOKE step\n"
                              "ADD R6, R0\n"
                              "ADDI R5, R5, -1\n"
                              "BNZ R5, next\n"
                              "MOV R0, R6\n"
                              "RET\n"
                              ".end\n"
                              ".func step(1) -> 1\n"
                              "ANDI R1, R0, 7\n"
                              "BRTAB R1, a, b, c, d, e, f, g, h\n"
                              "a: MULI R0, R0, 3\nRET\n"
                              "b: ADDI R0, R0, 11\nRET\n"
                              "c: XORI R0, R0, 85\nRET\n"
                              "d: SHRI R0, R0, 2\nRET\n"
                              "e: I2F R0, R0\nSIN.F R0, R0\nMOVI R2, 1000000.0\nMUL.F R0, R2\nF2I R0, R0\nRET\n"
                              "f: MOVI R0, 9\nRET\n"
                              "g: ADDI R0, R0, -4\nRET\n"
                              "h: RET\n"
                              ".end\n";

static char folder[] = "/tmp/vsp_test_cache.XXXXXX";
static unsigned linger_ms; /* how long a process goes on after the run */

/* The report of a process on its run. */
typedef struct outcome {
	int64_t result;
	uint32_t tier, loaded, stored, refused;
	uint32_t compiler; /* its library is in the process */
	uint32_t cached;   /* pieces of main's code */
} outcome;

static bool has_compiler(void)
{
	char line[4096];
	bool found = false;
	FILE *maps = fopen("/proc/self/maps", "r");
	while (maps && fgets(line, sizeof line, maps))
		found = found || strstr(line, "libvsp-llvm");
	if (maps)
		fclose(maps);
	return found;
}

static outcome run_here(const char *source, const vsp_config *config)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_stats_view stats = VSP_STATS_INIT;
	vsp_state_view state = VSP_STATE_INIT;
	vsp_function_stats function = VSP_FUNCTION_STATS_INIT;
	vsp_module *module = vsp_assemble(source, strlen(source), NULL, &error);
	vsp_instance *instance = module ? vsp_instantiate(module, config, &error) : NULL;
	if (!instance || (vsp_run(instance, &error) != VSP_OK && error.code != VSP_TRAPPED)) {
		fprintf(stderr, "%s\n", error.message);
		_Exit(1);
	}
	vsp_stats(instance, &stats);
	vsp_state(instance, &state);
	vsp_stats_function(instance, 0, &function);
	outcome o = {state.known ? state.r[0] : (int64_t)error.pc, stats.tier, stats.cache_loaded, stats.cache_stored,
	        stats.cache_refused, has_compiler(), function.cached};
	usleep(linger_ms * 1000);
	vsp_free(instance);
	vsp_module_free(module);
	return o;
}

static vsp_config config_for(const char *name, char path[128])
{
	vsp_config config = VSP_CONFIG_INIT;
	snprintf(path, 128, "%s/%s", folder, name);
	config.sync_compile = 1;
	config.cache = path;
	return config;
}

/* Starts a process that runs source and writes its outcome to a pipe, whose end to read is
   *from. */
static pid_t start(const char *source, const vsp_config *config, int *from)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		outcome o = run_here(source, config);
		_Exit(write(ends[1], &o, sizeof o) != sizeof o);
	}
	close(ends[1]);
	*from = ends[0];
	return child;
}

static outcome finish(pid_t child, int from)
{
	outcome o = {0};
	int status;
	ssize_t n = read(from, &o, sizeof o);
	close(from);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0 && n == sizeof o);
	return o;
}

static outcome run_in_process(const char *source, const vsp_config *config)
{
	int from;
	pid_t child = start(source, config, &from);
	return finish(child, from);
}

static int64_t right_result(void)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	return run_in_process(program, &config).result;
}

static int set_up(void **state)
{
	(void)state;
	uint8_t processor[VSP_PLAT_PROCESSOR];
	return !mkdtemp(folder) || (vsp_plat_processor(processor) == 0 && printf("no cache on this machine\n") < 0);
}

static int tear_down(void **state)
{
	(void)state;
	char command[sizeof folder + 16];
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

static void need_cache(void)
{
	uint8_t processor[VSP_PLAT_PROCESSOR];
	if (!vsp_plat_processor(processor))
		skip();
}

/* ---- the tests ---- */

static void the_second_process_runs_compiled_code_without_the_compiler(void **state)
{
	(void)state;
	need_cache();
	char path[128];
	vsp_config config = config_for("second", path);
	int64_t right = right_result();
	outcome cold = run_in_process(program, &config);
	assert_int_equal(cold.result, right);
	assert_int_equal(cold.tier, 2);
	assert_int_equal(cold.loaded, 0);
	assert_true(cold.stored >= 2);
	assert_true(cold.compiler);
	outcome warm = run_in_process(program, &config);
	assert_int_equal(warm.result, right);
	assert_int_equal(warm.tier, 2);
	assert_true(warm.loaded >= 1 && warm.cached >= 1);
	assert_int_equal(warm.stored, 0);
	assert_false(warm.compiler);
}

static void a_fixed_tier_has_entries_of_its_own(void **state)
{
	(void)state;
	need_cache();
	char path[128];
	vsp_config config = config_for("fixed", path);
	int64_t right = right_result();
	for (int tier = VSP_TIER_1; tier <= VSP_TIER_2; tier++) {
		config.tier = tier;
		outcome cold = run_in_process(program, &config), warm = run_in_process(program, &config);
		assert_true(cold.result == right && warm.result == right);
		assert_true(cold.stored >= 1 && warm.loaded >= 1);
		assert_int_equal(warm.tier, tier);
		assert_false(warm.compiler);
	}
}

static void other_options_do_not_meet_the_same_code(void **state)
{
	(void)state;
	need_cache();
	char path[128];
	vsp_config config = config_for("options", path);
	run_in_process(program, &config);
	for (int i = 0; i < 4; i++) {
		vsp_config other = config;
		other.precise_traps = i == 0;
		other.count = i == 1;
		other.deterministic = i == 2;
		other.bounds = i == 3 ? VSP_CONFIG_BOUNDS_EXPLICIT : VSP_CONFIG_BOUNDS_AUTO;
		outcome o = run_in_process(program, &other);
		assert_int_equal(o.loaded, 0);
		assert_true(o.stored >= 2);
	}
}

static void what_is_being_compiled_at_the_end_is_stored(void **state)
{
	(void)state;
	need_cache();
	char path[128];
	vsp_config config = config_for("end", path);
	config.sync_compile = 0;
	/* A process waits for compilations in progress, but not long; on a busy machine a later
	   one stores the code, which gives them more and more time. */
	outcome warm = run_in_process(program, &config);
	for (unsigned i = 0; i < 100 && (warm.tier < 1 || !warm.loaded || (i < 30 && warm.tier < 2)); i++) {
		linger_ms = i < 30 ? 0 : 10 * i;
		warm = run_in_process(program, &config);
	}
	linger_ms = 0;
	assert_true(warm.tier >= 1); /* under sanitizers LLVM never ends tier 2 within that time */
	assert_true(warm.loaded >= 1);
}

/* Calls fn for each entry of a cache. */
static void each_entry(const char *path, void (*fn)(const char *file))
{
	char folder_path[400], file[700];
	DIR *outer = opendir(path);
	assert_non_null(outer);
	for (const struct dirent *d; (d = readdir(outer)) != NULL;) {
		snprintf(folder_path, sizeof folder_path, "%s/%s", path, d->d_name);
		DIR *inner = *d->d_name == '.' ? NULL : opendir(folder_path);
		for (const struct dirent *e; inner && (e = readdir(inner)) != NULL;) {
			snprintf(file, sizeof file, "%s/%s", folder_path, e->d_name);
			if (*e->d_name != '.')
				fn(file);
		}
		if (inner)
			closedir(inner);
	}
	closedir(outer);
}

static void damage(const char *file)
{
	FILE *f = fopen(file, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, -40, SEEK_END), 0);
	int c = fgetc(f);
	assert_int_equal(fseek(f, -40, SEEK_END), 0);
	fputc(c ^ 0x10, f);
	fclose(f);
}

static void damaged_code_is_compiled_anew(void **state)
{
	(void)state;
	need_cache();
	char path[128];
	vsp_config config = config_for("damage", path);
	int64_t right = right_result();
	run_in_process(program, &config);
	each_entry(path, damage);
	outcome o = run_in_process(program, &config);
	assert_int_equal(o.result, right);
	assert_true(o.refused >= 1 && o.stored >= 1);
	assert_int_equal(o.loaded, 0);
	o = run_in_process(program, &config);
	assert_true(o.result == right && o.loaded >= 1 && o.refused == 0);
}

static void processes_may_fill_a_cache_together(void **state)
{
	(void)state;
	need_cache();
	enum { PROCESSES = 6 };
	char path[128];
	vsp_config config = config_for("together", path);
	int64_t right = right_result();
	pid_t children[PROCESSES];
	int from[PROCESSES];
	for (int i = 0; i < PROCESSES; i++)
		children[i] = start(program, &config, &from[i]);
	for (int i = 0; i < PROCESSES; i++) {
		outcome o = finish(children[i], from[i]);
		assert_int_equal(o.result, right);
		assert_int_equal(o.refused, 0);
	}
	outcome warm = run_in_process(program, &config);
	assert_true(warm.result == right && warm.loaded >= 1 && warm.refused == 0);
	assert_false(warm.compiler);
}

static void a_full_disk_does_not_disturb_the_program(void **state)
{
	(void)state;
	need_cache();
	char path[128];
	vsp_config config = config_for("disk", path);
	struct rlimit old, small;
	int64_t right = right_result();
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 200; /* writes fail after that, as on a full disk */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	outcome o = run_in_process(program, &config);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(o.result, right);
	assert_int_equal(o.stored, 0);
	o = run_in_process(program, &config);
	assert_int_equal(o.refused, 0); /* nothing half-written is there */
	assert_true(o.stored >= 2);
}

static void a_small_limit_keeps_the_cache_small(void **state)
{
	(void)state;
	need_cache();
	char path[128];
	vsp_config config = config_for("small", path);
	int64_t right = right_result();
	config.cache_limit = 1;
	for (int i = 0; i < 2; i++) {
		outcome o = run_in_process(program, &config);
		assert_true(o.result == right && o.loaded == 0 && o.stored >= 2);
	}
}

static void a_guard_fault_in_cached_code_names_its_instruction(void **state)
{
	(void)state;
	need_cache();
	static const char fault[] =
	        ".func main() -> 0\nMOVI R1, 0x20000\nNOP\nloop: LOAD R2, [R1]\nADDI R1, R1, 8\nJMP loop\n.end\n";
	char path[128];
	vsp_config config = config_for("fault", path);
	config.tier = VSP_TIER_1;
	outcome cold = run_in_process(fault, &config), warm = run_in_process(fault, &config);
	assert_int_equal(cold.result, 7);
	assert_int_equal(warm.result, 7);
	assert_true(warm.loaded >= 1);
	assert_false(warm.compiler);
}

/* Late enough for the loop to be compiled and stored, on a busy machine too. */
static void interrupt_soon(void *instance)
{
	uint64_t until = vsp_plat_clock_ns() + 1000000000;
	while (vsp_plat_clock_ns() < until)
		;
	vsp_interrupt(instance);
}

static void an_interrupt_stops_cached_loops(void **state)
{
	(void)state;
	need_cache();
	static const char endless[] = ".func main() -> 0\nloop: ADDI R1, R1, 1\nJMP loop\n.end\n";
	char path[128];
	vsp_config config = config_for("interrupt", path);
	vsp_module *module = vsp_assemble(endless, strlen(endless), NULL, NULL);
	for (uint32_t run = 0; run < 2; run++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_stats_view stats = VSP_STATS_INIT;
		vsp_instance *instance = vsp_instantiate(module, &config, &error);
		assert_non_null(instance);
		vsp_plat_thread *thread = vsp_plat_thread_start(interrupt_soon, instance);
		assert_non_null(thread);
		assert_int_equal(vsp_run(instance, &error), VSP_TRAPPED);
		assert_int_equal(error.trap, VSP_TRAP_INTERRUPTED);
		vsp_plat_thread_join(thread);
		vsp_stats(instance, &stats);
		assert_true(run == 0 ? stats.cache_stored >= 1 : stats.cache_loaded >= 1);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

static void cached_code_can_be_shown_as_llvm_ir(void **state)
{
	(void)state;
	need_cache();
	char path[128], out[160];
	vsp_config config = config_for("text", path);
	vsp_module *module = vsp_assemble(program, strlen(program), NULL, NULL);
	for (int run = 0; run < 2; run++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_instance *instance = vsp_instantiate(module, &config, &error);
		assert_int_equal(vsp_run(instance, &error), VSP_OK);
		snprintf(out, sizeof out, "%s/text.ll", folder);
		assert_int_equal(vsp_emit_llvm(instance, out, &error), VSP_OK);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

int main(void)
{
	/* Those that fork come first: they want a process without the compiler. */
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_second_process_runs_compiled_code_without_the_compiler),
	        cmocka_unit_test(a_fixed_tier_has_entries_of_its_own),
	        cmocka_unit_test(other_options_do_not_meet_the_same_code),
	        cmocka_unit_test(what_is_being_compiled_at_the_end_is_stored),
	        cmocka_unit_test(damaged_code_is_compiled_anew),
	        cmocka_unit_test(processes_may_fill_a_cache_together),
	        cmocka_unit_test(a_full_disk_does_not_disturb_the_program),
	        cmocka_unit_test(a_small_limit_keeps_the_cache_small),
	        cmocka_unit_test(a_guard_fault_in_cached_code_names_its_instruction),
	        cmocka_unit_test(an_interrupt_stops_cached_loops),
	        cmocka_unit_test(cached_code_can_be_shown_as_llvm_ir),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
