/*
 * Images of linear memory, see image.h.
 */
#include "image.h"

#include <string.h>

#include "runtime/base/alloc.h"

/*
 * Copying so many bytes into pages that are there takes less time than mapping, and faults of the
 * first pages that are touched.
 */
enum { COPIED = 128 << 10 };

static uint64_t contents(const vsp_memory_image *image)
{
	return image->size > VSP_NULL_ZONE ? image->size - VSP_NULL_ZONE : 0;
}

bool vsp_memory_image_take(vsp_memory_image *image, const vsp_linear_memory *memory)
{
	*image = (vsp_memory_image){.size = memory->size};
	uint64_t size = contents(image);
	const uint8_t *from = memory->base + VSP_NULL_ZONE;
	if (size && memory->guarded && vsp_plat_image_create(&image->mapped, from, size))
		return true;
	image->copy = size < SIZE_MAX ? vsp_alloc(size ? (size_t)size : 1, 1) : NULL;
	if (image->copy && size)
		memcpy(image->copy, from, (size_t)size);
	return image->copy != NULL;
}

bool vsp_memory_image_apply(const vsp_memory_image *image, vsp_linear_memory *memory)
{
	uint64_t size = contents(image);
	if (memory->size != image->size && !vsp_memory_reset(memory, (uint32_t)(image->size / VSP_PAGE)))
		return false;
	if (!size)
		return true;
	uint8_t *to = memory->base + VSP_NULL_ZONE;
	bool in_place = memory->reused && size <= COPIED;
	memory->reused = true; /* a memory that gets the image again will be used again */
	if (image->mapped.bytes && memory->guarded && !in_place) {
		bool mapped = vsp_plat_image_map(&image->mapped, to);
		memory->imaged = memory->imaged || mapped;
		return mapped;
	}
	memcpy(to, image->mapped.bytes ? image->mapped.bytes : image->copy, (size_t)size);
	return true;
}

void vsp_memory_image_free(vsp_memory_image *image)
{
	vsp_plat_image_destroy(&image->mapped);
	vsp_free_memory(image->copy);
	*image = (vsp_memory_image){0};
}
