/*
 * Making the intermediate code of a function, instruction by instruction as they are decoded and
 * typed.
 */
#include "build.h"

#include <inttypes.h>

#include "runtime/base/alloc.h"

bool build_create(build *b, ir_code *ir)
{
	*b = (build){.ir = ir};
	b->locals = vsp_alloc(WASM_MAX_LOCALS, sizeof *b->locals);
	b->zeros = vsp_alloc(WASM_MAX_LOCALS, sizeof *b->zeros);
	return b->locals && b->zeros;
}

void build_open(build *b, const wasm_plan *plan, wasm_lines *lines)
{
	b->m = plan->m;
	b->plan = plan;
	b->lines = lines;
}

void build_destroy(build *b)
{
	wasm_code_close(&b->code);
	vsp_free_memory(b->values);
	vsp_free_memory(b->saved);
	vsp_free_memory(b->blocks);
	vsp_free_memory(b->locals);
	vsp_free_memory(b->zeros);
	vsp_free_memory(b->traps);
}

static void get_global(build *b, const wasm_insn *insn)
{
	const wasm_global *g = &b->m->globals[insn->index];
	uint32_t index = b->plan->global_index[insn->index];
	if (index == WASM_NO_INDEX) {
		build_push_const(b, g->value.bits);
		return;
	}
	uint32_t reg = build_temp(b);
	build_insn(b, VSP_I_GGET, reg, 0, 0, index);
	build_push_reg(b, reg);
}

static void build_special(build *b, const wasm_insn *insn)
{
	switch (insn->code) {
	case WASM_NOP: break;
	case WASM_DROP: build_pop(b); break;
	case WASM_SELECT:
	case WASM_SELECT_T: build_select(b); break;
	case WASM_I32_EQZ:
	case WASM_I64_EQZ: build_eqz(b); break;
	case WASM_I32_CONST:
	case WASM_I64_CONST:
	case WASM_F32_CONST:
	case WASM_F64_CONST: build_push_const(b, insn->imm); break;
	case WASM_LOCAL_GET: build_local_get(b, insn->index); break;
	case WASM_LOCAL_SET:
	case WASM_LOCAL_TEE: build_local_set(b, insn->index, insn->code == WASM_LOCAL_TEE); break;
	case WASM_GLOBAL_GET: get_global(b, insn); break;
	case WASM_GLOBAL_SET:
		build_insn(b, VSP_I_GSET, build_pop_reg(b), 0, 0, b->plan->global_index[insn->index]);
		break;
	case WASM_CALL:
	case WASM_CALL_INDIRECT: build_call(b, insn); break;
	case WASM_MEMORY_SIZE:
	case WASM_MEMORY_GROW:
	case WASM_MEMORY_COPY:
	case WASM_MEMORY_FILL:
	case WASM_MEMORY_INIT:
	case WASM_DATA_DROP: build_memory(b, insn); break;
	case WASM_REF_IS_NULL: build_eqz(b); break;
	default: build_table(b, insn); break;
	}
}

static bool is_control(uint32_t code)
{
	return code == WASM_UNREACHABLE || (code >= WASM_BLOCK && code <= WASM_RETURN);
}

static void build_step(build *b, const wasm_insn *insn)
{
	bool nests = insn->code == WASM_BLOCK || insn->code == WASM_LOOP || insn->code == WASM_IF ||
	             insn->code == WASM_ELSE || insn->code == WASM_END;
	if (!b->live && !nests)
		return;
	if (is_control(insn->code))
		build_control(b, insn);
	else if (!build_simple(b, insn))
		build_special(b, insn);
}

/* From here on instructions belong to the line of a place in the file. */
static void set_line(build *b, const uint8_t *place)
{
	uint32_t row = wasm_lines_find(b->lines, b->m, place);
	b->ir->line = row == WASM_NO_INDEX ? 0 : b->lines->rows_before + row + 1;
}

static void clear(build *b, uint32_t func)
{
	ir_clear(b->ir);
	b->func = func;
	b->round++;
	b->height = b->saved_count = b->unflushed = b->depth = b->loop_depth = b->zero_count = b->last_serial = 0;
	b->return_label = IR_NO_REG;
	b->trap_count = 0;
	b->test.end = 0;
	b->live = true;
}

