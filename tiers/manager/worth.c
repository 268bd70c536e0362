/*
 * When compiling is worth its cost. On a processor that nobody else wants it costs the program
 * nothing, but that its thread has to be started. Otherwise it takes the processor from the
 * program, which has to run eight times as long before as all compilations together take, as far as
 * can be foreseen: then it has gained more from baseline code than it loses. So programs that end
 * soon are not held up, and the others lose a part of the time that compiling at once would have
 * saved.
 */
#include "parts.h"
#include "tiers/effort.h"

#define NS_PER_US UINT64_C(1000)

/*
 * Baseline code comes first where much of it is waited for: it is ready a hundred times as soon,
 * and the compiler would take from it the processor on which it is made. So a program of many
 * functions that ends early never opens the compiler.
 */
static bool comes_later(const vsp_manager *m, uint64_t now, uint64_t began)
{
	return m->options.beside && now - began < KNOB_BASELINE_FIRST_US * NS_PER_US &&
	       atomic_load(&m->options.beside->waiting_ns) > KNOB_BASELINE_MUCH_US * NS_PER_US;
}

bool vsp_manager_may_begin(vsp_manager *m)
{
	if (!m->weighs || m->thread)
		return true;
	uint64_t now = vsp_plat_clock_ns(), began = atomic_load_explicit(&m->began, memory_order_relaxed);
	if (!began)
		atomic_store_explicit(&m->began, began = now, memory_order_relaxed);
	return now - began >= KNOB_BEGIN_US * NS_PER_US && !comes_later(m, now, began);
}

/* The time that the cheapest of the first jobs will take, in nanoseconds. Under the lock. */
static uint64_t cost_of_jobs(const vsp_manager *m)
{
	enum { LOOKED = 8 };
	uint64_t least = UINT64_MAX;
	unsigned looked = 0;
	for (const vsp_manager_job *j = m->first; j && looked < LOOKED; j = j->next, looked++) {
		uint64_t a_byte = j->tier == 2 ? KNOB_TIER2_US : KNOB_TIER1_US;
		uint64_t cost = m->module->funcs[j->unit->func].size * a_byte;
		least = cost < least ? cost : least;
	}
	return (least + (m->jit ? 0 : KNOB_OPEN_US)) * NS_PER_US;
}

/* Under the lock. */
static void wait(vsp_manager *m)
{
	enum { AGAIN_NS = 3000000 };
	vsp_plat_fork_release();
	vsp_plat_mutex_wait(m->lock, AGAIN_NS);
	vsp_plat_fork_hold();
}

/* Under the lock, which is released in between. */
static bool is_idle(vsp_manager *m)
{
	m->inside = true;
	vsp_plat_mutex_unlock(m->lock);
	bool idle = vsp_plat_processor_is_idle();
	vsp_plat_mutex_lock(m->lock);
	m->inside = false;
	vsp_plat_mutex_signal(m->lock);
	return idle;
}

bool vsp_manager_is_worth(vsp_manager *m)
{
	enum { SHARE = 8 };
	vsp_effort effort = {.start = atomic_load(&m->began), .spent = m->spent};
	uint64_t now = vsp_plat_clock_ns();
	if (!m->weighs)
		return true;
	if (!comes_later(m, now, effort.start)) {
		if (vsp_effort_allows(&effort, now, cost_of_jobs(m), SHARE) || is_idle(m))
			return !m->stop;
	}
	if (!m->stop)
		wait(m);
	return false;
}
