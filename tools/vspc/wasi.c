/*
 * WASI for programs that import it: the folders, variables and capabilities of the command line.
 */
#include "vspc.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/nearest.h"
#include "runtime/base/alloc.h"
#include "runtime/host/wasi/grants.h"
#include "runtime/host/wasi/wasi.h"
#include "runtime/platform/files.h"
#include "runtime/platform/platform.h"

/* ---- imports ---- */

bool vspc_wasi_is_used(const vsp_module *module)
{
	for (uint32_t i = 0; i < vsp_module_import_count(module); i++) {
		const char *name;
		vsp_module_import(module, i, &name, NULL, NULL);
		if (vsp_wasi_find(name))
			return true;
	}
	return false;
}

/* The module that an import names before its point, or a name of --preload that is near to it. */
static int report_undefined(
        const vsp_module *module, const vspc_options *options, const char *import, uint32_t params, uint32_t results)
{
	char what[512];
	snprintf(what, sizeof what, "'%.440s' (%u -> %u)", import, (unsigned)params, (unsigned)results);
	const char *program = options->file, *also = options->preload_count ? " or a module preloaded for it" : "";
	int length = (int)strcspn(import, ".");
	vsp_nearest guess = vsp_nearest_start(import, (size_t)length);
	for (uint32_t i = 0; i < options->preload_count; i++)
		vsp_nearest_try(&guess, options->preloads[i], strcspn(options->preloads[i], "="));
	if (guess.best && guess.best_length == (size_t)length && memcmp(guess.best, import, (size_t)length) == 0)
		return vspc_error("'%s'%s imports %s, which vspc does not define; modules import from those that are "
		                  "preloaded before them, not from themselves or later ones such as "
		                  "'--preload=%s' is here",
		        program, also, what, guess.best);
	if (guess.best)
		return vspc_error("'%s'%s imports %s, which vspc does not define; '--preload=%s' gives its module "
		                  "another name: did you mean '--preload=%.*s=%s'?",
		        program, also, what, guess.best, length, import, strchr(guess.best, '=') + 1);
	if (strncmp(import, "mpi.", 4) == 0)
		return vspc_error("'%s'%s imports %s, which vspc does not define%s", program, also, what,
		        options->mpi ? " so (docs/mpi.md)" : "; '--mpi' does");
	if (vspc_is_translated(module))
		return vspc_error("'%s'%s imports %s, which vspc does not define; '--preload=%.*s=FILE.wasm' links a "
		                  "module that does, or a host of libvsp can define it",
		        program, also, what, length, import);
	return vspc_error(
	        "'%s'%s imports %s, which vspc does not define; run it from a host of libvsp", program, also, what);
}

/* Reports all that are missing. */
int vspc_wasi_check_imports(const vsp_module *module, const vspc_options *options)
{
	const char *also = options->preload_count ? " or a module preloaded for it" : "";
	int wrong = 0;
	for (uint32_t i = 0; i < vsp_module_import_count(module); i++) {
		const char *name;
		uint32_t params, results;
		vsp_module_import(module, i, &name, &params, &results);
		const vsp_wasi_function *f = vsp_wasi_find(name);
		if (vspc_mpi_has(name, params, results))
			continue;
		if (!f)
			wrong = report_undefined(module, options, name, params, results);
		else if (f->param_count != params || f->results != results)
			wrong = vspc_error("'%s'%s imports '%s' as %u -> %u, but it is %u -> %u", options->file, also,
			        name, (unsigned)params, (unsigned)results, (unsigned)f->param_count,
			        (unsigned)f->results);
	}
	return wrong;
}

/* ---- folders ---- */

/* Other programs divide HOST:GUEST by one colon, which may also be in a folder's name. */
static int check_colon(const char *value, size_t size)
{
	char host[4096];
	vsp_plat_stamp stamp;
	int before = (int)strcspn(value, ":");
	if ((size_t)before >= size || size >= sizeof host)
		return 0;
	snprintf(host, sizeof host, "%.*s", (int)size, value);
	if (vsp_plat_file_stamp(host, &stamp))
		return 0;
	return vspc_error("'--dir=%s': there is no folder of that name; '--dir=%.*s::%s' gives the folder another name",
	        value, before, value, value + before + 1);
}

int vspc_wasi_check_dir(const char *value)
{
	vsp_wasi_dir dir;
	if (!vsp_wasi_dir_read(value, &dir))
		return vspc_error(
		        "'%s' is no value for '--dir'; it takes HOST, HOST::GUEST, and :ro behind them", value);
	return dir.guest ? 0 : check_colon(value, dir.host_length);
}

/* Takes HOST[::GUEST][:ro] apart, in a copy. */
static bool take_dir(vspc_wasi *w, unsigned i, const char *value)
{
	vsp_wasi_dir dir;
	char *copy = w->texts[w->text_count] = vsp_alloc(strlen(value) + 1, 1);
	if (!copy)
		return false;
	w->text_count++;
	strcpy(copy, value);
	vsp_wasi_dir_read(copy, &dir);
	copy[dir.host_length] = 0;
	if (dir.guest)
		copy[dir.guest - copy + (ptrdiff_t)dir.guest_length] = 0;
	w->grants[i] = (vsp_plat_grant){copy, dir.read_only};
	w->preopens[i] = (vsp_wasi_preopen){sizeof(vsp_wasi_preopen), dir.read_only, copy, dir.guest};
	return true;
}