static void begin(build *b, uint32_t func)
{
	const wasm_type *type = &b->m->types[b->m->funcs[func].type];
	clear(b, func);
	set_line(b, b->code.r.at);
	build_control(b, &(wasm_insn){.code = WASM_BLOCK, .block = {.result_count = type->result_count}});
	if (!ir_failed(b->ir))
		build_entry(b);
}

/* Locals that begin as 0 are known at the end. */
static void list_zeros(build *b)
{
	uint32_t first = b->ir->list_count;
	for (uint32_t i = 0; i < b->zero_count; i++)
		ir_add_list(b->ir, b->zeros[i]);
	if (ir_failed(b->ir))
		return;
	b->ir->insns[0].v[0] = first;
	b->ir->insns[0].v[1] = b->zero_count;
}

static bool finish(build *b, vsp_error *error)
{
	wasm_reader *r = &b->code.r;
	if (r->status == VSP_OK && b->ir->no_memory)
		r->status = vsp_error_set(error, VSP_E_MEMORY, "out of memory while translating WebAssembly");
	if (r->status == VSP_OK && b->ir->too_large)
		wasm_fail(r, b->func < b->m->func_count ? (uint64_t)(b->m->funcs[b->func].body - b->m->bytes) : 0,
		        "its code would be larger than %d MiB", VSP_MAX_CODE >> 20);
	return r->status == VSP_OK;
}

bool build_function(build *b, uint32_t func, vsp_error *error)
{
	wasm_insn insn;
	if (!wasm_code_open(&b->code, b->m, func, error))
		return false;
	begin(b, func);
	while (!ir_failed(b->ir) && wasm_code_next(&b->code, &insn)) {
		set_line(b, b->m->bytes + insn.offset);
		build_step(b, &insn);
	}
	if (b->code.r.status == VSP_OK && !ir_failed(b->ir)) {
		build_tails(b);
		list_zeros(b);
	}
	return finish(b, error);
}

/* ---- initialization ---- */

/* The values that memory.init and table.init take for a whole segment. */
static void push_whole(build *b, const wasm_const *where, uint32_t size)
{
	build_push_const(b, (uint64_t)wasm_plan_value(b->plan, &b->code.r, where));
	build_push_const(b, 0);
	build_push_const(b, size);
}

static void add_segments(build *b)
{
	const wasm_module *m = b->m;
	for (uint32_t i = 0; i < m->elem_count; i++)
		if (b->plan->elems[i].late) {
			push_whole(b, &m->elems[i].where, m->elems[i].count);
			build_table_init(b, m->elems[i].table, i, m->elems[i].count);
		}
	for (uint32_t i = 0; i < m->data_count; i++)
		if (b->plan->datas[i].late) {
			push_whole(b, &m->datas[i].where, m->datas[i].size);
			build_data_init(b, i, m->datas[i].size);
		}
}

/* What is imported and was smaller at first. */
static void check_sizes(build *b)
{
	const wasm_module *m = b->m;
	const wasm_memory_place *memory = wasm_memory_of(b->plan);
	if (m->memory_imported && memory->limits.min < m->memory.min)
		build_check_memory(b, m->memory.min);
	for (uint32_t i = 0; i < m->table_count; i++)
		if (b->plan->program->tables[b->plan->table_index[i]].limits.min < m->tables[i].limits.min)
			build_check_table(b, i, m->tables[i].limits.min);
}

static void add_calls(build *b, const uint32_t *calls, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (calls[i] != WASM_NO_INDEX)
			ir_add(b->ir, (ir_insn){.form = IR_CALL, .imm = IR_CALL_PACK(VSP_I_INVOKE, 0, calls[i])});
}

bool build_initialize(build *b, const uint32_t *calls, uint32_t before, uint32_t count, vsp_error *error)
{
	b->code.r = (wasm_reader){.start = b->m->bytes, .error = error};
	clear(b, WASM_NO_INDEX);
	ir_add(b->ir, (ir_insn){.form = IR_ENTRY});
	add_calls(b, calls, before);
	check_sizes(b);
	add_segments(b);
	add_calls(b, calls + before, count - before);
	build_insn(b, IR_RETURN, 0, 0, 0, 0);
	if (!ir_failed(b->ir))
		build_tails(b);
	return finish(b, error);
}
