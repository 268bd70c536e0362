/*
 * The relocations of 64-bit ARM (ELF for the Arm 64-bit Architecture, section 5.7) that code images
 * know: those that LLVM emits for position-independent code of the small model. Instructions are
 * little-endian even if data is big-endian.
 */
#include "image.h"

#include <string.h>

#include "runtime/state.h"

const uint16_t vsp_image_machine = 183;

enum {
	R_NONE = 0,
	R_ABS64 = 257,
	R_PREL32 = 261,
	R_ADR_PREL_LO21 = 274,
	R_ADR_PREL_PG_HI21 = 275,
	R_ADD_ABS_LO12_NC = 277,
	R_LDST8_ABS_LO12_NC = 278,
	R_JUMP26 = 282,
	R_CALL26 = 283,
	R_LDST16_ABS_LO12_NC = 284,
	R_LDST32_ABS_LO12_NC = 285,
	R_LDST64_ABS_LO12_NC = 286,
	R_LDST128_ABS_LO12_NC = 299,
	R_ADR_GOT_PAGE = 311,
	R_LD64_GOT_LO12_NC = 312
};

vsp_fixup vsp_image_fixup(uint32_t type)
{
	switch (type) {
	case R_NONE: return VSP_FIXUP_NOTHING;
	case R_ABS64: return VSP_FIXUP_ABSOLUTE;
	case R_PREL32:
	case R_ADR_PREL_LO21:
	case R_ADR_PREL_PG_HI21:
	case R_ADD_ABS_LO12_NC:
	case R_LDST8_ABS_LO12_NC:
	case R_LDST16_ABS_LO12_NC:
	case R_LDST32_ABS_LO12_NC:
	case R_LDST64_ABS_LO12_NC:
	case R_LDST128_ABS_LO12_NC: return VSP_FIXUP_RELATIVE;
	case R_JUMP26:
	case R_CALL26: return VSP_FIXUP_CALL;
	case R_ADR_GOT_PAGE:
	case R_LD64_GOT_LO12_NC: return VSP_FIXUP_TABLE;
	default: return VSP_FIXUP_UNKNOWN;
	}
}

/*
 * Puts the low bits of value, after the lowest dropped bits, into an instruction. Returns whether
 * value is in range and aligned.
 */
static bool put_bits(uint8_t *field, int64_t value, unsigned dropped, unsigned bits, unsigned at)
{
	uint32_t mask = (uint32_t)((1u << bits) - 1), part = (uint32_t)(value >> dropped) & mask;
	vsp_write_le(field, (vsp_read_le(field, 4) & ~((uint64_t)mask << at)) | (uint64_t)part << at, 4);
	return (value & ((1 << dropped) - 1)) == 0;
}

static bool fits(int64_t value, unsigned bits)
{
	return value >= -(INT64_C(1) << (bits - 1)) && value < INT64_C(1) << (bits - 1);
}

/* ADR and ADRP have 21 bits, of which the lowest two lie apart. */
static bool put_adr(uint8_t *field, int64_t value)
{
	put_bits(field, value & 3, 0, 2, 29);
	put_bits(field, value & ~INT64_C(3), 2, 19, 5);
	return fits(value, 21);
}

static bool put_word(uint8_t *field, int64_t value)
{
	vsp_write_le(field, (uint64_t)value, 4);
	return fits(value, 32);
}

/*
 * Puts the offset in its page of a target into a load or store of 1 << scale bytes, or into an ADD.
 */
static bool put_low(uint8_t *field, int64_t target, unsigned scale)
{
	return put_bits(field, target & 4095, scale, 12 - scale, 10);
}

bool vsp_image_refer(uint8_t *field, uint32_t type, uint32_t at, int64_t target)
{
	int64_t distance = target - at;
	switch (type) {
	case R_PREL32: return put_word(field, distance);
	case R_ADR_PREL_LO21: return put_adr(field, distance);
	case R_ADR_PREL_PG_HI21:
	case R_ADR_GOT_PAGE: return put_adr(field, (target >> 12) - (at >> 12));
	case R_ADD_ABS_LO12_NC:
	case R_LDST8_ABS_LO12_NC: return put_low(field, target, 0);
	case R_LDST16_ABS_LO12_NC: return put_low(field, target, 1);
	case R_LDST32_ABS_LO12_NC: return put_low(field, target, 2);
	case R_LDST64_ABS_LO12_NC:
	case R_LD64_GOT_LO12_NC: return put_low(field, target, 3);
	case R_LDST128_ABS_LO12_NC: return put_low(field, target, 4);
	default: return put_bits(field, distance, 2, 26, 0) && fits(distance, 28); /* a call or a jump */
	}
}

/* ldr x16, with the word behind it; br x16. */
void vsp_image_stub(uint8_t out[VSP_LINKAGE_WORD])
{
	vsp_write_le(out, 0x58000050, 4);
	vsp_write_le(out + 4, 0xD61F0200, 4);
}
