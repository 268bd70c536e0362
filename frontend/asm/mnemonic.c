/*
 * From a spelling to the forms it may mean: a hash table over the instruction table and its
 * aliases, made per assembly so that the library has no mutable globals. Candidates are numbered
 * from 1: the aliases, then the forms.
 */
#include "asm.h"

#include <string.h>

enum { HEADS = 1024, WORD_MAX = 24 };

static uint32_t word_hash(const char *name, uint32_t length)
{
	char upper[WORD_MAX];
	for (uint32_t i = 0; i < length; i++)
		upper[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 32) : name[i];
	return asm_hash(upper, length) & (HEADS - 1);
}

static uint32_t candidate_count(void) { return (uint32_t)vsp_alias_count + VSP_FORMS; }

static const char *candidate_spelling(uint32_t candidate)
{
	return candidate <= vsp_alias_count ? vsp_aliases[candidate - 1].spelling
	                                    : vsp_forms[candidate - 1 - vsp_alias_count].mnemonic;
}

bool asm_mnemonics_create(asm_state *as)
{
	as->spellings = vsp_arena_array(&as->arena, HEADS + candidate_count() + 1, sizeof *as->spellings);
	if (!as->spellings)
		return asm_out_of_memory(as);
	/* From the last to the first, so that chains are in the order of the tables. */
	for (uint32_t c = candidate_count(); c > 0; c--) {
		const char *spelling = candidate_spelling(c);
		uint16_t *head = &as->spellings[word_hash(spelling, (uint32_t)strlen(spelling))];
		as->spellings[HEADS + c] = *head;
		*head = (uint16_t)c;
	}
	return true;
}

uint16_t asm_mnemonic_find(const asm_state *as, const char *name, uint32_t length)
{
	if (length > WORD_MAX)
		return 0;
	uint16_t c = as->spellings[word_hash(name, length)];
	while (c && !asm_same_word(name, length, candidate_spelling(c)))
		c = as->spellings[HEADS + c];
	return c;
}

uint16_t asm_mnemonic_next(const asm_state *as, uint16_t candidate)
{
	const char *spelling = candidate_spelling(candidate);
	uint16_t c = as->spellings[HEADS + candidate];
	while (c && strcmp(spelling, candidate_spelling(c)) != 0)
		c = as->spellings[HEADS + c];
	return c;
}

void asm_mnemonic_get(uint16_t candidate, uint16_t *form, int *kind)
{
	bool alias = candidate <= vsp_alias_count;
	*form = alias ? vsp_aliases[candidate - 1].form : (uint16_t)(candidate - 1 - vsp_alias_count);
	*kind = alias ? vsp_aliases[candidate - 1].kind : VSP_ALIAS;
}

const char *asm_nearest_mnemonic(asm_state *as, const char *name, uint32_t length)
{
	vsp_nearest guess = vsp_nearest_start(name, length);
	if (as->errors >= ASM_MAX_ERRORS)
		return NULL;
	for (uint32_t c = 1; c <= candidate_count(); c++)
		vsp_nearest_try(&guess, candidate_spelling(c), strlen(candidate_spelling(c)));
	return asm_nearest(as, &guess);
}
