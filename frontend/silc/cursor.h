/*
 * Reading little-endian data of unknown quality: a cursor whose first error sticks. After an error
 * every read gives 0 and the caller checks once at the end.
 */
#ifndef VSP_FRONTEND_SILC_CURSOR_H
#define VSP_FRONTEND_SILC_CURSOR_H

#include "ir/module.h"
#include "runtime/base/error.h"

typedef struct silc_cursor {
	const uint8_t *bytes;
	uint64_t at, end; /* offsets in bytes */
	uint64_t place;   /* offset of bytes[0] in the file, for errors */
	const char *what; /* the part being read, for errors: "section FUNC" */
	vsp_error *error;
	vsp_status status; /* VSP_OK until the first error */
} silc_cursor;

/* Room for the names of one table. Each gives up the two bytes of its length for the 0 after it,
   so a table's size is enough. */
typedef struct vsp_name_pool {
	char *next;
} vsp_name_pool;

/* Fail with the offset of bytes[at], or for want of memory. */
void silc_cursor_fail(silc_cursor *c, uint64_t at, const char *format, ...) VSP_PRINTF(3, 4);
void silc_cursor_no_memory(silc_cursor *c);

/* An unsigned number of 1..8 bytes. */
uint64_t silc_cursor_uint(silc_cursor *c, unsigned bytes);
static inline uint8_t silc_cursor_u8(silc_cursor *c) { return (uint8_t)silc_cursor_uint(c, 1); }
static inline uint16_t silc_cursor_u16(silc_cursor *c) { return (uint16_t)silc_cursor_uint(c, 2); }
static inline uint32_t silc_cursor_u32(silc_cursor *c) { return (uint32_t)silc_cursor_uint(c, 4); }
/* LEB128 of at most 10 bytes; values beyond 64 bits fail. */
uint64_t silc_cursor_uleb(silc_cursor *c);
int64_t silc_cursor_sleb(silc_cursor *c);
/* Skips size bytes and returns their address, or null. */
const uint8_t *silc_cursor_bytes(silc_cursor *c, uint64_t size);
/* A u32 count of entries of at least entry_size bytes each; 0 when so many cannot follow. */
uint32_t silc_cursor_count(silc_cursor *c, unsigned entry_size);
/* A pool for the names in the bytes that are left to read. */
bool silc_cursor_pool(silc_cursor *c, vsp_arena *arena, vsp_name_pool *pool);
/* u16 length and that many bytes, none of them 0; "" after an error. */
const char *silc_cursor_name(silc_cursor *c, vsp_name_pool *pool);
/* Fails unless everything has been read. Returns the status. */
vsp_status silc_cursor_finish(silc_cursor *c);

#endif
