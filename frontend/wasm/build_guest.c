/*
 * Calls of VSP's own instructions: the parameters become what the instruction takes. Addresses are
 * linear ones then, and counts unsigned.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "build.h"
#include "guest.h"

enum { MOST = 4 };
#define GUEST(NAME, name, params, ...) static_assert(sizeof params - 1 <= MOST, "vsp_" name " has too many parameters");
#include "guest.def"

/* A call that is being translated. */
typedef struct guest_call {
	const wasm_guest *guest;
	build_value values[MOST]; /* the parameters */
	uint64_t offset;          /* in the file */
	uint16_t form;
	int64_t imm;
} guest_call;

/* The register of a parameter, as the instruction takes it. */
static uint32_t operand(build *b, const guest_call *call, unsigned i)
{
	uint32_t reg = build_use(b, call->values[i]), out;
	switch (call->guest->params[i]) {
	case 'p': return build_linear(b, reg);
	case 'n':
		out = build_temp(b);
		build_insn(b, VSP_I_ZEXT32, out, reg, 0, 0);
		return out;
	default: return reg;
	}
}

/* ---- constants ---- */

/* The constant is a selector of the form's opcode. */
static bool choose(guest_call *call)
{
	const vsp_form_info *first = &vsp_forms[call->guest->form];
	for (unsigned form = call->guest->form; form < VSP_FORMS && vsp_forms[form].op == first->op; form++)
		if (vsp_forms[form].sel == call->imm) {
			call->form = (uint16_t)form;
			call->imm = 0;
			return true;
		}
	return false;
}

/* Takes the constant parameter, if there is one, and checks it. */
static bool take_constant(build *b, guest_call *call)
{
	const wasm_guest *g = call->guest;
	for (unsigned i = 0; g->params[i]; i++) {
		if (g->params[i] != 'c')
			continue;
		if (call->values[i].kind != VALUE_CONST)
			return wasm_fail(
			        &b->code.r, call->offset, "parameter %u of vsp_%s must be a constant", i + 1, g->name);
		call->imm = call->values[i].bits;
		vsp_insn insn = {.form = g->form, .imm = call->imm};
		bool good = g->how == WASM_GUEST_HOW_CHOOSE ? choose(call)
		            : g->form == VSP_I_INFER        ? call->imm >= 0 && call->imm < b->plan->models
		                                            : vsp_insn_fits(&insn);
		if (!good)
			return wasm_fail(&b->code.r, call->offset, "%" PRId64 " cannot be parameter %u of vsp_%s",
			        call->imm, i + 1, g->name);
	}
	return true;
}

/* ---- instructions ---- */

/* Parameters that are not constants, as registers; returns their number. */
static unsigned operands(build *b, const guest_call *call, uint32_t regs[MOST])
{
	unsigned count = 0;
	for (unsigned i = 0; call->guest->params[i]; i++)
		if (call->guest->params[i] != 'c')
			regs[count++] = operand(b, call, i);
	return count;
}

static void add(build *b, const guest_call *call, uint32_t x, uint32_t y, uint32_t z)
{
	build_insn(b, call->form, x, y, z, call->imm);
}

static void add_plain(build *b, const guest_call *call)
{
	uint32_t regs[MOST] = {0};
	operands(b, call, regs);
	if (!*call->guest->result) {
		add(b, call, regs[0], regs[1], regs[2]);
		return;
	}
	uint32_t result = build_temp(b);
	add(b, call, result, regs[0], regs[1]);
	build_push_reg(b, result);
}

static void add_modify(build *b, const guest_call *call)
{
	uint32_t regs[MOST] = {0}, result = build_temp(b);
	operands(b, call, regs);
	build_insn(b, VSP_I_MOV, result, regs[0], 0, 0);
	add(b, call, result, regs[1], 0);
	build_push_reg(b, result);
}

/* The instruction has more registers than can be loaded for one, so it takes them as a call
   does. */
static void add_pass(build *b, const guest_call *call)
{
	uint32_t regs[MOST];
	unsigned count = 0;
	for (; call->guest->params[count]; count++)
		regs[count] = operand(b, call, count);
	uint32_t first = b->ir->list_count;
	for (unsigned i = 0; i < count; i++)
		ir_add_list(b->ir, regs[i]);
	ir_add(b->ir, (ir_insn){.form = IR_CALL,
	                      .depth = (uint16_t)b->loop_depth,
	                      .v = {first, count, b->ir->list_count, 0},
	                      .imm = IR_CALL_PACK(call->form, 0, 0)});
}

static void add_launch(build *b, guest_call *call, uint32_t func)
{
	uint32_t regs[MOST] = {0};
	operands(b, call, regs);
	call->imm = b->plan->launched[func];
	add(b, call, regs[0], regs[1], 0);
}

void build_guest(build *b, uint32_t func, uint64_t offset)
{
	wasm_guest_id id = (wasm_guest_id)(b->plan->guests[func] - 1);
	guest_call call = {.guest = &wasm_guests[id], .form = wasm_guests[id].form, .offset = offset};
	for (size_t i = strlen(call.guest->params); i-- > 0;)
		call.values[i] = build_pop(b);
	if (!take_constant(b, &call))
		return;
	if (id == WASM_GUEST_LAUNCH)
		add_launch(b, &call, func);
	else if (call.guest->how == WASM_GUEST_HOW_MODIFY)
		add_modify(b, &call);
	else if (call.guest->how == WASM_GUEST_HOW_PASS)
		add_pass(b, &call);
	else
		add_plain(b, &call);
}
