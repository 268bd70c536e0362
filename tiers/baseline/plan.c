/*
 * Makes the plan of a function's baseline code, see plan.h.
 *
 * Registers of the program are kept in machine registers for the whole function, those first that
 * are named most often; an instruction in a loop counts for several. An operand that is not kept is
 * loaded into a scratch register before its cell's stencil.
 */
#include "plan.h"

#include "tiers/interp/handlers.h"
#include "runtime/base/alloc.h"

/* The roles of a cell's operands, as bits of fields (VSP_FIELD_*). */
typedef struct roles {
	uint8_t read, written;
} roles;

/* Cells that belong to no instruction, and those whose operands are not their instruction's. */
static bool special_roles(unsigned handler, roles *r)
{
	switch (handler) {
	case VSP_H_CANON_f:
	case VSP_H_CANON_s: *r = (roles){VSP_FIELD_A, VSP_FIELD_A}; return true;
	case VSP_H_TALLY_TABLE:
	case VSP_H_TALLY_CALL:
	case VSP_H_LOOP: *r = (roles){VSP_FIELD_A, 0}; return true; /* LOOP stores the register itself */
	case VSP_H_PROLOGUE:
	case VSP_H_COUNT:
	case VSP_H_CHARGE:
	case VSP_H_TALLY:
	case VSP_H_TALLY_ENTRY:
	case VSP_H_PAUSE: *r = (roles){0, 0}; return true;
	default: return false;
	}
}

static roles roles_of(const vsp_module_data *m, unsigned handler, uint32_t pc)
{
	vsp_insn insn;
	roles r = {0, 0};
	if (special_roles(handler, &r) || vsp_insn_decode(m->code, m->code_size, pc, &insn))
		return r;
	const vsp_form_info *info = vsp_insn_info(&insn);
	for (unsigned i = 0; i < 4 && info->operands[i] != VSP_O_NONE; i++) {
		const vsp_operand_info *operand = &vsp_operands[info->operands[i]];
		r.read |= operand->reads ? operand->fields : 0;
		r.written |= operand->writes ? operand->fields : 0;
	}
	return r;
}

/* The cells of data behind a cell. */
static uint32_t data_of(const vsp_cell *cell, unsigned handler)
{
	switch (handler) {
	case VSP_H_BRTAB: return (uint32_t)cell->imm;
	case VSP_H_MOVI_64:
	case VSP_H_TALLY_TABLE: return 1;
	default: return 0;
	}
}

static bool has_stencil(unsigned handler)
{
	return handler < vsp_stencil_count && vsp_stencils[handler][VSP_SHARE_NONE].exists;
}

static bool goes_elsewhere(unsigned handler)
{
	switch (handler) {
	case VSP_H_CALL:
	case VSP_H_INVOKE_0:
	case VSP_H_INVOKE_1:
	case VSP_H_INVOKE_2:
	case VSP_H_INVOKE_3:
	case VSP_H_INVOKE_4:
	case VSP_H_TRANS: return true;
	default: return false;
	}
}

/* First pass: handlers, roles and offsets of all cells. */
static void read_cells(vsp_plan *plan, const vsp_module_data *m)
{
	const vsp_decoded *d = plan->d;
	bool entered = true;
	for (uint32_t i = 0; i < d->count;) {
		vsp_cell_plan *p = &plan->cells[i];
		const vsp_cell *cell = &d->cells[i];
		p->handler = (uint16_t)cell->run.number;
		roles r = roles_of(m, p->handler, d->pcs[i]);
		p->read = r.read;
		p->written = r.written;
		p->offset[0] = p->handler == VSP_H_LOOP ? 12 * 8 : cell->a;
		p->offset[1] = cell->b;
		p->offset[2] = cell->c;
		p->offset[3] = cell->d;
		p->leaves = !has_stencil(p->handler);
		p->entered = entered;
		entered = p->leaves || goes_elsewhere(p->handler);
		uint32_t data = data_of(cell, p->handler);
		for (i++; data && i < d->count; data--)
			plan->cells[i++].data = true;
	}
}

static bool is_branch(const vsp_module_data *m, const vsp_plan *plan, uint32_t i)
{
	const vsp_cell_plan *p = &plan->cells[i];
	vsp_insn insn;
	if (p->data || p->leaves || vsp_insn_decode(m->code, m->code_size, plan->d->pcs[i], &insn))
		return false;
	roles ignored;
	bool special = special_roles(p->handler, &ignored) && p->handler != VSP_H_LOOP;
	return !special && vsp_insn_info(&insn)->effects & VSP_FX_BRANCH && insn.form != VSP_I_BRTAB;
}

/*
 * Counts how often registers are used, and cells executed. A cell counts the more, the more backward
 * branches go around it.
 */
