/*
 * Code images: the code and data of a unit as bytes that can be put into any pages of a slab. The
 * code cache stores them, and the core enters their code without LLVM. Everything relative is
 * resolved already, since data is VSP_SLAB_APART bytes behind code wherever they are. Loading only
 * has to fill the slots, which are 64-bit words that hold addresses: of symbols by name
 * (runtime/compiled.def, library_calls.def), or in the image itself. So nothing here depends on the
 * machine's relocations, which the compiler has resolved (tiers/llvm/image.c).
 */
#ifndef VSP_TIERS_IMAGE_H
#define VSP_TIERS_IMAGE_H

#include "tiers/code_map.h"
#include "tiers/jit.h"

enum { VSP_IMAGE_ITSELF = UINT32_MAX, VSP_IMAGE_NONE = UINT32_MAX, VSP_IMAGE_ALIGN = 64 };

/* A word that must be filled. */
typedef struct vsp_image_slot {
	uint64_t addend; /* for the image itself the distance in memory from its first byte of code */
	uint32_t offset; /* of the word in the image's bytes; of any alignment */
	uint32_t name;   /* of the symbol to whose address addend is added: offset in names, or VSP_IMAGE_ITSELF */
} vsp_image_slot;

/* The parts are borrowed. */
typedef struct vsp_image {
	const uint8_t
	        *bytes; /* machine code, for a multiple of VSP_IMAGE_ALIGN; then the data that it reads, likewise */
	uint32_t size, code_size;
	uint32_t entry, native; /* offsets of the forms; VSP_IMAGE_NONE: there is no native form */
	const vsp_image_slot *slots;
	const char *names; /* each 0-terminated */
	const vsp_place *places;
	uint32_t slot_count, names_size, place_count;
	/*
	 * For back traces: .eh_frame, as an offset and a size; the calls that were inlined, and for
	 * each place the innermost of them (code_map.h).
	 */
	uint32_t unwind, unwind_size;
	const vsp_code_site *sites;
	const uint32_t *outer; /* outer_count of them: place_count, or 0 */
	uint32_t site_count, outer_count;
} vsp_image;

/*
 * The distance in memory from the first byte of code to the byte at an offset of the image's bytes.
 */
static inline uint32_t vsp_image_position(uint32_t code_size, uint32_t offset)
{
	return offset < code_size ? offset : VSP_SLAB_APART + (offset - code_size);
}

/*
 * Puts an image into code memory and fills unit, which must be released with vsp_image_unload.
 * Every offset is checked. Returns null, or why it has failed, as a constant.
 */
const char *vsp_image_load(const vsp_image *image, vsp_slab *slab, vsp_jit_unit *unit);
void vsp_image_unload(vsp_jit_unit *unit);

#endif
