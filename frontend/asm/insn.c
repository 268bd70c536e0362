/*
 * Instructions: operands are parsed by their shape, then matched against the operand kinds of each
 * form that the mnemonic may mean. Only FMATH and FMATH2, whose last operand chooses the form, are
 * known here by name.
 */
#include "asm.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

typedef struct operand {
	asm_span span;
	uint8_t look;       /* vsp_operand_look */
	uint8_t reg, index; /* registers; reg of an expression that is the name of a layer, else 16 */
	uint32_t expr;      /* or ASM_NONE */
	uint32_t size_expr; /* of an indexed operand: the size, or ASM_NONE */
} operand;

typedef struct operand_list {
	operand at[ASM_MAX_OPERANDS];
	uint32_t count;      /* of all, also of those beyond the array */
	uint32_t first_expr; /* number of the first expression */
	bool duplicated;     /* the first operand stands twice: ADD Ra, Rb */
} operand_list;

/* The register at the current token, or -1. */
static int token_register(const asm_state *as)
{
	if (as->token.kind != VSP_TOKEN_NAME)
		return -1;
	asm_span span = asm_token_span(as);
	return asm_register(asm_text(as, span), asm_length(span));
}

/* [Rb + Rc*size], after the plus. */
static bool parse_indexed(asm_state *as, operand *op)
{
	op->look = VSP_LOOK_INDEXED;
	op->index = (uint8_t)token_register(as);
	op->size_expr = ASM_NONE;
	if (op->index > 15)
		return asm_error(as, asm_token_span(as), NULL, "SP cannot be an index");
	asm_advance(as);
	if (!asm_accept(as, '*'))
		return true;
	op->size_expr = asm_parse_expr(as);
	return op->size_expr != ASM_NONE;
}

static bool parse_memory(asm_state *as, operand *op)
{
	int base = token_register(as);
	op->look = base < 0 ? VSP_LOOK_ABSOLUTE : base == 16 ? VSP_LOOK_SP : VSP_LOOK_BASE;
	op->reg = (uint8_t)(base < 0 ? 0 : base);
	if (base >= 0) {
		asm_advance(as);
		if (asm_at(as, ']'))
			return true;
		if (!asm_at(as, '+') && !asm_at(as, '-'))
			return asm_unexpected(as, "'+', '-' or ']'");
		vsp_lexer ahead = as->lexer;
		vsp_token sign = as->token;
		asm_advance(as);
		if (token_register(as) >= 0 && sign.op == '+')
			return parse_indexed(as, op);
		as->lexer = ahead;
		as->token = sign;
	}
	op->expr = asm_parse_expr(as);
	return op->expr != ASM_NONE;
}

static bool parse_operand(asm_state *as, operand *op)
{
	*op = (operand){.span = asm_token_span(as), .reg = 16, .expr = ASM_NONE, .size_expr = ASM_NONE};
	int reg = token_register(as);
	uint32_t end = as->lexer.at;
	if (reg >= 0) {
		op->look = VSP_LOOK_REGISTER;
		op->reg = (uint8_t)reg;
		asm_advance(as);
		return reg < 16 ||
		       asm_error(as, op->span, NULL, "SP is no operand of its own; use GETSP, SETSP or [SP + n]");
	}
	if (asm_accept(as, '[')) {
		if (!parse_memory(as, op))
			return false;
		end = as->lexer.at;
		op->span.end = end;
		return asm_expect(as, ']', "at the end of the memory operand");
	}
	op->look = VSP_LOOK_NUMBER;
	op->expr = asm_parse_expr(as);
	if (op->expr == ASM_NONE)
		return false;
	op->span = as->exprs[op->expr].span;
	asm_span name = asm_expr_name(as, op->expr);
	int layer = name.end ? asm_layer(asm_text(as, name), asm_length(name)) : -1;
	if (layer >= 0)
		op->reg = (uint8_t)layer;
	return true;
}

