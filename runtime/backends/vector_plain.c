/*
 * The loops of vector.h without vectors, one byte at a time by the definitions.
 */
#include <string.h>

#include "runtime/arith/bytesil.h"
#include "runtime/state.h"
#include "vector.h"

#define VMAP(name, selector, value) \
	static void map_##name(uint8_t *dst, const uint8_t *src, size_t n) \
	{ \
		for (size_t i = 0; i < n; i++) { \
			uint8_t x = dst[i], y = src[i]; \
			(void)x, (void)y; \
			dst[i] = (uint8_t)(value); \
		} \
	}
#include "runtime/arith/vmap.def"

static uint8_t fold_mul(uint8_t acc, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		acc = vsp_bytesil_mul(acc, p[i]);
	return acc;
}

static uint8_t fold_xor(uint8_t acc, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		acc ^= p[i];
	return acc;
}

static float load_f32(const uint8_t *p)
{
	uint32_t bits = (uint32_t)vsp_read_le(p, 4);
	float f;
	memcpy(&f, &bits, sizeof f);
	return f;
}

static void store_f32(uint8_t *p, float f)
{
	uint32_t bits;
	memcpy(&bits, &f, sizeof bits);
	vsp_write_le(p, bits, 4);
}

static void grad(uint8_t *dst, const uint8_t *src, size_t states, const vsp_points *points)
{
	(void)points;
	for (size_t i = 0; i < states; i++) {
		float g[16];
		vsp_bytesil_grad(src + 16 * i, g);
		for (unsigned k = 0; k < 16; k++)
			store_f32(dst + 64 * i + 4 * k, g[k]);
	}
}

static void descent(uint8_t *dst, const uint8_t *src, size_t states, float rate)
{
	for (size_t i = 0; i < states * 16; i++)
		dst[i] = vsp_bytesil_descent(dst[i], rate, load_f32(src + 4 * i));
}

static const char *const features[] = {NULL};

const vsp_vector_loops vsp_vector_plain = {.name = "plain",
        .features = features,
        .map =
                {
#define VMAP(name, selector, value) [selector] = map_##name,
#include "runtime/arith/vmap.def"
                },
        .fold_mul = fold_mul,
        .fold_xor = fold_xor,
        .grad = grad,
        .descent = descent};
