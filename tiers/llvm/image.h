/*
 * The conversion of objects into code images (tiers/cache/image.h), for the code cache.
 */
#ifndef VSP_LLVM_IMAGE_H
#define VSP_LLVM_IMAGE_H

#include "tiers/cache/image.h"

/*
 * Makes the image of an object. The two symbols name its entry form and its native form; "" for
 * native: there is none. The places are copied, and of map (which may be null) the parts that back
 * traces need. Null with a reason, which is a constant: it cannot be done. To be freed with
 * vsp_image_free.
 */
vsp_image *vsp_image_make(const void *object, size_t size, const char *entry, const char *native,
        const vsp_place *places, uint32_t place_count, const vsp_code_map *map, const char **why);
void vsp_image_free(vsp_image *image); /* null is allowed */

/*
 * ---- the machine: image_x86.c, image_aarch64.c, or image_none.c where units cannot be cached ----
 */

/* What a relocation asks for, and where its target may be. */
typedef enum vsp_fixup {
	VSP_FIXUP_UNKNOWN, /* not supported here */
	VSP_FIXUP_NOTHING,
	VSP_FIXUP_ABSOLUTE, /* a slot: the 64-bit address of any target */
	VSP_FIXUP_RELATIVE, /* a target in the image */
	VSP_FIXUP_CALL,     /* a call: the same, or a stub for its target */
	VSP_FIXUP_TABLE,    /* a word in the image that holds the address of its target */
} vsp_fixup;

/* ELF's number of the machine; 0: images are not supported. */
extern const uint16_t vsp_image_machine;
vsp_fixup vsp_image_fixup(uint32_t type);
/*
 * Makes the 4 bytes at field, which are at offset at of the image, refer to offset target, which
 * includes the addend. False: it is out of reach, or not aligned as the instruction needs. Not for
 * absolute relocations. Images begin at a page boundary.
 */
bool vsp_image_refer(uint8_t *field, uint32_t type, uint32_t at, int64_t target);
/* A linkage is a stub followed by a word; the stub jumps to the address in the word. */
enum { VSP_LINKAGE_WORD = 8, VSP_LINKAGE_SIZE = 16 };
void vsp_image_stub(uint8_t out[VSP_LINKAGE_WORD]);

#endif
