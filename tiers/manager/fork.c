/*
 * The tier manager in a child of fork, which has no compile thread. The code stays, and the jobs in
 * the queue wait for a new thread.
 */
#include <stdio.h>

#include "parts.h"
#include "tiers/effort.h"

/*
 * The thread was in the middle of a compilation, at an unknown place: LLVM's objects, the queue and
 * the job are left as they are.
 */
static void give_up(vsp_manager *m)
{
	m->broken = true;
	m->no_jit = VSP_MANAGER_FORKED;
	snprintf(m->last_words, sizeof m->last_words, "%s", m->no_jit);
	for (uint32_t f = 0; f < m->module->func_count; f++)
		for (vsp_manager_unit *u = m->funcs[f].units; u; u = u->next)
			for (int tier = 1; tier < TIERS; tier++) {
				u->waiting[tier] = NULL;
				if (u->requested[tier] && !atomic_load(&u->code[tier]))
					atomic_store(&u->failed[tier], m->no_jit);
			}
	m->running = m->first = NULL;
	m->last = &m->first;
	m->pending = 0;
}

void vsp_manager_after_fork(vsp_manager *m)
{
	if (m->forks == vsp_plat_forks())
		return;
	m->forks = vsp_plat_forks();
	vsp_plat_mutex_renew(m->lock);
	if (m->slab.lock)
		vsp_plat_mutex_renew(m->slab.lock);
	m->thread = NULL; /* the handle is of no use in the child */
	m->inside = m->ended = m->stop = false;
	if (m->options.beside)
		atomic_store(&m->options.beside->compiling, false);
	if (vsp_plat_fork_lost())
		give_up(m);
	else if (m->first) /* nobody will ask for these jobs again */
		m->thread = vsp_plat_thread_start(m->compile_thread, m);
}
