/*
 * Writes the tables of runtime/arith/bytesil.h as C source: gen_bytesil TABLES SUMS, two files,
 * because the table of sums is large and not every program needs it.
 *
 * Every entry is proven by interval arithmetic (tools/gen/interval.h), so the result is the same on
 * every build machine; the sums are also checked against the hash that the instruction set
 * publishes. The only ties are handled exactly: by Lindemann's theorem no power of e with a
 * non-zero exponent is algebraic, so |z| is never on a boundary, and arg z only when |x| = |y|.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interval.h"
#include "runtime/base/sha256.h"

static const char add_sha256[] = "fb983899795252f5844ce9c8bbfb4cb7c813bb3c4d8396ed2075c22c92d10a94";

enum { SUMS = 65536, SUM_NULL = -1 };

/* The constants from which everything is computed. */
enum { HALVES = 32 };
typedef struct constants {
	vsp_interval exp_half[2 * HALVES + 1]; /* e^((i-HALVES)/2) */
	vsp_interval cos_eighth[5];            /* cos(i*pi/8) */
	vsp_interval tan_odd[4];               /* tan((2i+1)*pi/16) */
} constants;

static vsp_interval exp_half(const constants *k, int n) { return k->exp_half[n + HALVES]; }

/* Half-angle formulas: 2 cos(a/2) = sqrt(2 + 2 cos a), 2 sin(a/2) = sqrt(2 - 2 cos a). */
static vsp_interval twice_cos_half(vsp_interval x)
{
	return vsp_interval_sqrt(vsp_interval_add(vsp_interval_of(2), x));
}
static vsp_interval twice_sin_half(vsp_interval x)
{
	return vsp_interval_sqrt(vsp_interval_sub(vsp_interval_of(2), x));
}
static vsp_interval half_of(vsp_interval x) { return vsp_interval_div(x, vsp_interval_of(2)); }

static void compute_constants(constants *k)
{
	vsp_interval one = vsp_interval_of(1), root2 = vsp_interval_sqrt(vsp_interval_of(2));
	vsp_interval cos1 = twice_cos_half(root2), cos3 = twice_sin_half(root2); /* 2 cos(pi/8), 2 cos(3pi/8) */
	for (int n = -HALVES; n <= HALVES; n++)
		k->exp_half[n + HALVES] = vsp_interval_exp_half(n);
	k->cos_eighth[0] = one;
	k->cos_eighth[1] = half_of(cos1);
	k->cos_eighth[2] = half_of(root2);
	k->cos_eighth[3] = half_of(cos3);
	k->cos_eighth[4] = vsp_interval_of(0);
	k->tan_odd[0] = vsp_interval_div(twice_sin_half(cos1), twice_cos_half(cos1));
	k->tan_odd[1] = vsp_interval_div(twice_sin_half(cos3), twice_cos_half(cos3));
	k->tan_odd[2] = vsp_interval_div(one, k->tan_odd[1]);
	k->tan_odd[3] = vsp_interval_div(one, k->tan_odd[0]);
}

/* ---- sums: z = e^r1 * e^(i*t1*pi/8) * w with w = 1 + e^d * e^(i*turn*pi/8), d = r2 - r1, turn =
   t2 - t1 in 0..15 ---- */

/* 1 + length * cos(turn*pi/8) for turn in 0..8 as magnitude and sign. */
static vsp_interval real_part(const constants *k, vsp_interval length, int turn, bool *negative)
{
	vsp_interval one = vsp_interval_of(1);
	vsp_interval along = vsp_interval_mul(length, k->cos_eighth[turn > 4 ? 8 - turn : turn]);
	*negative = turn > 4 && vsp_interval_less(one, along);
	if (turn <= 4)
		return vsp_interval_add(one, along);
	return *negative ? vsp_interval_sub(along, one) : vsp_interval_sub(one, along);
}

/* Sector of w, 0..8, for 0 < turn < 8 and d not 0: the boundaries that its argument, in (0, pi),
   has passed. */
