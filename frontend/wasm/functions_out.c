/*
 * Functions of the VSP module: those of the WebAssembly modules one after the other, and those that
 * VSP needs besides.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "guest.h"
#include "runtime/base/error.h"
#include "translation.h"

/* ---- functions ---- */

static bool emit_failed(translation *t, uint32_t func)
{
	const wasm_module *m = t->at->m;
	uint64_t offset = func < m->func_count && m->funcs[func].body ? (uint64_t)(m->funcs[func].body - m->bytes) : 0;
	if (t->emitter.no_memory || t->allocation.no_memory)
		return wasm_no_memory(&t->r);
	if (t->allocation.too_many_slots)
		return wasm_fail(&t->r, offset, "function %" PRIu32 " has too many values at a time: more than %d",
		        func, MAX_SLOTS);
	return wasm_fail(&t->r, offset, "the code would be larger than %d MiB", VSP_MAX_CODE >> 20);
}

/* Appends a function to FUNC, whose code begins at start; type: of the module that is translated,
   or WASM_NO_INDEX. */
static bool add_function(translation *t, uint32_t start, uint32_t type, const char *name, bool exported)
{
	vsp_module_data *out = t->out;
	if (!name)
		return wasm_no_memory(&t->r);
	vsp_func func = {.start = start,
	        .size = t->emitter.size - start,
	        .symbol = out->symbol_count,
	        .flags = exported ? VSP_FUNC_EXPORTED : 0};
	if (type != WASM_NO_INDEX) {
		func.params = (uint8_t)vsp_type_registers(t->at->m->types[type].param_count);
		func.results = (uint8_t)vsp_type_registers(t->at->m->types[type].result_count);
	}
	out->symbols[out->symbol_count++] = (vsp_symbol){name, start, VSP_SYM_FUNCTION};
	t->func_types[out->func_count] = type == WASM_NO_INDEX ? type : t->at->plan->type_index[type];
	out->funcs[out->func_count++] = func;
	return true;
}

/* A name of the module that is translated: those of preloaded ones begin with the module's. */
static const char *add_name(translation *t, const char *text, size_t size)
{
	char name[2 * VSP_NAME_MAX + 4];
	if (!t->at->plan->name)
		return wasm_symbols_add(&t->symbols, text, size);
	/* What is too long stays too long, and is cut where a character ends. */
	size_t shown = size < VSP_NAME_MAX + 1 ? size : VSP_NAME_MAX + 1;
	int before = snprintf(name, sizeof name, "%.*s.", VSP_NAME_MAX + 1, t->at->plan->name);
	memcpy(name + before, text, shown);
	return wasm_symbols_add(&t->symbols, name, (size_t)before + shown);
}

/* The name of a function that is not exported: that of the section "name", or a number. */
static const char *inner_name(translation *t, uint32_t func)
{
	char number[40];
	wasm_name name = t->at->m->funcs[func].name;
	const char *zero = name.size ? memchr(name.text, 0, name.size) : NULL;
	size_t size = zero ? (size_t)(zero - name.text) : name.size;
	if (size)
		return add_name(t, name.text, size);
	size = (size_t)snprintf(number, sizeof number, "wasm-function[%" PRIu32 "]", func);
	return add_name(t, number, size);
}

/* Hosts pass 16 parameters in registers, functions 15. */
static bool passes_last(const wasm_type *type) { return type->param_count == VSP_REGISTERS; }

/* An import as a function. */
static bool translate_import(translation *t, uint32_t func)
{
	const wasm_type *type = &t->at->m->types[t->at->m->funcs[func].type];
	uint32_t import = t->at->plan->import_index[func], count = 0;
	vsp_insn insns[VSP_REGISTERS + 3];
	if (passes_last(type))
		insns[count++] = (vsp_insn){
		        .form = VSP_I_GGET, .a = VSP_REGISTERS - 1, .imm = wasm_hidden_cell(&t->p, VSP_REGISTERS - 1)};
	insns[count++] = import == WASM_NO_INDEX ? (vsp_insn){.form = VSP_I_SYSCALL}
	                                         : (vsp_insn){.form = VSP_I_HCALL, .imm = import};
	for (uint32_t i = 0; i < type->result_count; i++)
		if (type->results[i] == WASM_I32)
			insns[count++] = (vsp_insn){.form = VSP_I_SEXT32, .a = (uint8_t)i, .b = (uint8_t)i};
	insns[count++] = (vsp_insn){.form = VSP_I_RET};
	return wasm_emit_insns(&t->emitter, insns, count) || emit_failed(t, func);
}

