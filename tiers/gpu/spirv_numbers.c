/*
 * The numbers of results in SPIR-V. LLVM keeps those of basic blocks from one module to the next,
 * by addresses of its own, and when such an address comes back gives a block of this module a
 * number of an earlier one, which another result, or another block, may have too. What kind of
 * result an operand means follows from its place (spirv_operands.def), and a block is only meant in
 * its own function, so everything can be numbered anew unless two blocks of one function have the
 * same number. What is not in the table, is defined twice or is not defined makes the module wrong.
 * The new numbers depend on nothing but the module.
 */
#include "spirv_numbers.h"

#include <stdbool.h>
#include <string.h>

#include "runtime/base/alloc.h"

enum { BOUND = 3, HEAD = 5, MOST = 0x3FFFFF /* the largest bound of a module */ };
enum { NAME = 5, TYPE_INT = 21, FUNCTION = 54, FUNCTION_END = 56, LABEL = 248, BRANCH = 249, LABEL_WORDS = 2 };

static uint32_t length_of(uint32_t word) { return word >> 16; }
static uint32_t code_of(uint32_t word) { return word & 0xFFFF; }

/* The letters of spirv_operands.def; null: unknown. */
static const char *operands_of(uint32_t code)
{
	static const struct {
		uint32_t first, last;
		const char *words;
	} table[] = {
#define OPERANDS(first, last, words) {first, last, words},
#include "spirv_operands.def"
#undef OPERANDS
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (code >= table[i].first && code <= table[i].last)
			return table[i].words;
	return NULL;
}

typedef struct numbers {
	uint32_t *words;
	size_t count;
	uint32_t limit;     /* above every old number */
	uint32_t next;      /* the next new number */
	uint32_t *made;     /* new numbers of results by old ones, 0: none; this and what follows below limit */
	uint32_t *block;    /* the same of basic blocks; of other functions when below first_block */
	uint32_t *type;     /* old numbers of the types of results */
	uint32_t *width;    /* bits of types that are integers */
	uint32_t last_type; /* of the instruction that is read */
	uint32_t first_block;
	enum vsp_spirv_numbers state;
} numbers;

static void fail(numbers *n, enum vsp_spirv_numbers state)
{
	if (n->state == VSP_SPIRV_NUMBERED)
		n->state = state;
}

/* ---- the words of one instruction ---- */

/* What is done with each word that is a number; letter says of what. */
typedef void visitor(numbers *n, char letter, uint32_t *word);

static uint32_t text_words(const uint32_t *word, const uint32_t *end)
{
	uint32_t length = 0;
	while (word + length < end && word[length] >> 24)
		length++;
	return length + 1;
}

/* Words of a literal as wide as the value with an old number. */
static uint32_t literal_words(const numbers *n, uint32_t value)
{
	uint32_t type = value < n->limit ? n->type[value] : 0;
	return n->width[type] > 32 ? 2 : 1;
}

static uint32_t visit_word(numbers *n, char letter, uint32_t *word, const uint32_t *end, uint32_t first, visitor *visit)
{
	if (letter == 's')
		return text_words(word, end);
	if (letter == 'w')
		return literal_words(n, first);
	if (letter != 'l')
		visit(n, letter, word);
	return 1;
}

static void visit_instruction(numbers *n, uint32_t *insn, visitor *visit)
{
	const char *letter = operands_of(code_of(insn[0])), *again = NULL;
	uint32_t length = length_of(insn[0]), at = 1, first = length > 1 ? insn[1] : 0;
	while (at < length && n->state == VSP_SPIRV_NUMBERED) {
		if (*letter == '*')
			again = ++letter;
		else if (!*letter)
			letter = again;
		if (!letter) {
			fail(n, VSP_SPIRV_WRONG);
			return;
		}
		at += visit_word(n, *letter++, insn + at, insn + length, first, visit);
	}
	if (at != length || (*letter && *letter != '*'))
		fail(n, VSP_SPIRV_WRONG);
}

/* ---- the instructions ---- */

static void check_instructions(numbers *n)
{
	n->limit = n->count > HEAD ? n->words[BOUND] : 0;
	for (size_t at = HEAD; at < n->count; at += length_of(n->words[at])) {
		const uint32_t *insn = n->words + at;
		uint32_t length = length_of(insn[0]);
		bool known = length && length <= n->count - at && operands_of(code_of(insn[0]));
		bool label = known && code_of(insn[0]) == LABEL && length == LABEL_WORDS;
		if (!known || (label && insn[1] >= MOST)) {
			fail(n, VSP_SPIRV_WRONG);
			return;
		}
		if (label && insn[1] >= n->limit)
			n->limit = insn[1] + 1;
	}
	if (!n->limit || n->limit > MOST)
		fail(n, VSP_SPIRV_WRONG);
}

static bool goes_to_next(const numbers *n, size_t at)
{
	const uint32_t *insn = n->words + at;
	return n->count - at >= 3 * LABEL_WORDS && insn[0] == (LABEL_WORDS << 16 | LABEL) &&
	       insn[2] == (LABEL_WORDS << 16 | BRANCH) && code_of(insn[4]) == LABEL && insn[3] == insn[5];
}

/* Where the first of the function's blocks that stay begins; at: where its first block does. */
static size_t skip_blocks(numbers *n, size_t at, uint32_t leave)
{
	for (; leave; leave--, at += 2 * LABEL_WORDS)
		if (!goes_to_next(n, at)) {
			fail(n, VSP_SPIRV_WRONG);
			return n->count;
		}
	return at;
}

/* Names go too: some are those of blocks, and a number alone does not tell which. */
static void leave_out(numbers *n, uint32_t leave, uint32_t *blocks)
{
	size_t to = HEAD;
	uint32_t labels = 0; /* of the function so far */
	for (size_t at = HEAD, length; at < n->count; at += length) {
		uint32_t code = code_of(n->words[at]);
		if (code == FUNCTION)
			labels = 0;
		if (code == LABEL && !labels) {
			at = skip_blocks(n, at, leave);
			labels = leave;
		}
		if (at >= n->count)
			break;
		labels += code == LABEL;
		*blocks = labels > *blocks ? labels : *blocks;
		length = length_of(n->words[at]);
		if (code == NAME)
			continue;
		memmove(n->words + to, n->words + at, length * sizeof *n->words);
		to += length;
	}
	n->count = to;
}

static void define(numbers *n, char letter, uint32_t *word)
{
	if (letter == 't')
		n->last_type = *word;
	if (letter != 'r')
		return;
	if (*word >= n->limit || n->last_type >= n->limit || n->made[*word]) {
		fail(n, VSP_SPIRV_WRONG);
		return;
	}
	n->made[*word] = n->next++;
	n->type[*word] = n->last_type;
}

static void define_results(numbers *n)
{
	for (size_t at = HEAD; at < n->count && n->state == VSP_SPIRV_NUMBERED; at += length_of(n->words[at])) {
		uint32_t *insn = n->words + at;
		n->last_type = 0;
		visit_instruction(n, insn, define);
		if (code_of(insn[0]) == TYPE_INT && n->state == VSP_SPIRV_NUMBERED)
			n->width[insn[1]] = insn[2];
	}
}

static void define_blocks(numbers *n, size_t at)
{
	n->first_block = n->next;
	for (; at < n->count && code_of(n->words[at]) != FUNCTION_END; at += length_of(n->words[at])) {
		const uint32_t *insn = n->words + at;
		if (code_of(insn[0]) != LABEL)
			continue;
		if (length_of(insn[0]) != LABEL_WORDS)
			fail(n, VSP_SPIRV_WRONG);
		else if (n->block[insn[1]] >= n->first_block)
			fail(n, VSP_SPIRV_MIXED);
		else
			n->block[insn[1]] = n->next++;
	}
}

static void rename_word(numbers *n, char letter, uint32_t *word)
{
	bool is_block = letter == 'b' || letter == 'B';
	uint32_t made = *word >= n->limit ? 0 : is_block ? n->block[*word] : n->made[*word];
	if (!made || (is_block && made < n->first_block))
		fail(n, VSP_SPIRV_WRONG);
	*word = made;
}

static void rename_all(numbers *n)
{
	for (size_t at = HEAD; at < n->count && n->state == VSP_SPIRV_NUMBERED; at += length_of(n->words[at])) {
		if (code_of(n->words[at]) == FUNCTION)
			define_blocks(n, at);
		visit_instruction(n, n->words + at, rename_word);
	}
	n->words[BOUND] = n->next;
}

static void number_anew(numbers *n)
{
	uint32_t *tables = vsp_alloc((size_t)n->limit * 4, sizeof *tables);
	if (!tables) {
		fail(n, VSP_SPIRV_NO_MEMORY);
		return;
	}
	n->made = tables;
	n->block = tables + n->limit;
	n->type = tables + 2 * (size_t)n->limit;
	n->width = tables + 3 * (size_t)n->limit;
	n->next = 1;
	define_results(n);
	rename_all(n);
	vsp_free_memory(tables);
}

enum vsp_spirv_numbers vsp_spirv_number(uint32_t *words, size_t *count, uint32_t leave, uint32_t *blocks)
{
	numbers n = {.words = words, .count = *count, .state = VSP_SPIRV_NUMBERED};
	*blocks = 0;
	check_instructions(&n);
	if (n.state == VSP_SPIRV_NUMBERED)
		leave_out(&n, leave, blocks);
	if (n.state == VSP_SPIRV_NUMBERED)
		number_anew(&n);
	*count = n.count;
	return n.state;
}