static int upper_sector(const constants *k, vsp_interval re, bool left, vsp_interval im)
{
	int passed = 0;
	for (int i = 0; i < 4; i++)
		passed += vsp_interval_less(vsp_interval_mul(re, k->tan_odd[i]), im);
	return left ? 8 - passed : passed;
}

/* w != 0 in relative terms: *rho = round(ln|w|), *theta = the sector of arg w; *length = |w|. */
static void quantise_sum(const constants *k, int d, int turn, int *rho, int *theta, vsp_interval *length)
{
	int fold = turn > 8 ? 16 - turn : turn; /* w of -turn is the conjugate */
	bool left;
	vsp_interval scale = exp_half(k, 2 * d), re = real_part(k, scale, fold, &left);
	vsp_interval im = vsp_interval_mul(scale, k->cos_eighth[fold > 4 ? fold - 4 : 4 - fold]);
	*length = vsp_interval_sqrt(vsp_interval_add(vsp_interval_mul(re, re), vsp_interval_mul(im, im)));
	*rho = -2; /* |w| > e^-2: |1 - e^-1| and 2 cos(7pi/16) are the least */
	while (vsp_interval_less(exp_half(k, 2 * *rho + 1), *length))
		++*rho;
	if (d == 0) /* w bisects: the exact angle is turn/2, and ties go up */
		*theta = turn > 8 ? -(fold / 2) : (fold + 1) / 2;
	else if (fold % 8 == 0)
		*theta = left ? 8 : 0;
	else
		*theta = turn > 8 ? -upper_sector(k, re, left, im) : upper_sector(k, re, left, im);
}

/* (rho+8)<<4 | (theta - t1 mod 16) of the sum, or SUM_NULL where it is below e^-8. */
static int compute_sum(const constants *k, int r1, int r2, int turn)
{
	int rho, theta;
	vsp_interval length;
	if (r1 == r2 && turn == 8)
		return SUM_NULL; /* exactly 0 */
	quantise_sum(k, r2 - r1, turn, &rho, &theta, &length);
	if (vsp_interval_less(length, exp_half(k, 2 * (-8 - r1))))
		return SUM_NULL;
	rho += r1;
	rho = rho < -8 ? -8 : rho > 7 ? 7 : rho;
	return (rho + 8) << 4 | (theta & 15);
}

/* Each relative sum stands for sixteen sums, turned by t1. */
static void compute_sums(const constants *k, uint8_t sums[SUMS])
{
	for (int i = 0; i < SUMS / 16; i++) {
		int r1 = i >> 8, r2 = i >> 4 & 15, turn = i & 15;
		int sum = compute_sum(k, r1 - 8, r2 - 8, turn);
		for (int t1 = 0; t1 < 16; t1++) {
			int x = r1 << 4 | t1, y = r2 << 4 | ((t1 + turn) & 15);
			sums[x << 8 | y] = (uint8_t)(sum == SUM_NULL ? 0 : (sum & 0xF0) | ((sum + t1) & 15));
		}
	}
}

static void check_sums(const uint8_t sums[SUMS])
{
	char hex[65];
	vsp_sha256_hex(sums, SUMS, hex);
	if (!strcmp(hex, add_sha256))
		return;
	fprintf(stderr, "gen_bytesil: the table of sums has SHA-256 %s, not the published one\n", hex);
	exit(EXIT_FAILURE);
}

/* ---- output: doubles as hexadecimal floats, which no compiler rounds; steps as bits, which
   compare as integers ---- */

static void write_sums(FILE *out, const uint8_t sums[SUMS])
{
	fprintf(out, "const uint8_t vsp_bytesil_sums[VSP_BYTESIL_SUMS] = {");
	for (int i = 0; i < SUMS; i++)
		fprintf(out, "%s%u,", i % 16 ? " " : "\n\t", sums[i]);
	fprintf(out, "\n};\n");
}

