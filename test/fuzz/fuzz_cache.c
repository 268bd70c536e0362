/*
 * Fuzz target: entries of the code cache. Head and checksum are made right, the bytes between are
 * arbitrary: an entry is refused, or its image is loaded, which must stay within its memory.
 * Nothing of it is executed. Images built of parts must survive storing and loading.
 */
#include "fuzz.h"
#include "runtime/base/alloc.h"
#include "tiers/cache/entry.h"
#include "runtime/base/sha256.h"
#include "tiers/slab.h"

/* Of the head, see tiers/cache/entry.c. */
enum {
	AT_MAGIC = 0,
	AT_VERSION = 8,
	AT_SIZE = 12,
	AT_KEY = 16,
	AT_UNIT = 48,
	AT_IMAGE_SIZE = 72,
	AT_SLOTS = 76,
	AT_PLACES = 80,
	AT_NAMES = 84,
	AT_FILES = 88,
	AT_SITES = 100,
	AT_OUTER = 104,
	AT_RESERVED = 108,
	AT_SUM = 112,
	HEAD = 144,
	VERSION = 3
};

static const uint8_t key[VSP_CACHE_KEY];
static const vsp_cache_unit unit = {1, 0, 2};

/* A field of the head that counts parts of so many bytes, no more than fit into left, which
   becomes less. */
static void fit(uint8_t *bytes, unsigned field, size_t part, size_t *left)
{
	size_t count = (size_t)vsp_read_le(bytes + field, 4) % (*left / part / 2 + 1);
	vsp_write_le(bytes + field, count, 4);
	*left -= (count * part + 7) / 8 * 8 < *left ? (count * part + 7) / 8 * 8 : *left;
}

/* All parts fit, and the last one takes the rest. */
static void repair_parts(uint8_t *bytes, size_t size)
{
	size_t left = size - HEAD;
	fit(bytes, AT_SLOTS, sizeof(vsp_image_slot), &left);
	fit(bytes, AT_PLACES, sizeof(vsp_place), &left);
	fit(bytes, AT_SITES, sizeof(vsp_code_site), &left);
	fit(bytes, AT_OUTER, sizeof(uint32_t), &left);
	fit(bytes, AT_IMAGE_SIZE, 1, &left);
	size_t names = (size_t)vsp_read_le(bytes + AT_NAMES, 4) % (left + 1);
	vsp_write_le(bytes + AT_NAMES, names, 4);
	vsp_write_le(bytes + AT_FILES, left - names, 4);
	vsp_write_le(bytes + AT_RESERVED, 0, 4);
	if (size > HEAD)
		bytes[size - 1] = 0;
}

static void repair(uint8_t *bytes, size_t size)
{
	vsp_sha256 hash;
	repair_parts(bytes, size);
	memcpy(bytes + AT_MAGIC, "VSPcode", 8);
	vsp_write_le(bytes + AT_VERSION, VERSION, 4);
	vsp_write_le(bytes + AT_SIZE, size, 4);
	memcpy(bytes + AT_KEY, key, sizeof key);
	memcpy(bytes + AT_UNIT, &unit, sizeof unit);
	memset(bytes + AT_SUM, 0, HEAD - AT_SUM);
	vsp_sha256_begin(&hash);
	vsp_sha256_update(&hash, bytes, size);
	vsp_sha256_bytes(&hash, bytes + AT_SUM);
}

/* One slab for all inputs: each is at another address, for which a sanitizer takes memory of its
   own. */
static void load(const vsp_image *image)
{
	static vsp_slab slab;
	vsp_jit_unit loaded;
	CHECK(slab.base || vsp_slab_create(&slab, 1 << 20));
	if (vsp_image_load(image, &slab, &loaded))
		return;
	CHECK(loaded.entry && loaded.code_size <= image->size);
	vsp_image_unload(&loaded);
}

/* bytes are aligned as from vsp_alloc. */
static void read(const uint8_t *bytes, size_t size)
{
	vsp_image image;
	const char *files = NULL, *why = vsp_entry_decode(bytes, size, key, &unit, &image, &files);
	if (why)
		return;
	CHECK(files >= (const char *)bytes && files + strlen(files) < (const char *)bytes + size);
	load(&image);
}

/* An image with parts whose sizes and contents the bytes decide. */
static void write_and_read(fuzz_input *in)
{
	enum { PARTS = 8, CODE = 64 };
	static uint8_t code[CODE + 8];
	const char *names = vsp_call_addresses[0].name;
	vsp_image_slot slots[PARTS];
	vsp_place places[PARTS];
	vsp_code_site sites[PARTS];
	uint32_t outer[PARTS];
	for (unsigned i = 0; i < PARTS; i++) {
		slots[i] =
		        (vsp_image_slot){fuzz_byte(in), fuzz_byte(in), i % 2 ? VSP_IMAGE_ITSELF : fuzz_byte(in) % 12u};
		places[i] = (vsp_place){fuzz_byte(in), fuzz_byte(in)};
		sites[i] = (vsp_code_site){fuzz_byte(in), i % 2 ? VSP_NO_SITE : fuzz_byte(in)};
		outer[i] = i % 2 ? VSP_NO_SITE : fuzz_byte(in);
	}
	vsp_image image = {.bytes = code,
	        .size = fuzz_byte(in) % (CODE + 8u),
	        .code_size = fuzz_byte(in) % (CODE + 8u),
	        .entry = fuzz_byte(in),
	        .native = fuzz_byte(in) % 2 ? VSP_IMAGE_NONE : fuzz_byte(in),
	        .slots = slots,
	        .slot_count = fuzz_below(in, PARTS),
	        .names = names,
	        .names_size = (uint32_t)strlen(names) + 1 - fuzz_byte(in) % 2u,
	        .places = places,
	        .place_count = fuzz_below(in, PARTS),
	        .sites = sites,
	        .site_count = fuzz_below(in, PARTS),
	        .outer = outer,
	        .outer_count = fuzz_below(in, PARTS),
	        .unwind = fuzz_byte(in),
	        .unwind_size = fuzz_byte(in)};
	size_t size;
	vsp_image back;
	const char *files;
	uint8_t *bytes = vsp_entry_encode(key, &unit, &image, "1 2 file\n", &size);
	CHECK(bytes && !vsp_entry_decode(bytes, size, key, &unit, &back, &files));
	CHECK(back.size == image.size && back.place_count == image.place_count && !strcmp(files, "1 2 file\n"));
	CHECK(!memcmp(back.bytes, image.bytes, image.size));
	load(&back);
	vsp_free_memory(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = vsp_alloc(size + 1, 1);
	CHECK(bytes);
	if (size)
		memcpy(bytes, data, size);
	read(bytes, size);
	if (size >= HEAD) {
		repair(bytes, size);
		read(bytes, size);
	}
	vsp_free_memory(bytes);
	write_and_read(&(fuzz_input){data, data + size});
	return 0;
}
