/*
 * Why operations did not run where they might have, for --stats: each kernel (or kind of operation)
 * and each cause once, with a count.
 */
#include "provider.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/sized.h"

/* Only these have functions, or models, which matter. */
static uint32_t index_of(const vsp_batch_op *op)
{
	return op->kind == VSP_BATCH_LAUNCH || op->kind == VSP_BATCH_INFER ? op->index : VSP_NO_PC;
}

static vsp_refusal *find(vsp_backend *s, const vsp_batch_op *op, const char *reason)
{
	for (uint32_t i = 0; i < s->refusal_count; i++) {
		vsp_refusal *r = &s->refusals[i];
		if (r->kind == op->kind && r->index == index_of(op) && strcmp(r->reason, reason) == 0)
			return r;
	}
	return NULL;
}

void vsp_backends_note(vsp_backend *s, const vsp_batch_op *op, const char *reason)
{
	if (!*reason) /* the CPU never has one */
		return;
	vsp_refusal *r = find(s, op, reason);
	if (!r && !s->refusals) /* without memory there are none to be seen */
		s->refusals = vsp_alloc(VSP_REFUSALS_MAX, sizeof *s->refusals);
	if (!r && s->refusals && s->refusal_count < VSP_REFUSALS_MAX) {
		r = &s->refusals[s->refusal_count++];
		*r = (vsp_refusal){.kind = op->kind, .index = index_of(op)};
		snprintf(r->reason, sizeof r->reason, "%s", reason);
	}
	if (r)
		r->count++;
}

vsp_status vsp_backends_refusal(
        const vsp_backends *backends, uint32_t index, uint32_t number, vsp_backend_refusal *refusal)
{
	if (!backends || !refusal || !refusal->size || index >= backends->count ||
	        number >= backends->slot[index].refusal_count)
		return VSP_E_ARGUMENT;
	const vsp_refusal *r = &backends->slot[index].refusals[number];
	vsp_backend_refusal full = VSP_BACKEND_REFUSAL_INIT;
	full.operation = r->kind;
	full.index = r->index;
	full.count = r->count;
	full.reason = r->reason;
	vsp_copy_sized(refusal, refusal->size, &full, sizeof full);
	return VSP_OK;
}
