/*
 * The counters of functions, see profile.h. A function's sites and counters are one allocation,
 * which one exchange publishes; a thread that loses the race frees its copy.
 */
#include "profile.h"
#include "callees.h"

#include "runtime/base/alloc.h"

vsp_profile *vsp_profile_create(const vsp_module_data *m)
{
	vsp_profile *p = vsp_alloc(1, sizeof *p);
	if (!p)
		return NULL;
	p->module = m;
	p->funcs = vsp_alloc(m->func_count, sizeof *p->funcs);
	p->counts = vsp_alloc(m->func_count, sizeof *p->counts);
	if (p->funcs && p->counts)
		return p;
	vsp_profile_destroy(p);
	return NULL;
}

void vsp_profile_destroy(vsp_profile *p)
{
	if (!p)
		return;
	for (uint32_t f = 0; p->funcs && f < p->module->func_count; f++)
		vsp_free_memory(atomic_load(&p->funcs[f]));
	vsp_free_memory(p->funcs);
	vsp_free_memory(p->counts);
	vsp_free_memory(p);
}

void vsp_profile_reset(vsp_profile *p)
{
	for (uint32_t f = 0; f < p->module->func_count; f++) {
		vsp_func_profile *func = atomic_load(&p->funcs[f]);
		for (uint32_t i = 0; func && i < func->count; i++)
			atomic_store(&func->counts[i], 0);
	}
}

int vsp_profile_kind_of(const vsp_insn *insn)
{
	unsigned effects = vsp_insn_info(insn)->effects;
	if (insn->form == VSP_I_INVOKEI || insn->form == VSP_I_INVOKET)
		return VSP_SITE_CALL;
	if (insn->form == VSP_I_BRTAB)
		return VSP_SITE_TABLE;
	return effects & VSP_FX_BRANCH && !(effects & VSP_FX_NOFALL) ? VSP_SITE_BRANCH : -1;
}

uint32_t vsp_profile_counters(const vsp_insn *insn)
{
	switch (vsp_profile_kind_of(insn)) {
	case VSP_SITE_BRANCH: return 2;
	case VSP_SITE_TABLE: return (uint32_t)insn->imm + 1;
	case VSP_SITE_CALL: return VSP_TALLY_WORDS;
	default: return 0;
	}
}

/*
 * Finds the sites of function f, and stores them if there is room. Returns the numbers of sites and
 * of counters.
 */
static uint32_t find_sites(const vsp_module_data *m, uint32_t f, vsp_profile_site *sites, uint32_t *counters)
{
	const vsp_func *func = &m->funcs[f];
	uint32_t n = 0, first = VSP_PROFILE_ENTRIES + 1;
	vsp_insn i;
	for (uint32_t pc = func->start; pc < func->start + func->size; pc += i.length) {
		vsp_insn_decode(m->code, m->code_size, pc, &i);
		uint32_t count = vsp_profile_counters(&i);
		if (!count)
			continue;
		if (sites)
			sites[n] = (vsp_profile_site){pc, first, count, (uint8_t)vsp_profile_kind_of(&i)};
		n++;
		first += count;
	}
	*counters = first;
	return n;
}

static vsp_func_profile *make_func(const vsp_module_data *m, uint32_t f, vsp_account *account)
{
	uint32_t counters, n = find_sites(m, f, NULL, &counters);
	size_t head = sizeof(vsp_func_profile), counts = counters * sizeof(vsp_count);
	size_t bytes = head + counts + n * sizeof(vsp_profile_site);
	vsp_func_profile *func = vsp_account_take(account, bytes) ? vsp_alloc(1, bytes) : NULL;
	if (!func)
		return NULL; /* the account stays charged: there is no memory anyway */
	vsp_profile_site *sites = (vsp_profile_site *)(void *)((uint8_t *)func + head + counts);
	func->counts = (vsp_count *)(void *)((uint8_t *)func + head);
	func->sites = sites;
	func->site_count = find_sites(m, f, sites, &func->count);
	return func;
}
static_assert(
        sizeof(vsp_func_profile) % _Alignof(vsp_count) == 0 && sizeof(vsp_count) % _Alignof(vsp_profile_site) == 0,
        "counters and sites follow the head without gaps");

vsp_func_profile *vsp_profile_func(vsp_profile *p, uint32_t f)
{
	vsp_func_profile *func = atomic_load(&p->funcs[f]), *fresh;
	if (func)
		return func;
	fresh = make_func(p->module, f, p->account);
	if (!fresh)
		return NULL;
	if (!atomic_compare_exchange_strong(&p->funcs[f], &func, fresh)) {
		vsp_free_memory(fresh);
		fresh = func;
	}
	atomic_store(&p->counts[f], fresh->counts);
	return fresh;
}

const vsp_func_profile *vsp_profile_known(const vsp_profile *p, uint32_t f)
{
	return p ? atomic_load(&p->funcs[f]) : NULL;
}

const vsp_profile_site *vsp_profile_site_at(const vsp_func_profile *f, uint32_t pc)
{
	uint32_t low = 0, high = f->site_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (f->sites[middle].pc < pc)
			low = middle + 1;
		else
			high = middle;
	}
	return low < f->site_count && f->sites[low].pc == pc ? &f->sites[low] : NULL;
}

void vsp_profile_branch(const vsp_func_profile *f, const vsp_profile_site *site, uint64_t *taken, uint64_t *not_taken)
{
	uint64_t executed = vsp_profile_get(f, site->first), fell = vsp_profile_get(f, site->first + 1);
	*not_taken = fell;
	*taken = executed > fell ? executed - fell : 0;
}

static bool holds_callee(const vsp_profile_callee *list, unsigned count, uint64_t func)
{
	for (unsigned i = 0; i < count; i++)
		if (list[i].func == func)
			return true;
	return false;
}

/* A callee may occur twice, if counting is reset while the counters are read. */
unsigned vsp_profile_callees(const vsp_func_profile *f, const vsp_profile_site *site,
        vsp_profile_callee out[VSP_TALLY_CALLEES], uint64_t *total)
{
	unsigned n = 0;
	*total = vsp_profile_get(f, site->first);
	for (unsigned i = 0; i < VSP_TALLY_CALLEES; i++) {
		uint64_t callee = vsp_profile_get(f, site->first + 1 + 2 * i),
		         count = vsp_profile_get(f, site->first + 2 + 2 * i);
		if (!callee)
			break;
		if (holds_callee(out, n, callee - 1))
			continue;
		unsigned at = n++;
		for (; at > 0 && out[at - 1].count < count; at--)
			out[at] = out[at - 1];
		out[at] = (vsp_profile_callee){(uint32_t)(callee - 1), count};
	}
	return n;
}

unsigned vsp_profile_targets(const vsp_profile *p, const vsp_func_profile *f, const vsp_insn *invokei,
        vsp_profile_callee out[VSP_TALLY_CALLEES], uint64_t *other)
{
	enum { ENOUGH = 16, SHARE = 8 };
	const vsp_profile_site *site = vsp_profile_site_at(f, invokei->pc);
	uint64_t total;
	unsigned known = vsp_profile_callees(f, site, out, &total), n = 0;
	*other = total;
	for (unsigned i = 0; i < known && total >= ENOUGH; i++) {
		vsp_profile_callee c = out[i];
		if (c.func >= p->module->func_count || c.count < total / SHARE ||
		        !vsp_is_callee(p->module, invokei, c.func))
			continue;
		*other -= c.count < *other ? c.count : *other;
		out[n++] = c;
	}
	return n;
}
