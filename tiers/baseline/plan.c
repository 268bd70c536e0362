/*
 * Makes the plan of a function's baseline code, see plan.h.
 *
 * Registers of the program are kept in machine registers for the whole function, those first that
 * are named most often; an instruction in a loop counts for several. Those that are operands of
 * float arithmetic more often than of anything else are kept in float registers. An operand that is
 * not kept where a cell's stencil needs it is moved or loaded into a scratch register first.
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

/* Does it change more than its operands and all flags, or depend on flags? */
static bool has_hidden_effects(const vsp_form_info *info)
{
	bool some_flags = info->flags_written && info->flags_written != VSP_F_ZNO;
	switch ((vsp_implicit)info->implicit) {
	case VSP_X_NONE:
	case VSP_X_ALL_R:
	case VSP_X_GROUP_R: return some_flags || info->flags_read;
	default: return true;
	}
}

/* Fills what the instruction tells of its cell. */
static void read_insn(const vsp_module_data *m, vsp_cell_plan *p, uint32_t pc)
{
	vsp_insn insn;
	roles r = {0, 0};
	bool special = special_roles(p->handler, &r);
	if ((special && p->handler != VSP_H_LOOP) || vsp_insn_decode(m->code, m->code_size, pc, &insn)) {
		p->read = r.read;
		p->written = r.written;
		return;
	}
	const vsp_form_info *info = vsp_insn_info(&insn);
	p->jumps = info->effects & VSP_FX_BRANCH;
	p->flags = info->flags_written == VSP_F_ZNO;
	p->hidden = has_hidden_effects(info);
	for (unsigned i = 0; !special && i < 4 && info->operands[i] != VSP_O_NONE; i++) {
		const vsp_operand_info *operand = &vsp_operands[info->operands[i]];
		r.read |= operand->reads ? operand->fields : 0;
		r.written |= operand->writes ? operand->fields : 0;
	}
	p->read = r.read;
	p->written = r.written;
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

bool vsp_plan_has_hole(const vsp_stencil *s, vsp_hole_kind kind)
{
	for (uint32_t i = 0; i < s->holes; i++)
		if (vsp_stencil_holes[s->hole + i].kind == kind)
			return true;
	return false;
}

static bool has_stencil(unsigned handler)
{
	return handler < vsp_stencil_count && vsp_stencils[handler][VSP_SHARE_NONE].exists;
}

/* Does control come to the next cell by its dispatch? */
static bool comes_back(const vsp_cell_plan *p)
{
	return p->leaves || p->handler == VSP_H_CALL || vsp_stencils[p->handler][VSP_SHARE_NONE].leaves;
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
		read_insn(m, p, d->pcs[i]);
		p->offset[0] = p->handler == VSP_H_LOOP ? 12 * 8 : cell->a;
		p->offset[1] = cell->b;
		p->offset[2] = cell->c;
		p->offset[3] = cell->d;
		p->leaves = !has_stencil(p->handler);
		p->entered = entered;
		entered = comes_back(p);
		uint32_t data = data_of(cell, p->handler);
		for (i++; data && i < d->count; data--)
			plan->cells[i++].data = true;
	}
}

/* Jumps by its immediate. */
static bool is_branch(const vsp_cell_plan *p) { return p->jumps && p->handler != VSP_H_BRTAB; }

static uint32_t target_of(const vsp_plan *plan, uint32_t i, uint32_t entry)
{
	return i + plan->d->cells[entry].imm / (int32_t)sizeof(vsp_cell);
}

static void mark_targets(vsp_plan *plan)
{
	for (uint32_t i = 0; i < plan->d->count; i++) {
		const vsp_cell_plan *p = &plan->cells[i];
		if (is_branch(p))
			plan->cells[target_of(plan, i, i)].target = true;
		for (uint32_t k = 1; p->jumps && p->handler == VSP_H_BRTAB && k <= (uint32_t)plan->d->cells[i].imm; k++)
			plan->cells[target_of(plan, i, i + k)].target = true;
	}
}

/* ---- kinds of stencils ---- */

/* The kinds whose operands are in the same classes of registers begin with one of these. */
static const uint8_t families[] = {VSP_SHARE_NONE, VSP_FLOAT_NONE, VSP_FROM_FLOAT, VSP_TO_FLOAT};
enum { FAMILIES = sizeof families };

/* The operands in float registers, as bits. */
static unsigned floats_of(unsigned family)
{
	switch (family) {
	case VSP_FLOAT_NONE: return VSP_FIELD_A | VSP_FIELD_B | VSP_FIELD_C;
	case VSP_FROM_FLOAT: return VSP_FIELD_B | VSP_FIELD_C;
	case VSP_TO_FLOAT: return VSP_FIELD_A;
	default: return 0;
	}
}

/* The operands that a handler needs in float registers, and those that it can have there, as
   bits. */
