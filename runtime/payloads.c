/*
 * The parts of an instance that are made from sections of its module, see payloads.h.
 */
#include "payloads.h"

#include <string.h>

#include "runtime/base/alloc.h"

static uint32_t read_u32(const uint8_t **p)
{
	uint32_t v = (uint32_t)vsp_read_le(*p, 4);
	*p += 4;
	return v;
}

/* ---- creation ---- */

static uint32_t element_count(const vsp_payloads *p)
{
	const vsp_table *last = p->table_count ? &p->table_list[p->table_count - 1] : NULL;
	return last ? last->first + last->used : 0;
}

uint32_t vsp_payloads_type(const vsp_payloads *p, uint32_t func)
{
	return p->func_types ? (uint32_t)vsp_read_le(p->func_types + 2 * (size_t)func, 2) : VSP_NO_TYPE;
}

/* Writes one table's entries, from its runs. */
static const uint8_t *fill_table(const vsp_payloads *p, uint64_t *entries, const uint8_t *at)
{
	at += 4; /* the size */
	for (uint32_t runs = read_u32(&at); runs; runs--) {
		uint32_t start = read_u32(&at), n = read_u32(&at);
		for (uint32_t i = 0; i < n; i++) {
			uint32_t func = read_u32(&at);
			entries[start + i] = VSP_ELEMENT(func, vsp_payloads_type(p, func));
		}
	}
	return at;
}

uint32_t vsp_payloads_globals(const vsp_payloads *p) { return p->globals ? (uint32_t)vsp_read_le(p->globals, 4) : 0; }

static uint64_t *fill_elements(const vsp_payloads *p, uint64_t *elements)
{
	const uint8_t *at = p->tables + 4;
	for (uint32_t t = 0; elements && t < p->table_count; t++)
		at = fill_table(p, elements + p->table_list[t].first, at);
	return elements;
}

static uint64_t *allocate(vsp_rt *rt, uint32_t count)
{
	uint64_t bytes = (uint64_t)count * sizeof(uint64_t);
	if (bytes > SIZE_MAX || !vsp_account_take(&rt->account, bytes))
		return NULL;
	return vsp_alloc(count ? count : 1, sizeof(uint64_t));
}

bool vsp_payloads_open(vsp_rt *rt, const vsp_payloads *payloads)
{
	const uint8_t *globals = payloads->globals;
	rt->payloads = payloads;
	if (globals && !(rt->globals = allocate(rt, read_u32(&globals))))
		return false;
	return !payloads->tables || (rt->elements = fill_elements(payloads, allocate(rt, element_count(payloads))));
}

void vsp_payloads_close(vsp_rt *rt)
{
	vsp_free_memory(rt->globals);
	vsp_free_memory(rt->elements);
	rt->globals = rt->elements = NULL;
	rt->payloads = NULL;
}

/* ---- the state after loading ---- */

static void start_globals(vsp_rt *rt, const uint8_t *at)
{
	uint32_t count = read_u32(&at);
	for (uint32_t i = 0; i < count; i++)
		rt->globals[i] = vsp_read_le(at + 8 * (size_t)i, 8);
}

static void start_segments(vsp_rt *rt, const uint8_t *at)
{
	for (uint32_t count = read_u32(&at); count; count--) {
		uint32_t address = read_u32(&at), size = read_u32(&at);
		memcpy(rt->memory.base + address, at, size);
		at += ((size_t)size + 3) & ~(size_t)3;
	}
}

void vsp_payloads_start(vsp_rt *rt)
{
	const vsp_payloads *p = rt->payloads;
	if (p->globals)
		start_globals(rt, p->globals);
	if (p->segments)
		start_segments(rt, p->segments);
}

/* ---- calls through tables ---- */

int vsp_rt_element(vsp_rt *rt, uint32_t table, uint64_t index, uint32_t type, uint32_t *func)
{
	const vsp_table *t = &rt->payloads->table_list[table];
	if (index >= t->size)
		return vsp_rt_fail(rt, VSP_TRAP_BAD_FUNCTION, "undefined element");
	uint64_t entry = index < t->used ? rt->elements[t->first + index] : 0;
	if (!entry)
		return vsp_rt_fail(rt, VSP_TRAP_BAD_FUNCTION, "uninitialized element");
	if (entry >> 32 != (uint64_t)type + 1)
		return vsp_rt_fail(rt, VSP_TRAP_BAD_FUNCTION, "indirect call type mismatch");
	*func = (uint32_t)entry;
	return 0;
}

int vsp_rt_bad_element(vsp_rt *rt, uint32_t table, uint64_t index, uint32_t type)
{
	uint32_t func;
	return vsp_rt_element(rt, table, index, type, &func);
}
