/*
 * Calls, returns and the function's entry. Parameters and results are in R0, R1, ..., and what is
 * beyond them goes through hidden cells of the globals, which nothing uses in between. Of 16 and
 * more parameters only 15 are in registers, so that one is left for the index of call_indirect;
 * hosts give and take 16.
 */
#include "build.h"

/* ---- values beyond the registers ---- */

static uint32_t hidden_cell(const build *b, uint32_t i) { return wasm_hidden_cell(b->plan->program, i); }

/* How many of the results, or of the parameters of a call by a host, are in registers. */
static uint32_t in_registers(uint32_t count) { return count < VSP_REGISTERS ? count : VSP_REGISTERS; }
/* And of the parameters of a function. */
static uint32_t params_in_registers(uint32_t count) { return count < VSP_REGISTERS ? count : VSP_REGISTERS - 1; }

/* Puts all but the first values into their cells, and the first into a list; returns its first
   item. */
static uint32_t pass_values(build *b, const build_value *values, uint32_t count, uint32_t first)
{
	for (uint32_t i = first; i < count; i++)
		build_insn(b, VSP_I_GSET, build_use(b, values[i]), 0, 0, hidden_cell(b, i));
	uint32_t list = b->ir->list_count;
	for (uint32_t i = 0; i < first; i++)
		ir_add_list(
		        b->ir, values[i].kind == VALUE_CONST ? ir_add_constant(b->ir, values[i].bits) : values[i].reg);
	return list;
}

static void take_hidden(build *b, uint32_t first_reg, uint32_t first, uint32_t count)
{
	for (uint32_t i = first; i < count; i++)
		build_insn(b, VSP_I_GGET, first_reg + i, 0, 0, hidden_cell(b, i));
}

/* count registers in a row for what is received. */
static uint32_t new_regs(build *b, uint32_t count, ir_reg_kind kind)
{
	uint32_t first = b->ir->reg_count;
	for (uint32_t i = 0; i < count; i++)
		ir_new_reg(b->ir, kind);
	return first;
}

static uint32_t list_regs(build *b, uint32_t first_reg, uint32_t count)
{
	uint32_t first = b->ir->list_count;
	for (uint32_t i = 0; i < count; i++)
		ir_add_list(b->ir, first_reg + i);
	return first;
}

/* ---- calls ---- */

/* Imports give i32 with any upper half. */
static void push_results(build *b, const wasm_type *type, uint32_t regs, bool from_host)
{
	for (uint32_t i = 0; i < type->result_count; i++) {
		uint32_t reg = regs + i;
		if (from_host && type->results[i] == WASM_I32) {
			reg = build_temp(b);
			build_insn(b, VSP_I_SEXT32, reg, regs + i, 0, 0);
		}
		build_push_reg(b, reg);
	}
}

static void add_call(build *b, const wasm_type *type, uint32_t table_reg, int64_t call, bool from_host)
{
	uint32_t params = from_host ? in_registers(type->param_count) : params_in_registers(type->param_count);
	if (b->height < type->param_count) /* after a failure */
		return;
	uint32_t args = pass_values(b, b->values + b->height - type->param_count, type->param_count, params);
	uint32_t regs = new_regs(b, type->result_count, IR_TEMP);
	if (table_reg != IR_NO_REG)
		ir_add_list(b->ir, table_reg);
	for (uint32_t i = 0; i < type->param_count; i++)
		build_pop(b);
	uint32_t results = list_regs(b, regs, in_registers(type->result_count));
	ir_add(b->ir, (ir_insn){.form = IR_CALL,
	                      .depth = (uint16_t)b->loop_depth,
	                      .v = {args, params, results, in_registers(type->result_count)},
	                      .imm = call});
	take_hidden(b, regs, in_registers(type->result_count), type->result_count);
	push_results(b, type, regs, from_host);
}

static void call_function(build *b, uint32_t func)
{
	const wasm_plan *plan = b->plan;
	const wasm_type *type = &b->m->types[b->m->funcs[func].type];
	uint32_t import = b->m->funcs[func].import;
	if (import == WASM_NO_INDEX || plan->linked[func])
		add_call(b, type, IR_NO_REG, IR_CALL_PACK(VSP_I_INVOKE, 0, plan->func_index[func]), false);
	else if (plan->import_index[func] == WASM_NO_INDEX)
		add_call(b, type, IR_NO_REG, IR_CALL_PACK(VSP_I_SYSCALL, 0, 0), false);
	else
		add_call(b, type, IR_NO_REG, IR_CALL_PACK(VSP_I_HCALL, 0, plan->import_index[func]), true);
}

static void call_indirect(build *b, const wasm_insn *insn)
{
	const wasm_program *program = b->plan->program;
	const wasm_table_place *table = &program->tables[b->plan->table_index[insn->other]];
	uint32_t entry = build_temp(b), number = table->number;
	if (table->stored) {
		entry = build_table_entry(b, insn->other, build_pop_reg(b));
		number = wasm_refs_table(program);
	} else {
		build_move(b, entry, build_pop(b));
	}
	add_call(b, &b->m->types[insn->index], entry,
	        IR_CALL_PACK(VSP_I_INVOKET, number, b->plan->type_index[insn->index]), false);
}

void build_call(build *b, const wasm_insn *insn)
{
	if (insn->code == WASM_CALL && b->plan->guests[insn->index])
		build_guest(b, insn->index, insn->offset);
	else if (insn->code == WASM_CALL)
		call_function(b, insn->index);
	else
		call_indirect(b, insn);
}

/* ---- entry and return ---- */

void build_return(build *b)
{
	uint32_t count = b->blocks[0].results;
	if (b->height < count)
		return;
	uint32_t args = pass_values(b, b->values + b->height - count, count, in_registers(count));
	build_insn(b, IR_RETURN, args, in_registers(count), 0, 0);
}

void build_entry(build *b)
{
	const wasm_type *type = &b->m->types[b->m->funcs[b->func].type];
	uint32_t params = params_in_registers(type->param_count);
	uint32_t regs = new_regs(b, type->param_count, IR_HOME), first = list_regs(b, regs, params);
	for (uint32_t i = 0; i < type->param_count; i++)
		b->locals[i] = (build_local){.round = b->round, .reg = regs + i, .ready = true};
	ir_add(b->ir, (ir_insn){.form = IR_ENTRY, .v = {0, 0, first, params}});
	take_hidden(b, regs, params, type->param_count);
	for (uint32_t i = 0; i < type->param_count && b->plan->exported[b->func]; i++)
		if (type->params[i] == WASM_I32)
			build_insn(b, VSP_I_SEXT32, regs + i, regs + i, 0, 0);
}
