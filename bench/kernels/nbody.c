/* nbody: the five-body problem of the Benchmarks Game, n steps of 0.01; the result is the energy
   in units of 1e-12. */
#include <math.h>
#include <string.h>

#include "kernel.h"

typedef struct body {
	double p[3], v[3], mass;
} body;

static const body start[5] = {
        {{0, 0, 0}, {0, 0, 0}, 39.47841760435743},
        {{4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01},
                {0.606326392995832, 2.81198684491626, -0.02521836165988763}, 0.03769367487038949},
        {{8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01},
                {-1.0107743461787924, 1.8256623712304119, 0.008415761376584154}, 0.011286326131968767},
        {{1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01},
                {1.0827910064415354, 0.8687130181696082, -0.010832637401363636}, 0.0017237240570597112},
        {{1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01},
                {0.979090732243898, 0.5946989986476762, -0.034755955504078104}, 0.0020336868699246304},
};
static body bodies[5];

static void step(void)
{
	for (int i = 0; i < 4; i++)
		for (int j = i + 1; j < 5; j++) {
			body *a = &bodies[i], *b = &bodies[j];
			double x = a->p[0] - b->p[0], y = a->p[1] - b->p[1], z = a->p[2] - b->p[2];
			double d2 = x * x + y * y + z * z, mag = 0.01 / (d2 * sqrt(d2));
			double mb = b->mass * mag, ma = a->mass * mag;
			a->v[0] -= x * mb;
			a->v[1] -= y * mb;
			a->v[2] -= z * mb;
			b->v[0] += x * ma;
			b->v[1] += y * ma;
			b->v[2] += z * ma;
		}
	for (int i = 0; i < 5; i++)
		for (int k = 0; k < 3; k++)
			bodies[i].p[k] += bodies[i].v[k] * 0.01;
}

static double energy(void)
{
	double e = 0;
	for (int i = 0; i < 5; i++) {
		const body *a = &bodies[i];
		e += 0.5 * a->mass * (a->v[0] * a->v[0] + a->v[1] * a->v[1] + a->v[2] * a->v[2]);
		for (int j = i + 1; j < 5; j++) {
			const body *b = &bodies[j];
			double x = a->p[0] - b->p[0], y = a->p[1] - b->p[1], z = a->p[2] - b->p[2];
			e -= a->mass * b->mass / sqrt(x * x + y * y + z * z);
		}
	}
	return e;
}

int64_t kernel(int64_t n)
{
	memcpy(bodies, start, sizeof bodies);
	double m[3] = {0, 0, 0};
	for (int i = 0; i < 5; i++)
		for (int k = 0; k < 3; k++)
			m[k] += bodies[i].v[k] * bodies[i].mass;
	for (int k = 0; k < 3; k++)
		bodies[0].v[k] = -m[k] / bodies[0].mass;
	while (n-- > 0)
		step();
	return (int64_t)(energy() * 1000000000000.0);
}
