/*
 * Writes into the holes of copied code, see patch.h. The forms of all machines are here, since each
 * is a line or two, and tests of one machine so cover those of the others.
 */
#include "patch.h"

static void put(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void xor_32(uint8_t *at, uint64_t bits)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] ^= (uint8_t)(bits >> 8 * i);
}

/* Bits low to low + count - 1 of a word, in an instruction of AArch64 from its bit at on. */
static uint64_t field(uint64_t word, unsigned low, unsigned count, unsigned at)
{
	return (word >> low & ((UINT64_C(1) << count) - 1)) << at;
}

/* MOVZ of the upper half of a number that is not negative, or MOVN of the complement of one that
   is. */
static uint64_t move_sign(uint64_t word)
{
	enum { MOVZ_TO_MOVN = 1 << 30 };
	return (int64_t)word < 0 ? field(~word, 16, 16, 5) | MOVZ_TO_MOVN : field(word, 16, 16, 5);
}

void vsp_patch(uint8_t *at, vsp_hole_form form, uint64_t word)
{
	switch (form) {
	case VSP_FORM_XOR_8: *at ^= (uint8_t)word; break;
	case VSP_FORM_32: put(at, word, 4); break;
	case VSP_FORM_64: put(at, word, 8); break;
	case VSP_FORM_XOR_32: xor_32(at, word); break;
	case VSP_FORM_MOVE_0: xor_32(at, field(word, 0, 16, 5)); break;
	case VSP_FORM_MOVE_1: xor_32(at, field(word, 16, 16, 5)); break;
	case VSP_FORM_MOVE_2: xor_32(at, field(word, 32, 16, 5)); break;
	case VSP_FORM_MOVE_3: xor_32(at, field(word, 48, 16, 5)); break;
	case VSP_FORM_MOVE_SIGN_1: xor_32(at, move_sign(word)); break;
	case VSP_FORM_LOAD_64: xor_32(at, field(word, 3, 12, 10)); break;
	case VSP_FORM_JUMP: xor_32(at, field(word, 2, 26, 0)); break;
	}
}
