/*
 * How a run ended: the state shown, the trap's place, the back trace, and the count of instructions.
 */
#include "decode.h"
#include "exec_run.h"
#include "handlers.h"
#include "runtime/base/error.h"
#include "runtime/run_end.h"

#include <stdio.h>

static void insn_at(const vsp_exec *x, uint32_t pc, vsp_insn *insn)
{
	vsp_insn_decode(x->module->code, x->module->code_size, pc, insn);
}

/* Effective address of a load or store, from the registers it has not changed. */
static int64_t effective_address(const vsp_exec *x, const vsp_insn *insn)
{
	const uint64_t *r = x->frame->r;
	const vsp_form_info *info = vsp_insn_info(insn);
	if (insn->form == VSP_I_PUSH || insn->form == VSP_I_POP)
		return (int64_t)x->rt->sp - (insn->form == VSP_I_PUSH ? 8 : 0);
	switch (info->operands[1]) {
	case VSP_O_MEM_B: return EA_B(r[insn->b], insn->imm);
	case VSP_O_MEM_SP: return EA_B(x->rt->sp, insn->imm);
	case VSP_O_MEM_X1: return EA_X(r[insn->b], r[insn->c], 1);
	case VSP_O_MEM_X2: return EA_X(r[insn->b], r[insn->c], 2);
	case VSP_O_MEM_X4: return EA_X(r[insn->b], r[insn->c], 4);
	case VSP_O_MEM_X8: return EA_X(r[insn->b], r[insn->c], 8);
	default: return insn->imm;
	}
}

void vsp_exec_guard_trap(vsp_exec *x)
{
	vsp_insn insn;
	insn_at(x, vsp_exec_pc(x, x->frame->func, x->ip), &insn);
	int64_t ea = effective_address(x, &insn);
	bool stack = ea >= VSP_STACK_ZONE && ea < VSP_NULL_ZONE;
	vsp_rt_fail(x->rt, stack ? VSP_TRAP_STACK_OVERFLOW : VSP_TRAP_OUT_OF_BOUNDS, "access at address %lld",
	        (long long)ea);
}

/* Instructions of the block behind pc, which were charged but not executed. Metered code has a CHARGE cell at each block. */
static uint64_t unexecuted(const vsp_exec *x, uint32_t func, uintptr_t ip)
{
	const vsp_decoded *d = vsp_exec_decoded_at(x, func, vsp_exec_cell(ip));
	uint32_t end = x->module->funcs[func].start + x->module->funcs[func].size, pc = vsp_exec_pc(x, func, ip);
	uintptr_t charge = vsp_exec_loop.target(VSP_H_CHARGE).number;
	size_t i = d ? (size_t)(vsp_exec_cell(ip) - d->cells) : SIZE_MAX;
	if (!d || i >= d->count || d->cells[i].run.number == charge)
		return 0;
	for (i++; i < d->count; i++)
		if (d->cells[i].run.number == charge) {
			end = d->pcs[i];
			break;
		}
	uint64_t n = 0;
	vsp_insn insn;
	for (insn_at(x, pc, &insn); insn.pc + insn.length < end; n++)
		insn_at(x, insn.pc + insn.length, &insn);
	return n;
}

/* ---- the back trace ---- */

/* Code address of the INVOKE that opened the frame: the last instruction of the cell before the one it returns to. */
static uint32_t caller_pc(const vsp_exec *x, const vsp_exec_frame *frame)
{
	const vsp_decoded *d = vsp_exec_decoded_at(x, frame[-1].func, frame->ret - 1);
	if (!d)
		return x->module->funcs[frame[-1].func].start;
	uint32_t second = vsp_decoded_pc(d, frame->ret - 1, 1);
	return second != VSP_NO_PC ? second : vsp_decoded_pc(d, frame->ret - 1, 0);
}

void vsp_exec_trace(vsp_exec *x, bool active)
{
	if (x->frame < x->base)
		return;
	if (active)
		vsp_rt_add_caller(x->rt, vsp_exec_pc(x, x->frame->func, x->ip), x->frame->func);
	for (const vsp_exec_frame *frame = x->frame; frame > x->base; frame--)
		vsp_rt_add_caller(x->rt, caller_pc(x, frame), frame[-1].func);
}

