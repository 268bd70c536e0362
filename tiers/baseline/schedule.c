/*
 * Decides when functions are compiled to baseline code, and on which thread: with --tier=baseline
 * at once; in tier auto here while that costs little of the program's time so far, else on idle
 * processors.
 */
#include "parts.h"

#include "runtime/platform/platform.h"

static bool has_slab(vsp_baseline *b) { return b->slab.base || vsp_slab_create(&b->slab, VSP_SLAB_BYTES); }

/* What compiling a function takes, and what it took where this has been measured. */
static uint64_t predicted(const vsp_baseline *b, uint32_t func)
{
	enum { ANY_NS = 12000, NS_A_BYTE = 46 };
	return ANY_NS + (uint64_t)b->module->funcs[func].size * NS_A_BYTE;
}

static uint64_t cost_of(const vsp_baseline *b, uint32_t func)
{
	enum { PARTS = 1024 }; /* no floats: the modes are the host's in programs without floats */
	return predicted(b, func) * (b->taken_ns * PARTS / b->predicted_ns) / PARTS;
}

/* Lets the compiler's thread know what is waited for. */
static void await(vsp_baseline *b, uint32_t func)
{
	uint64_t cost = cost_of(b, func);
	if (!b->beside || atomic_load(&b->functions[func].waiting_ns))
		return;
	atomic_store(&b->functions[func].waiting_ns, cost);
	atomic_fetch_add(&b->beside->waiting_ns, cost);
}

static void await_no_more(vsp_baseline *b, uint32_t func)
{
	uint64_t cost = atomic_exchange(&b->functions[func].waiting_ns, 0);
	if (b->beside)
		atomic_fetch_sub(&b->beside->waiting_ns, cost);
}

/* For any thread. An interrupt only ends this attempt. */
static void compile_now(vsp_baseline *b, uint32_t func, const _Atomic uint32_t *interrupt)
{
	vsp_baseline_function *f = &b->functions[func];
	f->start_ns = vsp_plat_clock_ns();
	const char *why = b->make(b, func, interrupt);
	f->stats.reason = why ? why : "";
	f->stats.compile_ns = vsp_plat_clock_ns() - f->start_ns;
	atomic_store_explicit(&f->settled, !why || atomic_load(interrupt) == 0, memory_order_release);
	await_no_more(b, func);
}

static void compile_here(vsp_baseline *b, uint32_t func, const _Atomic uint32_t *interrupt)
{
	has_slab(b);
	compile_now(b, func, interrupt);
	b->effort.spent += b->functions[func].stats.compile_ns;
	b->taken_ns += b->functions[func].stats.compile_ns;
	b->predicted_ns += predicted(b, func);
}

/* A function that was just finished may have been asked for again. */
static void compile_beside(void *arg, uint32_t func, const _Atomic uint32_t *stop)
{
	if (!vsp_baseline_is_settled(arg, func))
		compile_now(arg, func, stop);
}

/*
 * May the thread beside the program work? What the compiler is at takes far longer, and is of use
 * later, so its processor counts as idle.
 */
static bool may_work(void *arg)
{
	const vsp_baseline *b = arg;
	return (b->beside && atomic_load(&b->beside->compiling)) || vsp_plat_processor_is_idle();
}

/* Starting a thread is worth it only for programs that have run for a while. */
static void leave_to_background(vsp_baseline *b, uint32_t func, uint64_t now)
{
	enum { SOON_NS = 1000000 };
	if (b->alone || now - b->effort.start < SOON_NS)
		return;
	b->alone = !b->background && (vsp_plat_processors() == 1 || !has_slab(b));
	if (!b->background && !b->alone)
		b->background = vsp_background_create(b->module->func_count, compile_beside, b, may_work);
	b->alone |= !b->background || !vsp_background_ask(b->background, func);
	b->effort.spent += vsp_plat_clock_ns() - now;
}

/* Is it time to compile a function on this thread? If not, it may be compiled on another one. */
static bool is_due(vsp_baseline *b, uint32_t func)
{
	enum { SHARE = 24 };
	if (!b->faster.first_count)
		return true;
	uint64_t now = vsp_plat_clock_ns();
	if (vsp_effort_allows(&b->effort, now, cost_of(b, func), SHARE))
		return !b->background ||
		       (vsp_background_withdraw(b->background, func) && !vsp_baseline_is_settled(b, func));
	await(b, func);
	if (vsp_baseline_is_settled(b, func)) /* in the meantime */
		await_no_more(b, func);
	leave_to_background(b, func, now);
	return false;
}

bool vsp_baseline_settle(vsp_baseline *b, uint32_t func, const _Atomic uint32_t *interrupt)
{
	if (!vsp_baseline_is_settled(b, func) && is_due(b, func))
		compile_here(b, func, interrupt);
	return vsp_baseline_is_settled(b, func);
}

void vsp_baseline_after_fork(vsp_baseline *b)
{
	if (!b->background || !vsp_background_was_forked(b->background))
		return;
	vsp_plat_mutex_renew(b->slab.lock);
	for (uint32_t f = 0; vsp_plat_fork_lost() && f < b->module->func_count; f++)
		if (!vsp_baseline_is_settled(b, f)) {
			b->functions[f].stats.reason = "the process was forked while code was being made";
			atomic_store(&b->functions[f].settled, true);
		}
}