static bool parse_operands(asm_state *as, operand_list *list)
{
	list->count = 0;
	list->first_expr = as->expr_count;
	list->duplicated = false;
	if (as->token.kind == VSP_TOKEN_END)
		return true;
	do {
		operand extra;
		if (!parse_operand(as, list->count < ASM_MAX_OPERANDS ? &list->at[list->count] : &extra))
			return false;
		if (list->count >= ASM_MAX_OPERANDS && extra.look != VSP_LOOK_NUMBER)
			return asm_error(as, extra.span, NULL, "too many operands");
		list->count++;
	} while (asm_accept(as, ','));
	return as->token.kind == VSP_TOKEN_END || asm_unexpected(as, "',' or the end of the statement");
}

/* Could an operand that looks so be of the kind? Names of layers are expressions that may stand for
   registers. */
static bool look_matches(unsigned kind, const operand *op)
{
	vsp_operand_look wanted = vsp_operands[kind].look;
	return op->look == wanted || (wanted == VSP_LOOK_REGISTER && op->look == VSP_LOOK_NUMBER && op->reg < 16);
}

static unsigned operand_total(const vsp_form_info *info)
{
	unsigned n = 0;
	while (n < 4 && info->operands[n] != VSP_O_NONE)
		n++;
	return n;
}

/* Forms whose first register may be left out when it is also the second: (Wa, Rb, anything). */
static bool may_duplicate(const vsp_form_info *info)
{
	return operand_total(info) == 3 && info->operands[0] == VSP_O_WA && info->operands[1] == VSP_O_RB;
}

static const operand *nth(const operand_list *list, uint32_t i) { return &list->at[list->duplicated && i ? i - 1 : i]; }

/* How many leading operands match; all of them when the result is the form's number and *fits is
   set. */
static unsigned match(const vsp_form_info *info, operand_list *list, bool *fits)
{
	unsigned total = operand_total(info), i = 0;
	bool table = total && info->operands[total - 1] == VSP_O_TABLE;
	list->duplicated = list->count == 2 && may_duplicate(info);
	uint32_t given = list->count + list->duplicated;
	bool pair = info->operands[0] == VSP_O_SYSCALL && given == 2; /* SYSCALL id, argument */
	while (i < total && i < given && look_matches(info->operands[i], nth(list, i)))
		i++;
	*fits = table ? i + 1 >= total && given + 1 >= total : i == total && (given == total || pair);
	for (uint32_t t = i; table && *fits && t < given && t < ASM_MAX_OPERANDS; t++)
		*fits = list->at[t].look == VSP_LOOK_NUMBER;
	return i;
}

static bool check_size(asm_state *as, unsigned scale, const operand *op)
{
	int64_t size = 1;
	if (op->size_expr != ASM_NONE && !asm_eval_constant(as, op->size_expr, 1, 8, "the size", &size))
		return false;
	if (size != (int64_t)scale)
		return asm_error(as, op->span, NULL, "this instruction accesses %u byte%s: write [Rb + Rc*%u]", scale,
		        scale > 1 ? "s" : "", scale);
	return true;
}

/* An operand has one register, or base and index. */
static bool set_operand(asm_state *as, asm_item *item, unsigned kind, const operand *op)
{
	const vsp_operand_info *o = &vsp_operands[kind];
	bool indexed = o->look == VSP_LOOK_INDEXED;
	if (o->look == VSP_LOOK_NUMBER) /* check.c puts numbers into fields */
		return true;
	if (o->fields & VSP_FIELD_A)
		item->a = op->reg;
	if (o->fields & VSP_FIELD_B)
		item->b = op->reg;
	if (o->fields & VSP_FIELD_C)
		item->c = indexed ? op->index : op->reg;
	if (o->fields & VSP_FIELD_D)
		item->d = op->reg;
	return !indexed || check_size(as, o->scale, op);
}

