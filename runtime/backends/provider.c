/*
 * The choice of the provider for a batch operation, and the calls that concern all providers.
 *
 * The hint names the kind of device. Without a hint operations stay on the CPU, which on shared
 * memory is faster for everything but kernels and models. The chosen provider may decline; the CPU
 * never does, except for INFER.
 */
#include "provider.h"

#include <stdio.h>

#include "runtime/base/alloc.h"
#include "runtime/helpers.h"

vsp_backends *vsp_backends_create(const vsp_provider *const *others, uint32_t count)
{
	vsp_backends *b = vsp_alloc(1, sizeof *b);
	if (!b)
		return NULL;
	b->slot[b->count++].provider = &vsp_provider_cpu;
	for (uint32_t i = 0; i < count && b->count < VSP_PROVIDERS_MAX; i++)
		b->slot[b->count++].provider = others[i];
	return b;
}

void vsp_backends_destroy(vsp_backends *backends)
{
	if (!backends)
		return;
	for (uint32_t i = 0; i < backends->count; i++) {
		struct vsp_backend *s = &backends->slot[i];
		if (s->probed == VSP_PROBE_GOOD && s->provider->close)
			s->provider->close(s->state);
	}
	vsp_free_memory(backends->scratch);
	vsp_free_memory(backends);
}

/* Is the provider open and allowed? If not, its reason is recorded. */
static bool backend_ready(vsp_rt *rt, struct vsp_backend *s)
{
	if (s->provider->capability & ~rt->capabilities) {
		snprintf(s->stats.reason, sizeof s->stats.reason, "capability not granted");
		return false;
	}
	if (s->probed == VSP_PROBE_NEVER) {
		bool good = !s->provider->probe ||
		            s->provider->probe(rt, &s->state, s->stats.reason, sizeof s->stats.reason);
		s->probed = good ? VSP_PROBE_GOOD : VSP_PROBE_BAD;
	}
	return s->probed == VSP_PROBE_GOOD;
}

/*
 * Does the program's hint lead to this provider? INFER goes to NPU providers whatever the hint;
 * LAUNCH without a hint tries the GPU.
 */
static bool backend_wanted(const vsp_rt *rt, const vsp_batch_op *op, const vsp_provider *p)
{
	if (op->kind == VSP_BATCH_INFER)
		return p->run[VSP_BATCH_INFER] != NULL;
	if (op->kind == VSP_BATCH_LAUNCH && rt->fuel_on) /* instructions of kernels are counted, one after the other */
		return false;
	if (rt->hint == VSP_HINT_ANY)
		return op->kind == VSP_BATCH_LAUNCH && p->hint == VSP_HINT_GPU;
	return p->hint == rt->hint;
}

static int backend_try(vsp_rt *rt, struct vsp_backend *s, const vsp_batch_op *op)
{
	const vsp_provider *p = s->provider;
	char *reason = s->stats.reason;
	if (!p->run[op->kind] || !backend_ready(rt, s))
		return VSP_DECLINED;
	int result = 0;
	if (op->kind == VSP_BATCH_LAUNCH && p->compile_kernel)
		result = p->compile_kernel(s->state, rt, op->index, reason, VSP_REASON_SIZE);
	if (result == 0)
		result = p->run[op->kind](s->state, rt, op, reason, VSP_REASON_SIZE);
	if (result != VSP_DECLINED)
		s->stats.operations[op->kind]++;
	return result;
}

/*
 * Operations on different providers keep their order: a provider with pending work finishes first.
 */
static int wait_for_others(vsp_rt *rt, const struct vsp_backend *chosen)
{
	for (uint32_t i = 0; i < rt->backends->count; i++) {
		struct vsp_backend *s = &rt->backends->slot[i];
		if (s == chosen || s->probed != VSP_PROBE_GOOD || !s->provider->wait)
			continue;
		int trap = s->provider->wait(s->state, rt);
		if (trap)
			return trap;
	}
	return 0;
}

/*
 * BACKEND: only INFER and EMERGE get here, because the CPU does everything else. The message says
 * what would help.
 */
static int nobody_can(vsp_rt *rt, unsigned kind)
{
	for (uint32_t i = 1; i < rt->backends->count; i++) {
		struct vsp_backend *s = &rt->backends->slot[i];
		if (s->provider->run[kind])
			return vsp_rt_fail(rt, VSP_TRAP_BACKEND, "%s: %s", s->provider->name, s->stats.reason);
	}
	return vsp_rt_fail(rt, VSP_TRAP_BACKEND,
	        "models need ONNX Runtime (libonnxruntime.so.1) and a build of VSP with an NPU provider; this build "
	        "has none");
}

/* Records the reason for --stats if no provider of this build matches the hint. */
static void note_unanswered_hint(vsp_rt *rt)
{
	static const char *const names[] = {[VSP_HINT_GPU] = "GPU", [VSP_HINT_NPU] = "NPU"};
	if (rt->hint != VSP_HINT_GPU && rt->hint != VSP_HINT_NPU)
		return;
	for (uint32_t i = 1; i < rt->backends->count; i++)
		if (rt->backends->slot[i].provider->hint == rt->hint)
			return;
	char *reason = rt->backends->slot[0].stats.reason;
	if (!reason[0])
		snprintf(reason, VSP_REASON_SIZE, "HINT.%s: this build has no such provider", names[rt->hint]);
}

int vsp_backends_run(vsp_rt *rt, const vsp_batch_op *op)
{
	struct vsp_backend *slots = rt->backends->slot;
	note_unanswered_hint(rt);
	for (uint32_t i = rt->backends->count; i-- > 0;) {
		if (i != 0 && !backend_wanted(rt, op, slots[i].provider))
			continue;
		int result = wait_for_others(rt, &slots[i]);
		if (result == 0)
			result = backend_try(rt, &slots[i], op);
		if (result != VSP_DECLINED)
			return result;
	}
	return nobody_can(rt, op->kind);
}

/* Compiled programs without batch instructions have no providers. */
int vsp_backends_wait(vsp_rt *rt) { return rt->backends ? wait_for_others(rt, NULL) : 0; }

void vsp_backends_fence(vsp_rt *rt)
{
	for (uint32_t i = 0; rt->backends && i < rt->backends->count; i++) {
		struct vsp_backend *s = &rt->backends->slot[i];
		if (s->probed == VSP_PROBE_GOOD && s->provider->fence)
			s->provider->fence(s->state, rt);
	}
}

int vsp_backends_emerge(vsp_rt *rt, const float in[32], float out[32])
{
	for (uint32_t i = rt->backends->count; i-- > 0;) {
		struct vsp_backend *s = &rt->backends->slot[i];
		if (!s->provider->emerge || !backend_ready(rt, s))
			continue;
		int result = s->provider->emerge(s->state, rt, in, out);
		if (result != VSP_DECLINED)
			return result;
	}
	return rt->emerge_model ? nobody_can(rt, VSP_BATCH_INFER) : VSP_DECLINED;
}
