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

#define FMATH1(form, function) \
	OPAQUE double vsp_rt_##form(double b) { return function(b); }
#define FMATH2(form, function) \
	OPAQUE double vsp_rt_##form(double b, double c) { return function(b, c); }
#include "fmath.def"
