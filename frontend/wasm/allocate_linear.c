/*
 * Register allocation by a linear scan over intervals of instructions (Poletto and Sarkar, Linear
 * Scan Register Allocation, 1999), without holes and without splitting.
 *
 * The interval of a register reaches from its first to its last mention. A home - a local or a
 * value that comes from several places - may be carried around a loop, so its interval contains
 * every outermost loop in which it is mentioned. What interval is alive across a call is kept out
 * of the registers that the call writes. When all registers are taken, the interval with the least
 * uses for its length gets a slot.
 */
#include "allocate.h"

#include "ir/sort.h"
#include "runtime/base/alloc.h"

typedef struct interval {
	uint32_t first, last; /* instructions; first > last: it is not mentioned */
	float weight;         /* estimated uses */
	uint8_t hint;         /* a register that would save a move, or VSP_REGISTERS */
} interval;

typedef struct scan {
	const ir_code *code;
	wasm_allocation *out;
	interval *intervals; /* by virtual register */
	uint32_t *order;     /* of registers by their interval's first */
	uint32_t *by_end;
	uint32_t count; /* of registers that are mentioned */
	/* Calls, and for a range of 2^k calls from each one on how many registers one of them
	   writes. */
	uint32_t *calls;
	uint8_t *writes[32];
	uint32_t call_count;
	uint32_t active[VSP_REGISTERS]; /* the register that has each, or IR_NO_REG */
	uint16_t free_slots[MAX_SLOTS];
	uint32_t free_count, slot_count;
} scan;

static float depth_weight(uint16_t depth)
{
	static const float weights[] = {1, 10, 100, 1000, 10000};
	return weights[depth < 4 ? depth : 4];
}

/* ---- intervals ---- */

static void mention(scan *s, uint32_t reg, uint32_t at, uint32_t loop, float weight)
{
	if (reg & IR_CONSTANT)
		return;
	interval *v = &s->intervals[reg];
	uint32_t first = at, last = at;
	if (loop < s->code->loop_count && at >= s->code->loops[loop].first && s->code->kinds[reg] == IR_HOME) {
		first = s->code->loops[loop].first;
		last = s->code->loops[loop].last;
	}
	v->weight += weight;
	v->first = first < v->first ? first : v->first;
	v->last = last > v->last ? last : v->last;
}

static void mention_list(scan *s, const ir_insn *insn, uint32_t at, uint32_t loop)
{
	const uint32_t *list = s->code->lists;
	uint32_t extra = insn->form == IR_CALL && IR_CALL_FORM(insn->imm) == VSP_I_INVOKET;
	float weight = depth_weight(insn->depth);
	for (uint32_t i = 0; i < insn->v[1] + extra; i++) {
		uint32_t reg = list[insn->v[0] + i];
		mention(s, reg, at, loop, insn->form == IR_ENTRY ? 0 : weight);
		if (!(reg & IR_CONSTANT) && i < VSP_REGISTERS && insn->form != IR_ENTRY)
			s->intervals[reg].hint = (uint8_t)i;
	}
	for (uint32_t i = 0; i < insn->v[3] && insn->form != IR_RETURN; i++) {
		mention(s, list[insn->v[2] + i], at, loop, weight);
		s->intervals[list[insn->v[2] + i]].hint = (uint8_t)i;
	}
}

static void make_intervals(scan *s)
{
	const ir_code *code = s->code;
	uint32_t loop = 0;
	for (uint32_t i = 0; i < code->reg_count; i++)
		s->intervals[i] = (interval){.first = UINT32_MAX, .hint = VSP_REGISTERS};
	for (uint32_t i = 0; i < code->count; i++) {
		const ir_insn *insn = &code->insns[i];
		while (loop < code->loop_count && code->loops[loop].last < i)
			loop++;
		if (ir_has_lists(insn->form))
			mention_list(s, insn, i, loop);
		uint8_t fields = ir_form_reads(insn->form) | ir_form_writes(insn->form);
		for (unsigned f = 0; f < 4; f++)
			if (fields & 1 << f)
				mention(s, insn->v[f], i, loop, depth_weight(insn->depth));
	}
}

/* ---- calls ---- */

static uint8_t call_writes(const ir_insn *insn) { return (uint8_t)(insn->v[1] > insn->v[3] ? insn->v[1] : insn->v[3]); }

static bool index_calls(scan *s)
{
	for (uint32_t i = 0; i < s->code->count; i++)
		s->call_count += s->code->insns[i].form == IR_CALL;
	s->calls = vsp_alloc(s->call_count + 1, sizeof *s->calls);
	s->writes[0] = vsp_alloc(s->call_count + 1, 1);
	if (!s->calls || !s->writes[0])
		return false;
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->code->count; i++)
		if (s->code->insns[i].form == IR_CALL) {
			s->writes[0][n] = call_writes(&s->code->insns[i]);
			s->calls[n++] = i;
		}
	for (unsigned k = 1; UINT32_C(1) << k <= n; k++) {
		s->writes[k] = vsp_alloc(n, 1);
		if (!s->writes[k])
			return false;
		for (uint32_t i = 0; i + (UINT32_C(1) << k) <= n; i++) {
			uint8_t a = s->writes[k - 1][i], b = s->writes[k - 1][i + (UINT32_C(1) << (k - 1))];
			s->writes[k][i] = a > b ? a : b;
		}
	}
	return true;
}

