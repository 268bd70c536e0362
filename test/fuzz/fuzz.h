/*
 * Declarations that the fuzz targets share. A target is one function that takes any bytes, must not
 * crash, hang or leak, and checks its results; libFuzzer calls it with bytes that reach new code
 * (VSP_FUZZ), replay.c with those of files. The same bytes do the same things: random numbers,
 * where a target needs any, come from the bytes.
 */
#ifndef VSP_TEST_FUZZ_H
#define VSP_TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s is false\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes that are decisions, taken one after the other; after the last one all are 0. */
typedef struct fuzz_input {
	const uint8_t *at, *end;
} fuzz_input;

static inline uint8_t fuzz_byte(fuzz_input *in) { return in->at < in->end ? *in->at++ : 0; }

static inline uint64_t fuzz_number(fuzz_input *in, unsigned bytes)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)fuzz_byte(in) << (8 * i);
	return value;
}

/* 0..n-1. */
static inline uint32_t fuzz_below(fuzz_input *in, uint32_t n) { return (uint32_t)fuzz_number(in, n > 256 ? 4 : 1) % n; }

/* As many as there are, at most size. */
static inline size_t fuzz_bytes(fuzz_input *in, const uint8_t **bytes, size_t size)
{
	size_t left = (size_t)(in->end - in->at), n = size < left ? size : left;
	*bytes = in->at;
	in->at += n;
	return n;
}

#endif
