/*
 * Running a program: limits, signals, the host, the run or call, and the output afterwards.
 */
#include "vspc.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/nearest.h"
#include "runtime/platform/platform.h"
#include "tiers/api/api.h"

enum { MAX_VALUES = 16 }; /* parameters and results of a function */

/* The run, which the parts below share. */
typedef struct session {
	const vspc_options *options;
	vsp_module *module;
	vsp_instance *instance;
	vsp_stdio_host host;
	vsp_plat_confined confined;
	vspc_outputs outputs;
	vspc_wasi wasi;
	vspc_mpi mpi;
	vspc_watchdog *dog;
	atomic_bool stop;           /* the program must end: its time is up, or a signal arrived */
	vsp_function_info function; /* of --invoke */
	int64_t args[MAX_VALUES], results[MAX_VALUES];
	vsp_error error;
	vsp_status status;
} session;

/* ---- checks before anything runs ---- */

/* An option behind --invoke, which was meant for vspc, or null. */
static const char *misplaced(const vspc_options *options)
{
	for (int i = 0; i < options->arg_count; i++)
		if (vspc_is_option(options->args[i]))
			return options->args[i];
	return NULL;
}

static int wrong_count(const vspc_options *options, const vsp_function_info *info)
{
	const char *option = misplaced(options), *many = info->params == 1 ? "" : "s";
	const char *are = options->arg_count == 1 ? "is" : "are";
	if (option)
		return vspc_error("'%s' takes %u argument%s, but %d %s given; '%s'" VSPC_BEFORE_INVOKE, options->invoke,
		        (unsigned)info->params, many, options->arg_count, are, option);
	return vspc_error("'%s' takes %u argument%s, but %d %s given", options->invoke, (unsigned)info->params, many,
	        options->arg_count, are);
}

static int wrong_argument(const vspc_options *options, const char *text)
{
	if (vspc_is_option(text))
		return vspc_error("'%s' is no argument for '%s'; an option" VSPC_BEFORE_INVOKE, text, options->invoke);
	if (vspc_is_large_integer(text))
		return vspc_error(
		        "'%s' is too large an argument for '%s'; integers have 64 bits", text, options->invoke);
	return vspc_error("'%s' is no argument for '%s'; it takes integers (decimal or 0x) and floats such as 1.5",
	        text, options->invoke);
}

static int parse_arguments(const vspc_options *options, const vsp_function_info *info, int64_t *args)
{
	if ((uint32_t)options->arg_count != info->params)
		return wrong_count(options, info);
	for (int i = 0; i < options->arg_count; i++)
		if (!vspc_parse_argument(options->args[i], &args[i]))
			return wrong_argument(options, options->args[i]);
	return 0;
}

/*
 * An explicit tier needs the compiler. Code from a cache does not; after the run it is known
 * whether all code was there.
 */
static int check_compiler(const vspc_options *options)
{
	vsp_error error = VSP_ERROR_INIT;
	if (options->config.tier <= VSP_TIER_AUTO || vsp_compiler_check(&error) == VSP_OK)
		return 0;
	return vspc_error("'--tier=%d': %s", options->config.tier, error.message);
}

static int no_function(const vsp_module *module, const vspc_options *options)
{
	vsp_function_info info = {.size = sizeof info};
	vsp_nearest guess = vsp_nearest_start(options->invoke, strlen(options->invoke));
	for (uint32_t i = 0; i < vsp_module_function_count(module); i++) {
		vsp_module_function(module, i, &info);
		if (info.exported)
			vsp_nearest_try(&guess, info.name, strlen(info.name));
	}
	return guess.best ? vspc_error("'%s' has no function '%s'; did you mean '%s'?", options->file, options->invoke,
	                            guess.best)
	                  : vspc_error("'%s' has no function '%s'", options->file, options->invoke);
}

/* The function that --invoke names. */
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
	return no_function(module, options);
}

/* ---- the run ---- */

/* Calls the function of --invoke; in modules made from WebAssembly after what starts them. */
static vsp_status invoke(session *s)
{
	static const char initialize[] = "_vsp_initialize";
	vsp_status status = VSP_OK;
	if (vsp_module_find(vsp_instance_module(s->instance), initialize, NULL) == VSP_OK)
		status = vsp_call(s->instance, initialize, NULL, NULL, &s->error);
	return status == VSP_OK ? vsp_call(s->instance, s->options->invoke, s->args, s->results, &s->error) : status;
}

static void execute(session *s) { s->status = s->options->invoke ? invoke(s) : vsp_run(s->instance, &s->error); }

/* The exit status after a run. */
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

