/*
 * Images of memory on Linux: files in memory, which are mapped once to be read, and privately for
 * each user, whose changes are copies of pages.
 */
#include "platform.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CHUNK = 4096 };

static bool is_zero(const uint8_t *p, size_t n)
{
	static const uint8_t zeros[CHUNK];
	return memcmp(p, zeros, n) == 0;
}

/* Writes what is not zero into a file that is all zeros. */
static bool write_contents(int file, const uint8_t *bytes, uint64_t size)
{
	for (uint64_t at = 0; at < size; at += CHUNK) {
		size_t n = size - at < CHUNK ? (size_t)(size - at) : CHUNK;
		if (!is_zero(bytes + at, n) && pwrite(file, bytes + at, n, (off_t)at) != (ssize_t)n)
			return false;
	}
	return true;
}

bool vsp_plat_image_create(vsp_plat_image *image, const void *bytes, uint64_t size)
{
	*image = (vsp_plat_image){.size = size, .file = memfd_create("vsp-image", MFD_CLOEXEC)};
	if (image->file < 0)
		return false;
	void *p = MAP_FAILED;
	if (ftruncate(image->file, (off_t)size) == 0 && write_contents(image->file, bytes, size))
		p = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, image->file, 0);
	if (p != MAP_FAILED) {
		image->bytes = p;
		return true;
	}
	close(image->file);
	*image = (vsp_plat_image){0};
	return false;
}

bool vsp_plat_image_map(const vsp_plat_image *image, void *address)
{
	int flags = MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE;
	return mmap(address, (size_t)image->size, PROT_READ | PROT_WRITE, flags, image->file, 0) != MAP_FAILED;
}

void vsp_plat_image_destroy(vsp_plat_image *image)
{
	if (!image->bytes)
		return;
	munmap((void *)(uintptr_t)image->bytes, (size_t)image->size);
	close(image->file);
	*image = (vsp_plat_image){0};
}
