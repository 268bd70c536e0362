/*
 * The float functions of the C library, behind calls that no optimiser sees through, so that on one
 * machine a program gets the same bits from them in every tier. They are not inlined even when the
 * runtime is linked into compiled code as bitcode.
 */
#include "arith_float.h"

#if defined(__GNUC__)
#define OPAQUE __attribute__((noinline))
#else
#define OPAQUE
#endif

/*
 * MinGW's own sin and cos are instructions of the x87, whose pi has 66 bits: for large numbers and
 * near multiples of pi few digits are right. The library of Windows has others, through these
 * pointers.
 */
#if defined(__MINGW32__)
extern double (*__imp_sin)(double), (*__imp_cos)(double);
#define sin __imp_sin
#define cos __imp_cos
#endif

#define FMATH1(form, function) \
	OPAQUE double vsp_rt_##form(double b) { return function(b); }
#define FMATH2(form, function) \
	OPAQUE double vsp_rt_##form(double b, double c) { return function(b, c); }
#include "fmath.def"
