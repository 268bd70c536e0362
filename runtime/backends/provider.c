/*
 * The calls that concern the providers of an instance: their creation, one operation on the
 * provider that is chosen for it (choice.c), waiting, and EMERGE. The chosen provider may decline;
 * the CPU never does, except for INFER.
 */
#include "provider.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/sized.h"
#include "runtime/helpers.h"
#include "runtime/platform/platform.h"

static void interrupt_running(vsp_rt *rt)
{
	for (uint32_t i = 0; i < rt->backends->count; i++) {
		vsp_backend *s = &rt->backends->slot[i];
		if (atomic_load(&s->running) && s->provider->interrupt)
			s->provider->interrupt(s->state);
	}
}

vsp_backends *vsp_backends_create(const vsp_provider *const *others, uint32_t count)
{
	vsp_backends *b = vsp_alloc(1, sizeof *b);
	if (!b)
		return NULL;
	b->interrupt = interrupt_running;
	b->slot[b->count++].provider = &vsp_provider_cpu;
	for (uint32_t i = 0; i < count; i++)
		vsp_backends_add(b, others[i], NULL);
	return b;
}

bool vsp_backends_add(vsp_backends *backends, const vsp_provider *provider, void *state)
{
	if (backends->count == VSP_PROVIDERS_MAX)
		return false;
	vsp_backend *s = &backends->slot[backends->count++];
	s->provider = provider;
	s->given = s->state = state;
	return true;
}

void vsp_backends_close(vsp_backends *backends)
{
	for (uint32_t i = 0; backends && i < backends->count; i++) {
		vsp_backend *s = &backends->slot[i];
		if (s->probed == VSP_PROBE_GOOD && s->provider->close)
			s->provider->close(s->state);
		s->probed = VSP_PROBE_NEVER;
		s->state = s->given;
	}
}

void vsp_backends_destroy(vsp_backends *backends)
{
	if (!backends)
		return;
	vsp_backends_close(backends);
	for (uint32_t i = 0; i < backends->count; i++)
		vsp_free_memory(backends->slot[i].refusals);
	if (backends->pool)
		backends->destroy_pool(backends->pool);
	vsp_free_memory(backends->scratch);
	vsp_free_memory(backends->distances);
	vsp_free_memory(backends);
}

/* Is the time of this operation worth knowing? Only LAUNCHes that could go elsewhere are. */
static bool is_timed(const vsp_rt *rt, const vsp_backend *s, const vsp_batch_op *op)
{
	return op->kind == VSP_BATCH_LAUNCH && s == rt->backends->slot && rt->backends->count > 1;
}

static void tell(const vsp_rt *rt, const vsp_backend *s, const vsp_batch_op *op, uint64_t start_ns)
{
	const vsp_batch_observer *observer = &rt->backends->observer;
	observer->tell(observer->user, &(vsp_batch_span){.provider = s->provider->name,
	                                       .step = VSP_STEP_OPERATION,
	                                       .kind = op->kind,
	                                       .index = op->index,
	                                       .amount = op->count,
	                                       .start_ns = start_ns,
	                                       .end_ns = vsp_plat_clock_ns()});
}

static int run_on(vsp_rt *rt, vsp_backend *s, const vsp_batch_op *op)
{
	bool told = rt->backends->observer.tell;
	bool timed = is_timed(rt, s, op);
	uint64_t start = timed || told ? vsp_plat_clock_ns() : 0;
	atomic_store(&s->running, true);
	int result = s->provider->run[op->kind](s->state, rt, op, s->stats.reason, VSP_REASON_SIZE);
	atomic_store(&s->running, false);
	if (timed && result == 0)
		vsp_backends_learn(rt, op, vsp_plat_clock_ns() - start);
	if (told && result != VSP_DECLINED)
		tell(rt, s, op, start);
	return result;
}

static int backend_try(vsp_rt *rt, vsp_backend *s, const vsp_batch_op *op)
{
	const vsp_provider *p = s->provider;
	int result = 0;
	if (op->kind == VSP_BATCH_LAUNCH && p->compile_kernel)
		result = p->compile_kernel(s->state, rt, op->index, s->stats.reason, VSP_REASON_SIZE);
	if (result == 0)
		result = run_on(rt, s, op);
	if (result != VSP_DECLINED)
		s->stats.operations[op->kind]++;
	return result;
}

