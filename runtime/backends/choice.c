/*
 * The choice of providers for a batch operation: what the user asks for (vsp_config.backend,
 * --backend), else what the program's hint asks for, else the provider that a model of the costs
 * expects to be done first.
 *
 * The model is: time = launch + bytes moved * time of a byte + items * work on an item. The
 * constants are measured once on the machine, those of the CPU once it has worked for a while;
 * until then they are in kinds.def. The time of a kernel's instruction on the CPU, which depends on
 * the tier, is learned from LAUNCHes that ran there. Nothing is opened or measured for an operation
 * that the CPU finishes sooner than a device begins, nor before the program has worked for as long
 * as that takes.
 */
#include "provider.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	double cpu_ns, moved;
} kinds[VSP_BATCH_KINDS] = {
#define KIND(NAME, cpu_ns, moved) {#NAME, cpu_ns, moved},
#include "kinds.def"
};
/* The constants of the CPU are right within a factor: a device is chosen only if it wins by
   more. */
#define ADVANTAGE 2.0
/* Less than any device takes to begin. */
#define FLOOR_NS 20000.0
/* Measuring the CPU takes a few milliseconds, which a program that has worked for as long hardly
   notices. */
#define MEASURED_AFTER_NS 1e7
enum { INSTRUCTION_BYTES = 4 }; /* about what one takes */

/* ---- opening ---- */

bool vsp_backends_open(vsp_rt *rt, vsp_backend *s)
{
	if (s->provider->capability & ~rt->capabilities) {
		snprintf(s->stats.reason, sizeof s->stats.reason, VSP_NOT_GRANTED);
		return false;
	}
	if (s->probed == VSP_PROBE_NEVER) {
		bool good = !s->provider->probe ||
		            s->provider->probe(rt, &s->state, s->stats.reason, sizeof s->stats.reason);
		s->probed = good ? VSP_PROBE_GOOD : VSP_PROBE_BAD;
	}
	return s->probed == VSP_PROBE_GOOD;
}

/* ---- the model ---- */

/* Instructions of one iteration, as if each ran once. */
static double kernel_instructions(const vsp_rt *rt, uint32_t index)
{
	if (index >= rt->func_count)
		return 1;
	uint32_t start = rt->funcs[index].start;
	uint32_t end = index + 1 < rt->func_count ? rt->funcs[index + 1].start : rt->code_size;
	return end > start + INSTRUCTION_BYTES ? (double)(end - start) / INSTRUCTION_BYTES : 1;
}

static double items_of(const vsp_rt *rt, const vsp_batch_op *op)
{
	double count = (double)op->count;
	return op->kind == VSP_BATCH_LAUNCH ? count * kernel_instructions(rt, op->index) : count;
}

/* Bytes that a device with memory of its own moves. */
static double bytes_of(const vsp_batch_op *op)
{
	double bytes = (double)op->count * kinds[op->kind].moved;
	for (uint32_t i = 0; op->kind == VSP_BATCH_LAUNCH && op->ranges && i < op->ranges->count; i++) {
		const vsp_range *r = &op->ranges->list[i];
		bytes += (double)r->length * ((r->flags & VSP_RANGE_IN ? 1 : 0) + (r->flags & VSP_RANGE_OUT ? 1 : 0));
	}
	return bytes;
}

static double cpu_ns(const vsp_rt *rt, const vsp_batch_op *op)
{
	double learned = rt->backends->slot[0].costs.work_ns[op->kind];
	return items_of(rt, op) * (learned > 0 ? learned : kinds[op->kind].cpu_ns);
}

/* The average moves slowly, since kernels differ. */
void vsp_backends_learn(vsp_rt *rt, const vsp_batch_op *op, uint64_t ns)
{
	double items = items_of(rt, op), *known = &rt->backends->slot[0].costs.work_ns[op->kind];
	double now = (double)ns / (items > 0 ? items : 1);
	*known = *known > 0 ? *known + (now - *known) / 4 : now;
}

