/*
 * The loads and stores of the interpreter: little-endian and unaligned. Where the host allows it,
 * each is a single machine access, so that a store that faults has written nothing.
 */
#ifndef VSP_TIERS_ACCESS_H
#define VSP_TIERS_ACCESS_H

#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define VSP_LE16(v) __builtin_bswap16(v)
#define VSP_LE32(v) __builtin_bswap32(v)
#define VSP_LE64(v) __builtin_bswap64(v)
#else
#define VSP_LE16(v) (v)
#define VSP_LE32(v) (v)
#define VSP_LE64(v) (v)
#endif

/*
 * Can an unaligned store that faults in its last byte have changed the bytes before it? Only x86
 * guarantees that it cannot.
 */
#if defined(__x86_64__) || defined(__i386__) || defined(_M_X64) || defined(_M_IX86)
enum { VSP_STORES_ARE_WHOLE = 1 };
#else
enum { VSP_STORES_ARE_WHOLE = 0 };
#endif

enum {
	VSP_BYTES_u8 = 1,
	VSP_BYTES_s8 = 1,
	VSP_BYTES_u16 = 2,
	VSP_BYTES_s16 = 2,
	VSP_BYTES_u32 = 4,
	VSP_BYTES_s32 = 4,
	VSP_BYTES_u64 = 8
};

static inline uint64_t vsp_load_u8(const uint8_t *p) { return *p; }
static inline uint64_t vsp_load_s8(const uint8_t *p) { return (uint64_t)(int8_t)*p; }

static inline uint64_t vsp_load_u16(const uint8_t *p)
{
	uint16_t v;
	memcpy(&v, p, sizeof v);
	return VSP_LE16(v);
}

static inline uint64_t vsp_load_s16(const uint8_t *p) { return (uint64_t)(int16_t)vsp_load_u16(p); }

static inline uint64_t vsp_load_u32(const uint8_t *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof v);
	return VSP_LE32(v);
}

static inline uint64_t vsp_load_s32(const uint8_t *p) { return (uint64_t)(int32_t)vsp_load_u32(p); }

static inline uint64_t vsp_load_u64(const uint8_t *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return VSP_LE64(v);
}

static inline void vsp_store_u8(uint8_t *p, uint64_t value) { *p = (uint8_t)value; }

static inline void vsp_store_u16(uint8_t *p, uint64_t value)
{
	uint16_t v = VSP_LE16((uint16_t)value);
	memcpy(p, &v, sizeof v);
}

static inline void vsp_store_u32(uint8_t *p, uint64_t value)
{
	uint32_t v = VSP_LE32((uint32_t)value);
	memcpy(p, &v, sizeof v);
}

static inline void vsp_store_u64(uint8_t *p, uint64_t value)
{
	uint64_t v = VSP_LE64(value);
	memcpy(p, &v, sizeof v);
}

#endif
