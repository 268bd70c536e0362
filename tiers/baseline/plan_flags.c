/*
 * Finds the cells whose flags need not be recorded where they are written. Tier 0 keeps the
 * operands of such cells for the case that something shows the flags: a trap, or the interpreter
 * itself. In baseline code that happens only on ways to the interpreter, so these can record them,
 * if the operands are still in the frame there or can be computed.
 *
 * A cell's flags are pending from there to the next instruction that writes flags, as long as
 * control can only have come from the one to the other. Where it could also have come from
 * elsewhere, or goes elsewhere, they must have been recorded.
 */
#include "plan.h"

#include "tiers/interp/decode_tables.h"
#include "tiers/interp/handlers.h"

/* The flags of one cell. */
typedef struct pending {
	uint32_t cell;
	vsp_record_fields fields;
	bool lost; /* one of the registers that they are computed from has been changed */
} pending;

/* The lazy handler of an instruction; *plain: the one without flags. False: the cell has
   another. */
static bool is_lazy(const vsp_insn *insn, unsigned handler, unsigned *plain)
{
	*plain = vsp_decode_handler(insn->form, 0, false, false);
	return handler != *plain && handler == vsp_decode_handler(insn->form, 1, false, false);
}

static bool is_step(unsigned form) { return form == VSP_I_ADDI_8 || form == VSP_I_ADDI_32; }

/* How the flags of a cell are recorded that may have changed its operands; VSP_RECORD_NOW: not
   later. */
static unsigned record_of(const vsp_cell_plan *p, unsigned form)
{
	bool b = (p->written & p->read) || (p->written && p->read & VSP_FIELD_B && p->offset[0] == p->offset[1]);
	bool c = p->written && p->read & VSP_FIELD_C && p->offset[0] == p->offset[2];
	if (!b && !c)
		return VSP_RECORD_OPERANDS;
	if (b && is_step(form))
		return VSP_RECORD_ADDI;
	if (b && !c && (form == VSP_I_ADD || form == VSP_I_SUB))
		return form == VSP_I_ADD ? VSP_RECORD_ADD : VSP_RECORD_SUB;
	return VSP_RECORD_NOW;
}

vsp_record_fields vsp_plan_record_fields(const vsp_cell_plan *p, unsigned record)
{
	vsp_record_fields n = {.count = 0};
	for (unsigned k = 0; k < 3; k++)
		if (p->read >> k & 1 && n.count < 2)
			n.offset[n.count++] = p->offset[k];
	if (record == VSP_RECORD_ADDI || record == VSP_RECORD_ADD || record == VSP_RECORD_SUB)
		n.offset[0] = p->offset[0];
	return n;
}

static void lose(pending *n, unsigned offset)
{
	for (unsigned k = 0; k < n->fields.count; k++)
		n->lost |= n->fields.offset[k] == offset;
}

/* The registers that a call changes: the results. False: it is none that is known. */
static bool lose_results(pending *n, const vsp_module_data *m, const vsp_cell *cell, unsigned handler)
{
	unsigned results = 0;
	switch (handler) {
	case VSP_H_INVOKE_0:
	case VSP_H_INVOKE_1:
	case VSP_H_INVOKE_2:
	case VSP_H_INVOKE_3:
	case VSP_H_INVOKE_4: results = m->funcs[cell->imm].results; break;
	case VSP_H_INVOKEI: results = (uint32_t)cell->imm >> 8; break;
	default: return false;
	}
	for (unsigned i = 0; i < results; i++)
		lose(n, i * 8);
	return true;
}

static bool can_exit(const vsp_cell_plan *p)
{
	const vsp_stencil *s = &vsp_stencils[p->handler][p->share];
	return s->faults || s->leaves || vsp_plan_has_hole(s, VSP_HOLE_SLOW);
}

/*
 * Follows the flags of a cell. Returns the cell behind the last one that they are pending in; 0:
 * they must be recorded at once.
 */
static uint32_t end_of(const vsp_plan *plan, const vsp_module_data *m, pending n)
{
	uint32_t i = n.cell + 1;
	for (; i < plan->d->count; i++) {
		const vsp_cell_plan *p = &plan->cells[i];
		if (p->data)
			continue;
		if (p->target || p->jumps || p->leaves || p->borrows || (can_exit(p) && n.lost))
			return 0;
		if (p->flags && !p->hidden)
			return i + 1;
		for (unsigned k = 0; k < 3; k++)
			if (p->written >> k & 1)
				lose(&n, p->offset[k]);
		/* The interpreter may execute any of these cells, and come back: all its effects
		   count. */
		bool unknown = p->hidden || vsp_stencils[p->handler][p->share].leaves;
		if (unknown && !lose_results(&n, m, &plan->d->cells[i], p->handler))
			return 0;
	}
	return 0;
}

/* Lets the cell do without a record, if that is possible. Returns the cell to go on with. */
static void try_cell(vsp_plan *plan, const vsp_module_data *m, uint32_t i)
{
	vsp_cell_plan *p = &plan->cells[i], changed = *p;
	vsp_insn insn;
	unsigned plain;
	if (vsp_insn_decode(m->code, m->code_size, plan->d->pcs[i], &insn) || !is_lazy(&insn, p->handler, &plain))
		return;
	unsigned record = record_of(p, insn.form);
	pending n = {.cell = i, .fields = vsp_plan_record_fields(p, record)};
	uint32_t end = record == VSP_RECORD_NOW ? 0 : end_of(plan, m, n);
	changed.handler = (uint16_t)plain;
	changed.record = (uint8_t)record;
	if (!end)
		return;
	vsp_plan_place(plan, &changed);
	if (changed.leaves || changed.borrows)
		return;
	*p = changed;
	for (uint32_t k = i + 1; k < end; k++)
		plan->cells[k].pending = i + 1;
}

void vsp_plan_flags(vsp_plan *plan, const vsp_module_data *m)
{
	for (uint32_t i = 0; i < plan->d->count; i++)
		if (plan->cells[i].flags && !plan->cells[i].data && !plan->cells[i].leaves)
			try_cell(plan, m, i);
}
