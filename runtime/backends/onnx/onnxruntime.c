/*
 * The NPU provider: INFER, and EMERGE on a model, through ONNX Runtime. An instance makes a session
 * for a model when it is first used. What an NPU computes first is compared with the CPU's result,
 * because nobody else would notice a driver that is wrong.
 */
#include <stdio.h>
#include <string.h>

#include "runtime/backends/provider.h"
#include "runtime/base/alloc.h"
#include "runtime/helpers.h"
#include "runtime/platform/thread.h"
#include "session.h"

/* A model with its sessions. */
typedef struct used_model {
	ort_model *session;
	ort_model *reference; /* on the CPU, until the first result is compared; or null */
	uint64_t counted;     /* bytes in the program's account */
	bool failed;
	char why[VSP_REASON_SIZE]; /* of failed */
} used_model;

typedef struct npu_state {
	const ort_library *ort;
	vsp_rt *rt;
	ort_run_options *run; /* for the life of the state: interrupt uses it from other threads */
	ort_choice *chosen;   /* the choice of an execution provider; only one when the user named it */
	bool named;
	used_model *models; /* by the program's index */
	uint32_t count;
} npu_state;

/* Sessions take about as much as the model's bytes for weights, and again for prepared ones. */
enum { SESSION_COPIES = 2, SESSION_LEAST = 1 << 16 };

/* ---- opening ---- */

static void npu_describe(vsp_provider_facts *facts)
{
	const ort_library *ort = vsp_ort_open(facts->missing, sizeof facts->missing);
	if (!ort)
		return;
	facts->missing[0] = 0;
	snprintf(facts->driver, sizeof facts->driver, "ONNX Runtime %s", ort->version);
	char names[VSP_FACT_SIZE - 32];
	vsp_ort_names(ort, names, sizeof names);
	snprintf(facts->device, sizeof facts->device, "execution providers %s", names);
}

/* The choice that the user has named, if any. */
static bool read_choice(npu_state *s, char *reason, size_t size)
{
	const char *text = s->rt->backends->npu;
	vsp_ort_choose_cpu(s->chosen);
	s->named = text != NULL;
	if (!text)
		return true;
	if (!vsp_ort_choose(s->ort, text, s->chosen, reason, size))
		return false;
	if (!s->chosen->name[0] || s->rt->capabilities & VSP_CAP_NPU)
		return vsp_ort_provider_works(s->ort, s->chosen, reason, size);
	snprintf(reason, size, "%s", VSP_NOT_GRANTED);
	return false;
}

static void npu_close(void *opaque)
{
	npu_state *s = opaque;
	for (uint32_t i = 0; i < s->count; i++) {
		vsp_ort_session_close(s->models[i].session);
		vsp_ort_session_close(s->models[i].reference);
		vsp_account_give(&s->rt->account, s->models[i].counted);
	}
	if (s->run)
		s->ort->ReleaseRunOptions(s->run);
	vsp_free_memory(s->models);
	vsp_free_memory(s->chosen);
	vsp_free_memory(s);
}

static bool fill_state(npu_state *s, vsp_rt *rt, char *reason, size_t size)
{
	s->rt = rt;
	s->ort = vsp_ort_open(reason, size);
	if (!s->ort)
		return false;
	s->chosen = vsp_alloc(1, sizeof *s->chosen);
	s->models = vsp_alloc(rt->model_count, sizeof *s->models);
	if (!s->chosen || !s->models) {
		snprintf(reason, size, "out of memory");
		return false;
	}
	s->count = rt->model_count;
	return read_choice(s, reason, size) &&
	       vsp_ort_good(s->ort, s->ort->CreateRunOptions(&s->run), "ONNX Runtime", reason, size);
}

static bool npu_probe(vsp_rt *rt, void **state, char *reason, size_t size)
{
	npu_state *s = vsp_alloc(1, sizeof *s);
	if (!s) {
		snprintf(reason, size, "out of memory");
		return false;
	}
	if (!fill_state(s, rt, reason, size)) {
		npu_close(s);
		return false;
	}
	*state = s;
	return true;
}

/* ---- sessions ---- */

static ort_model *open_on(npu_state *s, const ort_choice *choice, const vsp_rt_model *model, char *why)
{
	return vsp_ort_session_open(s->ort, choice, model, &s->rt->account, why, VSP_REASON_SIZE);
}

/* Tries the NPUs, unless the user has named one provider, and then the CPU. */
static ort_model *open_best(npu_state *s, const vsp_rt_model *model, char *why)
{
	ort_model *session = NULL;
	bool tries = !s->named && s->rt->capabilities & VSP_CAP_NPU;
	for (unsigned i = 0; tries && !session && vsp_ort_candidate(s->ort, i, s->chosen); i++)
		session = open_on(s, s->chosen, model, why);
	if (session)
		return session;
	if (!s->named)
		vsp_ort_choose_cpu(s->chosen);
	return open_on(s, s->chosen, model, why);
}