static unsigned highest_tier(const vsp_instance *instance)
{
	vsp_state_view state = VSP_STATE_INIT;
	vsp_state(instance, &state);
	return state.tier;
}

/* The requested state, after the program's own output. */
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
}

/* The requested results of the compiler's work. */
static void show_compiled(session *s)
{
	const vspc_options *options = s->options;
	if (options->stats && options->config.cache)
		vsp_settle(s->instance); /* as the end of a run does, which stores what it has compiled */
	if (options->stats)
		vspc_show_stats(stderr, options, &s->confined, s->instance);
	else if (options->verbose)
		vspc_show_refusals(stderr, s->instance);
	if (options->config.observe & VSP_OBSERVE_PASSES)
		vspc_show_passes(stderr, s->instance);
}

/* ---- the end by time or by a signal ---- */

static void end_in_time(void *arg)
{
	session *s = arg;
	atomic_store(&s->stop, true);
	vsp_interrupt(s->instance);
}

/* The compiler cannot be interrupted. */
static void end_late(void *arg)
{
	const session *s = arg;
	vspc_error("'%s' has ended, but what comes after it, compiling and writing files, is not done within the time "
	           "that "
	           "'--timeout' gives, and not all is shown",
	        s->options->file);
	_Exit(VSPC_WRONG);
}

/* The part of the run that a signal handler can access. */
static vsp_instance *_Atomic ended_instance;
static atomic_int ended_by;
static atomic_bool *_Atomic ended_stop;

/* The run ends soon; its outputs are written, and then vspc ends by the signal. */
static void end_run(int signal)
{
	atomic_bool *stop = atomic_load(&ended_stop);
	if (atomic_exchange(&ended_by, signal))
		vsp_plat_end_by(signal); /* the second, of whichever kind */
	if (stop)
		atomic_store(stop, true);
	vsp_interrupt(atomic_load(&ended_instance));
}

static void heed_signals(session *s)
{
	atomic_store(&ended_stop, &s->stop);
	atomic_store(&ended_instance, s->instance);
	vsp_plat_on_end(end_run);
}

static void heed_no_signals(void)
{
	vsp_plat_on_end(NULL);
	atomic_store(&ended_instance, NULL);
	atomic_store(&ended_stop, NULL);
}

/* The outputs that may have to wait for the compiler: as long again as the program had. */
static int show_late(session *s, int status)
{
	if (!s->host.stuck)
		s->host.table.flush(&s->host); /* output that has been printed must not be lost */
	s->dog->start_ns = 0;
	if (vspc_watchdog_start(s->dog, s->options, end_late, s))
		return VSPC_WRONG;
	if (!s->host.stuck)
		show_compiled(s);
	if (ferror(stderr) && (s->options->stats || s->options->config.observe & VSP_OBSERVE_PASSES))
		status = VSPC_WRONG; /* there is nowhere to say that what was requested is lost */
	if (s->options->config.cache && highest_tier(s->instance) == 0 && check_compiler(s->options))
		status = VSPC_WRONG;
	if (vspc_outputs_write(&s->outputs, s->options, s->instance))
		status = VSPC_WRONG;
	vspc_watchdog_stop(s->dog);
	return status;
}

/* Reads the models of the command line. */
static int define_models(session *s)
{
	const uint64_t most = UINT64_C(1) << 31; /* of a file in this format */
	for (uint32_t i = 0; i < s->options->model_count; i++) {
		const char *text = s->options->models[i], *file = strchr(text, '=') + 1, *why;
		char name[256];
		size_t size = 0;
		if ((size_t)snprintf(name, sizeof name, "%.*s", (int)(file - text - 1), text) >= sizeof name)
			return vspc_error("'--model' has a name of more than 255 bytes");
		uint8_t *bytes = vsp_plat_file_read(file, most, &size, &why);
		if (!bytes)
			return vspc_error("cannot read model '%s': %s", file, why);
		vsp_status status = vsp_define_model(s->instance, name, bytes, size, &s->error);
		vsp_plat_file_free(bytes, size);
		if (status != VSP_OK)
			return vspc_error("cannot take model '%s': %s", file, s->error.message);
	}
	return 0;
}

/*
 * Opens the back ends that the program's instructions may use, before the sandbox: drivers and
 * libraries need more rights than the run.
 */
static int prepare_backends(session *s)
{
	if (define_models(s))
		return VSPC_WRONG;
	return vsp_backends_prepare(s->instance, &s->error) == VSP_OK ? 0 : vspc_error("%s", s->error.message);
}

