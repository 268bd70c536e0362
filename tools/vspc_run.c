/*
 * Running a program: limits, the host, the run or call, and what is printed afterwards.
 */
#include "vspc.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/platform.h"

enum { MAX_VALUES = 16 }; /* parameters and results of a function */

/* ---- time-out ---- */

/* A thread that interrupts the instance unless it is told to stop before. */
typedef struct watchdog {
	vsp_instance *instance;
	uint64_t timeout_ns;
	vsp_plat_mutex *mutex;
	vsp_plat_thread *thread;
	bool stop; /* under mutex */
	atomic_bool barked;
} watchdog;

static void watch(void *arg)
{
	watchdog *dog = arg;
	uint64_t start = vsp_plat_clock_ns(), now = start;
	vsp_plat_mutex_lock(dog->mutex);
	while (!dog->stop && now - start < dog->timeout_ns) {
		vsp_plat_mutex_wait(dog->mutex, dog->timeout_ns - (now - start));
		now = vsp_plat_clock_ns();
	}
	if (!dog->stop) {
		atomic_store(&dog->barked, true);
		vsp_interrupt(dog->instance);
	}
	vsp_plat_mutex_unlock(dog->mutex);
}

static int watchdog_start(watchdog *dog, vsp_instance *instance, uint64_t timeout_ns)
{
	*dog = (watchdog){.instance = instance, .timeout_ns = timeout_ns};
	if (!timeout_ns)
		return 0;
	dog->mutex = vsp_plat_mutex_create();
	dog->thread = dog->mutex ? vsp_plat_thread_start(watch, dog) : NULL;
	if (dog->thread)
		return 0;
	if (dog->mutex)
		vsp_plat_mutex_destroy(dog->mutex);
	return vspc_error("'--timeout' needs a thread, and none can be had");
}

static void watchdog_stop(watchdog *dog)
{
	if (!dog->thread)
		return;
	vsp_plat_mutex_lock(dog->mutex);
	dog->stop = true;
	vsp_plat_mutex_signal(dog->mutex);
	vsp_plat_mutex_unlock(dog->mutex);
	vsp_plat_thread_join(dog->thread);
	vsp_plat_mutex_destroy(dog->mutex);
}

/* ---- checks before anything runs ---- */

/* vspc defines no imports. */
static int check_imports(const vsp_module *module, const vspc_options *options)
{
	int wrong = 0;
	for (uint32_t i = 0; i < vsp_module_import_count(module); i++) {
		const char *name;
		uint32_t params, results;
		vsp_module_import(module, i, &name, &params, &results);
		wrong = vspc_error(
		        "'%s' imports '%s' (%u -> %u), which vspc does not define; run it from a host of libvsp",
		        options->file, name, (unsigned)params, (unsigned)results);
	}
	return wrong;
}

static int parse_arguments(const vspc_options *options, const vsp_function_info *info, int64_t *args)
{
	if ((uint32_t)options->arg_count != info->params)
		return vspc_error("'%s' takes %u argument%s, but %d %s given", options->invoke, (unsigned)info->params,
		        info->params == 1 ? "" : "s", options->arg_count, options->arg_count == 1 ? "is" : "are");
	for (int i = 0; i < options->arg_count; i++)
		if (!vspc_parse_argument(options->args[i], &args[i]))
			return vspc_error("'%s' is no argument for '%s'; it takes integers (decimal or 0x) and floats "
			                  "such as 1.5",
			        options->args[i], options->invoke);
	return 0;
}

/* What --invoke names. */
static int find_function(const vsp_module *module, const vspc_options *options, vsp_function_info *info, int64_t *args)
{
	info->size = sizeof *info;
	if (vsp_module_find(module, options->invoke, info) == VSP_OK)
		return parse_arguments(options, info, args);
	for (uint32_t i = 0; i < vsp_module_function_count(module); i++) {
		vsp_module_function(module, i, info);
		if (strcmp(info->name, options->invoke) == 0)
			return vspc_error("'%s' does not export '%s'; it needs '.export %s'", options->file,
			        options->invoke, options->invoke);
	}
	return vspc_error("'%s' has no function '%s'", options->file, options->invoke);
}

/* ---- the run ---- */

typedef struct session {
	const vspc_options *options;
	vsp_module *module;
	vsp_instance *instance;
	vsp_stdio_host host;
	vsp_plat_confined confined;
	vsp_function_info function; /* of --invoke */
	int64_t args[MAX_VALUES], results[MAX_VALUES];
	vsp_error error;
	vsp_status status;
} session;