static void note_placement(npu_state *s, const vsp_rt_model *model, const ort_model *session)
{
	for (uint32_t i = 0; i < s->rt->backends->count; i++) {
		vsp_backend *slot = &s->rt->backends->slot[i];
		if (slot->state != s)
			continue;
		size_t used = strlen(slot->stats.placed);
		snprintf(slot->stats.placed + used, VSP_REASON_SIZE - used, "%s%.40s: %s", used ? "; " : "",
		        model->name, session->placed[0] ? session->placed : "placed without nodes");
	}
}

static void fail_model(used_model *u, const char *why)
{
	u->failed = true;
	if (why != u->why)
		snprintf(u->why, sizeof u->why, "%s", why);
}

static void load_model(npu_state *s, used_model *u, const vsp_rt_model *model)
{
	uint64_t bytes = SESSION_LEAST + SESSION_COPIES * model->size;
	if (!vsp_account_take(&s->rt->account, bytes)) {
		fail_model(u, "the program's memory limit leaves no room for the model");
		return;
	}
	u->counted = bytes;
	u->session = open_best(s, model, u->why);
	if (!u->session) {
		fail_model(u, u->why);
		return;
	}
	note_placement(s, model, u->session);
	if (!s->chosen->name[0])
		return;
	ort_choice *cpu = vsp_alloc(1, sizeof *cpu);
	if (cpu)
		u->reference = open_on(s, cpu, model, u->why);
	vsp_free_memory(cpu);
	if (!u->reference)
		fail_model(u, cpu ? u->why : "out of memory");
}

/* Returns 0 with *model set, or BACKEND. */
static int find_model(npu_state *s, uint32_t index, used_model **model)
{
	vsp_rt *rt = s->rt;
	if (index >= s->count)
		return vsp_rt_fail(rt, VSP_TRAP_BACKEND, "there is no model %u; the program has %u", (unsigned)index,
		        (unsigned)s->count);
	used_model *u = *model = &s->models[index];
	if (!u->session && !u->failed)
		load_model(s, u, &rt->models[index]);
	return u->failed ? vsp_rt_fail(rt, VSP_TRAP_BACKEND, "model %.40s: %s", rt->models[index].name, u->why) : 0;
}

static bool npu_load(void *state, vsp_rt *rt, uint32_t index, char *reason, size_t size)
{
	npu_state *s = state;
	used_model *u = &s->models[index];
	if (!u->session && !u->failed)
		load_model(s, u, &rt->models[index]);
	if (u->failed)
		snprintf(reason, size, "%s", u->why);
	return !u->failed;
}

/* No node falls back where the CPU was asked for. */
static bool npu_needs_models(const void *state)
{
	const npu_state *s = state;
	return s->named && s->chosen->strict && s->chosen->name[0];
}

/* ---- runs ---- */

/*
 * The first result of a device against the CPU's. What differs, and may run on the CPU, does so
 * from then on.
 */
static bool compare(npu_state *s, used_model *u, uint64_t batch, const uint8_t *in, uint8_t *out, uint64_t out_bytes)
{
	uint8_t *wanted = vsp_alloc((size_t)(out_bytes ? out_bytes : 1), 1);
	bool ran = wanted &&
	           vsp_ort_session_run(u->reference, s->run, &s->rt->account, batch, in, wanted, u->why, sizeof u->why);
	bool alike = ran && vsp_ort_alike(u->reference, batch, out, wanted);
	if (ran && !alike && !s->chosen->strict) {
		ort_model *wrong = u->session;
		u->session = u->reference;
		u->reference = wrong;
		memcpy(out, wanted, (size_t)out_bytes);
		alike = true;
	} else if (ran && !alike) {
		snprintf(u->why, sizeof u->why, "%s computes something else than the CPU", s->chosen->name);
	} else if (!wanted) {
		snprintf(u->why, sizeof u->why, "out of memory");
	}
	vsp_free_memory(wanted);
	vsp_ort_session_close(u->reference);
	u->reference = NULL;
	return alike;
}

/* Results go to memory of our own first when they are to be compared: a wrong one must not be
   seen. */
