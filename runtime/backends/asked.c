/*
 * What the user asks for by name must be there: a back end that cannot be had is an error before
 * the program starts, with the way out. So is a choice that is not written as it must be.
 */
#include "provider.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/error.h"

/* Null, or what is wrong with one part of a choice. */
static const char *wrong_option(const char *part, size_t length)
{
	const char *equals = memchr(part, '=', length);
	if (length == strlen("strict") && memcmp(part, "strict", length) == 0)
		return NULL;
	if (!equals)
		return "is neither KEY=VALUE nor strict";
	return equals == part ? "has no key" : equals + 1 == part + length ? "has no value" : NULL;
}

bool vsp_npu_is_written_well(const char *text, char *why, size_t size)
{
	size_t length = strcspn(text, ",");
	const char *wrong = length ? NULL : "it names no execution provider";
	if (memchr(text, '=', length))
		wrong = "it must begin with the name of an execution provider";
	snprintf(why, size, "%s", wrong ? wrong : "");
	while (!wrong && text[length]) {
		text += length + 1;
		length = strcspn(text, ",");
		wrong = length ? wrong_option(text, length) : "it has a comma with no option behind it";
		if (wrong && length)
			snprintf(why, size, "'%.*s' %s", (int)(length < 60 ? length : 60), text, wrong);
		else if (wrong)
			snprintf(why, size, "%s", wrong);
	}
	return !wrong;
}

/* "cuda: why; opencl: why", as far as there is room: a host's own, where there is one, comes
   first. */
static void list_reasons(const vsp_backends *b, uint8_t kind, char *text, size_t size)
{
	size_t used = 0;
	text[0] = 0;
	for (uint32_t i = b->count; i-- > 1 && used < size;) {
		const vsp_backend *s = &b->slot[i];
		if (s->provider->hint == kind)
			used += (size_t)snprintf(text + used, size - used, "%s%s: %s", used ? "; " : "",
			        s->provider->name, s->stats.reason);
	}
}

static vsp_status refuse(
        const vsp_backends *b, uint8_t kind, const vsp_backend *slot, const char *none, vsp_error *error)
{
	const char *name = kind == VSP_HINT_GPU ? "gpu" : "npu";
	char reasons[sizeof error->message];
	if (!slot)
		return vsp_error_set(error, VSP_E_UNSUPPORTED, "the back end %s is asked for, but %s", name, none);
	if (strcmp(slot->stats.reason, VSP_NOT_GRANTED) == 0)
		return vsp_error_set(error, VSP_E_ARGUMENT,
		        "the back end %s is asked for, but not its capability: add --allow=%s, or set it in the "
		        "host's configuration",
		        name, name);
	list_reasons(b, kind, reasons, sizeof reasons);
	return vsp_error_set(
	        error, VSP_E_UNSUPPORTED, "the back end %s is asked for, but cannot be used: %s", name, reasons);
}

/* Makes all models ready where the user wants that. */
static vsp_status check_models(vsp_rt *rt, vsp_backend *slot, vsp_error *error)
{
	const vsp_provider *p = slot->provider;
	bool needed =
	        p->load_model && p->needs_models && p->needs_models(slot->state) && rt->capabilities & VSP_CAP_MODELS;
	for (uint32_t i = 0; needed && i < rt->model_count; i++)
		if (!p->load_model(slot->state, rt, i, slot->stats.reason, VSP_REASON_SIZE))
			return vsp_error_set(error, VSP_E_UNSUPPORTED, "model '%.40s' cannot be used as asked for: %s",
			        rt->models[i].name, slot->stats.reason);
	return VSP_OK;
}

vsp_status vsp_backends_check(vsp_rt *rt, uint8_t kind, const char *none, vsp_error *error)
{
	vsp_backends *b = rt->backends;
	vsp_backend *first = NULL; /* the host's, where there is one: its reason counts */
	for (uint32_t i = b->count; i-- > 1;) {
		if (b->slot[i].provider->hint != kind)
			continue;
		if (vsp_backends_open(rt, &b->slot[i]))
			return check_models(rt, &b->slot[i], error);
		first = first ? first : &b->slot[i];
	}
	return refuse(b, kind, first, none, error);
}
