/*
 * Zeros in SPIR-V as ordinary constants. LLVM writes them as OpConstantNull, which is right, but
 * the translators that make SPIR of SPIR-V accept it only for types other than numbers.
 */
#include "spirv.h"

#include <string.h>

#include "runtime/base/alloc.h"

/* The instructions that matter, by their numbers in the specification. */
enum {
	HEAD = 5,
	TYPE_BOOL = 20,
	TYPE_INT = 21,
	TYPE_FLOAT = 22,
	CONSTANT_FALSE = 42,
	CONSTANT = 43,
	CONSTANT_NULL = 46
};
enum { NULL_WORDS = 3, LONGEST = 5, IS_BOOL = 1 };

static uint32_t length_of(uint32_t word) { return word >> 16; }
static uint32_t code_of(uint32_t word) { return word & 0xFFFF; }

/* width: by the number of a type, that of numbers in bits, IS_BOOL, or 0. */
static void note_type(uint8_t *width, const uint32_t *insn)
{
	uint32_t code = code_of(insn[0]);
	if (code == TYPE_BOOL)
		width[insn[1]] = IS_BOOL;
	else if (code == TYPE_INT || code == TYPE_FLOAT)
		width[insn[1]] = (uint8_t)insn[2];
}

/* Writes a zero of a width, and returns its number of words. */
static size_t write_zero(uint32_t *out, const uint32_t *insn, unsigned width)
{
	size_t length = width == IS_BOOL ? NULL_WORDS : width > 32 ? LONGEST : LONGEST - 1;
	memset(out, 0, length * sizeof *out);
	out[0] = (uint32_t)length << 16 | (width == IS_BOOL ? CONSTANT_FALSE : CONSTANT);
	out[1] = insn[1];
	out[2] = insn[2];
	return length;
}

uint32_t *vsp_spirv_plain(const uint32_t *words, size_t *count)
{
	uint32_t bound = words[3]; /* above every number */
	uint8_t *width = vsp_alloc(bound, 1);
	uint32_t *out = vsp_alloc(2 * *count, sizeof *out); /* three words become at most five */
	size_t at = HEAD, to = HEAD;
	if (width && out)
		memcpy(out, words, HEAD * sizeof *out);
	for (uint32_t length; width && out && at < *count; at += length) {
		const uint32_t *insn = words + at;
		length = length_of(insn[0]);
		note_type(width, insn);
		unsigned zero = code_of(insn[0]) == CONSTANT_NULL ? width[insn[1]] : 0;
		if (!zero)
			memcpy(out + to, insn, length * sizeof *out);
		to += zero ? write_zero(out + to, insn, zero) : length;
	}
	if (!width) {
		vsp_free_memory(out);
		out = NULL;
	}
	vsp_free_memory(width);
	*count = to;
	return out;
}