static bool run_compared(npu_state *s, used_model *u, uint64_t batch, const uint8_t *in, uint8_t *out)
{
	uint64_t bytes = 0;
	if (!vsp_ort_output_bytes(u->session, batch, &bytes, u->why, sizeof u->why))
		return false;
	if (!vsp_account_take(&s->rt->account, 2 * bytes)) { /* here and in compare */
		snprintf(u->why, sizeof u->why, "the program's memory limit leaves no room to compare results");
		return false;
	}
	uint8_t *own = vsp_alloc((size_t)(bytes ? bytes : 1), 1);
	if (!own) {
		vsp_account_give(&s->rt->account, 2 * bytes);
		snprintf(u->why, sizeof u->why, "out of memory");
		return false;
	}
	bool ran = vsp_ort_session_run(u->session, s->run, &s->rt->account, batch, in, own, u->why, sizeof u->why) &&
	           compare(s, u, batch, in, own, bytes);
	if (ran)
		memcpy(out, own, (size_t)bytes);
	vsp_free_memory(own);
	vsp_account_give(&s->rt->account, 2 * bytes);
	return ran;
}

/*
 * From here on an interrupt ends the library's work. It may have come before: hence the order, see
 * vsp_interrupt.
 */
static int begin_run(npu_state *s)
{
	char why[VSP_REASON_SIZE];
	if (!vsp_ort_good(s->ort, s->ort->RunOptionsUnsetTerminate(s->run), "ONNX Runtime", why, sizeof why))
		return vsp_rt_fail(s->rt, VSP_TRAP_BACKEND, "%s", why);
	return vsp_rt_poll(s->rt);
}

static int run_model(npu_state *s, used_model *u, uint64_t batch, const uint8_t *in, uint8_t *out)
{
	int trap = begin_run(s);
	if (trap)
		return trap;
	bool ran = u->reference ? run_compared(s, u, batch, in, out)
	                        : vsp_ort_session_run(
	                                  u->session, s->run, &s->rt->account, batch, in, out, u->why, sizeof u->why);
	trap = vsp_rt_poll(s->rt);
	return ran || trap ? trap : vsp_rt_fail(s->rt, VSP_TRAP_BACKEND, "%s", u->why);
}

static int infer(npu_state *s, const vsp_batch_op *op)
{
	vsp_rt *rt = s->rt;
	used_model *u = NULL;
	uint64_t in = 0, out = 0;
	int trap = find_model(s, op->index, &u);
	if (trap)
		return trap;
	if (!vsp_ort_input_bytes(u->session, op->count, &in, u->why, sizeof u->why) ||
	        !vsp_ort_output_bytes(u->session, op->count, &out, u->why, sizeof u->why))
		return vsp_rt_fail(rt, VSP_TRAP_BACKEND, "model %.40s: %s", rt->models[op->index].name, u->why);
	if (vsp_rt_check_range(rt, op->src, in) != 0 || vsp_rt_check_range(rt, op->dst, out) != 0)
		return vsp_rt_fail(rt, VSP_TRAP_OUT_OF_BOUNDS, "the model reads %llu bytes and writes %llu",
		        (unsigned long long)in, (unsigned long long)out);
	return run_model(s, u, op->count, rt->memory.base + op->src, rt->memory.base + op->dst);
}

static int npu_infer(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t size)
{
	(void)rt, (void)reason, (void)size;
	vsp_plat_region *region = vsp_plat_host_enter(); /* faults of the library are not the program's */
	int trap = infer(state, op);
	vsp_plat_host_leave(region);
	return trap;
}

static int emerge(npu_state *s, uint32_t index, const float in[32], float out[32])
{
	used_model *u = NULL;
	int trap = find_model(s, index, &u);
	if (trap)
		return trap;
	if (!vsp_ort_is_emerge(u->session))
		return vsp_rt_fail(s->rt, VSP_TRAP_BACKEND,
		        "the model emerge must have one input and one output, float32 of 1 by 32");
	return run_model(s, u, 1, (const uint8_t *)in, (uint8_t *)out);
}

static int npu_emerge(void *state, vsp_rt *rt, const float in[32], float out[32])
{
	uint32_t index = 0;
	while (index < rt->model_count && strcmp(rt->models[index].name, "emerge") != 0)
		index++;
	if (index == rt->model_count)
		return VSP_DECLINED;
	vsp_plat_region *region = vsp_plat_host_enter();
	int trap = emerge(state, index, in, out);
	vsp_plat_host_leave(region);
	return trap;
}

/* The library only sets a flag, which a signal handler may do. */
static void npu_interrupt(void *state)
{
	npu_state *s = state;
	ort_status *status = s->ort->RunOptionsSetTerminate(s->run);
	(void)status; /* it cannot fail with options that exist */
}

const vsp_provider vsp_provider_onnxruntime = {
        .name = "onnxruntime",
        .hint = VSP_HINT_NPU,
        .describe = npu_describe,
        .probe = npu_probe,
        .close = npu_close,
        .run = {[VSP_BATCH_INFER] = npu_infer},
        .emerge = npu_emerge,
        .load_model = npu_load,
        .needs_models = npu_needs_models,
        .interrupt = npu_interrupt,
};
