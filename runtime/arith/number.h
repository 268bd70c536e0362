/*
 * Numbers as text, independent of the host's locale.
 */
#ifndef VSP_RUNTIME_NUMBER_H
#define VSP_RUNTIME_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VSP_NUMBER_MAX = 32 }; /* bytes of the longest result, with its final 0 */

/*
 * The shortest decimal that reads back as v (the closest of several), always with a point or an
 * exponent: "1.0", "0.1", "1e+300", "-0.0", "nan", "inf", "-inf". An exponent is used from 1e+16 on
 * and below 1e-4. Returns the length.
 */
size_t vsp_format_f64(double v, char out[VSP_NUMBER_MAX]);
size_t vsp_format_f32(float v, char out[VSP_NUMBER_MAX]);

/*
 * Reads the decimal integer, or the number in decimal or as "inf" or "nan", at the start of text.
 * White space may precede it; white space or the end must follow it. False: there is none, or the
 * integer does not fit.
 */
bool vsp_parse_i64(const char *text, size_t size, int64_t *value);
bool vsp_parse_f64(const char *text, size_t size, double *value);

#endif
