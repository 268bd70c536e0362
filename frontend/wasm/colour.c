/*
 * Colouring the graph optimistically (Briggs, Cooper and Torczon, Improvements to Graph Coloring
 * Register Allocation, 1994): webs that have fewer neighbours than choices are taken out of the
 * graph, and when none is left, the one whose slot costs least for the neighbours that it has; then
 * all come back in the opposite order, each into a register that no neighbour has, and that saves
 * most moves. A web for which there is none gets a slot.
 */
#include "colouring.h"

#include "ir/sort.h"

typedef struct removal {
	uint32_t *stack, *order; /* order: webs with the cheapest slots first */
	uint32_t count, candidates, next;
	uint32_t *ready; /* that have fewer neighbours than choices */
	uint32_t ready_count;
} removal;

static bool is_easy(const web_node *w) { return w->degree < web_choices(w); }

static bool is_coloured_here(const colouring *c, uint32_t w)
{
	const web_node *v = &c->webs[w];
	return v->alias == w && !web_has_slot(c, w) && v->cost > 0 && !web_is_dropped(v);
}

static void take_out(colouring *c, removal *r, uint32_t w)
{
	c->webs[w].removed = true;
	r->stack[r->count++] = w;
	for (uint32_t l = c->webs[w].links; l; l = c->links[l - 1].next) {
		uint32_t n = c->links[l - 1].to;
		web_node *v = &c->webs[n];
		if (v->alias != n || v->removed)
			continue;
		bool was_easy = is_easy(v);
		v->degree--;
		if (!was_easy && is_easy(v))
			r->ready[r->ready_count++] = n;
	}
}

static int compare_costs(const void *context, uint32_t a, uint32_t b)
{
	const web_node *x = &((const web_node *)context)[a], *y = &((const web_node *)context)[b];
	if (x->short_lived != y->short_lived)
		return x->short_lived ? 1 : -1;
	float left = x->cost * (float)(y->degree + 1), right = y->cost * (float)(x->degree + 1);
	return left < right ? -1 : left > right;
}

static bool take_out_all(colouring *c, removal *r)
{
	for (uint32_t w = 0; w < c->code->reg_count; w++) {
		if (!is_coloured_here(c, w))
			continue;
		if (is_easy(&c->webs[w]))
			r->ready[r->ready_count++] = w;
		r->order[r->candidates++] = w;
	}
	uint32_t all = r->candidates;
	bool sorted = false;
	while (r->count < all) {
		while (r->ready_count) {
			uint32_t w = r->ready[--r->ready_count];
			if (!c->webs[w].removed)
				take_out(c, r, w);
		}
		if (r->count == all)
			break;
		if (!sorted && !vsp_sort_indices(r->order, all, compare_costs, c->webs))
			return colour_no_memory(c);
		sorted = true;
		while (c->webs[r->order[r->next]].removed)
			r->next++;
		take_out(c, r, r->order[r->next]);
	}
	return true;
}

/* ---- the choice ---- */

static uint16_t taken(const colouring *c, uint32_t w)
{
	uint32_t mask = c->webs[w].forbidden;
	for (uint32_t l = c->webs[w].links; l; l = c->links[l - 1].next) {
		const web_node *n = &c->webs[c->links[l - 1].to];
		if (n->colour < VSP_REGISTERS && n->alias == c->links[l - 1].to)
			mask |= UINT32_C(1) << n->colour;
	}
	return (uint16_t)mask;
}

/* What a web without a register gains from those in which calls take and give it; the first few. */
static void add_gains_of(const colouring *c, uint32_t w, float part, float *gains)
{
	enum { MOST = 16 };
	uint32_t count = 0;
	for (uint32_t i = c->webs[w].wishes; i && count < MOST; i = c->wishes[i - 1].next, count++)
		if (c->wishes[i - 1].to & IR_CONSTANT)
			gains[c->wishes[i - 1].to & ~IR_CONSTANT] += c->wishes[i - 1].weight * part;
}

/* Adds to gains what each register would save; what those that it is moved to want counts half. */
static void add_gains(colouring *c, uint32_t w, float *gains)
{
	for (uint32_t i = c->webs[w].wishes; i; i = c->wishes[i - 1].next) {
		const wish *x = &c->wishes[i - 1];
		uint32_t to = x->to & IR_CONSTANT ? w : web_root(c, x->to);
		if (x->to & IR_CONSTANT)
			gains[x->to & ~IR_CONSTANT] += x->weight;
		else if (to != w && c->webs[to].colour < VSP_REGISTERS)
			gains[c->webs[to].colour] += x->weight;
		else if (to != w)
			add_gains_of(c, to, 0.5f, gains);
	}
}

static uint8_t choose(colouring *c, uint32_t w)
{
	float gains[VSP_REGISTERS] = {0};
	uint16_t no = taken(c, w);
	uint8_t best = VSP_REGISTERS;
	if (no == UINT16_MAX)
		return best;
	add_gains(c, w, gains);
	for (unsigned r = VSP_REGISTERS; r-- > 0;) /* calls write the lower ones */
		if (!(no >> r & 1) && (best == VSP_REGISTERS || gains[r] > gains[best]))
			best = (uint8_t)r;
	return best;
}

bool colour_webs(colouring *c, uint32_t *left)
{
	uint32_t regs = c->code->reg_count;
	removal r = {.stack = colour_array(c, regs, sizeof *r.stack),
	        .order = colour_array(c, regs, sizeof *r.order),
	        .ready = colour_array(c, regs * (size_t)2, sizeof *r.ready)};
	*left = 0;
	if (c->gives_up || !take_out_all(c, &r))
		return false;
	while (r.count) {
		uint32_t w = r.stack[--r.count];
		c->webs[w].colour = choose(c, w);
		if (c->webs[w].colour < VSP_REGISTERS)
			continue;
		if (c->states[w] & WEB_SHORT)
			return false;
		c->states[w] |= WEB_SLOT;
		(*left)++;
	}
	return true;
}
