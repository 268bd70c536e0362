/*
 * The loops of batch instructions over bytes and states, for processors with vectors. There is one
 * table of such loops for each kind of vector; a program takes the best one that its processor has.
 * All give the same bits as the plain functions of runtime/arith/bytesil.h.
 */
#ifndef VSP_RUNTIME_BACKENDS_VECTOR_H
#define VSP_RUNTIME_BACKENDS_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The number of VMAP's selectors. */
enum {
#define VMAP(name, selector, ...) VSP_MAP_##name = (selector),
#include "runtime/arith/vmap.def"
	VSP_MAPS
};

/* The point of each byte: real part, imaginary part. */
typedef struct vsp_points {
	_Alignas(16) double at[256][2];
} vsp_points;

/*
 * The distances between two layers. They are those of the layers turned by the same angle, so all
 * are among those whose first theta is below 4: at [rho << 10 | theta << 8 | the other layer], rho
 * and theta being the first layer's fields.
 */
enum { VSP_DISTANCES = 16384 };
void vsp_vector_distances(float distances[VSP_DISTANCES]);

typedef struct vsp_vector_loops {
	const char *name;            /* as in --list-backends */
	const char *const *features; /* LLVM's names of those it needs, up to null */
	/* dst[i] = dst[i] op src[i], by selector. The two are equal or do not overlap. */
	void (*map[VSP_MAPS])(uint8_t *dst, const uint8_t *src, size_t n);
	/* acc op p[0] op p[1] ... from left to right, for MUL.B and the plain exclusive or. */
	uint8_t (*fold_mul)(uint8_t acc, const uint8_t *p, size_t n);
	uint8_t (*fold_xor)(uint8_t acc, const uint8_t *p, size_t n);
	/* GRAD of states: 16 bytes at src to 16 floats at dst, each. The two do not overlap. */
	void (*grad)(uint8_t *dst, const uint8_t *src, size_t states, const vsp_points *points);
	/* The same from a table of distances; null: there is no faster way. */
	void (*grad_looked_up)(uint8_t *dst, const uint8_t *src, size_t states, const float *distances);
	/* DESCENT of layers at dst by floats at src. The two do not overlap. */
	void (*descent)(uint8_t *dst, const uint8_t *src, size_t states, float rate);
} vsp_vector_loops;

/* All that this build has, the best first, up to null. The last one needs no features. */
extern const vsp_vector_loops *const vsp_vector_all[];
/* The best that this processor has. */
const vsp_vector_loops *vsp_vector_best(void);
/* Does this processor have what they need? */
bool vsp_vector_works(const vsp_vector_loops *loops);

extern const vsp_vector_loops vsp_vector_plain, vsp_vector_sse2, vsp_vector_avx2, vsp_vector_avx512, vsp_vector_neon;

#endif
