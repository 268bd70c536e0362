/*
 * The entries of the code cache, see entry.h.
 */
#include "entry.h"

#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/sha256.h"

enum { ENTRY_VERSION = 3 };
static const char magic[8] = "VSPcode";

typedef struct entry_header {
	char magic[8];
	uint32_t version;
	uint32_t size; /* of the file */
	uint8_t key[VSP_CACHE_KEY];
	vsp_cache_unit unit;
	uint32_t entry, native, code_size, image_size, slot_count, place_count, names_size, files_size;
	uint32_t unwind, unwind_size, site_count, outer_count, reserved;
	uint8_t checksum[32]; /* SHA-256 of the file with zeros here */
} entry_header;
static_assert(sizeof(entry_header) == 144 && sizeof(vsp_code_site) == 8 && sizeof(vsp_image_slot) == 16 &&
                      sizeof(vsp_place) == 8,
        "an entry has no gaps that checks would miss");

/* The positions of the parts after the header. */
typedef struct parts {
	uint64_t slots, places, sites, outer, image, names, files, end;
} parts;

static parts find_parts(const entry_header *h)
{
	parts p = {.slots = sizeof *h};
	p.places = p.slots + (uint64_t)h->slot_count * sizeof(vsp_image_slot);
	p.sites = p.places + (uint64_t)h->place_count * sizeof(vsp_place);
	p.outer = p.sites + (uint64_t)h->site_count * sizeof(vsp_code_site);
	p.image = p.outer + ((uint64_t)h->outer_count * sizeof(uint32_t) + 7) / 8 * 8;
	p.names = p.image + ((uint64_t)h->image_size + 7) / 8 * 8;
	p.files = p.names + h->names_size;
	p.end = p.files + h->files_size;
	return p;
}

static void checksum(const uint8_t *data, size_t size, uint8_t out[32])
{
	static const uint8_t zeros[32];
	size_t at = offsetof(entry_header, checksum), behind = at + sizeof zeros;
	vsp_sha256 hash;
	vsp_sha256_begin(&hash);
	vsp_sha256_update(&hash, data, at);
	vsp_sha256_update(&hash, zeros, sizeof zeros);
	vsp_sha256_update(&hash, data + behind, size - behind);
	vsp_sha256_bytes(&hash, out);
}

static void put(uint8_t *data, uint64_t at, const void *from, size_t size)
{
	if (size)
		memcpy(data + at, from, size);
}

uint8_t *vsp_entry_encode(const uint8_t key[VSP_CACHE_KEY], const vsp_cache_unit *unit, const vsp_image *image,
        const char *files, size_t *size)
{
	entry_header h = {.version = ENTRY_VERSION,
	        .unit = *unit,
	        .entry = image->entry,
	        .native = image->native,
	        .code_size = image->code_size,
	        .image_size = image->size,
	        .slot_count = image->slot_count,
	        .place_count = image->place_count,
	        .names_size = image->names_size,
	        .unwind = image->unwind,
	        .unwind_size = image->unwind_size,
	        .site_count = image->site_count,
	        .outer_count = image->outer_count,
	        .files_size = (uint32_t)strlen(files) + 1};
	parts p = find_parts(&h);
	uint8_t *data = p.end <= VSP_ENTRY_MAX ? vsp_alloc((size_t)p.end, 1) : NULL;
	if (!data)
		return NULL;
	memcpy(h.magic, magic, sizeof magic);
	memcpy(h.key, key, sizeof h.key);
	h.size = (uint32_t)p.end;
	put(data, 0, &h, sizeof h);
	put(data, p.slots, image->slots, image->slot_count * sizeof *image->slots);
	put(data, p.places, image->places, image->place_count * sizeof *image->places);
	put(data, p.sites, image->sites, image->site_count * sizeof *image->sites);
	put(data, p.outer, image->outer, image->outer_count * sizeof *image->outer);
	put(data, p.image, image->bytes, image->size);
	put(data, p.names, image->names, image->names_size);
	put(data, p.files, files, h.files_size);
	checksum(data, h.size, data + offsetof(entry_header, checksum));
	*size = h.size;
	return data;
}

/* Null, or what is wrong with the file as a whole. */
static const char *check(
        const uint8_t *data, size_t size, const entry_header *h, const uint8_t *key, const vsp_cache_unit *unit)
{
	uint8_t sum[32];
	if (memcmp(h->magic, magic, sizeof magic) != 0)
		return "an entry of the cache is no entry";
	if (h->version != ENTRY_VERSION || h->reserved)
		return "an entry of the cache has another version";
	if (h->size != size || find_parts(h).end != size || !h->files_size)
		return "an entry of the cache has the wrong size";
	checksum(data, size, sum);
	if (memcmp(h->checksum, sum, sizeof sum) != 0)
		return "an entry of the cache is damaged";
	if (memcmp(h->key, key, sizeof h->key) != 0 || memcmp(&h->unit, unit, sizeof h->unit) != 0)
		return "an entry of the cache is for something else";
	return data[size - 1] ? "an entry of the cache is damaged" : NULL;
}

const char *vsp_entry_decode(const uint8_t *data, size_t size, const uint8_t key[VSP_CACHE_KEY],
        const vsp_cache_unit *unit, vsp_image *image, const char **files)
{
	entry_header h;
	if (size < sizeof h)
		return "an entry of the cache is cut off";
	memcpy(&h, data, sizeof h);
	const char *why = check(data, size, &h, key, unit);
	if (why)
		return why;
	parts p = find_parts(&h);
	*image = (vsp_image){.bytes = data + p.image,
	        .size = h.image_size,
	        .code_size = h.code_size,
	        .entry = h.entry,
	        .native = h.native,
	        .slots = (const vsp_image_slot *)(const void *)(data + p.slots),
	        .names = (const char *)data + p.names,
	        .places = (const vsp_place *)(const void *)(data + p.places),
	        .slot_count = h.slot_count,
	        .names_size = h.names_size,
	        .place_count = h.place_count,
	        .unwind = h.unwind,
	        .unwind_size = h.unwind_size,
	        .sites = (const vsp_code_site *)(const void *)(data + p.sites),
	        .outer = (const uint32_t *)(const void *)(data + p.outer),
	        .site_count = h.site_count,
	        .outer_count = h.outer_count};
	*files = (const char *)data + p.files;
	return NULL;
}