/* The number of the first call at or behind instruction i. */
static uint32_t call_from(const scan *s, uint32_t i)
{
	uint32_t low = 0, high = s->call_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (s->calls[middle] < i)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The registers that calls write while the interval is alive, as a mask. */
static uint32_t forbidden(const scan *s, const interval *v)
{
	uint32_t first = call_from(s, v->first + 1), end = call_from(s, v->last);
	if (first >= end)
		return 0;
	unsigned k = 0;
	while (UINT32_C(2) << k <= end - first)
		k++;
	uint8_t a = s->writes[k][first], b = s->writes[k][end - (UINT32_C(1) << k)];
	return (UINT32_C(1) << (a > b ? a : b)) - 1;
}

/* ---- the scan ---- */

static void expire(scan *s, uint32_t at)
{
	for (unsigned r = 0; r < SCRATCH; r++)
		if (s->active[r] != IR_NO_REG && s->intervals[s->active[r]].last <= at)
			s->active[r] = IR_NO_REG;
}

static float density(const interval *v) { return v->weight / (float)(v->last - v->first + 1); }

static void take(scan *s, unsigned r, uint32_t reg)
{
	s->active[r] = reg;
	s->out->places[reg] = (uint16_t)r;
}

static void place(scan *s, uint32_t reg)
{
	const interval *v = &s->intervals[reg];
	uint32_t no = forbidden(s, v);
	unsigned worst = SCRATCH;
	expire(s, v->first);
	if (v->hint < SCRATCH && !(no >> v->hint & 1) && s->active[v->hint] == IR_NO_REG) {
		take(s, v->hint, reg);
		return;
	}
	for (unsigned r = SCRATCH; r-- > 0;) {
		if (no >> r & 1)
			continue;
		if (s->active[r] == IR_NO_REG) {
			take(s, r, reg);
			return;
		}
		if (worst == SCRATCH || density(&s->intervals[s->active[r]]) < density(&s->intervals[s->active[worst]]))
			worst = r;
	}
	s->out->places[reg] = PLACE_SLOT;
	if (worst < SCRATCH && density(&s->intervals[s->active[worst]]) < density(v)) {
		s->out->places[s->active[worst]] = PLACE_SLOT;
		take(s, worst, reg);
	}
}

/* ---- slots ---- */

static bool take_slot(scan *s, uint32_t reg)
{
	if (s->free_count) {
		s->out->places[reg] = (uint16_t)(PLACE_SLOT + s->free_slots[--s->free_count]);
		return true;
	}
	if (s->slot_count == MAX_SLOTS) {
		s->out->too_many_slots = true;
		return false;
	}
	s->out->places[reg] = (uint16_t)(PLACE_SLOT + s->slot_count++);
	return true;
}

/* Numbers for the slots, shared by intervals that do not overlap. */
static bool number_slots(scan *s)
{
	uint32_t ended = 0;
	s->slot_count = s->code->slot_count;
	for (uint32_t i = 0; i < s->count; i++) {
		uint32_t reg = s->order[i];
		if (s->out->places[reg] != PLACE_SLOT)
			continue;
		for (; s->intervals[s->by_end[ended]].last < s->intervals[reg].first; ended++) {
			uint16_t ending = s->out->places[s->by_end[ended]];
			if (ending >= PLACE_SLOT && ending != PLACE_NONE)
				s->free_slots[s->free_count++] = (uint16_t)(ending - PLACE_SLOT);
		}
		if (!take_slot(s, reg))
			return false;
	}
	return true;
}

static int compare_first(const void *context, uint32_t a, uint32_t b)
{
	const interval *v = context;
	return v[a].first < v[b].first ? -1 : v[a].first > v[b].first;
}

static int compare_last(const void *context, uint32_t a, uint32_t b)
{
	const interval *v = context;
	return v[a].last < v[b].last ? -1 : v[a].last > v[b].last;
}

static bool sort_intervals(scan *s)
{
	for (uint32_t i = 0; i < s->code->reg_count; i++) {
		s->out->places[i] = PLACE_NONE;
		if (s->intervals[i].first == UINT32_MAX)
			continue;
		s->order[s->count] = s->by_end[s->count] = i;
		s->count++;
	}
	return vsp_sort_indices(s->order, s->count, compare_first, s->intervals) &&
	       vsp_sort_indices(s->by_end, s->count, compare_last, s->intervals);
}

static bool scan_all(scan *s)
{
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		s->active[r] = IR_NO_REG;
	make_intervals(s);
	if (!sort_intervals(s) || !index_calls(s)) {
		s->out->no_memory = true;
		return false;
	}
	for (uint32_t i = 0; i < s->count; i++) {
		interval *v = &s->intervals[s->order[i]];
		v->last += v->last == v->first; /* what nobody reads is written all the same */
		place(s, s->order[i]);
	}
	return number_slots(s);
}

bool wasm_allocate_linear(wasm_allocation *a, const ir_code *code)
{
	scan *s = vsp_alloc(1, sizeof *s);
	bool good = s && wasm_allocation_reserve(a, code->reg_count + 1);
	if (good) {
		*s = (scan){.code = code, .out = a};
		s->intervals = vsp_alloc(code->reg_count + 1, sizeof *s->intervals);
		s->order = vsp_alloc(code->reg_count + 1, sizeof *s->order);
		s->by_end = vsp_alloc(code->reg_count + 1, sizeof *s->by_end);
	}
	good = good && s->intervals && s->order && s->by_end;
	a->no_memory = !good;
	a->too_many_slots = false;
	good = good && scan_all(s);
	if (s) {
		vsp_free_memory(s->intervals);
		vsp_free_memory(s->order);
		vsp_free_memory(s->by_end);
		vsp_free_memory(s->calls);
		for (unsigned k = 0; k < 32; k++)
			vsp_free_memory(s->writes[k]);
	}
	vsp_free_memory(s);
	return good;
}
