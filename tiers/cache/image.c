/*
 * The loader of code images, see image.h. The pages are writable only until the slots are filled.
 */
#include "image.h"

#include <string.h>

#include "runtime/base/alloc.h"

/* The data that a loaded unit owns. */
typedef struct loaded {
	vsp_slab *slab;
	vsp_extent extent;
	vsp_code_map map;   /* its arrays follow the places */
	vsp_place places[]; /* a copy, because the image is freed */
} loaded;

static bool is_site(const vsp_image *image, uint32_t site) { return site == VSP_NO_SITE || site < image->site_count; }

/*
 * Do the 8 bytes at offset lie in the code, which is the first code_size of size bytes, or in the
 * data?
 */
static bool has_word(uint32_t offset, uint32_t code_size, uint32_t size)
{
	uint32_t end = offset < code_size ? code_size : size;
	return end >= sizeof(uint64_t) && offset <= end - sizeof(uint64_t);
}

/* Null, or why the compiler cannot have made the image. */
static const char *check(const vsp_image *image)
{
	bool good = image->code_size <= image->size && image->entry < image->code_size;
	good = good && (image->native == VSP_IMAGE_NONE || image->native < image->code_size);
	good = good && image->unwind <= image->size && image->unwind_size <= image->size - image->unwind &&
	       (!image->unwind_size || image->unwind >= image->code_size);
	good = good && (!image->outer_count || image->outer_count == image->place_count);
	good = good && (!image->names_size || !image->names[image->names_size - 1]);
	for (uint32_t i = 0; good && i < image->slot_count; i++) {
		const vsp_image_slot *slot = &image->slots[i];
		good = has_word(slot->offset, image->code_size, image->size) &&
		       (slot->name == VSP_IMAGE_ITSELF || slot->name < image->names_size);
	}
	for (uint32_t i = 0; good && i < image->outer_count; i++)
		good = is_site(image, image->outer[i]);
	for (uint32_t i = 0; good && i < image->site_count; i++)
		good = is_site(image, image->sites[i].outer);
	return good ? NULL : "the code image contradicts itself";
}

/* The address of a symbol, or 0: there is none. */
static uintptr_t find_symbol(const char *name)
{
	for (unsigned i = 0; i < vsp_call_count; i++)
		if (strcmp(vsp_call_addresses[i].name, name) == 0)
			return (uintptr_t)vsp_call_addresses[i].address;
	return 0;
}

static const char *fill_slots(const vsp_image *image, uint8_t *at)
{
	for (uint32_t i = 0; i < image->slot_count; i++) {
		const vsp_image_slot *slot = &image->slots[i];
		uint64_t base = (uintptr_t)at;
		if (slot->name != VSP_IMAGE_ITSELF)
			base = find_symbol(image->names + slot->name);
		if (!base)
			return "the code image needs a symbol that there is not";
		base += slot->addend;
		memcpy(at + vsp_image_position(image->code_size, slot->offset), &base, sizeof base);
	}
	return NULL;
}

static const char *fill(const vsp_image *image, loaded *l, uint8_t *at)
{
	memcpy(at, image->bytes, image->code_size);
	if (image->size > image->code_size)
		memcpy(at + VSP_SLAB_APART, image->bytes + image->code_size, image->size - image->code_size);
	if (image->place_count)
		memcpy(l->places, image->places, image->place_count * sizeof *l->places);
	if (image->site_count)
		memcpy(l->map.sites, image->sites, image->site_count * sizeof *image->sites);
	if (image->outer_count)
		memcpy(l->map.outer, image->outer, image->outer_count * sizeof *image->outer);
	const char *why = fill_slots(image, at);
	if (!why && !vsp_slab_seal(l->slab, l->extent))
		why = "code memory cannot be made executable";
	return why;
}

static void describe(const vsp_image *image, loaded *l, const uint8_t *at, vsp_jit_unit *unit)
{
	*unit = (vsp_jit_unit){.entry = at + image->entry,
	        .native = image->native == VSP_IMAGE_NONE ? NULL : at + image->native,
	        .code = at,
	        .code_size = image->code_size,
	        .places = l->places,
	        .place_count = image->place_count,
	        .unwind = image->unwind_size ? at + vsp_image_position(image->code_size, image->unwind) : NULL,
	        .unwind_size = image->unwind_size,
	        .map = image->outer_count ? &l->map : NULL,
	        .cached = true,
	        .handle = l};
}

static void discard(loaded *l)
{
	vsp_slab_give(l->slab, l->extent);
	vsp_free_memory(l);
}

const char *vsp_image_load(const vsp_image *image, vsp_slab *slab, vsp_jit_unit *unit)
{
	const char *why = check(image);
	if (why)
		return why;
	loaded *l =
	        vsp_alloc(1, sizeof *l + image->place_count * sizeof(vsp_place) +
	                             image->site_count * sizeof(vsp_code_site) + image->outer_count * sizeof(uint32_t));
	if (!l)
		return "out of memory";
	l->map.sites = (vsp_code_site *)(void *)(l->places + image->place_count);
	l->map.site_count = image->site_count;
	l->map.outer = (uint32_t *)(void *)(l->map.sites + image->site_count);
	l->slab = slab;
	uint32_t data_size = image->size - image->code_size;
	l->extent = vsp_slab_take(slab, image->code_size > data_size ? image->code_size : data_size);
	uint8_t *at = vsp_slab_code(slab, l->extent);
	why = l->extent.count ? fill(image, l, at) : "out of code memory";
	if (why)
		discard(l);
	else
		describe(image, l, at, unit);
	return why;
}

void vsp_image_unload(vsp_jit_unit *unit)
{
	discard(unit->handle);
	*unit = (vsp_jit_unit){0};
}