/* From an open host on: runs, shows, and says how it ended. */
static int run_session(session *s)
{
	vspc_watchdog_stop(s->dog); /* limits on files hold for threads that are started later */
	if (prepare_backends(s) || vspc_confine(s->options, &s->outputs, &s->wasi, s->instance, &s->confined) ||
	        vspc_watchdog_start(s->dog, s->options, end_in_time, s))
		return VSPC_WRONG;
	s->host.stop = &s->stop;
	heed_signals(s);
	execute(s);
	vspc_watchdog_stop(s->dog);
	heed_no_signals();
	int status = exit_status(s);
	if (status == VSPC_WRONG && s->status != VSP_OK && s->status != VSP_HALTED)
		return vspc_report_error(s->options, &s->error);
	s->host.table.flush(&s->host); /* a failure is reported when the host is closed */
	bool told = !s->host.stuck ||
	            vsp_plat_write_some(stderr, "", 0, 0) == 0; /* else it would wait for the same reader */
	if (s->status == VSP_TRAPPED && !s->host.write_failed && !s->host.read_error && told)
		vspc_show_trap(s->options, s->module, &s->error);
	if (s->status == VSP_TRAPPED && s->error.trap == VSP_TRAP_HOST)
		vspc_mpi_explain(&s->mpi);
	if (!s->host.stuck)
		show_results(s, status);
	return show_late(s, status);
}

/* The other ranks have as long again to come to their ends. */
static void end_job(void *arg)
{
	session *s = arg;
	vspc_error("'%s' has ended, and other ranks have not within the time that '--timeout' gives", s->options->file);
	atomic_store(&s->stop, true);
}

static int leave_job(session *s, int status)
{
	if (!s->mpi.mpi)
		return 0;
	s->dog->start_ns = 0;
	if (vspc_watchdog_start(s->dog, s->options, end_job, s))
		return VSPC_WRONG;
	vspc_mpi_close(&s->mpi, s->status == VSP_OK || s->status == VSP_HALTED, status);
	vspc_watchdog_stop(s->dog);
	return 0;
}

static vsp_config configure(const vspc_options *options)
{
	vsp_config config = options->config;
	/* code that counts is other code: statistics must show the code that runs without them */
	config.count = options->dump;
	if (!options->no_sandbox) /* a confined process reaches no device */
		config.capabilities &= ~(uint32_t)VSP_CAP_NPU;
	config.profile = options->profile_out ? VSP_PROFILE_COMPLETE : options->stats ? VSP_PROFILE_CALLS : 0;
	return config;
}

/* The program has ended, and compilations in progress are needed only for the cache: without one
   the process ends and waits neither for them nor for their threads to end, which on a busy machine
   takes milliseconds. */
static void leave_if_compiling(const vspc_options *options, const vsp_instance *instance, int status)
{
	bool threads = vsp_manager_has_thread(instance->manager) || vsp_baseline_has_thread(instance->baseline);
	if (threads && !options->config.sync_compile && !options->config.cache && fflush(stdout) == 0)
		_Exit(status);
}

int vspc_run(vsp_module *module, const vspc_options *options, vspc_watchdog *dog)
{
	session s = {
	        .options = options, .module = module, .dog = dog, .error = VSP_ERROR_INIT, .status = VSP_E_ARGUMENT};
	if (vspc_mpi_load(options) || vspc_wasi_check_imports(module, options) ||
	        (options->invoke && find_function(module, options, &s.function, s.args)))
		return VSPC_WRONG;
	if ((!options->config.cache && check_compiler(options)) || vspc_outputs_open(&s.outputs, options))
		return VSPC_WRONG;
	vsp_config config = configure(options);
	s.instance = vsp_instantiate(module, &config, &s.error);
	int status = s.instance ? vspc_host_open(&s.host, options) : vspc_report_error(options, &s.error);
	bool open = !status;
	if (!status && vspc_wasi_open(&s.wasi, options, &s.host, s.instance))
		status = VSPC_WRONG;
	if (!status) {
		vsp_set_host(s.instance, &s.host.table);
		s.host.account = &s.instance->rt.account;
		status = vspc_mpi_open(&s.mpi, &s.host, s.instance, &s.stop);
	}
	if (!status)
		status = run_session(&s);
	if (leave_job(&s, status))
		status = VSPC_WRONG;
	if (options->verbose)
		vspc_wasi_note_refused(&s.wasi, options);
	vspc_wasi_close(&s.wasi);
	if (open && vspc_host_close(&s.host, options))
		status = VSPC_WRONG;
	vspc_outputs_close(&s.outputs);
	if (atomic_load(&ended_by))
		vsp_plat_end_by(atomic_load(&ended_by));
	if (!s.instance)
		return status;
	leave_if_compiling(options, s.instance, status);
	vsp_free(s.instance);
	return status;
}