static bool count_uses(vsp_plan *plan, const vsp_module_data *m, uint64_t uses[VSP_REGISTERS])
{
	enum { DEEPEST = 5, SHIFT = 3 };
	const vsp_decoded *d = plan->d;
	int32_t *change = vsp_alloc((size_t)d->count + 1, sizeof *change), depth = 0;
	if (!change)
		return false;
	for (uint32_t i = 0; i < d->count; i++)
		if (is_branch(m, plan, i) && d->cells[i].imm <= 0) {
			change[i + d->cells[i].imm / (int32_t)sizeof(vsp_cell)]++;
			change[i + 1]--;
		}
	for (uint32_t i = 0; i < d->count; i++) {
		const vsp_cell_plan *p = &plan->cells[i];
		depth += change[i];
		uint64_t weight = p->data ? 0 : UINT64_C(1) << (SHIFT * (depth < DEEPEST ? depth : DEEPEST));
		plan->weight += weight;
		plan->leaving += p->leaves ? weight : 0;
		for (unsigned k = 0; k < 3 && !p->leaves; k++)
			if (p->read >> k & 1)
				uses[p->offset[k] / 8] += weight;
	}
	vsp_free_memory(change);
	return true;
}

static void choose_kept(vsp_plan *plan, uint64_t uses[VSP_REGISTERS])
{
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		plan->home_of[r] = VSP_NOT_KEPT;
	for (unsigned k = 0; k < VSP_KEPT; k++) {
		unsigned best = 0;
		for (unsigned r = 1; r < VSP_REGISTERS; r++)
			if (uses[r] > uses[best])
				best = r;
		plan->kept[k] = uses[best] ? (uint8_t)(best * 8) : VSP_NOT_KEPT;
		if (!uses[best])
			continue;
		uses[best] = 0;
		plan->home_of[best] = (uint8_t)(VSP_STENCIL_SCRATCH + k);
	}
}

/* A scratch register for operand k, which is not kept. */
static uint8_t take_scratch(vsp_cell_plan *p, unsigned k, unsigned *taken)
{
	if (*taken < VSP_STENCIL_SCRATCH)
		return (uint8_t)(*taken)++;
	/* There are two, so operands b and c have them. A result can take the place of b. */
	p->borrows = p->read >> k & 1;
	return p->borrows ? VSP_STENCIL_SCRATCH : 0;
}

static bool is_base(uint8_t home) { return home != VSP_NOT_KEPT && home >= VSP_STENCIL_REGISTERS - VSP_STENCIL_BASES; }

/*
 * The place of operand k: where it is kept, unless the stencil must not name that register, or where
 * the same register of the program has been put for another operand.
 */
static uint8_t known_home(const vsp_plan *plan, const vsp_cell_plan *p, unsigned k, bool bases)
{
	uint8_t home = plan->home_of[p->offset[k] / 8];
	if (is_base(home) && !bases)
		home = VSP_NOT_KEPT;
	for (unsigned j = 0; j < 3 && home == VSP_NOT_KEPT; j++)
		if (j != k && p->home[j] != VSP_NOT_KEPT && p->offset[j] == p->offset[k])
			home = p->home[j];
	return home;
}

/* bases: the operands may also be in the registers that not every stencil can name. */
static void place_operands(const vsp_plan *plan, vsp_cell_plan *p, bool bases)
{
	static const uint8_t order[] = {1, 2, 0};
	unsigned taken = 0, fields = p->read | p->written;
	memset(p->home, VSP_NOT_KEPT, sizeof p->home);
	p->loaded = 0;
	for (unsigned n = 0; n < 3; n++) {
		unsigned k = order[n];
		if (!(fields >> k & 1))
			continue;
		uint8_t home = known_home(plan, p, k, bases);
		if (home == VSP_NOT_KEPT) {
			home = take_scratch(p, k, &taken);
			p->loaded |= p->read & (uint8_t)(1u << k);
		}
		p->home[k] = home;
	}
	bool a = p->home[0] != VSP_NOT_KEPT, b = a && p->home[1] == p->home[0], c = a && p->home[2] == p->home[0];
	p->share = b && c ? VSP_SHARE_BOTH : b ? VSP_SHARE_B : c ? VSP_SHARE_C : VSP_SHARE_NONE;
}

/* Can the cell's stencil be used with its operands where they are? */
static bool is_possible(const vsp_cell_plan *p)
{
	const vsp_stencil *s = &vsp_stencils[p->handler][p->share];
	bool bases = is_base(p->home[0]) || is_base(p->home[1]) || is_base(p->home[2]);
	return s->exists && (s->base_registers || !bases);
}

/* Chooses the operands' registers; a cell for which there is no stencil is left to the interpreter. */
static void place(const vsp_plan *plan, vsp_cell_plan *p)
{
	place_operands(plan, p, true);
	if (!is_possible(p))
		place_operands(plan, p, false);
	/* LOOP changes its register where it is, since its jump comes before anything could be moved. */
	uint8_t kept = plan->home_of[p->offset[0] / 8];
	bool moved = p->handler == VSP_H_LOOP && kept != VSP_NOT_KEPT && kept != p->home[0];
	p->leaves = moved || !is_possible(p);
}

bool vsp_plan_make(vsp_plan *plan, const vsp_module_data *m)
{
	uint64_t uses[VSP_REGISTERS] = {0};
	read_cells(plan, m);
	if (!count_uses(plan, m, uses))
		return false;
	choose_kept(plan, uses);
	for (uint32_t i = 0; i < plan->d->count; i++) {
		vsp_cell_plan *p = &plan->cells[i];
		if (!p->data && !p->leaves)
			place(plan, p);
	}
	return true;
}
