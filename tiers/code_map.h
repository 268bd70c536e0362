/*
 * What tools are told of a unit beside its places: which functions are in its machine code, what was inlined where, and how to unwind. Made by
 * the compiler for jobs that ask for it; owned by the unit.
 */
#ifndef VSP_TIERS_CODE_MAP_H
#define VSP_TIERS_CODE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/trap.h"

/* The forms of ir/lower/lower.h. */
enum vsp_code_point { VSP_CODE_NATIVE, VSP_CODE_BOXED, VSP_CODE_ENTRY };

/* Machine code of one form of a function. */
typedef struct vsp_code_symbol {
	uint32_t offset, size; /* from the unit's code on */
	uint32_t func;
	uint32_t pc; /* where an entry begins, else the function's start */
	uint8_t point;
} vsp_code_symbol;

typedef struct vsp_code_map {
	vsp_code_symbol *symbols; /* by offset */
	uint32_t symbol_count;
	vsp_code_site *sites;
	uint32_t site_count;
	uint32_t *
	        outer; /* for each place of the unit: the site of the call its instruction was inlined at, or VSP_NO_SITE */
	const uint8_t *unwind; /* .eh_frame as linked, or null */
	size_t unwind_size;
} vsp_code_map;

#endif
