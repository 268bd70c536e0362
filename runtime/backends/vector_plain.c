/*
 * The loops of vector.h without vectors, one byte at a time by the definitions.
 */
#include <string.h>

#include "runtime/arith/bytesil.h"
#include "runtime/state.h"
#include "vector.h"

#define MAP(name, value) \
	static void map_##name(uint8_t *dst, const uint8_t *src, size_t n) \
	{ \
		for (size_t i = 0; i < n; i++) \
			dst[i] = (uint8_t)(value); \
	}
MAP(mul, vsp_bytesil_mul(dst[i], src[i]))
MAP(div, vsp_bytesil_div(dst[i], src[i]))
MAP(add, vsp_bytesil_add(dst[i], src[i]))
MAP(sub, vsp_bytesil_sub(dst[i], src[i]))
MAP(xorl, vsp_bytesil_xorl(dst[i], src[i]))
MAP(andl, dst[i] & src[i])
MAP(orl, dst[i] | src[i])
MAP(copy, src[i])
MAP(conj, vsp_bytesil_conj(src[i]))
MAP(inv, vsp_bytesil_inv(src[i]))
#undef MAP

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
        .map = {map_mul, map_div, map_add, map_sub, map_xorl, map_andl, map_orl, map_copy, map_conj, map_inv},
        .fold_mul = fold_mul,
        .fold_xor = fold_xor,
        .grad = grad,
        .descent = descent};