/* ---- variables ---- */

int vspc_wasi_check_env(const char *value)
{
	if (!strcspn(value, "="))
		return vspc_error("'%s' is no value for '--env'; it takes NAME or NAME=VALUE", value);
	return 0;
}

int vspc_wasi_check_inherited(const vspc_options *options)
{
	for (uint32_t i = 0; i < options->env_count; i++)
		if (!strchr(options->env[i], '=') && !getenv(options->env[i]))
			return vspc_error(
			        "'--env=%s' passes a variable on, but there is none of that name", options->env[i]);
	return 0;
}

static bool take_env(vspc_wasi *w, unsigned i, const char *value)
{
	const char *inherited = strchr(value, '=') ? NULL : getenv(value);
	size_t n = strlen(value), m = inherited ? strlen(inherited) : 0;
	char *text = w->texts[w->text_count] = vsp_alloc(n + m + 2, 1);
	if (!text)
		return false;
	w->text_count++;
	memcpy(text, value, n + 1);
	if (inherited) {
		text[n] = '=';
		memcpy(text + n + 1, inherited, m + 1);
	}
	w->env[i] = text;
	return true;
}

/* ---- opening ---- */

/* The file's name without its folder, and then the program's own arguments. */
static bool take_args(vspc_wasi *w, const vspc_options *options, vsp_wasi_config *config)
{
	uint32_t count = options->invoke ? 0 : (uint32_t)options->arg_count;
	w->args = vsp_alloc((size_t)count + 1, sizeof *w->args);
	if (!w->args)
		return false;
	w->args[0] = vsp_plat_path_name(options->file);
	for (uint32_t i = 0; i < count; i++)
		w->args[i + 1] = options->args[i];
	config->args = w->args;
	config->arg_count = count + 1;
	return true;
}

static bool take_all(vspc_wasi *w, const vspc_options *options, vsp_wasi_config *config)
{
	bool good = take_args(w, options, config);
	for (unsigned i = 0; i < options->dir_count && good; i++)
		good = take_dir(w, i, options->dirs[i]);
	for (unsigned i = 0; i < options->env_count && good; i++)
		good = take_env(w, i, options->env[i]);
	config->env = w->env;
	config->env_count = options->env_count;
	config->preopens = w->preopens;
	config->preopen_count = options->dir_count;
	return good;
}

/* Which is no error: the same command may run many programs. */
void vspc_wasi_note_needless(const vsp_module *module, const vspc_options *options)
{
	const char *option = options->dir_count ? "--dir" : options->env_count ? "--env" : NULL;
	if (option && !options->quiet && !vspc_wasi_is_used(module))
		fprintf(stderr, "vspc: note: '%s' has no effect: the program imports nothing from WASI\n", option);
}

int vspc_wasi_open(vspc_wasi *w, const vspc_options *options, const vsp_stdio_host *host, vsp_instance *instance)
{
	vsp_wasi_config config = VSP_WASI_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	vspc_wasi_note_needless(vsp_instance_module(instance), options);
	if (!vspc_wasi_is_used(vsp_instance_module(instance)))
		return 0;
	config.capabilities = options->config.capabilities;
	config.stdio[0] = vsp_file_of_stream(host->in);
	config.stdio[1] = vsp_file_of_stream(host->out);
	if (!take_all(w, options, &config))
		return vspc_error("out of memory");
	w->wasi = vsp_wasi_new(&config, &error);
	if (!w->wasi || vsp_wasi_define(w->wasi, instance, &error) != VSP_OK)
		return vspc_error("%s", error.message);
	return 0;
}

/* ---- what was refused ---- */

static void note_refused(const vspc_options *options, const vsp_wasi_function *f)
{
	static const struct need {
		const char *name;
		uint32_t bit;
	} needs[] = {[VSP_WASI_ARGS] = {"args", VSP_CAP_ARGS},
	        [VSP_WASI_CLOCK] = {"clock", VSP_CAP_CLOCK},
	        [VSP_WASI_RANDOM] = {"random", VSP_CAP_RANDOM},
	        [VSP_WASI_FILE] = {"stdio", VSP_CAP_STDIO}};
	const struct need *need = &needs[f->access];
	fprintf(stderr, "vspc: note: WASI's %s was refused: ", f->name);
	if (!need->bit || options->config.capabilities & need->bit)
		fputs("it wanted what lies outside of its folders, or more than a descriptor's rights\n", stderr);
	else if (options->denied & need->bit)
		fprintf(stderr, "'--deny' took %s away\n", need->name);
	else
		fprintf(stderr, "'--allow=%s' grants it\n", need->name);
}

void vspc_wasi_note_refused(const vspc_wasi *w, const vspc_options *options)
{
	for (unsigned i = 0; w->wasi && i < VSP_WASI_FUNCTIONS; i++)
		if (w->wasi->refused >> i & 1)
			note_refused(options, &vsp_wasi_functions[i]);
	if (w->wasi && w->wasi->no_folders && !options->dir_count)
		fputs("vspc: note: the program asked for folders, and there was none: '--dir=FOLDER' grants one\n",
		        stderr);
}

void vspc_wasi_close(vspc_wasi *w)
{
	vsp_wasi_free(w->wasi);
	for (unsigned i = 0; i < w->text_count; i++)
		vsp_free_memory(w->texts[i]);
	vsp_free_memory(w->args);
	*w = (vspc_wasi){.wasi = NULL};
}
