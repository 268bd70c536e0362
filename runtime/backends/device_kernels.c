/*
 * Kernels prepared for a device: their code, and whether the device computes it exactly. What
 * cannot be prepared is refused for good, with the reason.
 */
#include "device_parts.h"

#include <stdio.h>

#include "runtime/base/alloc.h"

/* What the device would have to compute exactly and does not, or null. */
static const char *inexact(uint32_t needs, uint32_t exact)
{
	uint32_t lacks = needs & ~exact;
	if (lacks & VSP_DEVICE_F64)
		return "the device has no doubles with subnormals and correct rounding";
	if (lacks & VSP_DEVICE_F32)
		return "the device has no floats with subnormals and correctly rounded division";
	return NULL;
}

static const char *load(vsp_device *d, const vsp_device_code *code, uint32_t index, vsp_device_kernel *k)
{
	char name[32];
	void *unit;
	snprintf(name, sizeof name, VSP_DEVICE_KERNEL, (unsigned)index);
	const char *why = inexact(code->needs, d->exact);
	if (!why)
		why = d->driver->load(d->handle, code, &unit);
	if (!why)
		why = d->driver->entry(d->handle, unit, name, &k->handle);
	k->needs = code->needs;
	return why;
}

static void prepare(vsp_device *d, vsp_rt *rt, uint32_t index, vsp_device_kernel *k)
{
	const vsp_device_source *source = &rt->backends->source;
	vsp_device_code code = {0};
	const char *why = "this build makes no device code";
	if (source->get)
		why = source->get(source->user, d->driver->format, index, &code);
	if (!why)
		why = load(d, &code, index, k);
	if (why)
		snprintf(k->reason, sizeof k->reason, "%s", why);
	if (source->free)
		source->free(&code);
	k->known = true;
}

/* False: no memory, or no room in the program's account. */
static bool list_kernels(vsp_device *d, uint32_t count)
{
	uint64_t bytes = (uint64_t)count * sizeof *d->kernels;
	if (!vsp_account_take(d->account, bytes))
		return false;
	d->kernels = vsp_alloc(count, sizeof *d->kernels);
	vsp_account_give(d->account, d->kernels ? 0 : bytes);
	d->kernel_count = d->kernels ? count : 0;
	return d->kernels != NULL;
}

int vsp_device_compile(void *state, vsp_rt *rt, uint32_t index, char *reason, size_t reason_size)
{
	vsp_device *d = state;
	if (vsp_device_is_orphan(d) && !d->begun)
		return vsp_device_decline(reason, reason_size, "%s", d->broken);
	if (d->serial != rt->backends->source.serial) { /* another program */
		vsp_device_forget_kernels(d);
		d->serial = rt->backends->source.serial;
	}
	if (!d->kernels && !list_kernels(d, rt->func_count))
		return vsp_device_decline(reason, reason_size, "no memory for the list of kernels");
	vsp_device_kernel *k = &d->kernels[index];
	if (!k->known && !vsp_device_is_orphan(d))
		prepare(d, rt, index, k);
	return k->handle ? 0 : vsp_device_decline(reason, reason_size, "%s", k->reason);
}

const vsp_device_kernel *vsp_device_item(vsp_device *d, vsp_rt *rt, unsigned item, char *reason, size_t reason_size)
{
	vsp_device_kernel *k = &d->items[item];
	if (vsp_device_is_orphan(d) && !d->begun) {
		vsp_device_decline(reason, reason_size, "%s", d->broken);
		return NULL;
	}
	if (!k->known && !vsp_device_is_orphan(d))
		prepare(d, rt, VSP_DEVICE_ITEM(item), k);
	k->needs &= ~(uint32_t)VSP_DEVICE_LOOPS; /* the budget is an operand */
	if (k->handle)
		return k;
	vsp_device_decline(reason, reason_size, "%s", k->reason);
	return NULL;
}
