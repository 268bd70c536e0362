/*
 * Conversions between numbers and text. The C library converts, correctly rounded as IEEE 754 asks
 * and every hosted library does. Its decimal point depends on the locale, so this file passes it
 * only digits and exponents, and takes only these from it. The library rounds as the floating-point
 * modes say, so every entry sets those first: a host may call in any mode.
 */
#include "number.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/platform/platform.h"

/* A decimal 0.d1d2d3... * 10^point, where d1 is not 0. */
typedef struct decimal {
	char digits[20]; /* 0-terminated */
	int count;
	int point;
} decimal;

/* v > 0, finite, rounded to count digits. */
static decimal decimal_of(double v, int count)
{
	char text[40];
	decimal d = {.count = count};
	snprintf(text, sizeof text, "%.*e", count - 1, v);
	const char *exponent = strchr(text, 'e');
	int n = 0;
	for (const char *p = text; p < exponent; p++)
		if (*p >= '0' && *p <= '9')
			d.digits[n++] = *p;
	d.point = atoi(exponent + 1) + 1;
	return d;
}

/* Adds one to the last digit. */
static decimal decimal_next(decimal d)
{
	int i = d.count - 1;
	while (i >= 0 && d.digits[i] == '9')
		d.digits[i--] = '0';
	if (i >= 0) {
		d.digits[i]++;
	} else {
		d.digits[0] = '1';
		d.point++;
	}
	return d;
}

static bool reads_back(const decimal *d, double v, bool single)
{
	char text[40];
	snprintf(text, sizeof text, "%se%d", d->digits, d->point - d->count);
	return single ? strtof(text, NULL) == (float)v : strtod(text, NULL) == v;
}

/*
 * Finds the shortest decimal that reads back as v > 0. Rounding to n digits gives the nearest one.
 * If any decimal of n digits reads back as v, the nearest one does, except when v is a power of
 * two: then the gap below v is half the gap above it, and the next decimal up may read back when
 * the nearest one, which is below, does not.
 */
static decimal shortest(double v, bool single)
{
	int most = single ? 9 : 17;
	for (int n = 1; n < most; n++) {
		decimal d = decimal_of(v, n);
		if (reads_back(&d, v, single))
			return d;
		d = decimal_next(d);
		if (reads_back(&d, v, single))
			return d;
	}
	return decimal_of(v, most);
}

/* "0.00012", "1200.0", "1.2": the digits with the point inserted. */
static size_t put_plain(char *out, const decimal *d)
{
	size_t n = 0;
	if (d->point <= 0) {
		out[n++] = '0';
		out[n++] = '.';
		for (int i = d->point; i < 0; i++)
			out[n++] = '0';
	}
	for (int i = 0; i < d->count || i < d->point; i++) {
		if (i == d->point && i > 0)
			out[n++] = '.';
		out[n++] = i < d->count ? d->digits[i] : '0';
	}
	if (d->count <= d->point) {
		out[n++] = '.';
		out[n++] = '0';
	}
	return n;
}

/* "1e+300", "1.25e-07": the exponent has at least two digits, as C prints it. */
static size_t put_scientific(char *out, const decimal *d)
{
	size_t n = 0;
	out[n++] = d->digits[0];
	if (d->count > 1)
		out[n++] = '.';
	for (int i = 1; i < d->count; i++)
		out[n++] = d->digits[i];
	int e = d->point - 1;
	return n + (size_t)sprintf(out + n, "e%c%02d", e < 0 ? '-' : '+', abs(e));
}

static size_t format_in_modes(double v, bool single, char *out)
{
	size_t n = 0;
	if (isnan(v))
		return (size_t)sprintf(out, "nan");
	if (signbit(v))
		out[n++] = '-';
	v = fabs(v);
	if (isinf(v))
		return n + (size_t)sprintf(out + n, "inf");
	if (v == 0)
		return n + (size_t)sprintf(out + n, "0.0");
	decimal d = shortest(v, single);
	n += d.point > -4 && d.point <= 16 ? put_plain(out + n, &d) : put_scientific(out + n, &d);
	out[n] = '\0';
	return n;
}

static size_t format(double v, bool single, char *out)
{
	vsp_plat_fp_text saved = vsp_plat_fp_text_enter();
	size_t n = format_in_modes(v, single, out);
	vsp_plat_fp_text_restore(saved);
	return n;
}

size_t vsp_format_f64(double v, char out[VSP_NUMBER_MAX]) { return format(v, false, out); }
size_t vsp_format_f32(float v, char out[VSP_NUMBER_MAX]) { return format(v, true, out); }

