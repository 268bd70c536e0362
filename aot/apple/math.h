/*
 * Mathematics on Apple's systems, see assert.h. Predicates are the compiler's.
 */
#ifndef VSP_APPLE_MATH_H
#define VSP_APPLE_MATH_H

#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
#define isnan(x) __builtin_isnan(x)
#define isinf(x) __builtin_isinf(x)
#define isfinite(x) __builtin_isfinite(x)
#define signbit(x) __builtin_signbit(x)
#define isless(x, y) __builtin_isless(x, y)
#define isgreater(x, y) __builtin_isgreater(x, y)
#define isgreaterequal(x, y) __builtin_isgreaterequal(x, y)
#define isunordered(x, y) __builtin_isunordered(x, y)

double acos(double x);
double asin(double x);
double atan(double x);
double atan2(double y, double x);
double cbrt(double x);
double ceil(double x);
float ceilf(float x);
double cos(double x);
double cosh(double x);
double exp(double x);
double exp2(double x);
double expm1(double x);
double fabs(double x);
double floor(double x);
float floorf(float x);
double fma(double x, double y, double z);
float fmaf(float x, float y, float z);
double fmod(double x, double y);
float fmodf(float x, float y);
double hypot(double x, double y);
double ldexp(double x, int exponent);
double log(double x);
double log10(double x);
double log2(double x);
double nearbyint(double x);
float nearbyintf(float x);
double pow(double x, double y);
double rint(double x);
float rintf(float x);
double sin(double x);
double sinh(double x);
double sqrt(double x);
float sqrtf(float x);
double tan(double x);
double tanh(double x);
double trunc(double x);
float truncf(float x);

#endif
