/*
 * A unit of compiled code as an ELF file in memory, for debuggers; see elf_image.c.
 */
#ifndef VSP_TIERS_ELF_IMAGE_H
#define VSP_TIERS_ELF_IMAGE_H

#include "frontend/text.h"
#include "tiers/jit.h"

/*
 * ELF's number of the machine on which VSP runs; 0: unknown, and nothing can be shown to debuggers.
 */
uint16_t vsp_elf_machine(void);
/* Adds the image of a unit with a map to out, a growing text. A lack of memory shows there. */
void vsp_elf_image(vsp_text *out, const vsp_module_data *module, const vsp_jit_unit *unit);

#endif