/* Exchanges the last two register operands of the form. */
static void swap_registers(asm_item *item, const vsp_form_info *info)
{
	bool has_c = info->operands[2] == VSP_O_RC;
	uint8_t *second = has_c ? &item->c : &item->b, *first = has_c ? &item->b : &item->a, t = *first;
	*first = *second;
	*second = t;
}

/* The expressions of the operands were parsed one after another: number of the first that
   counts, and how many there are. A name of a layer used as a register is an expression that
   does not count; it can only stand before those that do. */
static void set_expressions(asm_item *item, const vsp_form_info *info, const operand_list *list)
{
	uint32_t given = list->count + list->duplicated;
	item->expr = ASM_NONE;
	for (uint32_t i = 0; i < given; i++) {
		unsigned kind = i < 4 ? info->operands[i] : (unsigned)VSP_O_TABLE;
		bool counts = i >= 4 || vsp_operands[kind].look != VSP_LOOK_REGISTER;
		if (i >= ASM_MAX_OPERANDS || (counts && nth(list, i)->expr != ASM_NONE)) {
			if (item->expr == ASM_NONE)
				item->expr = nth(list, i)->expr;
			item->exprs++;
		}
	}
}

static void fill_item(asm_state *as, asm_item *item, operand_list *list, int kind)
{
	const vsp_form_info *info = &vsp_forms[item->forms[0]];
	bool fits;
	match(info, list, &fits); /* sets list->duplicated for this form */
	for (unsigned i = 0; i < operand_total(info) && i < list->count + list->duplicated; i++)
		if (!set_operand(as, item, info->operands[i], nth(list, i)))
			item->flags |= ASM_ITEM_BAD;
	if (kind == VSP_ALIAS_SWAP)
		swap_registers(item, info);
	if (kind == VSP_ALIAS_NEGATE)
		item->flags |= ASM_ITEM_NEGATED;
	set_expressions(item, info, list);
}

/* Do the kinds differ in nothing but the size of a signed number? */
static bool same_but_size(unsigned left, unsigned right)
{
	const vsp_operand_info *a = &vsp_operands[left], *b = &vsp_operands[right];
	return a->look == b->look && a->fields == b->fields && a->sense == VSP_SENSE_VALUE &&
	       b->sense == VSP_SENSE_VALUE && a->least < 0 && b->least < 0;
}

/* Are both forms written alike, but for the size of the immediate? Only such forms are
   alternatives of one item. */
static bool same_look(uint16_t left, uint16_t right)
{
	const vsp_form_info *a = &vsp_forms[left], *b = &vsp_forms[right];
	for (int i = 0; i < 4; i++)
		if (a->operands[i] != b->operands[i] && !same_but_size(a->operands[i], b->operands[i]))
			return false;
	return true;
}

typedef struct choice {
	uint16_t forms[3];
	uint8_t count;
	int kind;
	uint16_t nearest; /* the form that matched best, for the message */
	unsigned nearest_match;
} choice;

static void consider(choice *chosen, uint16_t form, int kind, operand_list *list)
{
	bool fits;
	unsigned n = match(&vsp_forms[form], list, &fits);
	if (chosen->nearest == VSP_FORM_INVALID || n > chosen->nearest_match) {
		chosen->nearest = form;
		chosen->nearest_match = n;
	}
	if (!fits || chosen->count == 3 ||
	        (chosen->count && (kind != chosen->kind || !same_look(chosen->forms[0], form))))
		return;
	if (chosen->count && chosen->forms[chosen->count - 1] == form)
		return;
	chosen->kind = kind;
	chosen->forms[chosen->count++] = form;
}

/* Does the mnemonic have the meaning of VSP 1.0 here, and no other? */
static bool is_classic(const asm_state *as, uint16_t first)
{
	uint16_t form;
	int kind;
	for (uint16_t c = first; c && as->classic; c = asm_mnemonic_next(as, c)) {
		asm_mnemonic_get(c, &form, &kind);
		if (kind == VSP_ALIAS_CLASSIC)
			return true;
	}
	return false;
}

