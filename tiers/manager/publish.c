/*
 * The place of a unit's code in memory, wherever the code came from, and how it becomes visible to
 * the threads that enter it.
 */
#include "parts.h"

vsp_slab *vsp_manager_slab(vsp_manager *m)
{
	vsp_plat_mutex_lock(m->lock);
	bool there = m->slab.base || vsp_slab_create(&m->slab, VSP_SLAB_BYTES);
	vsp_plat_mutex_unlock(m->lock);
	return there ? &m->slab : NULL;
}

void vsp_manager_publish(vsp_manager *m, vsp_manager_unit *u, int tier)
{
	vsp_jit_unit *built = &u->built[tier];
	vsp_plat_mutex_lock(m->lock);
	if (built->native && !(tier == 1 && atomic_load(&u->code[2])))
		atomic_store_explicit(
		        &m->rt->funcs[u->func].code, (void *)(uintptr_t)built->native, memory_order_release);
	atomic_store_explicit(&u->code[tier], built->entry, memory_order_release);
	if (tier > atomic_load(&m->funcs[u->func].tier))
		atomic_store(&m->funcs[u->func].tier, tier);
	vsp_plat_mutex_unlock(m->lock);
}
