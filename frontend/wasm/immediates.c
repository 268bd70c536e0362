/*
 * Decoding instructions: opcodes, and their immediates by the kind that opcodes.def gives.
 */
#include "immediates.h"

#include <inttypes.h>

#include "runtime/base/leb128.h"

/* A type in one byte, nothing, or the index of a signature as a number of 33 bits. */
static wasm_type read_block_type(wasm_code *c)
{
	wasm_reader *r = &c->r;
	uint64_t offset = wasm_offset(r);
	uint8_t first = r->at < r->end ? *r->at : 0;
	wasm_type type = {.params = NULL};
	if (first == 0x40) {
		r->at++;
		return type;
	}
	if ((first & 0xC0) == 0x40) {
		type.results = r->at;
		type.result_count = 1;
		wasm_read_value_type(r);
		return type;
	}
	int64_t index = wasm_signed(r, 33);
	if (r->status == VSP_OK && (index < 0 || index >= c->m->type_count))
		wasm_fail(r, offset, "unknown type %" PRId64, index);
	return r->status == VSP_OK ? c->m->types[index] : type;
}

static void read_zero(wasm_reader *r, bool has_memory)
{
	uint64_t offset = wasm_offset(r);
	if (wasm_u8(r) != 0)
		wasm_fail(r, offset, "the multi-memory feature is not supported: a zero byte is expected");
	else if (!has_memory)
		wasm_fail(r, offset, "unknown memory 0");
}

static void read_access(wasm_code *c, wasm_insn *insn)
{
	wasm_reader *r = &c->r;
	uint64_t offset = wasm_offset(r);
	uint32_t align = wasm_u32(r);
	if (!c->m->has_memory)
		wasm_fail(r, offset, "unknown memory 0");
	else if (align >= 64 && align < 128)
		wasm_fail(r, offset, "the multi-memory feature is not supported");
	else if (align > wasm_opcodes[insn->code].align)
		wasm_fail(r, offset, "the alignment is larger than the access");
	insn->imm = wasm_u32(r);
}

uint32_t wasm_label_next(const uint8_t **at)
{
	uint64_t value = 0;
	vsp_leb128_read(at, *at + VSP_LEB128_MOST, false, &value);
	return (uint32_t)value;
}

static void read_labels(wasm_code *c, wasm_insn *insn)
{
	insn->label_count = wasm_count(&c->r, 1);
	insn->labels = c->r.at;
	for (uint64_t i = 0; i <= insn->label_count && c->r.status == VSP_OK; i++)
		wasm_u32(&c->r);
}

static void read_select_type(wasm_code *c, wasm_insn *insn)
{
	uint64_t offset = wasm_offset(&c->r);
	if (wasm_u32(&c->r) != 1)
		wasm_fail(&c->r, offset, "select has more or less than one type");
	insn->index = wasm_read_value_type(&c->r);
}

static uint32_t read_data_index(wasm_code *c)
{
	if (c->m->data_counts == WASM_NO_INDEX)
		wasm_fail(&c->r, wasm_offset(&c->r), "section data count is missing");
	return wasm_read_index(&c->r, c->m->data_count, "data segment");
}

/* The table comes second but matters more: without it no segment is of use. */
static void read_table_init(wasm_code *c, wasm_insn *insn)
{
	uint64_t offset = wasm_offset(&c->r);
	insn->index = wasm_u32(&c->r);
	insn->other = wasm_read_index(&c->r, c->m->table_count, "table");
	if (c->r.status == VSP_OK && insn->index >= c->m->elem_count)
		wasm_fail(&c->r, offset, "unknown element segment %" PRIu32, insn->index);
}

static void read_immediate(wasm_code *c, wasm_insn *insn)
{
	const wasm_module *m = c->m;
	wasm_reader *r = &c->r;
	switch ((wasm_immediate)wasm_opcodes[insn->code].immediate) {
	case WASM_IMM_NONE: break;
	case WASM_IMM_BLOCK: insn->block = read_block_type(c); break;
	case WASM_IMM_LABEL: insn->index = wasm_u32(r); break;
	case WASM_IMM_LABELS: read_labels(c, insn); break;
	case WASM_IMM_FUNC: insn->index = wasm_read_index(r, m->func_count, "function"); break;
	case WASM_IMM_LOCAL: insn->index = wasm_read_index(r, c->local_count, "local"); break;
	case WASM_IMM_GLOBAL: insn->index = wasm_read_index(r, m->global_count, "global"); break;
	case WASM_IMM_TABLE: insn->index = wasm_read_index(r, m->table_count, "table"); break;
	case WASM_IMM_DATA: insn->index = read_data_index(c); break;
	case WASM_IMM_ELEM: insn->index = wasm_read_index(r, m->elem_count, "element segment"); break;
	case WASM_IMM_INDIRECT:
		insn->index = wasm_read_index(r, m->type_count, "type");
		insn->other = wasm_read_index(r, m->table_count, "table");
		break;
	case WASM_IMM_MEMORY: read_access(c, insn); break;
	case WASM_IMM_ZEROS: read_zero(r, m->has_memory); /* fall through */
	case WASM_IMM_ZERO: read_zero(r, m->has_memory); break;
	case WASM_IMM_MEMORY_INIT:
		insn->index = read_data_index(c);
		read_zero(r, m->has_memory);
		break;
	case WASM_IMM_TABLE_INIT: read_table_init(c, insn); break;
	case WASM_IMM_TABLES:
		insn->index = wasm_read_index(r, m->table_count, "table");
		insn->other = wasm_read_index(r, m->table_count, "table");
		break;
	case WASM_IMM_I32: insn->imm = (uint64_t)wasm_signed(r, 32); break;
	case WASM_IMM_I64: insn->imm = (uint64_t)wasm_signed(r, 64); break;
	case WASM_IMM_F32: insn->imm = wasm_fixed(r, 4); break;
	case WASM_IMM_F64: insn->imm = wasm_fixed(r, 8); break;
	case WASM_IMM_REFTYPE: insn->index = wasm_read_reference_type(r); break;
	case WASM_IMM_TYPES: read_select_type(c, insn); break;
	}
}

bool wasm_decode(wasm_code *c, wasm_insn *insn)
{
	wasm_reader *r = &c->r;
	*insn = (wasm_insn){.offset = wasm_offset(r)};
	uint32_t code = wasm_u8(r);
	if (code == WASM_PREFIX_FC) {
		uint32_t number = wasm_u32(r);
		code = number < WASM_CODES - WASM_CODES_FC ? WASM_CODES_FC + number : WASM_CODES - 1;
	}
	if (r->status == VSP_OK && !wasm_opcodes[code].name)
		wasm_fail_code(r, insn->offset, code, "opcode");
	if (r->status != VSP_OK)
		return false;
	insn->code = code;
	read_immediate(c, insn);
	return r->status == VSP_OK;
}