static void float_fields(unsigned handler, unsigned *needed, unsigned *possible)
{
	enum { GAIN = 4 }; /* bytes by which stencils that need not move floats are smaller */
	const vsp_stencil *s = vsp_stencils[handler];
	uint32_t least = s[VSP_SHARE_NONE].size;
	*needed = *possible = 0;
	for (unsigned n = 1; n < FAMILIES; n++) {
		unsigned family = families[n];
		if (!s[family].exists)
			continue;
		*possible |= floats_of(family);
		if (s[family].size + GAIN <= s[VSP_SHARE_NONE].size && s[family].size < least) {
			least = s[family].size;
			*needed = floats_of(family);
		}
	}
}

/* ---- which registers are kept ---- */

typedef struct use_counts {
	uint64_t all[VSP_REGISTERS];
	int64_t floats[VSP_REGISTERS]; /* uses that need a float register, less those that need another */
} use_counts;

static void count_cell(const vsp_cell_plan *p, uint64_t weight, use_counts *uses)
{
	unsigned needed, possible;
	float_fields(p->handler, &needed, &possible);
	for (unsigned k = 0; k < 3; k++) {
		if (!((p->read | p->written) >> k & 1))
			continue;
		unsigned r = p->offset[k] / 8;
		uses->all[r] += weight;
		if (needed >> k & 1)
			uses->floats[r] += (int64_t)weight;
		else if (!(possible >> k & 1))
			uses->floats[r] -= (int64_t)weight;
	}
}

/*
 * Counts how often registers are used, and cells executed. A cell counts the more, the more
 * backward branches go around it.
 */
static bool count_uses(vsp_plan *plan, use_counts *uses)
{
	enum { DEEPEST = 5, SHIFT = 3 };
	const vsp_decoded *d = plan->d;
	int32_t *change = vsp_alloc((size_t)d->count + 1, sizeof *change), depth = 0;
	if (!change)
		return false;
	for (uint32_t i = 0; i < d->count; i++)
		if (is_branch(&plan->cells[i]) && !plan->cells[i].leaves && d->cells[i].imm <= 0) {
			change[target_of(plan, i, i)]++;
			change[i + 1]--;
		}
	for (uint32_t i = 0; i < d->count; i++) {
		const vsp_cell_plan *p = &plan->cells[i];
		depth += change[i];
		uint64_t weight = p->data ? 0 : UINT64_C(1) << (SHIFT * (depth < DEEPEST ? depth : DEEPEST));
		plan->weight += weight;
		plan->leaving += p->leaves ? weight : 0;
		if (!p->leaves && !p->data)
			count_cell(p, weight, uses);
	}
	vsp_free_memory(change);
	return true;
}

/* The register that is used most of those that belong in registers of a class; VSP_REGISTERS:
   none. */
static unsigned most_used(const use_counts *uses, bool floats)
{
	unsigned best = VSP_REGISTERS;
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		if (uses->all[r] && (uses->floats[r] > 0) == floats &&
		        (best == VSP_REGISTERS || uses->all[r] > uses->all[best]))
			best = r;
	return best;
}

static void choose_kept(vsp_plan *plan, use_counts *uses)
{
	memset(plan->home_of, VSP_NOT_KEPT, sizeof plan->home_of);
	for (unsigned k = 0; k < VSP_KEPT; k++) {
		unsigned best = most_used(uses, k >= VSP_KEPT_GENERAL);
		plan->kept[k] = best < VSP_REGISTERS ? (uint8_t)(best * 8) : VSP_NOT_KEPT;
		if (best == VSP_REGISTERS)
			continue;
		uses->all[best] = 0;
		plan->home_of[best] = vsp_plan_home(k);
	}
}

/* ---- operands ---- */

/* A scratch register for operand k, which is not kept; VSP_NOT_KEPT: there is none left. */
static uint8_t take_scratch(vsp_cell_plan *p, unsigned k, bool is_float, unsigned taken[2])
{
	uint8_t first = is_float ? VSP_STENCIL_GENERAL : 0;
	if (taken[is_float] < VSP_STENCIL_SCRATCH)
		return (uint8_t)(first + taken[is_float]++);
	/* There are two, so operands b and c have them. A result can take the place of b. */
	if (!(p->read >> k & 1))
		return first;
	p->borrows = !is_float;
	return is_float ? VSP_NOT_KEPT : VSP_STENCIL_SCRATCH;
}

static bool is_base(uint8_t home)
{
	return home < VSP_STENCIL_GENERAL && home >= VSP_STENCIL_GENERAL - VSP_STENCIL_BASES;
}

/*
 * The place of operand k: where it is kept, unless that is in the other class or the stencil must
 * not name that register, or where the same register of the program has been put for another
 * operand.
 */
static uint8_t known_home(const vsp_plan *plan, const vsp_cell_plan *p, unsigned k, bool is_float, bool bases)
{
	uint8_t home = plan->home_of[p->offset[k] / 8];
	if (home != VSP_NOT_KEPT && (vsp_plan_is_float(home) != is_float || (is_base(home) && !bases)))
		home = VSP_NOT_KEPT;
	for (unsigned j = 0; j < 3 && home == VSP_NOT_KEPT; j++)
		if (j != k && p->home[j] != VSP_NOT_KEPT && p->offset[j] == p->offset[k] &&
		        vsp_plan_is_float(p->home[j]) == is_float)
			home = p->home[j];
	return home;
}

