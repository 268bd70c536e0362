/*
 * The tier manager's units: a function's start and its loop heads. A function can have as many loop
 * heads as it has instructions, so no cost here or in the callers may grow with their number: a
 * hash table finds units, and what is known about all units of a function together is stored with
 * the function.
 *
 * The instance's thread creates, finds and settles units; the compile thread reads how often they
 * have asked.
 */
#include "parts.h"
#include "runtime/base/alloc.h"

/* ---- finding: open addressing, at most half full ---- */

static vsp_manager_unit **slot_of(const vsp_manager *m, uint32_t func, uint32_t pc)
{
	uint32_t mask = m->table_capacity - 1, at = (uint32_t)((pc * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & mask;
	while (m->table[at] && (m->table[at]->pc != pc || m->table[at]->func != func))
		at = (at + 1) & mask;
	return &m->table[at];
}

/* Makes room for one more unit. False: no memory. */
static bool grow(vsp_manager *m)
{
	enum { FIRST = 64 };
	if (m->unit_count < m->table_capacity / 2)
		return true;
	vsp_manager_unit **old = m->table;
	uint32_t old_capacity = m->table_capacity, capacity = old_capacity ? 2 * old_capacity : FIRST;
	vsp_manager_unit **table = vsp_alloc(capacity, sizeof *table);
	if (!table)
		return false;
	m->table = table;
	m->table_capacity = capacity;
	for (uint32_t i = 0; i < old_capacity; i++)
		if (old[i])
			*slot_of(m, old[i]->func, old[i]->pc) = old[i];
	vsp_free_memory(old);
	return true;
}

vsp_manager_unit *vsp_manager_find_unit(vsp_manager *m, uint32_t func, uint32_t pc)
{
	if (!grow(m))
		return NULL;
	vsp_manager_unit **slot = slot_of(m, func, pc), *u = *slot;
	if (u || !(u = vsp_alloc(1, sizeof *u)))
		return u;
	u->func = func;
	u->pc = pc;
	u->settled = m->funcs[func].settled;
	u->next = m->funcs[func].units;
	m->funcs[func].units = *slot = u;
	m->unit_count++;
	return u;
}

/* ---- what they ask ---- */

uint32_t vsp_manager_asked(const vsp_manager *m, const vsp_manager_unit *u)
{
	bool before = atomic_load(&u->settled) != atomic_load(&m->funcs[u->func].settled);
	return before ? 0 : atomic_load(&u->asked);
}

void vsp_manager_count_ask(vsp_manager *m, vsp_manager_unit *u)
{
	uint32_t asks = atomic_load_explicit(&m->asks, memory_order_relaxed) + 1, asked = vsp_manager_asked(m, u) + 1;
	atomic_store_explicit(&m->asks, asks, memory_order_relaxed);
	atomic_store_explicit(&u->last_asked, asks, memory_order_relaxed);
	atomic_store(&u->asked, asked);
	atomic_store(&u->settled, atomic_load(&m->funcs[u->func].settled));
}

void vsp_manager_settle_asks(vsp_manager *m, uint32_t func) { atomic_fetch_add(&m->funcs[func].settled, 1); }
