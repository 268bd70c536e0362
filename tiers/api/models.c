/*
 * The models of an instance: the program's in its order, those of the host in their place or behind
 * them.
 */
#include <string.h>

#include "api.h"
#include "runtime/backends/provider.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"

static const vsp_host_model *host_model(const vsp_instance *instance, const char *name)
{
	for (uint32_t i = 0; i < instance->model_count; i++)
		if (strcmp(instance->models[i].name, name) == 0)
			return &instance->models[i];
	return NULL;
}

static void add(vsp_rt *rt, vsp_rt_model *all, const char *name, const uint8_t *data, uint64_t size)
{
	all[rt->model_count++] = (vsp_rt_model){name, data, size};
	rt->emerge_model = rt->emerge_model || strcmp(name, "emerge") == 0;
}

bool vsp_instance_attach_models(vsp_instance *instance)
{
	vsp_rt *rt = &instance->rt;
	const vsp_module_data *m = instance->module->data;
	vsp_rt_model *all = vsp_alloc((size_t)m->model_count + instance->model_count, sizeof *all);
	if (!all)
		return false;
	rt->model_count = 0;
	rt->emerge_model = false;
	for (uint32_t i = 0; i < m->model_count; i++) {
		const vsp_model *own = &m->models[i];
		const vsp_host_model *given = host_model(instance, own->name);
		add(rt, all, own->name, given ? given->data : own->data, given ? given->size : own->size);
	}
	for (uint32_t i = 0; i < instance->model_count; i++) {
		const vsp_host_model *given = &instance->models[i];
		if (!vsp_module_has_model(m, given->name))
			add(rt, all, given->name, given->data, given->size);
	}
	vsp_free_memory(instance->all_models);
	rt->models = instance->all_models = all;
	return true;
}

bool vsp_instance_is_host_model(const vsp_instance *instance, uint32_t index)
{
	return host_model(instance, instance->rt.models[index].name) != NULL;
}

static void free_model(vsp_host_model *model)
{
	vsp_free_memory(model->name);
	vsp_free_memory(model->data);
}

void vsp_instance_free_models(vsp_instance *instance)
{
	for (uint32_t i = 0; i < instance->model_count; i++)
		free_model(&instance->models[i]);
	vsp_free_memory(instance->models);
	vsp_free_memory(instance->all_models);
}

/* Copies both. False: out of memory, and nothing is left. */
static bool copy_model(vsp_host_model *to, const char *name, const void *bytes, size_t size)
{
	size_t length = strlen(name) + 1;
	*to = (vsp_host_model){vsp_alloc(length, 1), vsp_alloc(size, 1), size};
	if (!to->name || !to->data) {
		free_model(to);
		return false;
	}
	memcpy(to->name, name, length);
	memcpy(to->data, bytes, size);
	return true;
}

/* Replaces the model of that name, or adds one. */
static bool keep_model(vsp_instance *instance, const vsp_host_model *model)
{
	for (uint32_t i = 0; i < instance->model_count; i++)
		if (strcmp(instance->models[i].name, model->name) == 0) {
			free_model(&instance->models[i]);
			instance->models[i] = *model;
			return true;
		}
	vsp_host_model *grown = vsp_realloc(instance->models, (size_t)instance->model_count + 1, sizeof *grown);
	if (!grown)
		return false;
	instance->models = grown;
	grown[instance->model_count++] = *model;
	return true;
}

vsp_status vsp_define_model(vsp_instance *instance, const char *name, const void *bytes, size_t size, vsp_error *error)
{
	vsp_error_clear(error);
	if (!instance || !name || !bytes || !size)
		return vsp_error_set(error, VSP_E_ARGUMENT, "%s",
		        !instance ? "instance is null"
		        : !name   ? "name is null"
		                  : "the model has no bytes");
	if (instance->linked || instance->active)
		return vsp_error_set(error, VSP_E_ARGUMENT, "models are defined before the first run");
	vsp_host_model model;
	if (!copy_model(&model, name, bytes, size))
		return vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	vsp_backends_close(instance->rt.backends); /* what was prepared may have used the old one */
	if (!keep_model(instance, &model)) {
		free_model(&model);
		return vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	}
	if (instance->module && !vsp_instance_attach_models(instance)) {
		instance->rt.model_count = 0; /* the list names the model that was replaced */
		return vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	}
	return VSP_OK;
}
