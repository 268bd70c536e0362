/*
 * The unwinding information of one function for perf, which puts code and information into an
 * object file of its own: the entry of the linked .eh_frame (Linux Standard Base, "Exception
 * Frames") for that function with its common part, relocated to where perf will have it. Only the
 * encoding that LLVM uses is understood: 4-byte addresses relative to their own place.
 */
#include "tiers/bytes.h"
#include "perf.h"

enum { PCREL_SDATA4 = 0x1B, DATAREL_SDATA4 = 0x3B, UDATA4 = 0x03 };
enum { RECORD_MIN = 8, HEADER_BYTES = 20 };

/* A record of .eh_frame, with its length. */
typedef struct record {
	const uint8_t *at;
	uint32_t size;
} record;

static uint32_t read4(const uint8_t *at) { return (uint32_t)vsp_read_le(at, 4); }

/* The record at an address within the information; size 0 when there is none. */
static record record_at(const vsp_code_map *map, const uint8_t *at)
{
	const uint8_t *end = map->unwind + map->unwind_size;
	if (at < map->unwind || end - at < RECORD_MIN || !read4(at) || read4(at) > (size_t)(end - at) - 4)
		return (record){at, 0};
	return (record){at, read4(at) + 4};
}

/*
 * Does a common record have the augmentation "zR", which says how addresses are encoded, and are
 * they encoded as expected?
 */
static bool is_understood(record cie)
{
	static const uint8_t start[] = {0, 0, 0, 0, 1, 'z', 'R', 0, 1};
	/*
	 * Behind it come data alignment (SLEB128), return register, augmentation size 1 and
	 * encoding, which are one byte each on machines of this kind.
	 */
	return cie.size > 17 && memcmp(cie.at + 4, start, sizeof start) == 0 && cie.at[15] == 1 &&
	       cie.at[16] == PCREL_SDATA4;
}

/* The entry whose code begins at address, and its common record. */
static bool find_entry(const vsp_code_map *map, uintptr_t address, record *fde, record *cie)
{
	for (record r = record_at(map, map->unwind); r.size; r = record_at(map, r.at + r.size)) {
		if (!read4(r.at + 4) || r.size < 16)
			continue;
		*fde = r;
		*cie = record_at(map, r.at + 4 - read4(r.at + 4));
		if (is_understood(*cie) &&
		        (uintptr_t)r.at + 8 + (uintptr_t)(intptr_t)(int32_t)read4(r.at + 8) == address)
			return true;
	}
	return false;
}

/*
 * Writes .eh_frame_hdr: the start of .eh_frame, which is size bytes before it, and a table with the
 * one entry, which is at fde in .eh_frame.
 */
static void put_header(vsp_text *out, size_t size, size_t fde, size_t code)
{
	put_number(out, 1, 1);
	put_number(out, PCREL_SDATA4, 1);
	put_number(out, UDATA4, 1);
	put_number(out, DATAREL_SDATA4, 1);
	put_number(out, -(uint64_t)(size + 4), 4);
	put_number(out, 1, 4);
	put_number(out, -(uint64_t)(size + code), 4);
	put_number(out, fde - size, 4);
}

size_t vsp_unwind_describe(vsp_text *out, const vsp_jit_unit *unit, const vsp_code_symbol *symbol)
{
	record fde, cie;
	if (!unit->map->unwind || !find_entry(unit->map, (uintptr_t)unit->code + symbol->offset, &fde, &cie))
		return 0;
	size_t start = out->length, code = ((size_t)symbol->size + 7) / 8 * 8;
	vsp_text_add(out, (const char *)cie.at, cie.size);
	vsp_text_add(out, (const char *)fde.at, 4);
	put_number(out, cie.size + 4, 4);
	put_number(out, -(uint64_t)(code + cie.size + 8), 4);
	vsp_text_add(out, (const char *)fde.at + 12, fde.size - 12);
	put_number(out, 0, 4);
	put_header(out, out->length - start, cie.size, code);
	return HEADER_BYTES;
}