/* ---- reading ---- */

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The rest of the text. */
typedef struct cursor {
	const char *at, *end;
} cursor;

static bool at_end(const cursor *c) { return c->at == c->end || is_space(*c->at); }

/* Skips white space and a sign. True: it was a minus. */
static bool take_sign(cursor *c)
{
	while (c->at < c->end && is_space(*c->at))
		c->at++;
	bool minus = c->at < c->end && *c->at == '-';
	if (c->at < c->end && (*c->at == '-' || *c->at == '+'))
		c->at++;
	return minus;
}

bool vsp_parse_i64(const char *text, size_t size, int64_t *value)
{
	cursor c = {text, text + size};
	bool minus = take_sign(&c);
	uint64_t magnitude = 0, limit = (uint64_t)INT64_MAX + minus;
	if (at_end(&c))
		return false;
	for (; !at_end(&c); c.at++) {
		if (!is_digit(*c.at))
			return false;
		unsigned digit = (unsigned)(*c.at - '0');
		if (magnitude > (limit - digit) / 10)
			return false;
		magnitude = magnitude * 10 + digit;
	}
	*value = (int64_t)(minus ? 0 - magnitude : magnitude);
	return true;
}

/* Takes the word if it comes next, in upper or lower case. */
static bool take_word(cursor *c, const char *word)
{
	const char *p = c->at;
	for (; *word; word++, p++)
		if (p == c->end || (*p | 0x20) != *word)
			return false;
	c->at = p;
	return true;
}

/*
 * More digits cannot change the rounding of a double, if the last digit kept is made non-zero when
 * any dropped digit is.
 */
enum { DIGITS_MAX = 800 };

/*
 * The digits of a mantissa without its point; exponent counts the places by which the point was
 * moved.
 */
typedef struct mantissa {
	char digits[DIGITS_MAX + 32];
	int count;
	int64_t exponent;
	bool any;
} mantissa;

static void take_digit(mantissa *m, char digit, bool fraction)
{
	m->any = true;
	if (m->count == 0 && digit == '0') {
		m->exponent -= fraction;
		return;
	}
	if (m->count < DIGITS_MAX) {
		m->digits[m->count++] = digit;
		m->exponent -= fraction;
		return;
	}
	if (digit != '0')
		m->digits[DIGITS_MAX - 1] = '1' > m->digits[DIGITS_MAX - 1] ? '1' : m->digits[DIGITS_MAX - 1];
	m->exponent += !fraction;
}

static void take_mantissa(cursor *c, mantissa *m)
{
	bool fraction = false;
	for (; c->at < c->end; c->at++) {
		if (is_digit(*c->at))
			take_digit(m, *c->at, fraction);
		else if (*c->at == '.' && !fraction)
			fraction = true;
		else
			break;
	}
}

/* Takes an exponent part, if there is one. False: it is malformed. */
static bool take_exponent(cursor *c, mantissa *m)
{
	if (c->at == c->end || (*c->at | 0x20) != 'e')
		return true;
	c->at++;
	bool minus = c->at < c->end && *c->at == '-';
	if (c->at < c->end && (*c->at == '-' || *c->at == '+'))
		c->at++;
	if (c->at == c->end || !is_digit(*c->at))
		return false;
	int64_t e = 0;
	for (; c->at < c->end && is_digit(*c->at); c->at++)
		if (e < 1000000000)
			e = e * 10 + (*c->at - '0');
	m->exponent += minus ? -e : e;
	return true;
}

bool vsp_parse_f64(const char *text, size_t size, double *value)
{
	cursor c = {text, text + size};
	bool minus = take_sign(&c);
	double v;
	if (take_word(&c, "inf")) {
		v = INFINITY;
	} else if (take_word(&c, "nan")) {
		v = NAN;
	} else {
		mantissa m = {.count = 0};
		take_mantissa(&c, &m);
		if (!m.any || !take_exponent(&c, &m))
			return false;
		if (m.count == 0)
			m.digits[m.count++] = '0';
		int64_t e = m.exponent < -100000 ? -100000 : m.exponent > 100000 ? 100000 : m.exponent;
		sprintf(m.digits + m.count, "e%d", (int)e);
		vsp_plat_fp_text saved = vsp_plat_fp_text_enter();
		v = strtod(m.digits, NULL);
		vsp_plat_fp_text_restore(saved);
	}
	if (!at_end(&c))
		return false;
	*value = minus ? -v : v;
	return true;
}
