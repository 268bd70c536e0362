/*
 * The decoded code of a module: sets of functions by kind. They are made on demand and published
 * with release order, so that threads that run instances of one module share them. A thread that
 * loses the race to publish frees its copy.
 */
#include "decode.h"

#include "handlers.h"
#include "runtime/base/alloc.h"

struct vsp_code {
	const vsp_module_data *module;
	const vsp_loop *loop;
	_Atomic(vsp_code_set *) sets[VSP_CODE_KINDS];
	vsp_cell stub; /* entries point here at first */
};

vsp_code *vsp_code_create(const vsp_module_data *m, const vsp_loop *loop)
{
	vsp_code *code = vsp_alloc(1, sizeof *code);
	if (!code)
		return NULL;
	code->module = m;
	code->loop = loop;
	code->stub.run = loop->target(VSP_H_STUB);
	return code;
}

const vsp_cell *vsp_code_stub(const vsp_code *code) { return &code->stub; }

static void set_free(vsp_code_set *set)
{
	if (!set)
		return;
	for (uint32_t f = 0; f < set->code->module->func_count; f++)
		vsp_free_memory(atomic_load(&set->decoded[f]));
	vsp_free_memory(set->decoded);
	vsp_free_memory(set);
}

void vsp_code_destroy(vsp_code *code)
{
	if (!code)
		return;
	for (unsigned kind = 0; kind < VSP_CODE_KINDS; kind++)
		set_free(atomic_load(&code->sets[kind]));
	vsp_free_memory(code);
}

const vsp_module_data *vsp_code_module(const vsp_code *code) { return code->module; }

static vsp_code_set *set_new(vsp_code *code, unsigned kind)
{
	uint32_t n = code->module->func_count;
	vsp_code_set *set = vsp_alloc(1, sizeof *set + n * sizeof set->entries[0]);
	if (!set)
		return NULL;
	set->code = code;
	set->kind = kind;
	set->decoded = vsp_alloc(n, sizeof *set->decoded);
	if (!set->decoded) {
		vsp_free_memory(set);
		return NULL;
	}
	for (uint32_t f = 0; f < n; f++)
		atomic_init(&set->entries[f], &code->stub);
	return set;
}

const vsp_code_set *vsp_code_set_get(vsp_code *code, unsigned kind)
{
	vsp_code_set *set = atomic_load(&code->sets[kind]), *fresh;
	if (set)
		return set;
	fresh = set_new(code, kind);
	if (!fresh)
		return NULL;
	if (atomic_compare_exchange_strong(&code->sets[kind], &set, fresh))
		return fresh;
	set_free(fresh);
	return set;
}

vsp_decoded *vsp_code_decode(const vsp_code_set *shared, uint32_t f, vsp_decode_how *how)
{
	vsp_code_set *set = (vsp_code_set *)shared; /* the mutable part of a set is its atomics */
	vsp_decoded *d = atomic_load(&set->decoded[f]), *fresh;
	if (d)
		return d;
	fresh = vsp_decode_function(set->code->module, set->code->loop, f, set->kind, how);
	if (!fresh)
		return NULL;
	if (atomic_compare_exchange_strong(&set->decoded[f], &d, fresh))
		d = fresh;
	else {
		vsp_free_memory(fresh);
		vsp_account_give(how->account, how->bytes);
	}
	atomic_store_explicit(&set->entries[f], d->cells, memory_order_release);
	return d;
}

bool vsp_decoded_is(const vsp_decoded *d, size_t i, unsigned handler)
{
	if (d->handlers)
		return d->handlers[i] == handler;
	return d->cells[i].run.filler == d->loop->target(handler).filler;
}

uint32_t vsp_decoded_pc(const vsp_decoded *d, const vsp_cell *cell, unsigned slot)
{
	size_t i = (size_t)(cell - d->cells);
	return slot ? d->second[i] : d->pcs[i];
}
