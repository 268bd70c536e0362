/*
 * Which tables of hosts' back ends are taken (vsp_provider.h): whatever is in them shows up in
 * messages, in files and in the choice of back ends, so nothing is left to chance.
 */
#include <math.h>
#include <string.h>

#include <vsp/vsp_provider.h>

#include "api.h"
#include "runtime/backends/provider.h"
#include "runtime/base/error.h"

enum {
	POSSIBLE = 1u << VSP_OPERATION_GRADB | 1u << VSP_OPERATION_DESCB | 1u << VSP_OPERATION_VMAP |
	           1u << VSP_OPERATION_VRED | 1u << VSP_OPERATION_LAUNCH | 1u << VSP_OPERATION_INFER,
	CAPABILITIES = 0
#define CAPABILITY(NAME, bit, name) | 1u << (bit)
#include "runtime/capabilities.def"
};

/* ---- the name ---- */

static bool is_taken(const vsp_instance *instance, const char *name)
{
	const vsp_backends *b = instance->rt.backends;
	const char *known;
	for (uint32_t i = 0; (known = vsp_backend_name(i)); i++)
		if (strcmp(known, name) == 0)
			return true;
	for (uint32_t i = 0; b && i < b->count; i++)
		if (strcmp(b->slot[i].provider->name, name) == 0)
			return true;
	return false;
}

/* Null, or what is wrong. Bytes behind those of the longest name are not looked at. */
static const char *wrong_name(const char *name)
{
	size_t length = 0;
	if (!name || !*name)
		return "the table has no name";
	for (; name[length]; length++) {
		if (length == VSP_PROVIDER_NAME_MAX)
			return "the table's name is too long";
		if (name[length] < ' ' || name[length] > '~')
			return "the table's name has a character that is not printable ASCII";
	}
	return NULL;
}

/* ---- the rest ---- */

static bool is_cost(double ns) { return isfinite(ns) && ns >= 0; }

static bool are_costs(const vsp_provider_table *t)
{
	bool good = is_cost(t->launch_ns) && is_cost(t->byte_ns);
	for (unsigned i = 0; i < VSP_OPERATIONS; i++)
		good = good && is_cost(t->work_ns[i]);
	return good;
}

static const char *wrong_functions(const vsp_provider_table *t)
{
	if (t->operations & ~(uint32_t)POSSIBLE)
		return "the table's operations must be of GRADB, DESCB, VMAP, VRED, LAUNCH and INFER";
	if (t->version < 2 && t->operations >> VSP_OPERATION_LAUNCH & 1)
		return "LAUNCH needs a table of version 2";
	if (!t->operations == !!t->run)
		return "the table must have both operations and run, or neither";
	return !t->run && !t->emerge ? "the table has nothing that could run" : NULL;
}

static const char *wrong_values(const vsp_provider_table *t)
{
	if (t->kind != VSP_BACKEND_GPU && t->kind != VSP_BACKEND_NPU)
		return "the table's kind must be VSP_BACKEND_GPU or VSP_BACKEND_NPU";
	if (t->capability & ~(uint32_t)CAPABILITIES)
		return "the table's capability has bits without a meaning";
	if (t->reserved)
		return "the table's reserved word must be 0";
	return are_costs(t) ? wrong_functions(t) : "the table's costs must be finite and not negative";
}

vsp_status vsp_host_table_check(const vsp_instance *instance, const vsp_provider_table *t, vsp_error *error)
{
	if (t->version > VSP_PROVIDER_VERSION)
		return vsp_error_set(error, VSP_E_UNSUPPORTED,
		        "the table is of version %u, and this library knows versions up to %u", (unsigned)t->version,
		        VSP_PROVIDER_VERSION);
	if (!t->version)
		return vsp_error_set(
		        error, VSP_E_ARGUMENT, "the table's version is 0; start from VSP_PROVIDER_TABLE_INIT");
	const char *wrong = wrong_name(t->name);
	if (!wrong)
		wrong = wrong_values(t);
	if (wrong)
		return vsp_error_set(error, VSP_E_ARGUMENT, "%s", wrong);
	if (is_taken(instance, t->name))
		return vsp_error_set(error, VSP_E_ARGUMENT, "the instance has a back end called '%s' already", t->name);
	return VSP_OK;
}
