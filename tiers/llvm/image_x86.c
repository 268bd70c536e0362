/*
 * The relocations of x86-64 (System V psABI, section 4.4) that code images know: only those that
 * LLVM emits for position-independent code of the small model.
 */
#include "image.h"

#include <string.h>

const uint16_t vsp_image_machine = 62;

enum { R_NONE = 0, R_64 = 1, R_PC32 = 2, R_PLT32 = 4, R_GOTPCREL = 9, R_GOTPCRELX = 41, R_REX_GOTPCRELX = 42 };

vsp_fixup vsp_image_fixup(uint32_t type)
{
	switch (type) {
	case R_NONE: return VSP_FIXUP_NOTHING;
	case R_64: return VSP_FIXUP_ABSOLUTE;
	case R_PC32: return VSP_FIXUP_RELATIVE;
	case R_PLT32: return VSP_FIXUP_CALL;
	case R_GOTPCREL:
	case R_GOTPCRELX:
	case R_REX_GOTPCRELX: return VSP_FIXUP_TABLE;
	default: return VSP_FIXUP_UNKNOWN;
	}
}

bool vsp_image_refer(uint8_t *field, uint32_t type, uint32_t at, int64_t target)
{
	(void)type; /* all are S + A - P in 32 bits */
	int64_t value = target - at;
	int32_t word = (int32_t)value;
	memcpy(field, &word, sizeof word);
	return word == value;
}

/* jmp *[rip + 2], and then two bytes of int3 before the word. */
void vsp_image_stub(uint8_t out[VSP_LINKAGE_WORD])
{
	static const uint8_t stub[VSP_LINKAGE_WORD] = {0xFF, 0x25, 2, 0, 0, 0, 0xCC, 0xCC};
	memcpy(out, stub, sizeof stub);
}
