/*
 * The debugging information of one unit of compiled code; see dwarf.c.
 */
#ifndef VSP_TIERS_DWARF_H
#define VSP_TIERS_DWARF_H

#include "frontend/text.h"
#include "tiers/jit.h"

/* The contents of sections, as texts that grow and belong to the caller. */
typedef struct vsp_dwarf {
	vsp_text info, abbrev, line, ranges;
} vsp_dwarf;
#define VSP_DWARF_INIT {VSP_TEXT_GROWING, VSP_TEXT_GROWING, VSP_TEXT_GROWING, VSP_TEXT_GROWING}

/* For a unit with a map, in a module with a line table. A lack of memory shows in the texts. */
void vsp_dwarf_build(vsp_dwarf *out, const vsp_module_data *module, const vsp_jit_unit *unit);
/* dwarf_lines.c: only its section .debug_line. */
void vsp_dwarf_lines(vsp_text *out, const vsp_module_data *module, const vsp_jit_unit *unit);
void vsp_dwarf_free(vsp_dwarf *dwarf);

/*
 * The name of a function for tools: its own name, or func_INDEX; forms that only lead into another
 * form get ".enter" appended.
 */
void vsp_code_name(vsp_text *out, const vsp_module_data *module, const vsp_code_symbol *symbol);

#endif