/* Constants are sane, or none: files and devices may say anything. */
static bool are_good(const vsp_costs *c)
{
	bool good = c->launch_ns >= 0 && c->byte_ns >= 0 && c->launch_ns < 1e12 && c->byte_ns < 1e12;
	for (unsigned i = 0; i < VSP_BATCH_KINDS; i++)
		good = good && c->work_ns[i] >= 0 && c->work_ns[i] < 1e12;
	return good;
}

static bool find_costs(vsp_rt *rt, vsp_backend *s)
{
	const vsp_costs_keeper *k = &rt->backends->keeper;
	if (k->load && k->load(k->user, s->provider, &s->costs) && are_good(&s->costs))
		return true;
	if (!s->provider->measure(s->state, rt, &rt->backends->source, &s->costs) || !are_good(&s->costs))
		return false;
	if (k->save)
		k->save(k->user, s->provider, &s->costs);
	return true;
}

static bool is_costed(vsp_rt *rt, vsp_backend *s)
{
	if (s->costed == VSP_COSTS_UNKNOWN)
		s->costed = find_costs(rt, s) ? VSP_COSTS_KNOWN : VSP_COSTS_NONE;
	return s->costed == VSP_COSTS_KNOWN;
}

/* What of the CPU can be measured, which leaves what is learned as it is. */
static void cost_cpu(vsp_rt *rt)
{
	vsp_backend *cpu = &rt->backends->slot[0];
	double learned = cpu->costs.work_ns[VSP_BATCH_LAUNCH];
	if (cpu->costed != VSP_COSTS_UNKNOWN)
		return;
	if (!is_costed(rt, cpu))
		memset(&cpu->costs, 0, sizeof cpu->costs);
	cpu->costs.work_ns[VSP_BATCH_LAUNCH] = learned;
}

/*
 * How much longer the CPU took for the items of a LAUNCH than the model says, as far as that is
 * because kernels have loops, which a device runs too, and not because the interpreter ran them.
 */
static double loops_of(const vsp_rt *rt, const vsp_batch_op *op)
{
	enum { INTERPRETED = 10 };
	double expected = kinds[op->kind].cpu_ns * INTERPRETED, learned = rt->backends->slot[0].costs.work_ns[op->kind];
	return op->kind == VSP_BATCH_LAUNCH && learned > expected ? learned / expected : 1;
}

static double device_ns(const vsp_rt *rt, const vsp_backend *s, const vsp_batch_op *op)
{
	const vsp_costs *c = &s->costs;
	return c->launch_ns + bytes_of(op) * c->byte_ns + items_of(rt, op) * loops_of(rt, op) * c->work_ns[op->kind];
}

/* ---- what is asked for ---- */

/* The kind of provider that the user or the program asks for. */
static uint8_t wanted_kind(const vsp_rt *rt)
{
	uint8_t kind = rt->backends->asked != VSP_HINT_ANY ? rt->backends->asked : rt->hint;
	return kind == VSP_HINT_FPGA || kind == VSP_HINT_DSP ? VSP_HINT_CPU : kind;
}

/* Records the reason for --stats if no provider of this build is of the kind asked for. */
static void note_unanswered(vsp_rt *rt, uint8_t kind)
{
	static const char *const names[] = {[VSP_HINT_GPU] = "GPU", [VSP_HINT_NPU] = "NPU"};
	char *reason = rt->backends->slot[0].stats.reason;
	if ((kind == VSP_HINT_GPU || kind == VSP_HINT_NPU) && !reason[0])
		snprintf(reason, VSP_REASON_SIZE, "HINT.%s: this build has no such provider", names[kind]);
}

static void note_unable(vsp_backend *s, const vsp_batch_op *op)
{
	char reason[VSP_REASON_SIZE];
	snprintf(reason, sizeof reason, "%s does not run %s", s->provider->name, kinds[op->kind].name);
	if (!s->stats.reason[0])
		snprintf(s->stats.reason, VSP_REASON_SIZE, "%s", reason);
	vsp_backends_note(s, op, reason);
}

