/*
 * Imports of an instance: what the host defines, and their link to what the program asks for.
 */
#include "api.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/base/grow.h"

static vsp_definition *find_definition(const vsp_instance *instance, const char *name)
{
	for (uint32_t i = 0; i < instance->definition_count; i++)
		if (strcmp(instance->definitions[i].name, name) == 0)
			return &instance->definitions[i];
	return NULL;
}

/* A new definition with a copy of name, or null. */
static vsp_definition *add_definition(vsp_instance *instance, const char *name)
{
	vsp_definition *grown = vsp_grow(
	        instance->definitions, instance->definition_count, &instance->definition_capacity, sizeof *grown, 8);
	if (!grown)
		return NULL;
	instance->definitions = grown;
	size_t n = strlen(name) + 1;
	char *copy = vsp_alloc(n, 1);
	if (!copy)
		return NULL;
	memcpy(copy, name, n);
	vsp_definition *fresh = &instance->definitions[instance->definition_count++];
	*fresh = (vsp_definition){.name = copy};
	return fresh;
}

vsp_status vsp_define_import(vsp_instance *instance, const char *name, uint32_t params, uint32_t results,
        vsp_import_fn fn, void *user, vsp_error *error)
{
	vsp_error_clear(error);
	if (!instance || !name || !fn)
		return vsp_error_set(error, VSP_E_ARGUMENT, "%s is null",
		        !instance ? "instance"
		        : !name   ? "name"
		                  : "fn");
	if (params > VSP_REGISTERS || results > VSP_REGISTERS)
		return vsp_error_set(error, VSP_E_ARGUMENT, "an import has at most 16 params and 16 results");
	if (instance->linked)
		return vsp_error_set(error, VSP_E_ARGUMENT, "imports are defined before the first run");
	vsp_definition *d = find_definition(instance, name);
	if (!d && !(d = add_definition(instance, name)))
		return vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	d->params = params;
	d->results = results;
	d->fn = fn;
	d->user = user;
	return VSP_OK;
}

/* Names all imports without a definition, or as many as a message has room for. */
static vsp_status refuse_missing(const vsp_instance *instance, uint32_t missing, vsp_error *error)
{
	enum { ROOM = 400, ENTRY = 300 };
	const vsp_module_data *m = instance->module->data;
	char list[ROOM] = "";
	uint32_t named = 0;
	for (uint32_t i = 0; i < m->import_count && named < missing; i++) {
		const vsp_import *import = &m->imports[i];
		char entry[ENTRY];
		if (find_definition(instance, import->name))
			continue;
		const char *before = named == 0 ? "" : named + 1 == missing ? " and " : ", ";
		int n = snprintf(entry, sizeof entry, "%s'%.200s' (%u -> %u)", before, import->name,
		        (unsigned)import->params, (unsigned)import->results);
		if (strlen(list) + (size_t)n + sizeof " and 4294967295 more" > sizeof list)
			break;
		strcat(list, entry);
		named++;
	}
	if (named < missing)
		sprintf(list + strlen(list), " and %u more", (unsigned)(missing - named));
	return vsp_error_set(error, VSP_E_LINK, "the program imports %s, which the host does not define", list);
}

static uint32_t count_missing(const vsp_instance *instance)
{
	const vsp_module_data *m = instance->module->data;
	uint32_t missing = 0;
	for (uint32_t i = 0; i < m->import_count; i++)
		missing += !find_definition(instance, m->imports[i].name);
	return missing;
}

vsp_status vsp_instance_link(vsp_instance *instance, vsp_error *error)
{
	if (instance->linked)
		return VSP_OK;
	const vsp_module_data *m = instance->module->data;
	uint32_t missing = count_missing(instance);
	if (missing)
		return refuse_missing(instance, missing, error);
	for (uint32_t i = 0; i < m->import_count; i++) {
		const vsp_import *import = &m->imports[i];
		const vsp_definition *d = find_definition(instance, import->name);
		if (d->params != import->params || d->results != import->results)
			return vsp_error_set(error, VSP_E_LINK,
			        "the program imports '%s' as %u -> %u, but the host defines it as %u -> %u",
			        import->name, import->params, import->results, d->params, d->results);
		instance->import_fns[i] = d->fn;
		instance->import_users[i] = d->user;
	}
	vsp_status status = vsp_instance_check_backend(instance, error);
	instance->linked = status == VSP_OK;
	return status;
}