static void execute(session *s)
{
	const vspc_options *options = s->options;
	if (options->invoke)
		s->status = vsp_call(s->instance, options->invoke, s->args, s->results, &s->error);
	else
		s->status = vsp_run(s->instance, &s->error);
}

/* The exit status of what has run. */
static int exit_status(const session *s)
{
	vsp_state_view state = VSP_STATE_INIT;
	vsp_state(s->instance, &state);
	if (s->status == VSP_TRAPPED)
		return VSPC_TRAPPED;
	if (s->status != VSP_OK && s->status != VSP_HALTED)
		return VSPC_WRONG;
	return state.end == VSP_RUN_EXITED ? (int)state.exit_code : 0;
}

/* Everything that was asked for, behind the program's own output. */
static void show_results(session *s, int status)
{
	const vspc_options *options = s->options;
	bool to_stdout = s->host.out == stdout;
	bool invoked = options->invoke && s->status == VSP_OK;
	if (to_stdout && s->host.last != '\n' && (invoked || options->regs || options->dump))
		putchar('\n');
	if (invoked)
		for (uint32_t i = 0; i < s->function.results; i++)
			printf("%lld\n", (long long)s->results[i]);
	vsp_state_view state = VSP_STATE_INIT;
	vsp_state(s->instance, &state);
	if (options->regs)
		vspc_show_registers(stdout, &state);
	if (options->dump)
		vspc_show_json(stdout, options, s->instance, &s->error, status);
	if (options->stats)
		vspc_show_stats(stderr, options, &s->confined, s->instance);
	if (options->config.observe & VSP_OBSERVE_PASSES)
		vspc_show_passes(stderr, s->instance);
}

/* The files that were asked for, however the run ended. 0, or VSPC_WRONG after messages. */
static int write_files(session *s)
{
	const vspc_options *options = s->options;
	vsp_error error = VSP_ERROR_INIT;
	int wrong = 0;
	if (options->trace && vsp_trace_write(s->instance, options->trace, &error) != VSP_OK)
		wrong = vspc_report_error(options, &error);
	if (options->profile_out && vsp_profile_write(s->instance, options->profile_out, &error) != VSP_OK)
		wrong = vspc_report_error(options, &error);
	if (options->emit_llvm && vsp_emit_llvm(s->instance, options->emit_llvm, &error) != VSP_OK)
		wrong = vspc_report_error(options, &error);
	return wrong;
}

/* From an open host on: runs, shows, and says how it ended. */
static int run_session(session *s)
{
	watchdog dog;
	vspc_confine(s->options, &s->confined);
	if (watchdog_start(&dog, s->instance, s->options->timeout_ns))
		return VSPC_WRONG;
	if (s->options->timeout_ns)
		vspc_host_heed(&s->host, &dog.barked);
	execute(s);
	watchdog_stop(&dog);
	int status = exit_status(s);
	if (status == VSPC_WRONG && s->status != VSP_OK && s->status != VSP_HALTED)
		return vspc_report_error(s->options, &s->error);
	if (s->status == VSP_TRAPPED && !s->host.write_failed && !s->host.read_error) {
		fflush(s->host.out);
		vspc_show_trap(s->options, s->module, &s->error);
	}
	show_results(s, status);
	return write_files(s) ? VSPC_WRONG : status;
}

static vsp_config configure(const vspc_options *options)
{
	vsp_config config = options->config;
	config.count = options->dump || options->stats;
	config.profile = options->profile_out ? VSP_PROFILE_COMPLETE : options->stats ? VSP_PROFILE_CALLS : 0;
	return config;
}

/* The program has ended, and nobody wants what the compiler is still at, unless it is for the cache: the process ends without waiting for it. */
static void leave_if_compiling(const vspc_options *options, const vsp_instance *instance, int status)
{
	vsp_stats_view stats = VSP_STATS_INIT;
	vsp_stats(instance, &stats);
	if (stats.compiling && !options->config.cache && fflush(stdout) == 0)
		_Exit(status);
}

int vspc_run(vsp_module *module, const vspc_options *options)
{
	session s = {.options = options, .module = module, .error = VSP_ERROR_INIT};
	if (check_imports(module, options) || (options->invoke && find_function(module, options, &s.function, s.args)))
		return VSPC_WRONG;
	vsp_config config = configure(options);
	s.instance = vsp_instantiate(module, &config, &s.error);
	if (!s.instance)
		return vspc_report_error(options, &s.error);
	int status = vspc_host_open(&s.host, options);
	if (!status) {
		vsp_set_host(s.instance, &s.host.table);
		status = run_session(&s);
		if (vspc_host_close(&s.host, options))
			status = VSPC_WRONG;
	}
	leave_if_compiling(options, s.instance, status);
	vsp_free(s.instance);
	return status;
}
