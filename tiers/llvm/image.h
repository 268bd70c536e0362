/* Objects into code images (tiers/cache/image.h), for the code cache. */
#ifndef VSP_LLVM_IMAGE_H
#define VSP_LLVM_IMAGE_H

#include "tiers/cache/image.h"

/*
 * Makes the image of an object: its entry form and, unless that is "", its native form are the symbols named; places, and of map (or null) what back
 * traces need, are copied. Null with a reason, a constant, when it cannot be done. Freed with vsp_image_free.
 */
vsp_image *vsp_image_make(const void *object, size_t size, const char *entry, const char *native,
        const vsp_place *places, uint32_t place_count, const vsp_code_map *map, const char **why);
void vsp_image_free(vsp_image *image); /* null is allowed */

/* ---- the machine: image_x86.c, image_aarch64.c, or image_none.c where units cannot be cached ---- */

/* What a relocation asks for: where what it refers to may be. */
typedef enum vsp_fixup {
	VSP_FIXUP_UNKNOWN, /* nothing that can be done here */
	VSP_FIXUP_NOTHING,
	VSP_FIXUP_ABSOLUTE, /* a slot: the address in 64 bits, wherever it is */
	VSP_FIXUP_RELATIVE, /* in the image */
	VSP_FIXUP_CALL,     /* the same; a stub will do */
	VSP_FIXUP_TABLE,    /* in the image: a word that holds the address */
} vsp_fixup;

/* ELF's number of the machine; 0: none is known. */
extern const uint16_t vsp_image_machine;
vsp_fixup vsp_image_fixup(uint32_t type);
/*
 * Has the 4 bytes at field, which are at offset at of the image, refer to offset target, the addend included. False: it is out of reach, or not
 * aligned as the instruction asks. Not for absolute ones. Images begin at a page.
 */
bool vsp_image_refer(uint8_t *field, uint32_t type, uint32_t at, int64_t target);
/* A linkage is a stub, which jumps where the word behind it says. */
enum { VSP_LINKAGE_WORD = 8, VSP_LINKAGE_SIZE = 16 };
void vsp_image_stub(uint8_t out[VSP_LINKAGE_WORD]);

#endif
