/*
 * What the user asks for by name must be there: a back end that cannot be had is an error before the
 * program starts, with the way out.
 */
#include "provider.h"

#include <string.h>

#include "runtime/base/error.h"

static vsp_status refuse(uint8_t kind, const vsp_backend *slot, const char *none, vsp_error *error)
{
	const char *name = kind == VSP_HINT_GPU ? "gpu" : "npu";
	if (!slot)
		return vsp_error_set(error, VSP_E_UNSUPPORTED, "the back end %s is asked for, but %s", name, none);
	if (strcmp(slot->stats.reason, VSP_NOT_GRANTED) == 0)
		return vsp_error_set(error, VSP_E_ARGUMENT,
		        "the back end %s is asked for, but not its capability: add --allow=%s, or set it in the "
		        "host's configuration",
		        name, name);
	return vsp_error_set(error, VSP_E_UNSUPPORTED, "the back end %s is asked for, but cannot be used: %s: %s", name,
	        slot->provider->name, slot->stats.reason);
}

vsp_status vsp_backends_check(vsp_rt *rt, uint8_t kind, const char *none, vsp_error *error)
{
	vsp_backends *b = rt->backends;
	vsp_backend *first = NULL; /* the host's, where there is one: its reason is the one to tell */
	for (uint32_t i = b->count; i-- > 1;) {
		if (b->slot[i].provider->hint != kind)
			continue;
		if (vsp_backends_open(rt, &b->slot[i]))
			return VSP_OK;
		first = first ? first : &b->slot[i];
	}
	return refuse(kind, first, none, error);
}
