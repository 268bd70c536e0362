/*
 * WASI for instances: the public functions over runtime/host/wasi/.
 */
#include <stdio.h>

#include "api.h"

#include "runtime/base/error.h"
#include "runtime/host/wasi/wasi.h"

vsp_wasi *vsp_wasi_new(const vsp_wasi_config *config, vsp_error *error) { return vsp_wasi_create(config, error); }
void vsp_wasi_free(vsp_wasi *wasi) { vsp_wasi_destroy(wasi); }

static vsp_status define(vsp_wasi *wasi, vsp_instance *instance, const char *module, unsigned i, vsp_error *error)
{
	enum { NAME = 64 };
	const vsp_wasi_function *f = &vsp_wasi_functions[i];
	char name[NAME];
	void *user;
	vsp_import_fn fn = vsp_wasi_import(wasi, i, &user);
	snprintf(name, sizeof name, "%s.%s", module, f->name);
	return vsp_define_import(instance, name, f->param_count, f->results, fn, user, error);
}

vsp_status vsp_wasi_define(vsp_wasi *wasi, vsp_instance *instance, vsp_error *error)
{
	vsp_status status = VSP_OK;
	vsp_error_clear(error);
	if (!wasi)
		return vsp_error_set(error, VSP_E_ARGUMENT, "wasi is null");
	if (instance && instance->slot)
		return vsp_error_set(error, VSP_E_UNSUPPORTED,
		        "the files of a vsp_wasi would be those of all users of a pool's instance");
	if (instance)
		instance->wasi = true;
	for (const char *const *module = vsp_wasi_modules; *module; module++)
		for (unsigned i = 0; i < VSP_WASI_FUNCTIONS && status == VSP_OK; i++)
			status = define(wasi, instance, *module, i, error);
	return status;
}
