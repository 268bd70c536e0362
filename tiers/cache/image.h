/*
 * The code of a unit as one block that can be put anywhere: what the code cache keeps, and what the core enters without LLVM. Within the
 * block everything is relative already. All that is left to do when it is loaded is to fill its slots, 64-bit words that
 * hold addresses: of symbols by name (runtime/compiled.def, library_calls.def), or in the block itself. So nothing here depends on the
 * machine's relocations, which the compiler has resolved (tiers/llvm/image.c).
 */
#ifndef VSP_TIERS_IMAGE_H
#define VSP_TIERS_IMAGE_H

#include "tiers/code_map.h"
#include "tiers/jit.h"

enum { VSP_IMAGE_ITSELF = UINT32_MAX, VSP_IMAGE_NONE = UINT32_MAX, VSP_IMAGE_ALIGN = 64 };

/* A word to be filled. */
typedef struct vsp_image_slot {
	uint64_t addend;
	uint32_t offset; /* of the word in bytes; of any alignment */
	uint32_t name;   /* whose address addend is added to: its offset in names, or VSP_IMAGE_ITSELF */
} vsp_image_slot;

/* Borrowed parts. */
typedef struct vsp_image {
	const uint8_t
	        *bytes; /* to be put at a multiple of VSP_IMAGE_ALIGN: machine code first, then the data it reads */
	uint32_t size, code_size;
	uint32_t entry, native; /* offsets of the forms; VSP_IMAGE_NONE: there is no native one */
	const vsp_image_slot *slots;
	const char *names; /* each 0-terminated */
	const vsp_place *places;
	uint32_t slot_count, names_size, place_count;
	/* For back traces: .eh_frame, as an offset and a size; calls that were inlined, and for each place the innermost of them (code_map.h). */
	uint32_t unwind, unwind_size;
	const vsp_code_site *sites;
	const uint32_t *outer; /* outer_count of them: place_count, or 0 */
	uint32_t site_count, outer_count;
} vsp_image;

/*
 * Puts an image into code memory and fills unit, which is to be released with vsp_image_unload. Every offset is checked. Returns null, or
 * why not: a constant.
 */
const char *vsp_image_load(const vsp_image *image, vsp_slab *slab, vsp_jit_unit *unit);
void vsp_image_unload(vsp_jit_unit *unit);

#endif
