/*
 * The map of a unit, which tells tools more than its places do: which functions are in its machine
 * code, what was inlined where, and how to unwind. The compiler makes it for jobs that ask for it;
 * the unit owns it.
 */
#ifndef VSP_TIERS_CODE_MAP_H
#define VSP_TIERS_CODE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/trap.h"

/* The forms of ir/lower/lower.h. */
enum vsp_code_point { VSP_CODE_NATIVE, VSP_CODE_BOXED, VSP_CODE_ENTRY, VSP_CODE_LOOP };

/* The machine code of one form of a function. */
typedef struct vsp_code_symbol {
	uint32_t offset, size; /* offset from the start of the unit's code */
	uint32_t func;
	uint32_t pc; /* the place where an entry begins; otherwise the function's start */
	uint8_t point;
} vsp_code_symbol;

typedef struct vsp_code_map {
	vsp_code_symbol *symbols; /* by offset */
	uint32_t symbol_count;
	vsp_code_site *sites;
	uint32_t site_count;
	uint32_t *outer; /* per place of the unit: the site at which its instruction was inlined, or VSP_NO_SITE */
	const uint8_t *unwind; /* .eh_frame as linked, or null */
	size_t unwind_size;
} vsp_code_map;

#endif