static void choose(const asm_state *as, uint16_t first, operand_list *list, choice *chosen)
{
	uint16_t form;
	int kind;
	*chosen = (choice){.nearest = VSP_FORM_INVALID};
	bool classic = is_classic(as, first);
	for (uint16_t c = first; c; c = asm_mnemonic_next(as, c)) {
		asm_mnemonic_get(c, &form, &kind);
		if ((kind == VSP_ALIAS_CLASSIC) == classic)
			consider(chosen, form, kind, list);
	}
}

/* The operands that the best-matching candidates expect next, in words: "a register or a
   number". */
static void wanted_words(
        const asm_state *as, uint16_t first, operand_list *list, unsigned position, char *out, size_t size)
{
	uint16_t form;
	int kind;
	bool fits, classic = is_classic(as, first);
	size_t n = 0;
	out[0] = 0;
	for (uint16_t c = first; c; c = asm_mnemonic_next(as, c)) {
		asm_mnemonic_get(c, &form, &kind);
		const vsp_form_info *info = &vsp_forms[form];
		if ((kind == VSP_ALIAS_CLASSIC) != classic || position >= operand_total(info) ||
		        match(info, list, &fits) != position)
			continue;
		const char *word = vsp_operands[info->operands[position]].word;
		if (!strstr(out, word) && n + strlen(word) + 5 < size)
			n += (size_t)snprintf(out + n, size - n, "%s%s", n ? " or " : "", word);
	}
}

/* first: the mnemonic's candidates, or 0 when there is only chosen->nearest. */
static void report_mismatch(asm_state *as, asm_span name, const choice *chosen, operand_list *list, uint16_t first)
{
	const vsp_form_info *info = &vsp_forms[chosen->nearest];
	unsigned total = operand_total(info), n = chosen->nearest_match;
	const char *word = asm_text(as, name);
	int length = (int)asm_length(name);
	char wanted[128];
	bool fits;
	wanted_words(as, first, list, n, wanted, sizeof wanted);
	if (!wanted[0] && n < total)
		snprintf(wanted, sizeof wanted, "%s", vsp_operands[info->operands[n]].word);
	match(info, list, &fits);
	unsigned given = n > 0 && list->duplicated ? n - 1 : n; /* the operand as written */
	if (total == 0)
		asm_error(as, list->at[0].span, NULL, "'%.*s' takes no operands", length, word);
	else if (given >= list->count && n < total)
		asm_error(as, name, NULL, "'%.*s' needs %s as operand %u", length, word, wanted, n + 1);
	else if (n < total && given < ASM_MAX_OPERANDS)
		asm_error(as, list->at[given].span, NULL, "operand %u of '%.*s' must be %s", given + 1, length, word,
		        wanted);
	else
		asm_error(as, list->at[total < ASM_MAX_OPERANDS ? total : ASM_MAX_OPERANDS - 1].span, NULL,
		        "'%.*s' takes %u operand%s, not %u", length, word, total, total > 1 ? "s" : "", list->count);
}

/* The form of FMATH or FMATH2 that the last operand names: a number, or a function's name such as
   sin. */
static uint16_t math_form(asm_state *as, uint8_t op, operand_list *list)
{
	const operand *last = &list->at[list->count - 1];
	asm_span name = asm_expr_name(as, last->expr);
	int64_t number = -1;
	char word[16] = "";
	if (name.end && asm_length(name) < 10)
		snprintf(word, sizeof word, "%.*s.F", (int)asm_length(name), asm_text(as, name));
	else if (!name.end && !asm_eval_constant(as, last->expr, 0, 15, "the function's number", &number))
		return VSP_FORM_INVALID;
	for (uint16_t f = 0; f < VSP_FORMS; f++)
		if (vsp_forms[f].op == op && (vsp_forms[f].sel == number || asm_same_word(word, (uint32_t)strlen(word),
		                                                                    vsp_forms[f].mnemonic)))
			return f;
	asm_error(as, last->span, NULL, "there is no such function");
	return VSP_FORM_INVALID;
}

