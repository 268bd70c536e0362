/*
 * What the hand-written vector loops share: vectors of 64 bytes in the extensions of clang, which
 * makes of each as many as the processor needs, and a look-up, which no extension has.
 */
#ifndef VSP_BENCH_VECTORS_H
#define VSP_BENCH_VECTORS_H

#include <stdint.h>
#include <string.h>

enum { BYTES = 64 };
typedef uint8_t bytes __attribute__((vector_size(BYTES)));
typedef int8_t sbytes __attribute__((vector_size(BYTES)));

static inline bytes load(const uint8_t *p)
{
	bytes v;
	memcpy(&v, p, sizeof v);
	return v;
}

static inline void store(uint8_t *p, bytes v) { memcpy(p, &v, sizeof v); }

/* Every byte a different one, more or less, from 0 on. */
static inline void fill(uint8_t *p, size_t n, unsigned factor)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)((i * factor) >> 8 ^ i);
}

static inline int64_t hash_of(const uint8_t *p, size_t n)
{
	uint64_t hash = 0;
	for (size_t i = 0; i < n; i++)
		hash = hash * 31 + p[i];
	return (int64_t)hash;
}

#if defined __x86_64__
#include <immintrin.h>
typedef uint8_t table_bytes __attribute__((vector_size(32)));
enum { TABLE = 32 };
/* In each 16 bytes t[i & 15], or 0 where the top bit of i is set. */
static inline table_bytes look_up(table_bytes t, table_bytes i)
{
	return (table_bytes)_mm256_shuffle_epi8((__m256i)t, (__m256i)i);
}
#else
#include <arm_neon.h>
typedef uint8_t table_bytes __attribute__((vector_size(16)));
enum { TABLE = 16 };
static inline table_bytes look_up(table_bytes t, table_bytes i)
{
	return (table_bytes)vqtbl1q_u8((uint8x16_t)t, (uint8x16_t)(i & 0x8F));
}
#endif

#endif
