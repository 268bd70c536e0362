/*
 * The version for systems without files in memory: images cannot be mapped, and are copied.
 */
#include "platform.h"

bool vsp_plat_image_create(vsp_plat_image *image, const void *bytes, uint64_t size)
{
	(void)image, (void)bytes, (void)size;
	return false;
}

bool vsp_plat_image_map(const vsp_plat_image *image, void *address)
{
	(void)image, (void)address;
	return false;
}

void vsp_plat_image_destroy(vsp_plat_image *image) { (void)image; }
