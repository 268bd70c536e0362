/* Machines whose relocations code images do not know: their code is not cached. */
#include "image.h"

#include <string.h>

const uint16_t vsp_image_machine = 0;

vsp_fixup vsp_image_fixup(uint32_t type)
{
	(void)type;
	return VSP_FIXUP_UNKNOWN;
}

void vsp_image_stub(uint8_t out[VSP_LINKAGE_WORD]) { memset(out, 0, VSP_LINKAGE_WORD); }
