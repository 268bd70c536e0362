/* Debugging information of one unit of compiled code; see dwarf.c. */
#ifndef VSP_TIERS_DWARF_H
#define VSP_TIERS_DWARF_H

#include "frontend/text.h"
#include "tiers/jit.h"

/* Contents of sections, growing texts of the caller's. */
typedef struct vsp_dwarf {
	vsp_text info, abbrev, line, ranges;
} vsp_dwarf;
#define VSP_DWARF_INIT {VSP_TEXT_GROWING, VSP_TEXT_GROWING, VSP_TEXT_GROWING, VSP_TEXT_GROWING}

/* For a unit with a map, of a module with a line table. Lack of memory shows in the texts. */
void vsp_dwarf_build(vsp_dwarf *out, const vsp_module_data *module, const vsp_jit_unit *unit);
/* dwarf_lines.c: its section .debug_line alone. */
void vsp_dwarf_lines(vsp_text *out, const vsp_module_data *module, const vsp_jit_unit *unit);
void vsp_dwarf_free(vsp_dwarf *dwarf);

/* What tools call a function: its name, or func_INDEX; forms that only lead into another get ".enter" behind it. */
void vsp_code_name(vsp_text *out, const vsp_module_data *module, const vsp_code_symbol *symbol);

#endif
