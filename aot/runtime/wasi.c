/*
 * WASI in compiled programs: the functions that a program imports, defined as a host defines them.
 * Programs that import none do not have this file.
 */
#include "instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/host/wasi/wasi.h"

/* All that are imported; the first error ends it. */
static vsp_status define_imports(vsp_aot_instance *instance)
{
	vsp_status status = VSP_OK;
	for (uint32_t i = 0; i < vsp_aot_module.import_count && status == VSP_OK; i++) {
		const char *name = vsp_aot_module.imports[i].name;
		const vsp_wasi_function *f = vsp_wasi_find(name);
		void *user;
		if (!f)
			continue;
		vsp_import_fn fn = vsp_wasi_import(instance->wasi, (unsigned)(f - vsp_wasi_functions), &user);
		status = vsp_aot_define_import(instance, name, f->param_count, f->results, fn, user);
	}
	return status;
}

/* What was defined before is closed once nothing refers to it any more. */
static vsp_status define(vsp_aot_instance *instance, const vsp_wasi_config *config)
{
	if (instance->linked)
		return vsp_error_set(
		        &instance->error, VSP_E_ARGUMENT, "WASI's imports are defined before the first run");
	vsp_wasi *old = instance->wasi, *wasi = vsp_wasi_create(config, &instance->error);
	if (!wasi)
		return instance->error.code;
	instance->wasi = wasi;
	vsp_status status = define_imports(instance);
	vsp_wasi_destroy(old);
	return status;
}

/* ---- executables ---- */

/* The variables of an executable; copies are of those that are passed on. */
typedef struct variables {
	const char **list;
	char **copies;
	uint32_t count, copied;
} variables;

/* Adds NAME=VALUE, or a variable of the environment, which may lack it; false: out of memory. */
static bool add_variable(variables *v, const char *text)
{
	const char *value = strchr(text, '=') ? NULL : getenv(text);
	if (strchr(text, '=')) {
		v->list[v->count++] = text;
		return true;
	}
	if (!value)
		return true;
	size_t size = strlen(text) + strlen(value) + 2;
	char *copy = vsp_alloc(size, 1);
	if (!copy)
		return false;
	snprintf(copy, size, "%s=%s", text, value);
	v->list[v->count++] = v->copies[v->copied++] = copy;
	return true;
}

static bool add_variables(variables *v, const vsp_aot_program *p)
{
	bool good = v->list && v->copies;
	for (uint32_t i = 0; i < p->env_count && good; i++)
		good = add_variable(v, p->env[i]);
	return good;
}

static void free_variables(variables *v)
{
	for (uint32_t i = 0; i < v->copied; i++)
		vsp_free_memory(v->copies[i]);
	vsp_free_memory(v->copies);
	vsp_free_memory(v->list);
}

static vsp_status define_command(vsp_aot_instance *instance, int argc, char **argv)
{
	const vsp_aot_program *p = instance->program;
	variables env = {.list = vsp_alloc((size_t)p->env_count + 1, sizeof *env.list),
	        .copies = vsp_alloc((size_t)p->env_count + 1, sizeof *env.copies)};
	vsp_wasi_config config = VSP_WASI_CONFIG_INIT;
	config.capabilities = p->capabilities;
	config.args = (const char *const *)argv;
	config.arg_count = argc > 0 ? (uint32_t)argc : 0;
	config.preopens = p->dirs;
	config.preopen_count = p->dir_count;
	vsp_status status = VSP_E_MEMORY;
	if (!add_variables(&env, p)) {
		vsp_error_set(&instance->error, VSP_E_MEMORY, "out of memory");
	} else {
		config.env = env.list;
		config.env_count = env.count;
		status = define(instance, &config);
	}
	free_variables(&env);
	return status;
}

const vsp_aot_wasi_calls vsp_aot_wasi = {define, define_command, vsp_wasi_destroy};