/*
 * Operations on different providers keep their order: a provider with pending work finishes first.
 */
static int wait_for_others(vsp_rt *rt, const vsp_backend *chosen)
{
	for (uint32_t i = 0; i < rt->backends->count; i++) {
		vsp_backend *s = &rt->backends->slot[i];
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
	for (uint32_t i = rt->backends->count; i-- > 1;) {
		vsp_backend *s = &rt->backends->slot[i];
		if (s->provider->run[kind])
			return vsp_rt_fail(rt, VSP_TRAP_BACKEND, "%s: %s", s->provider->name, s->stats.reason);
	}
	return vsp_rt_fail(rt, VSP_TRAP_BACKEND,
	        "models need ONNX Runtime (libonnxruntime.so.1) and a build of VSP with an NPU provider; this build "
	        "has none");
}

int vsp_backends_run(vsp_rt *rt, const vsp_batch_op *op)
{
	uint8_t order[VSP_PROVIDERS_MAX];
	unsigned count = vsp_backends_choose(rt, op, order);
	for (unsigned i = 0; i < count; i++) {
		vsp_backend *s = &rt->backends->slot[order[i]];
		/* First of all, so that work goes on while one that cannot be used is asked. */
		bool open = s->provider->run[op->kind] && vsp_backends_open(rt, s);
		int result = open ? wait_for_others(rt, s) : VSP_DECLINED;
		if (result == 0)
			result = backend_try(rt, s, op);
		if (result != VSP_DECLINED)
			return result;
		vsp_backends_note(s, op, s->stats.reason);
	}
	return nobody_can(rt, op->kind);
}

/* Compiled programs without batch instructions have no providers. */
int vsp_backends_wait(vsp_rt *rt) { return rt->backends ? wait_for_others(rt, NULL) : 0; }

void vsp_backends_abandon(vsp_rt *rt)
{
	for (uint32_t i = 0; rt->backends && i < rt->backends->count; i++) {
		vsp_backend *s = &rt->backends->slot[i];
		if (s->probed == VSP_PROBE_GOOD && s->provider->abandon)
			s->provider->abandon(s->state);
	}
}

void vsp_backends_fence(vsp_rt *rt)
{
	for (uint32_t i = 0; rt->backends && i < rt->backends->count; i++) {
		vsp_backend *s = &rt->backends->slot[i];
		if (s->probed == VSP_PROBE_GOOD && s->provider->fence)
			s->provider->fence(s->state, rt);
	}
}

int vsp_backends_emerge(vsp_rt *rt, const float in[32], float out[32])
{
	for (uint32_t i = rt->backends->count; i-- > 0;) {
		vsp_backend *s = &rt->backends->slot[i];
		bool has = s->provider->emerge && (rt->emerge_model || s->provider->own_model);
		if (!has || !vsp_backends_open(rt, s))
			continue;
		atomic_store(&s->running, true);
		int result = s->provider->emerge(s->state, rt, in, out);
		atomic_store(&s->running, false);
		if (result != VSP_DECLINED) {
			s->stats.emerged++;
			return result;
		}
	}
	return rt->emerge_model ? nobody_can(rt, VSP_BATCH_INFER) : VSP_DECLINED;
}

vsp_status vsp_backends_stats(const vsp_backends *backends, uint32_t index, vsp_backend_stats *stats)
{
	if (!backends || !stats || !stats->size || index >= backends->count)
		return VSP_E_ARGUMENT;
	const vsp_backend *s = &backends->slot[index];
	vsp_backend_stats full = VSP_BACKEND_STATS_INIT;
	full.kind = s->provider->hint;
	full.name = s->provider->name;
	memcpy(full.operations, s->stats.operations, sizeof s->stats.operations);
	full.operations[VSP_OPERATION_EMERGE] = s->stats.emerged;
	full.reason = s->stats.reason;
	full.placed = s->stats.placed;
	vsp_copy_sized(stats, stats->size, &full, sizeof full);
	return VSP_OK;
}