/* Gives registers to what was built, and writes it. */
static bool emit_built(translation *t, uint32_t func)
{
	return (wasm_allocate(&t->allocation, &t->ir) && wasm_emit(&t->emitter, &t->ir, t->allocation.places)) ||
	       emit_failed(t, func);
}

static bool translate_code(translation *t, uint32_t func)
{
	if (!build_function(&t->build, func, t->r.error)) {
		t->r.status = t->build.code.r.status;
		return false;
	}
	return emit_built(t, func);
}

bool translation_add_functions(translation *t)
{
	const wasm_module *m = t->at->m;
	for (uint32_t f = 0; f < m->func_count; f++) {
		uint32_t start = t->emitter.size;
		if (t->at->plan->func_index[f] == WASM_NO_INDEX || t->at->plan->linked[f])
			continue;
		if (!(f < m->imported_funcs ? translate_import(t, f) : translate_code(t, f)))
			return false;
		uint32_t export = t->at->first_exports[f];
		const char *name = export == WASM_NO_INDEX ? inner_name(t, f) : t->at->export_names[export];
		if (!add_function(t, start, m->funcs[f].type, name, export != WASM_NO_INDEX))
			return false;
	}
	return true;
}

/* ---- kernels ---- */

/* A kernel gets a number of 64 bits, and the linear address of its block. */
bool translation_add_kernels(translation *t)
{
	const wasm_plan *plan = t->at->plan;
	for (uint32_t k = 0; k < plan->kernel_count; k++) {
		const wasm_export *e = &t->at->m->exports[plan->kernels[k]];
		uint32_t start = t->emitter.size, func = plan->func_index[wasm_kernel_function(t->at->m, e)];
		vsp_insn insns[] = {{.form = VSP_I_SEXT32},
		        {.form = VSP_I_ADDI_W_32, .a = 1, .b = 1, .imm = -(int64_t)t->p.base},
		        {.form = VSP_I_INVOKE, .imm = func}, {.form = VSP_I_RET}};
		if (!wasm_emit_insns(&t->emitter, insns, 4))
			return emit_failed(t, e->index);
		if (!add_function(t, start, WASM_NO_INDEX, t->at->export_names[plan->kernels[k]], false))
			return false;
		vsp_func *kernel = &t->out->funcs[t->out->func_count - 1];
		kernel->kind = VSP_KIND_KERNEL;
		kernel->params = 2;
		t->out->symbols[kernel->symbol].kind = VSP_SYM_KERNEL;
	}
	return true;
}

/* ---- functions besides ---- */

/* The exported function of that name without parameters and results in FUNC, or WASM_NO_INDEX. */
static uint32_t find_export(const part *at, const char *name)
{
	for (uint32_t i = 0; i < at->m->export_count; i++) {
		const wasm_export *e = &at->m->exports[i];
		if (e->kind != WASM_KIND_FUNC || e->name.size != strlen(name) ||
		        memcmp(e->name.text, name, e->name.size) != 0)
			continue;
		const wasm_type *type = &at->m->types[at->m->funcs[e->index].type];
		return type->param_count || type->result_count ? WASM_NO_INDEX : at->plan->func_index[e->index];
	}
	return WASM_NO_INDEX;
}

/* The entry: all modules are initialized, in their order, and then main starts. */
bool translation_add_entry(translation *t)
{
	vsp_insn insns[3];
	uint32_t count = 0, start = find_export(t->at, "_start");
	insns[count++] = (vsp_insn){.form = VSP_I_INVOKE, .imm = PLAN_INITIALIZE};
	if (start != WASM_NO_INDEX)
		insns[count++] = (vsp_insn){.form = VSP_I_INVOKE, .imm = start};
	insns[count++] = (vsp_insn){.form = VSP_I_RET};
	return (wasm_emit_insns(&t->emitter, insns, count) || emit_failed(t, WASM_NO_INDEX)) &&
	       add_function(
	               t, 0, WASM_NO_INDEX, wasm_symbols_add(&t->symbols, "_vsp_entry", strlen("_vsp_entry")), false);
}

