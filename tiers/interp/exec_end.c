/*
 * The end of a run: records the state shown, the trap's place, the back trace and the count of
 * instructions.
 */
#include "decode.h"
#include "exec_run.h"
#include "handlers.h"
#include "runtime/base/error.h"
#include "runtime/trap.h"

static void insn_at(const vsp_exec *x, uint32_t pc, vsp_insn *insn)
{
	vsp_insn_decode(x->module->code, x->module->code_size, pc, insn);
}

/*
 * The effective address of a load or store, computed from registers that it has not changed. PUSH
 * and POP have no memory operand of their own.
 */
static int64_t effective_address(const vsp_exec *x, const vsp_insn *insn)
{
	if (insn->form == VSP_I_PUSH || insn->form == VSP_I_POP)
		return (int64_t)x->rt->sp - (insn->form == VSP_I_PUSH ? 8 : 0);
	return vsp_insn_address(insn, x->frame->r, x->rt->sp);
}

void vsp_exec_guard_trap(vsp_exec *x)
{
	vsp_insn insn;
	insn_at(x, vsp_exec_pc(x, x->frame->func, x->ip), &insn);
	int64_t ea = effective_address(x, &insn);
	vsp_trap_access(x->rt, ea, 0);
}

/*
 * The number of instructions of the block after pc, which were charged but not executed. Metered
 * code has a CHARGE cell at each block.
 */
static uint64_t unexecuted(const vsp_exec *x, uint32_t func, uintptr_t ip)
{
	const vsp_decoded *d = vsp_exec_decoded_at(x, func, vsp_exec_cell(ip));
	uint32_t end = x->module->funcs[func].start + x->module->funcs[func].size, pc = vsp_exec_pc(x, func, ip);
	size_t i = d ? (size_t)(vsp_exec_cell(ip) - d->cells) : SIZE_MAX;
	if (!d || i >= d->count || vsp_decoded_is(d, i, VSP_H_CHARGE))
		return 0;
	for (i++; i < d->count; i++)
		if (vsp_decoded_is(d, i, VSP_H_CHARGE)) {
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

/*
 * The code address of the INVOKE that opened the frame: the last instruction of the cell before the
 * return cell.
 */
static uint32_t caller_pc(const vsp_exec *x, const vsp_exec_frame *frame)
{
	const vsp_decoded *d = vsp_exec_decoded_at(x, frame[-1].func, frame->ret - 1);
	if (!d)
		return x->module->funcs[frame[-1].func].start;
	uint32_t second = vsp_decoded_pc(d, frame->ret - 1, 1);
	return second != VSP_NO_PC ? second : vsp_decoded_pc(d, frame->ret - 1, 0);
}

void vsp_exec_backtrace(vsp_exec *x)
{
	vsp_trap_at(x->rt, vsp_exec_pc(x, x->frame->func, x->ip), x->frame->func);
	for (const vsp_exec_frame *frame = x->frame; frame > x->base; frame--)
		vsp_trap_add_caller(x->rt, caller_pc(x, frame), frame[-1].func);
}

/* ---- the end ---- */

void vsp_exec_record(vsp_exec *x, vsp_left left)
{
	static const uint8_t ends[] = {[VSP_LEFT_RETURNED] = VSP_END_RETURNED,
	        [VSP_LEFT_HALTED] = VSP_END_HALTED,
	        [VSP_LEFT_EXITED] = VSP_END_EXITED,
	        [VSP_LEFT_TRAPPED] = VSP_END_TRAPPED, /* see also vsp_exec_backtrace */
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
}

/* ---- errors ---- */

static void find_source(const void *opaque, uint32_t pc, uint32_t func, vsp_source_place *place)
{
	const vsp_module_data *m = opaque;
	const vsp_line *line = pc == VSP_NO_PC ? NULL : vsp_module_line_at(m, pc);
	if (func != VSP_NO_PC)
		place->function = vsp_module_func_name(m, func);
	if (!line)
		return;
	if (line->file < m->file_count)
		place->file = m->files[line->file];
	place->line = line->line > 0 && line->line <= UINT32_MAX ? (uint32_t)line->line : 0;
	place->column = line->column;
}

void vsp_exec_report(vsp_exec *x, vsp_error *error)
{
	vsp_error own = VSP_ERROR_INIT;
	if (!error)
		return;
	vsp_trap_report(x->rt, &(vsp_trap_source){find_source, x->module}, &own);
	vsp_error_give(error, &own);
}
