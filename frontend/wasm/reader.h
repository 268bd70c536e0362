/*
 * A reader of WebAssembly's binary format: numbers, names and vectors, with bounds checks. The
 * first error sticks; after it every read gives 0 and the reader is at its end, so that loops over
 * bytes end and callers check once.
 */
#ifndef VSP_FRONTEND_WASM_READER_H
#define VSP_FRONTEND_WASM_READER_H

#include "wasm.h"

typedef struct wasm_reader {
	const uint8_t *at, *end;
	const uint8_t *start; /* of the file, for offsets */
	vsp_error *error;
	char where[160]; /* put before messages: "function 12 (name): ", or "" */
	vsp_status status;
} wasm_reader;

static inline uint64_t wasm_offset(const wasm_reader *r) { return (uint64_t)(r->at - r->start); }

/* Fail at an offset in the file, or for want of memory. Both return false. */
bool wasm_fail(wasm_reader *r, uint64_t offset, const char *format, ...) VSP_PRINTF(3, 4);
bool wasm_no_memory(wasm_reader *r);
/* Fails because code (see wasm_refused) is unknown, or of a feature that is not supported. */
bool wasm_fail_code(wasm_reader *r, uint64_t offset, uint32_t code, const char *what);

uint8_t wasm_u8(wasm_reader *r);
uint32_t wasm_u32(wasm_reader *r);
/* Signed LEB128 of so many bits: 32, 33 or 64. */
int64_t wasm_signed(wasm_reader *r, unsigned bits);
/* Little-endian, of so many bytes. */
uint64_t wasm_fixed(wasm_reader *r, unsigned bytes);
/* size bytes, or null. */
const uint8_t *wasm_bytes(wasm_reader *r, uint32_t size);
/* The length of a vector whose elements have at least element bytes each: it cannot be longer than
   the bytes that are left allow. */
uint32_t wasm_count(wasm_reader *r, unsigned element);
/* An index below count; what names it in messages. */
uint32_t wasm_read_index(wasm_reader *r, uint32_t count, const char *what);
wasm_name wasm_read_name(wasm_reader *r);
uint8_t wasm_read_value_type(wasm_reader *r);
uint8_t wasm_read_reference_type(wasm_reader *r);
/* Zeroed memory for a table; null, with the reader failed, when there is none. */
void *wasm_array(wasm_reader *r, vsp_arena *arena, size_t count, size_t size);

#endif
