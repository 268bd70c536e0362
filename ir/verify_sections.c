/*
 * The part of the verifier for sections GLOB, TYPE, TABL and DSEG, and for the instructions that
 * name what is in them. The reader has checked that everything lies in its section.
 */
#include <inttypes.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "sort.h"
#include "verify_parts.h"

enum { MOST_GLOBALS = UINT16_MAX + 1 };

static bool verify_globals(vsp_verifier *v)
{
	const vsp_module_data *m = v->m;
	return m->global_count <= MOST_GLOBALS ||
	       vsp_verify_fail(v, vsp_layout_section(m, "GLOB"), "%" PRIu32 " globals are more than %d",
	               m->global_count, MOST_GLOBALS);
}

/* ---- types ---- */

/* The bytes of WebAssembly's binary format: i32 i64 f32 f64, funcref and externref. */
static bool is_value_type(uint8_t byte) { return (byte >= 0x7C && byte <= 0x7F) || byte == 0x70 || byte == 0x6F; }

static bool verify_type(vsp_verifier *v, const vsp_type *t)
{
	for (uint32_t i = 0; i < (uint32_t)t->params + t->results; i++)
		if (!is_value_type(t->values[i]))
			return vsp_verify_fail(v, vsp_layout_payload(v->m, "TYPE", t->values + i),
			        "unknown value type 0x%02X", t->values[i]);
	return true;
}

static int compare_types(const void *context, uint32_t a, uint32_t b)
{
	const vsp_type *s = &((const vsp_module_data *)context)->types[a],
	               *t = &((const vsp_module_data *)context)->types[b];
	if (s->params != t->params)
		return s->params - t->params;
	if (s->results != t->results)
		return s->results - t->results;
	size_t n = (size_t)s->params + s->results;
	return n ? memcmp(s->values, t->values, n) : 0;
}

/* Equal types would let a call fail whose types agree. */
static bool verify_distinct(vsp_verifier *v)
{
	const vsp_module_data *m = v->m;
	uint32_t *order = vsp_alloc(m->type_count ? m->type_count : 1, sizeof *order);
	bool ok = order != NULL;
	for (uint32_t i = 0; ok && i < m->type_count; i++)
		order[i] = i;
	ok = (ok && vsp_sort_indices(order, m->type_count, compare_types, m)) || vsp_verify_no_memory(v);
	for (uint32_t i = 1; ok && i < m->type_count; i++)
		if (compare_types(m, order[i - 1], order[i]) == 0)
			ok = vsp_verify_fail(v, vsp_layout_payload(m, "TYPE", m->types[order[i]].values - 4),
			        "types %" PRIu32 " and %" PRIu32 " are the same", order[i - 1], order[i]);
	vsp_free_memory(order);
	return ok;
}

/* Where the type of a function is in the file; takes time in proportion to the module. */
static uint64_t place_of_type(const vsp_module_data *m, uint32_t f)
{
	return vsp_layout_payload(m, "TYPE", m->payloads.func_types + 2 * (size_t)f);
}

static bool verify_func_type(vsp_verifier *v, uint32_t f)
{
	const vsp_module_data *m = v->m;
	uint32_t type = vsp_module_func_type(m, f);
	if (type == VSP_NO_TYPE)
		return true;
	if (type >= m->type_count)
		return vsp_verify_fail(v, place_of_type(m, f),
		        "type %" PRIu32 " of function %" PRIu32 " is not below %" PRIu32, type, f, m->type_count);
	if (m->funcs[f].kind != VSP_KIND_FUNCTION)
		return vsp_verify_fail(
		        v, place_of_type(m, f), "function %" PRIu32 " has a type, but is a transform or kernel", f);
	if (m->funcs[f].params != vsp_type_registers(m->types[type].params) ||
	        m->funcs[f].results != vsp_type_registers(m->types[type].results))
		return vsp_verify_fail(v, place_of_type(m, f),
		        "function %" PRIu32 " takes %u and returns %u values, and type %" PRIu32 " says otherwise", f,
		        m->funcs[f].params, m->funcs[f].results, type);
	return true;
}

static bool verify_types(vsp_verifier *v)
{
	const vsp_module_data *m = v->m;
	if (!m->payloads.func_types)
		return true;
	for (uint32_t i = 0; i < m->type_count; i++)
		if (!verify_type(v, &m->types[i]))
			return false;
	if (!verify_distinct(v))
		return false;
	if (m->typed_funcs != m->func_count)
		return vsp_verify_fail(v, vsp_layout_payload(m, "TYPE", m->payloads.func_types),
		        "%" PRIu32 " types for %" PRIu32 " functions", m->typed_funcs, m->func_count);
	for (uint32_t f = 0; f < m->func_count; f++)
		if (!verify_func_type(v, f))
			return false;
	return true;
}

/* ---- tables and data ---- */

static bool verify_run(vsp_verifier *v, const vsp_table_run *run)
{
	const vsp_module_data *m = v->m;
	for (uint32_t i = 0; i < run->count; i++) {
		uint32_t f = (uint32_t)vsp_read_le(run->functions + 4 * (size_t)i, 4);
		if (f >= m->func_count || m->funcs[f].kind != VSP_KIND_FUNCTION)
			return vsp_verify_fail(v, vsp_layout_payload(m, "TABL", run->functions + 4 * (size_t)i),
			        "entry %" PRIu32 " of table %" PRIu32 " is %" PRIu32 ", which is no function",
			        run->start + i, run->table, f);
	}
	return true;
}

static bool verify_segment(vsp_verifier *v, const vsp_segment *s)
{
	const vsp_module_data *m = v->m;
	if (s->address >= VSP_NULL_ZONE && (uint64_t)s->address + s->size <= (uint64_t)m->initial_pages * VSP_PAGE)
		return true;
	return vsp_verify_fail(v, vsp_layout_payload(m, "DSEG", s->bytes - 8),
	        "%" PRIu32 " bytes at address 0x%" PRIx32 " do not lie in the %" PRIu32 " initial pages", s->size,
	        s->address, m->initial_pages);
}

bool vsp_verify_sections(vsp_verifier *v)
{
	const vsp_module_data *m = v->m;
	if (!verify_globals(v) || !verify_types(v))
		return false;
	for (uint32_t i = 0; i < m->run_count; i++)
		if (!verify_run(v, &m->runs[i]))
			return false;
	for (uint32_t i = 0; i < m->segment_count; i++)
		if (!verify_segment(v, &m->segments[i]))
			return false;
	return true;
}

/* ---- instructions ---- */

static bool verify_below(vsp_verifier *v, const vsp_insn *insn, const char *what, uint64_t number, uint64_t count)
{
	return number < count || vsp_verify_fail_insn(v, insn->pc, "%s %" PRIu64 " of %s is not below %" PRIu64, what,
	                                 number, vsp_insn_info(insn)->mnemonic, count);
}

bool vsp_verify_number(vsp_verifier *v, const vsp_insn *insn, vsp_operand_sense sense)
{
	const vsp_module_data *m = v->m;
	if (sense == VSP_SENSE_SLOT)
		return verify_below(v, insn, "slot", (uint64_t)insn->imm, VSP_MAX_SLOTS);
	if (sense == VSP_SENSE_GLOBAL)
		return verify_below(v, insn, "global", (uint64_t)insn->imm, m->global_count);
	if (sense == VSP_SENSE_ELEMENTS)
		return verify_below(v, insn, "table", insn->b, m->payloads.table_count);
	return verify_below(v, insn, "type", (uint64_t)insn->imm, m->type_count);
}
