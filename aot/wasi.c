/*
 * WASI for compiled programs: what an executable is granted, and whether it can be.
 */
#include "job.h"

#include <string.h>

#include "runtime/base/error.h"
#include "runtime/host/wasi/grants.h"
#include "runtime/host/wasi/table.h"

/* ---- options ---- */

/* Room for one more at the end of a list of count, in the arena; null with the error set. */
static void *grown(aot_job *job, const void *list, uint32_t count, size_t size)
{
	void *more = vsp_arena_array(&job->arena, (size_t)count + 1, size);
	if (!more)
		aot_fail_memory(job);
	else if (count)
		memcpy(more, list, count * size);
	return more;
}

vsp_status aot_add_dir(aot_job *job, const char *value)
{
	aot_options *o = &job->options;
	vsp_wasi_dir dir;
	if (!vsp_wasi_dir_read(value, &dir))
		return vsp_error_set(job->error, VSP_E_ARGUMENT,
		        "'%s' is no value for '--dir'; it takes HOST, HOST::GUEST, and :ro behind them", value);
	vsp_wasi_preopen *dirs = grown(job, o->dirs, o->dir_count, sizeof *dirs);
	const char *host = aot_format(job, "%.*s", (int)dir.host_length, dir.host),
	           *guest = dir.guest ? aot_format(job, "%.*s", (int)dir.guest_length, dir.guest) : host;
	if (!dirs || !host || !guest)
		return job->error->code;
	dirs[o->dir_count++] = (vsp_wasi_preopen){sizeof *dirs, dir.read_only, host, guest};
	o->dirs = dirs;
	return VSP_OK;
}

vsp_status aot_add_env(aot_job *job, const char *value)
{
	aot_options *o = &job->options;
	if (!strcspn(value, "="))
		return vsp_error_set(
		        job->error, VSP_E_ARGUMENT, "'%s' is no value for '--env'; it takes NAME or NAME=VALUE", value);
	const char **env = grown(job, o->env, o->env_count, sizeof *env);
	if (!env)
		return job->error->code;
	env[o->env_count++] = value;
	o->env = env;
	return VSP_OK;
}

/* ---- checks ---- */

bool aot_uses_wasi(const aot_job *job)
{
	for (uint32_t i = 0; i < job->data->import_count; i++)
		if (vsp_wasi_find(job->data->imports[i].name))
			return true;
	return false;
}

/* An executable has to define them all itself. */
static vsp_status check_imports(aot_job *job)
{
	for (uint32_t i = 0; i < job->data->import_count; i++) {
		const vsp_import *import = &job->data->imports[i];
		const vsp_wasi_function *f = vsp_wasi_find(import->name);
		if (!f)
			return vsp_error_set(job->error, VSP_E_ARGUMENT,
			        "'%s': an executable has no host that defines imports other than WASI's, and the "
			        "program imports '%s'; compile a .so or .a for a host",
			        job->path, import->name);
		if (f->param_count != import->params || f->results != import->results)
			return vsp_error_set(job->error, VSP_E_ARGUMENT,
			        "'%s': the program imports '%s' as %u -> %u, but it is %u -> %u", job->path,
			        import->name, import->params, import->results, f->param_count, f->results);
	}
	return VSP_OK;
}

vsp_status aot_check_wasi(aot_job *job)
{
	const aot_options *o = &job->options;
	bool command = o->kind == AOT_EXECUTABLE || o->kind == AOT_WASM;
	if (!command && (o->dir_count || o->env_count))
		return vsp_error_set(job->error, VSP_E_ARGUMENT,
		        "'%s': '--dir' and '--env' are for executables; here the host grants folders and variables, by "
		        "vsp_aot_wasi_define",
		        job->path);
	if (o->dir_count && job->known.holds & AOT_NO_FILES)
		return vsp_error_set(
		        job->error, VSP_E_ARGUMENT, "'--dir': programs for '%s' cannot be given folders", job->triple);
	return o->kind == AOT_EXECUTABLE ? check_imports(job) : VSP_OK;
}
