/*
 * The longer ByteSil operations: quantising, interpolation, gradients. All comparisons are with
 * constants of the generated tables. Each operation in double or float is rounded once, as the
 * contract says, so results are the same on every machine.
 */
#include "bytesil.h"

#include <math.h>

/* The number of the 15 ascending steps that are <= bits, found by halving, without branches. */
static unsigned count_steps(uint64_t bits)
{
	const uint64_t *steps = vsp_bytesil_rho_steps;
	unsigned n = 0;
	for (unsigned half = 8; half; half /= 2)
		n += bits >= steps[n + half - 1] ? half : 0;
	return n;
}

/* Quantises the exact magnitude whose double bits are given (not NaN). */
static uint8_t quantise_magnitude(uint64_t bits, int negative)
{
	if (bits < vsp_bytesil_null_step)
		return VSP_BYTESIL_NULL;
	return vsp_bytesil_make((int)count_steps(bits) - 8, negative ? 8 : 0);
}

uint64_t vsp_bytesil_of_f64(double f)
{
	return isnan(f) ? VSP_BYTESIL_NULL : quantise_magnitude(vsp_bits_of_f64(fabs(f)), f < 0);
}

/* Integers up to 2^53 are doubles; above that rounding cannot cross the greatest step, e^6.5. */
uint64_t vsp_bytesil_of_i64(int64_t i) { return vsp_bytesil_of_f64((double)i); }

/*
 * The sector, -4..4, of a direction with re >= 0: the number of boundaries (odd multiples of pi/16)
 * that it has reached, minus four.
 */
static int right_sector(double re, double im)
{
	int sector = -4;
	for (int i = 0; i < 4; i++)
		sector += (im >= re * vsp_bytesil_tan[i]) + (im >= -(re * vsp_bytesil_tan[i]));
	return sector;
}

/*
 * The byte of the point (re, im). A half turn maps boundaries to boundaries and keeps their order,
 * so the left half plane is treated as the right one, turned.
 */
static uint8_t quantise_point(double re, double im)
{
	double xx = re * re, yy = im * im, norm = xx + yy;
	if (norm < vsp_bytesil_norm_null)
		return VSP_BYTESIL_NULL;
	int rho = -8;
	for (int i = 0; i < 15; i++)
		rho += norm >= vsp_bytesil_norm_steps[i];
	int theta = re < 0 ? 8 + right_sector(-re, -im) : right_sector(re, im);
	return vsp_bytesil_make(rho, (unsigned)theta);
}

uint64_t vsp_bytesil_lerp(uint64_t from, uint64_t to, uint64_t t)
{
	uint8_t x = (uint8_t)from, y = (uint8_t)to;
	double u = (double)t / 255.0, v = 1.0 - u;
	double re1 = v * vsp_bytesil_re(x), re2 = u * vsp_bytesil_re(y);
	double im1 = v * vsp_bytesil_im(x), im2 = u * vsp_bytesil_im(y);
	return quantise_point(re1 + re2, im1 + im2);
}

/* 255 is odd, so no n/255 lies half-way between integers and rounding needs no rule for ties. */
uint64_t vsp_bytesil_slerp(uint64_t from, uint64_t to, uint64_t t)
{
	uint8_t x = (uint8_t)from, y = (uint8_t)to;
	int s = 255 - (int)t, n = s * vsp_bytesil_rho(x) + (int)t * vsp_bytesil_rho(y);
	int rho = (2 * n + (n < 0 ? -255 : 255)) / 510;
	int angle = s * (int)vsp_bytesil_theta(x) + (int)t * (int)vsp_bytesil_theta(y);
	return vsp_bytesil_make(rho, (unsigned)(2 * angle + 255) / 510);
}

float vsp_bytesil_distance(uint8_t x, uint8_t y)
{
	double dx = vsp_bytesil_re(y) - vsp_bytesil_re(x), dy = vsp_bytesil_im(y) - vsp_bytesil_im(x);
	double xx = dx * dx, yy = dy * dy;
	return (float)sqrt(xx + yy);
}

void vsp_bytesil_grad(const uint8_t layers[16], float g[16])
{
	for (int i = 0; i < 15; i++)
		g[i] = vsp_bytesil_distance(layers[i], layers[i + 1]);
	g[15] = 0;
}

uint8_t vsp_bytesil_descent(uint8_t x, float rate, float g)
{
	float step = rate * g;
	float rho = (float)vsp_bytesil_rho(x) - step;
	if (isnan(rho))
		return x;
	rho = rho < -8.0f ? -8.0f : rho > 7.0f ? 7.0f : rho;
	return vsp_bytesil_make((int)rho, x);
}
