/*
 * Images of linear memory, from which memories of other instances start. Where the system can, an
 * image is mapped, and pages are copied when they are first written; resets to small images, and
 * memories without guard pages, copy all of it.
 */
#ifndef VSP_RUNTIME_IMAGE_H
#define VSP_RUNTIME_IMAGE_H

#include "memory.h"
#include "runtime/platform/platform.h"

typedef struct vsp_memory_image {
	uint64_t size;         /* bytes of linear memory, the null zone included */
	vsp_plat_image mapped; /* of what is beyond the null zone; bytes is null: it is not mapped */
	uint8_t *copy;         /* of the same, when it is not mapped */
} vsp_memory_image;

/* Copies memory into an image. False: no memory; free is needed even so. */
bool vsp_memory_image_take(vsp_memory_image *image, const vsp_linear_memory *memory);
/*
 * Gives memory, whatever is in it, the size and contents of the image, which must outlive that use.
 * False: the host has no more memory; the contents are undefined then.
 */
bool vsp_memory_image_apply(const vsp_memory_image *image, vsp_linear_memory *memory);
void vsp_memory_image_free(vsp_memory_image *image);

#endif
