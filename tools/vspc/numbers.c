/*
 * Numbers of the command line and of the dump.
 */
#include "vspc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Digits of the base up to a value of at most limit; *end after them. False: none, or too great. */
static bool digits(const char *text, unsigned base, uint64_t limit, uint64_t *value, const char **end)
{
	uint64_t v = 0;
	const char *at = text;
	for (;; at++) {
		unsigned c = (unsigned char)*at, digit = isdigit((int)c)    ? c - '0'
		                                         : isxdigit((int)c) ? (c | 32) - 'a' + 10
		                                                            : base;
		if (digit >= base)
			break;
		if (v > (limit - digit) / base)
			return false;
		v = v * base + digit;
	}
	*value = v;
	*end = at;
	return at != text;
}

/* The same, decimal or 0x. */
static bool integer(const char *text, uint64_t limit, uint64_t *value, const char **end)
{
	if (text[0] == '0' && (text[1] | 32) == 'x')
		return digits(text + 2, 16, limit, value, end);
	return digits(text, 10, limit, value, end);
}

bool vspc_parse_count(const char *text, uint64_t limit, uint64_t *value)
{
	const char *end;
	return integer(text, limit, value, &end) && !*end;
}

bool vspc_parse_bytes(const char *text, uint64_t *value)
{
	const char *end;
	unsigned shift = 0;
	if (!integer(text, UINT64_MAX, value, &end))
		return false;
	if (*end) {
		const char *units = "KMG", *unit = strchr(units, toupper((unsigned char)*end));
		if (!unit || end[1])
			return false;
		shift = 10 * (unsigned)(unit - units + 1);
	}
	if (*value > UINT64_MAX >> shift)
		return false;
	*value <<= shift;
	return true;
}

bool vspc_parse_time(const char *text, uint64_t *ns)
{
	if (!isdigit((unsigned char)*text) && *text != '.')
		return false;
	char *end;
	double value = strtod(text, &end);
	double unit = strcmp(end, "ms") == 0           ? 1e6
	              : strcmp(end, "s") == 0 || !*end ? 1e9
	              : strcmp(end, "m") == 0          ? 60e9
	                                               : 0;
	if (end == text || unit == 0 || !(value * unit < 1e18))
		return false;
	*ns = (uint64_t)(value * unit);
	return true;
}

/* Does text look like a float: a point, an exponent, inf or nan? */
static bool is_float(const char *text)
{
	text += *text == '-' || *text == '+';
	bool hex = text[0] == '0' && (text[1] | 32) == 'x';
	return !hex && strpbrk(text, ".eEnN") != NULL;
}

bool vspc_is_large_integer(const char *text)
{
	bool hex;
	text += *text == '-';
	hex = text[0] == '0' && (text[1] | 32) == 'x';
	text += hex ? 2 : 0;
	return *text && !text[strspn(text, hex ? "0123456789abcdefABCDEF" : "0123456789")];
}

bool vspc_parse_argument(const char *text, int64_t *value)
{
	if (is_float(text)) {
		char *end;
		double d = strtod(text, &end);
		memcpy(value, &d, sizeof d);
		return end != text && !*end && !isspace((unsigned char)*text);
	}
	bool negative = *text == '-';
	uint64_t magnitude;
	if (!vspc_parse_count(text + negative, negative ? UINT64_C(1) << 63 : UINT64_MAX, &magnitude))
		return false;
	magnitude = negative ? 0 - magnitude : magnitude;
	memcpy(value, &magnitude, sizeof *value);
	return true;
}

void vspc_format_float(float value, char *out, size_t size)
{
	for (int digit_count = 1; digit_count <= 9; digit_count++) {
		snprintf(out, size, "%.*g", digit_count, (double)value);
		if (strtof(out, NULL) == value)
			break;
	}
	if (!strpbrk(out, ".en"))
		strcat(out, ".0");
}
