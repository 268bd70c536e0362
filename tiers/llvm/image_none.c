/*
 * The version for machines whose relocations code images do not know: their code is not cached.
 */
#include "image.h"

#include <string.h>

const uint16_t vsp_image_machine = 0;

vsp_fixup vsp_image_fixup(uint32_t type)
{
	(void)type;
	return VSP_FIXUP_UNKNOWN;
}

bool vsp_image_refer(uint8_t *field, uint32_t type, uint32_t at, int64_t target)
{
	(void)field;
	(void)type;
	(void)at;
	(void)target;
	return false;
}

void vsp_image_stub(uint8_t out[VSP_LINKAGE_WORD]) { memset(out, 0, VSP_LINKAGE_WORD); }