/* Providers of the kind asked for; those that cannot do the operation say so. */
static unsigned add_kind(vsp_rt *rt, const vsp_batch_op *op, uint8_t kind, uint8_t *order)
{
	unsigned n = 0;
	bool found = false;
	for (uint32_t i = rt->backends->count; i-- > 1;) {
		vsp_backend *s = &rt->backends->slot[i];
		if (s->provider->hint != kind)
			continue;
		found = true;
		if (s->provider->run[op->kind])
			order[n++] = (uint8_t)i;
		else
			note_unable(s, op);
	}
	if (!found)
		note_unanswered(rt, kind);
	return n;
}

/* With fuel instructions of kernels are counted, one after the other; providers that were asked for
   say so. */
static void note_fuel(vsp_rt *rt, const vsp_batch_op *op, uint8_t kind)
{
	for (uint32_t i = 1; i < rt->backends->count; i++)
		if (rt->backends->slot[i].provider->hint == kind)
			vsp_backends_note(&rt->backends->slot[i], op,
			        "with a limit of fuel kernels run on the CPU, which counts their instructions");
}

/* All providers that run models: the CPU does not. */
static unsigned add_models(const vsp_rt *rt, uint8_t *order)
{
	unsigned n = 0;
	for (uint32_t i = rt->backends->count; i-- > 1;)
		if (rt->backends->slot[i].provider->run[VSP_BATCH_INFER])
			order[n++] = (uint8_t)i;
	return n;
}

/* Why there are no constants of a device, or null: then it is open. */
static const char *unmeasured(vsp_rt *rt, vsp_backend *s)
{
	static const char none[] = "without a hint the costs decide, and they cannot be measured";
	if (s->costed == VSP_COSTS_NONE)
		return none;
	if (s->costed == VSP_COSTS_UNKNOWN && rt->backends->on_cpu_ns < s->provider->open_ns)
		return "without a hint it is opened when the CPU has worked for as long as that takes";
	if (!vsp_backends_open(rt, s))
		return s->stats.reason;
	return is_costed(rt, s) ? NULL : none;
}

/* May the costs decide for a provider? */
static bool is_candidate(const vsp_rt *rt, const vsp_backend *s, const vsp_batch_op *op)
{
	const vsp_provider *p = s->provider;
	return p->run[op->kind] && p->measure && !(p->capability & ~rt->capabilities);
}

static bool has_candidate(const vsp_rt *rt, const vsp_batch_op *op)
{
	for (uint32_t i = 1; i < rt->backends->count; i++)
		if (is_candidate(rt, &rt->backends->slot[i], op))
			return true;
	return false;
}

/* The device that is expected to be done first, if it beats the CPU. */
static unsigned add_fastest(vsp_rt *rt, const vsp_batch_op *op, uint8_t *order)
{
	if (rt->backends->on_cpu_ns >= MEASURED_AFTER_NS && has_candidate(rt, op))
		cost_cpu(rt);
	double best = cpu_ns(rt, op) / ADVANTAGE;
	unsigned n = 0;
	rt->backends->on_cpu_ns += best * ADVANTAGE;
	for (uint32_t i = rt->backends->count; i-- > 1 && best * ADVANTAGE > FLOOR_NS;) {
		vsp_backend *s = &rt->backends->slot[i];
		if (!is_candidate(rt, s, op))
			continue;
		const char *why = unmeasured(rt, s);
		double ns = why ? 0 : device_ns(rt, s, op);
		if (!why && ns >= best)
			why = "without a hint the costs decide, and the CPU is expected to be done sooner";
		if (why) {
			vsp_backends_note(s, op, why);
			continue;
		}
		best = ns;
		order[0] = (uint8_t)i;
		n = 1;
	}
	return n;
}

unsigned vsp_backends_choose(vsp_rt *rt, const vsp_batch_op *op, uint8_t order[VSP_PROVIDERS_MAX])
{
	uint8_t kind = wanted_kind(rt);
	unsigned n = 0;
	if (op->kind == VSP_BATCH_INFER)
		n = add_models(rt, order);
	else if (op->kind == VSP_BATCH_LAUNCH && rt->fuel_on)
		note_fuel(rt, op, kind);
	else if (kind == VSP_HINT_ANY)
		n = add_fastest(rt, op, order);
	else if (kind != VSP_HINT_CPU)
		n = add_kind(rt, op, kind, order);
	order[n++] = 0;
	return n;
}
