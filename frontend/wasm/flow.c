/*
 * The blocks of a function's intermediate code, and which may follow which.
 */
#include "colouring.h"

static bool has_label(const ir_insn *insn)
{
	return insn->form < VSP_FORMS && vsp_form_sense((vsp_form)insn->form) == VSP_SENSE_TARGET;
}

static bool falls(const ir_insn *insn)
{
	return insn->form == IR_RETURN ? false
	                               : insn->form >= VSP_FORMS || !(vsp_forms[insn->form].effects & VSP_FX_NOFALL);
}

static bool ends(const ir_insn *insn) { return insn->form == VSP_I_BRTAB || has_label(insn) || !falls(insn); }

/* Does a block begin with instruction i? */
static bool begins(const ir_code *code, uint32_t i)
{
	return !i || ends(&code->insns[i - 1]) ||
	       (code->insns[i].form == IR_LABEL && code->insns[i - 1].form != IR_LABEL);
}

static bool list_blocks(colouring *c, uint32_t *labels)
{
	const ir_code *code = c->code;
	flow *f = &c->flow;
	for (uint32_t i = 0; i < code->count; i++)
		f->count += begins(code, i);
	f->first = colour_array(c, f->count + 1, sizeof *f->first);
	f->blocks = colour_array(c, code->count, sizeof *f->blocks);
	if (c->gives_up)
		return false;
	for (uint32_t i = 0, n = 0; i < code->count; i++) {
		if (begins(code, i))
			f->first[n++] = i;
		f->blocks[i] = n - 1;
		if (code->insns[i].form == IR_LABEL)
			labels[code->insns[i].imm] = n - 1;
	}
	f->first[f->count] = code->count;
	return true;
}

/* Adds an edge unless there is one; seen: the last block with an edge to each, + 1. */
static void add_edge(flow *f, uint32_t *count, uint32_t from, uint32_t to, uint32_t *seen)
{
	if (seen[to] == from + 1)
		return;
	seen[to] = from + 1;
	f->succs[(*count)++] = to;
}

static void add_edges(colouring *c, uint32_t b, uint32_t *count, const uint32_t *labels, uint32_t *seen)
{
	flow *f = &c->flow;
	const ir_insn *last = &c->code->insns[f->first[b + 1] - 1];
	if (last->form == VSP_I_BRTAB)
		for (int64_t i = 0; i < last->imm; i++)
			add_edge(f, count, b, labels[c->code->lists[last->v[1] + i]], seen);
	else if (has_label(last))
		add_edge(f, count, b, labels[last->imm], seen);
	if (falls(last) && b + 1 < f->count)
		add_edge(f, count, b, b + 1, seen);
}

static uint32_t most_edges(const colouring *c)
{
	uint32_t most = 0;
	for (uint32_t b = 0; b < c->flow.count; b++) {
		const ir_insn *last = &c->code->insns[c->flow.first[b + 1] - 1];
		most += 2 + (last->form == VSP_I_BRTAB ? (uint32_t)last->imm : 0);
	}
	return most;
}

static void turn_edges(flow *f)
{
	for (uint32_t i = 0; i < f->succ_at[f->count]; i++)
		f->pred_at[f->succs[i] + 1]++;
	for (uint32_t b = 0; b < f->count; b++)
		f->pred_at[b + 1] += f->pred_at[b];
	for (uint32_t b = f->count; b-- > 0;) /* each list from its end, which moves the starts */
		for (uint32_t i = f->succ_at[b]; i < f->succ_at[b + 1]; i++)
			f->preds[--f->pred_at[f->succs[i] + 1]] = b;
	for (uint32_t b = 0; b < f->count; b++)
		f->pred_at[b] = f->pred_at[b + 1];
	f->pred_at[f->count] = f->succ_at[f->count];
}

bool flow_find(colouring *c)
{
	flow *f = &c->flow;
	uint32_t *labels = colour_array(c, c->code->label_count + 1, sizeof *labels), count = 0;
	*f = (flow){.count = 0};
	if (!labels || !list_blocks(c, labels))
		return false;
	uint32_t most = most_edges(c), *seen = colour_array(c, f->count, sizeof *seen);
	f->succ_at = colour_array(c, f->count + 1, sizeof *f->succ_at);
	f->pred_at = colour_array(c, f->count + 2, sizeof *f->pred_at);
	f->succs = colour_array(c, most, sizeof *f->succs);
	f->preds = colour_array(c, most, sizeof *f->preds);
	if (c->gives_up)
		return false;
	for (uint32_t b = 0; b < f->count; b++) {
		f->succ_at[b] = count;
		add_edges(c, b, &count, labels, seen);
	}
	f->succ_at[f->count] = count;
	turn_edges(f);
	return true;
}