/* FMATH Ra, Rb, fn and FMATH2 Ra, Rb, Rc, fn; false when the mnemonic is neither. */
static bool parse_math(asm_state *as, asm_span name)
{
	bool two = asm_same_word(asm_text(as, name), asm_length(name), "FMATH2");
	if (!two && !asm_same_word(asm_text(as, name), asm_length(name), "FMATH"))
		return false;
	operand_list list;
	asm_advance(as);
	if (!parse_operands(as, &list))
		return true;
	if (list.count < 2u + two || list.count > 3u + two || list.at[list.count - 1].look != VSP_LOOK_NUMBER) {
		asm_error(as, name, NULL, "write %s and the function's name or number",
		        two ? "FMATH2 Ra, Rb, Rc," : "FMATH Ra, Rb,");
		return true;
	}
	uint16_t form = math_form(as, vsp_forms[two ? VSP_I_ATAN2_F : VSP_I_SIN_F].op, &list);
	choice chosen = {.nearest = VSP_FORM_INVALID};
	if (form == VSP_FORM_INVALID)
		return true;
	list.count--;
	consider(&chosen, form, VSP_ALIAS, &list);
	if (!chosen.count) {
		report_mismatch(as, name, &chosen, &list, 0);
		return true;
	}
	asm_item *item = asm_add_item(as, name);
	if (item) {
		item->forms[0] = form;
		item->form_count = 1;
		fill_item(as, item, &list, VSP_ALIAS);
	}
	return true;
}

/* A word of the classic dialect only. */
static void report_classic(asm_state *as, asm_span name, uint16_t first)
{
	uint16_t form;
	int kind;
	asm_mnemonic_get(first, &form, &kind);
	const char *word = asm_text(as, name), *modern = vsp_forms[form].mnemonic;
	asm_error(as, name, modern, "'%.*s' is '%s' in this dialect; .dialect classic allows the short spelling",
	        (int)asm_length(name), word, modern);
}

static bool takes_operands(const asm_state *as, uint16_t first)
{
	uint16_t form;
	int kind;
	for (uint16_t c = first; c; c = asm_mnemonic_next(as, c)) {
		asm_mnemonic_get(c, &form, &kind);
		if (operand_total(&vsp_forms[form]))
			return true;
	}
	return false;
}

static void unknown_mnemonic(asm_state *as, asm_span name)
{
	const char *word = asm_text(as, name), *near = asm_nearest_mnemonic(as, word, asm_length(name));
	int length = (int)(asm_length(name) < 60 ? asm_length(name) : 60);
	asm_error(as, name, near, "unknown instruction '%.*s'%s%s%s", length, word, near ? "; did you mean '" : "",
	        near ? near : "", near ? "'?" : "");
}

void asm_parse_instruction(asm_state *as, asm_span name)
{
	if (!as->in_code) {
		asm_error(as, name, NULL, "an instruction cannot stand in data; write .code before it");
		return;
	}
	uint16_t first = asm_mnemonic_find(as, asm_text(as, name), asm_length(name));
	if (!first) {
		if (!parse_math(as, name))
			unknown_mnemonic(as, name);
		return;
	}
	operand_list list;
	choice chosen;
	as->lexer.operand_next = takes_operands(as, first);
	asm_advance(as);
	if (!parse_operands(as, &list))
		return;
	choose(as, first, &list, &chosen);
	if (!chosen.count && chosen.nearest == VSP_FORM_INVALID) {
		report_classic(as, name, first);
		return;
	}
	if (!chosen.count) {
		report_mismatch(as, name, &chosen, &list, first);
		return;
	}
	asm_item *item = asm_add_item(as, name);
	if (!item)
		return;
	memcpy(item->forms, chosen.forms, sizeof item->forms);
	item->form_count = chosen.count;
	fill_item(as, item, &list, chosen.kind);
}