/* The kind of a family in which the operands share registers as they do here. */
static uint8_t share_of(const vsp_cell_plan *p, unsigned family)
{
	bool a = p->home[0] != VSP_NOT_KEPT, b = a && p->home[1] == p->home[0], c = a && p->home[2] == p->home[0];
	return (uint8_t)(family + (b && c ? VSP_SHARE_BOTH : b ? VSP_SHARE_B : c ? VSP_SHARE_C : VSP_SHARE_NONE));
}

/*
 * Places the operands for a family of kinds. bases: they may also be in the registers that not
 * every stencil can name. False: there are not enough registers.
 */
static bool place_operands(const vsp_plan *plan, vsp_cell_plan *p, unsigned family, bool bases)
{
	static const uint8_t order[] = {1, 2, 0};
	unsigned taken[2] = {0, 0}, fields = p->read | p->written;
	memset(p->home, VSP_NOT_KEPT, sizeof p->home);
	p->loaded = 0;
	p->borrows = false;
	for (unsigned n = 0; n < 3; n++) {
		unsigned k = order[n];
		bool is_float = floats_of(family) >> k & 1;
		if (!(fields >> k & 1))
			continue;
		uint8_t home = known_home(plan, p, k, is_float, bases);
		if (home == VSP_NOT_KEPT) {
			home = take_scratch(p, k, is_float, taken);
			p->loaded |= p->read & (uint8_t)(1u << k);
		}
		p->home[k] = home;
		if (home == VSP_NOT_KEPT)
			return false;
	}
	p->share = share_of(p, family);
	return true;
}

/* Can the cell's stencil be used with its operands where they are? */
static bool is_possible(const vsp_cell_plan *p)
{
	const vsp_stencil *s = &vsp_stencils[p->handler][p->share];
	bool bases = is_base(p->home[0]) || is_base(p->home[1]) || is_base(p->home[2]);
	return s->exists && (s->base_registers || !bases);
}

static bool place_in(const vsp_plan *plan, vsp_cell_plan *p, unsigned family)
{
	return (place_operands(plan, p, family, true) && is_possible(p)) ||
	       (place_operands(plan, p, family, false) && is_possible(p));
}

/* The operands that are kept in registers of another class than the family needs. */
static unsigned mismatches(const vsp_plan *plan, const vsp_cell_plan *p, unsigned family)
{
	unsigned n = 0;
	for (unsigned k = 0; k < 3; k++) {
		uint8_t home = (p->read | p->written) >> k & 1 ? plan->home_of[p->offset[k] / 8] : VSP_NOT_KEPT;
		n += home != VSP_NOT_KEPT && vsp_plan_is_float(home) != (floats_of(family) >> k & 1);
	}
	return n;
}

/* The family that needs the fewest moves, and then the smallest code. */
static unsigned best_family(const vsp_plan *plan, const vsp_cell_plan *p)
{
	enum { MOVE = 5 }; /* bytes */
	unsigned best = VSP_SHARE_NONE, least = UINT32_MAX;
	for (unsigned n = 0; n < FAMILIES; n++) {
		const vsp_stencil *s = &vsp_stencils[p->handler][families[n]];
		unsigned cost = s->size + MOVE * mismatches(plan, p, families[n]);
		if (s->exists && cost < least) {
			best = families[n];
			least = cost;
		}
	}
	return best;
}

void vsp_plan_place(const vsp_plan *plan, vsp_cell_plan *p)
{
	bool possible = place_in(plan, p, best_family(plan, p)) || place_in(plan, p, VSP_SHARE_NONE);
	/* LOOP changes its register where it is, since its jump comes before anything could be
	   moved. */
	uint8_t kept = plan->home_of[p->offset[0] / 8];
	bool moved = p->handler == VSP_H_LOOP && kept != VSP_NOT_KEPT && kept != p->home[0];
	p->leaves = moved || !possible;
}

/* Which registers the code changes where they are kept. */
static void note_changes(vsp_plan *plan, const vsp_cell_plan *p)
{
	for (unsigned k = 0; k < 3; k++) {
		uint8_t kept = p->written >> k & 1 ? plan->home_of[p->offset[k] / 8] : VSP_NOT_KEPT;
		if (kept != VSP_NOT_KEPT)
			plan->changed[vsp_plan_kept(kept)] = true;
	}
}

bool vsp_plan_make(vsp_plan *plan, const vsp_module_data *m)
{
	use_counts uses = {0};
	const vsp_func *f = &m->funcs[plan->d->func];
	plan->shown = plan->d->func == m->entry_func || f->flags & VSP_FUNC_EXPORTED || f->kind != VSP_KIND_FUNCTION;
	read_cells(plan, m);
	mark_targets(plan);
	if (!count_uses(plan, &uses))
		return false;
	choose_kept(plan, &uses);
	for (uint32_t i = 0; i < plan->d->count; i++) {
		vsp_cell_plan *p = &plan->cells[i];
		if (!p->data && !p->leaves)
			vsp_plan_place(plan, p);
		if (!p->data && !p->leaves)
			note_changes(plan, p);
	}
	return true;
}