/* The initialization of a module. Main's is a host's one call for all, so it begins with those of
   the others. */
static bool add_initialize(translation *t)
{
	static const char name[] = "_vsp_initialize";
	uint32_t before = t->p.at + 1 == t->p.count ? t->p.count - 1 : 0, start = t->emitter.size;
	uint32_t *calls = wasm_array(&t->r, t->p.arena, (size_t)before + 2, sizeof *calls);
	for (uint32_t k = 0; calls && k < before; k++)
		calls[k] = t->p.plans[k].initialize;
	if (!calls)
		return false;
	bool command = before + 1 == t->p.count && find_export(t->at, "_start") != WASM_NO_INDEX;
	calls[before] = t->at->m->start == WASM_NO_INDEX ? WASM_NO_INDEX : t->at->plan->func_index[t->at->m->start];
	calls[before + 1] = command ? WASM_NO_INDEX : find_export(t->at, "_initialize");
	if (!build_initialize(&t->build, calls, before, before + 2, t->r.error)) {
		t->r.status = t->build.code.r.status;
		return false;
	}
	return emit_built(t, WASM_NO_INDEX) &&
	       add_function(t, start, WASM_NO_INDEX, add_name(t, name, sizeof name - 1), true);
}

bool translation_add_initializes(translation *t)
{
	for (uint32_t k = 0; k < t->p.count; k++) {
		translation_open(t, k ? k - 1 : t->p.count - 1); /* main's is the first */
		if (!add_initialize(t))
			return false;
	}
	return true;
}

/* A function has one name, so further exports of one are functions that call it. */
static bool add_alias(translation *t, uint32_t export)
{
	const wasm_export *e = &t->at->m->exports[export];
	const wasm_type *type = &t->at->m->types[t->at->m->funcs[e->index].type];
	uint32_t start = t->emitter.size, count = 0;
	vsp_insn insns[3];
	if (passes_last(type))
		insns[count++] = (vsp_insn){
		        .form = VSP_I_GSET, .a = VSP_REGISTERS - 1, .imm = wasm_hidden_cell(&t->p, VSP_REGISTERS - 1)};
	insns[count++] = (vsp_insn){.form = VSP_I_INVOKE, .imm = t->at->plan->func_index[e->index]};
	insns[count++] = (vsp_insn){.form = VSP_I_RET};
	return (wasm_emit_insns(&t->emitter, insns, count) || emit_failed(t, e->index)) &&
	       add_function(t, start, t->at->m->funcs[e->index].type, t->at->export_names[export], true);
}

bool translation_add_aliases(translation *t)
{
	for (uint32_t i = 0; i < t->at->m->export_count; i++) {
		const wasm_export *e = &t->at->m->exports[i];
		if (e->kind != WASM_KIND_FUNC || wasm_is_kernel(e) || t->at->first_exports[e->index] == i)
			continue;
		if (!add_alias(t, i))
			return false;
	}
	return true;
}

/* Exports have their names for certain, so these are taken first. */
bool translation_name_exports(translation *t)
{
	part *at = t->at;
	at->first_exports = wasm_array(&t->r, &t->arena, at->m->func_count, sizeof *at->first_exports);
	at->export_names = wasm_array(&t->r, &t->arena, at->m->export_count, sizeof *at->export_names);
	if (t->r.status != VSP_OK)
		return false;
	for (uint32_t f = 0; f < at->m->func_count; f++)
		at->first_exports[f] = WASM_NO_INDEX;
	for (uint32_t i = at->m->export_count; i-- > 0;) {
		const wasm_export *e = &at->m->exports[i];
		if (e->kind != WASM_KIND_FUNC)
			continue;
		if (!wasm_is_kernel(e) && !at->plan->linked[e->index] &&
		        !passes_last(&at->m->types[at->m->funcs[e->index].type]))
			at->first_exports[e->index] = i;
		at->export_names[i] = add_name(t, e->name.text, e->name.size);
	}
	return true;
}
