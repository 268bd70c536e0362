/*
 * Values of wast2json, see spec_values.h.
 */
#include "spec_values.h"

#include <stdlib.h>
#include <string.h>

static bool is_reference(const char *type) { return strcmp(type, "externref") == 0 || strcmp(type, "funcref") == 0; }

bool spec_value(const json *value, int64_t *out)
{
	const char *type = json_text(value, "type");
	if (is_reference(type)) {
		const char *text = json_text(value, "value");
		*out = strcmp(text, "null") == 0 ? 0 : strtoll(text, NULL, 10) + 1;
		return true;
	}
	uint64_t bits = strtoull(json_text(value, "value"), NULL, 10);
	*out = (int64_t)(strcmp(type, "i32") == 0 ? (uint64_t)(int64_t)(int32_t)(uint32_t)bits : bits);
	return type[0] == 'i' || type[0] == 'f';
}

/* A NaN whose payload is that of the canonical one, or has at least its highest bit. */
static bool is_nan(uint64_t bits, bool is_double, bool canonical)
{
	uint64_t quiet = is_double ? UINT64_C(0x7FF8000000000000) : 0x7FC00000;
	uint64_t sign = is_double ? UINT64_C(1) << 63 : UINT64_C(1) << 31;
	return canonical ? (bits & ~sign) == quiet : (bits & quiet) == quiet;
}

bool spec_matches(const json *expected, int64_t result)
{
	const char *type = json_text(expected, "type"), *value = json_text(expected, "value");
	int64_t wanted;
	uint64_t bits = (uint64_t)result;
	if (strcmp(type, "f32") == 0)
		bits &= UINT32_MAX;
	if (strcmp(type, "funcref") == 0 && strcmp(value, "null") != 0)
		return result > 0; /* any function */
	if (strncmp(value, "nan:", 4) == 0)
		return is_nan(bits, strcmp(type, "f64") == 0, strcmp(value, "nan:canonical") == 0);
	return spec_value(expected, &wanted) && bits == (uint64_t)wanted;
}