/* A positive normal double. */
static void write_double(FILE *out, uint64_t bits, bool negative)
{
	int exponent = (int)(bits >> 52) - 1023;
	fprintf(out, "%s0x1.%013" PRIx64 "p%+d", negative ? "-" : "", bits & 0xFFFFFFFFFFFFF, exponent);
}

static void write_rounded(FILE *out, vsp_interval x, const char *after)
{
	write_double(out, vsp_interval_round(x), false);
	fputs(after, out);
}

static void write_cosines(FILE *out, const constants *k)
{
	fprintf(out, "const double vsp_bytesil_cos[16] = {\n");
	for (int theta = 0; theta < 16; theta++) {
		int fold = theta > 8 ? 16 - theta : theta;
		fputc('\t', out);
		if (fold == 4)
			fputs("0.0", out);
		else
			write_double(out, vsp_interval_round(k->cos_eighth[fold > 4 ? 8 - fold : fold]), fold > 4);
		fputs(",\n", out);
	}
	fprintf(out, "};\n\n");
}

static void write_powers(FILE *out, const constants *k)
{
	fprintf(out, "const double vsp_bytesil_exp[16] = {\n");
	for (int rho = -8; rho < 8; rho++) {
		fputc('\t', out);
		write_rounded(out, exp_half(k, 2 * rho), ",\n");
	}
	fprintf(out, "};\n\nconst double vsp_bytesil_norm_steps[15] = {\n");
	for (int rho = -8; rho < 7; rho++) {
		fputc('\t', out);
		write_rounded(out, exp_half(k, 2 * (2 * rho + 1)), ",\n");
	}
	fprintf(out, "};\n\nconst double vsp_bytesil_norm_null = ");
	write_rounded(out, exp_half(k, -32), ";\n\n");
}

static void write_steps(FILE *out, const constants *k)
{
	fprintf(out, "const uint64_t vsp_bytesil_rho_steps[15] = {\n");
	for (int rho = -8; rho < 7; rho++)
		fprintf(out, "\t0x%016" PRIX64 ",\n", vsp_interval_round_up(exp_half(k, 2 * rho + 1)));
	fprintf(out, "};\n\nconst uint64_t vsp_bytesil_null_step = 0x%016" PRIX64 ";\n\n",
	        vsp_interval_round_up(exp_half(k, -16)));
}

static void write_tangents(FILE *out, const constants *k)
{
	fprintf(out, "const double vsp_bytesil_tan[4] = {\n");
	for (int i = 0; i < 4; i++) {
		fputc('\t', out);
		write_rounded(out, k->tan_odd[i], ",\n");
	}
	fprintf(out, "};\n");
}

static FILE *open_output(const char *path)
{
	FILE *out = fopen(path, "w");
	if (!out) {
		fprintf(stderr, "gen_bytesil: cannot write %s\n", path);
		exit(EXIT_FAILURE);
	}
	fprintf(out, "/* Written by gen_bytesil; the meaning of each table is in runtime/arith/bytesil.h. */\n"
	             "#include \"runtime/arith/bytesil.h\"\n\n");
	return out;
}

static bool close_output(FILE *out)
{
	bool written = !ferror(out);
	return fclose(out) == 0 && written;
}

int main(int argc, char **argv)
{
	static constants k;
	static uint8_t sums[SUMS];
	if (argc != 3) {
		fprintf(stderr, "usage: gen_bytesil TABLES SUMS\n");
		return EXIT_FAILURE;
	}
	compute_constants(&k);
	compute_sums(&k, sums);
	check_sums(sums);
	FILE *out = open_output(argv[1]);
	write_powers(out, &k);
	write_cosines(out, &k);
	write_steps(out, &k);
	write_tangents(out, &k);
	bool written = close_output(out);
	out = open_output(argv[2]);
	write_sums(out, sums);
	return close_output(out) && written ? EXIT_SUCCESS : EXIT_FAILURE;
}
