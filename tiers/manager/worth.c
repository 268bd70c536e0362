/*
 * When compiling is worth its cost. On a processor that nobody else wants it costs the program
 * nothing, but that its thread has to be started. Otherwise it takes the processor from the
 * program, which has to run twice as long before as all compilations together take, as far as can
 * be foreseen: then it has gained more from baseline code than it loses. So programs that end soon
 * are not held up, and the others lose a part of the time that compiling at once would have saved.
 */
#include "parts.h"
#include "tiers/effort.h"

#define NS_PER_US UINT64_C(1000)

bool vsp_manager_may_begin(vsp_manager *m)
{
	if (!m->weighs || m->thread)
		return true;
	uint64_t now = vsp_plat_clock_ns(), began = atomic_load_explicit(&m->began, memory_order_relaxed);
	if (!began)
		atomic_store_explicit(&m->began, began = now, memory_order_relaxed);
	return now - began >= KNOB_BEGIN_US * NS_PER_US;
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

bool vsp_manager_is_worth(vsp_manager *m)
{
	enum { AGAIN_NS = 3000000, SHARE = 2 };
	vsp_effort effort = {.start = atomic_load(&m->began), .spent = m->spent};
	if (!m->weighs || vsp_effort_allows(&effort, vsp_plat_clock_ns(), cost_of_jobs(m), SHARE))
		return true;
	m->inside = true;
	vsp_plat_mutex_unlock(m->lock);
	bool idle = vsp_plat_processor_is_idle();
	vsp_plat_mutex_lock(m->lock);
	m->inside = false;
	vsp_plat_mutex_signal(m->lock);
	if (idle || m->stop)
		return !m->stop;
	vsp_plat_fork_release();
	vsp_plat_mutex_wait(m->lock, AGAIN_NS);
	vsp_plat_fork_hold();
	return false;
}