/* ---- the end ---- */

void vsp_exec_record(vsp_exec *x, vsp_left left)
{
	static const uint8_t ends[] = {[VSP_LEFT_RETURNED] = VSP_END_RETURNED,
	        [VSP_LEFT_HALTED] = VSP_END_HALTED,
	        [VSP_LEFT_EXITED] = VSP_END_EXITED,
	        [VSP_LEFT_TRAPPED] = VSP_END_TRAPPED,
	        [VSP_LEFT_PAUSED] = VSP_END_NONE};
	vsp_rt *rt = x->rt;
	const vsp_exec_frame *frame = left == VSP_LEFT_RETURNED ? x->base : x->frame;
	rt->end = ends[left];
	rt->end_known = VSP_KNOWN_MEMORY | VSP_KNOWN_STATE;
	if (left != VSP_LEFT_RETURNED || x->ip)
		rt->end_pc = vsp_exec_pc(x, frame->func, x->ip);
	memcpy(rt->r, frame->r, sizeof rt->r);
	rt->flags = (uint8_t)vsp_exec_flags(x, frame);
	if (x->set->kind & VSP_CODE_METER && left != VSP_LEFT_PAUSED && x->ip)
		x->charged -= unexecuted(x, frame->func, x->ip);
	if (left != VSP_LEFT_TRAPPED)
		return;
	vsp_run_trapped(rt, rt->end_pc, frame->func);
	vsp_exec_trace(x, false);
}

/* ---- errors ---- */

static const char *trap_text(uint32_t kind)
{
	static const char *const texts[] = {
	        "no trap",
#define TRAP(NAME, text) text,
#include "runtime/traps.def"
	};
	return kind < sizeof texts / sizeof texts[0] ? texts[kind] : "unknown trap";
}

static void frame_describe(const vsp_exec *x, vsp_frame *out, uint32_t func, uint32_t pc)
{
	const vsp_line *line = pc == VSP_NO_PC ? NULL : vsp_module_line_at(x->module, pc);
	out->pc = pc;
	out->line = line && line->line > 0 && line->line <= UINT32_MAX ? (uint32_t)line->line : 0;
	snprintf(out->function, sizeof out->function, "%s",
	        func == VSP_NO_PC ? "" : vsp_module_func_name(x->module, func));
}

static void trace_add(const vsp_exec *x, vsp_error *error, uint32_t func, uint32_t pc)
{
	if (error->frames < sizeof error->trace / sizeof error->trace[0])
		frame_describe(x, &error->trace[error->frames++], func, pc);
}

static void trace_fill(const vsp_exec *x, vsp_error *error)
{
	const vsp_trap_info *trap = &x->rt->trap;
	trace_add(x, error, trap->func, trap->pc);
	for (uint32_t i = 0; i < trap->caller_count; i++)
		trace_add(x, error, trap->callers[i].func, trap->callers[i].pc);
}

void vsp_exec_report(vsp_exec *x, vsp_error *error)
{
	const vsp_trap_info *trap = &x->rt->trap;
	vsp_error own = VSP_ERROR_INIT, *caller = error;
	if (!caller)
		return;
	error = &own;
	const char *more = trap->message[0] ? ": " : "";
	vsp_error_set(error, VSP_TRAPPED, "%s%s%s", trap_text(trap->kind), more, trap->message);
	error->trap = (vsp_trap)trap->kind;
	error->trap_code = trap->code;
	error->pc = trap->pc;
	trace_fill(x, error);
	const vsp_line *line = trap->pc == VSP_NO_PC ? NULL : vsp_module_line_at(x->module, trap->pc);
	if (line && line->file < x->module->file_count)
		snprintf(error->file, sizeof error->file, "%s", x->module->files[line->file]);
	error->line = error->trace[0].line;
	error->column = line ? line->column : 0;
	memcpy(error->function, error->trace[0].function, sizeof error->function);
	vsp_error_give(caller, error);
}
