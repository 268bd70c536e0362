/*
 * All stencils of one kind, seven times with their operands in different registers. From the
 * differences of the first three tools/gen/stencils.c learns where the numbers of registers stand
 * in the code, and checks with the others that it is right.
 *
 * The build compiles this file once for each kind. STENCIL_A, STENCIL_B and STENCIL_C are the
 * letters of its name (enum vsp_share): a, b and c are different general registers, f, g and h
 * different float registers.
 */
#include "stencil.h"

#define VSP_PAIRS 0

#define JOIN(a, b) JOIN_(a, b)
#define JOIN_(a, b) a##b
#define NUMBERED(prefix, number) NUMBERED_(prefix, number)
#define NUMBERED_(prefix, number) prefix##number
#define VALUE_OF(letter) VALUE_OF_(letter)
#define VALUE_OF_(letter) VALUE_##letter
/* Registers by their numbers in tools/gen/stencils.c. */
#define INT_0 s0
#define INT_1 s1
#define INT_3 p0
#define INT_4 p3
#define INT_5 p4
#define INT_6 p1
#define INT_7 p2
#define VALUE_a NUMBERED(INT_, FIRST)
#define VALUE_b NUMBERED(INT_, SECOND)
#define VALUE_c NUMBERED(INT_, THIRD)
#define VALUE_f NUMBERED(w, FIRST)
#define VALUE_g NUMBERED(w, SECOND)
#define VALUE_h NUMBERED(w, THIRD)
#define ARG_A VALUE_OF(STENCIL_A)
#define ARG_B VALUE_OF(STENCIL_B)
#define ARG_C VALUE_OF(STENCIL_C)

/*
 * Hides which parameter a value was. Otherwise the compiler would sort the operands of commutative
 * operations by their places among the parameters, and the code would depend on more than numbers.
 */
#define HIDE(letter, value) HIDE_(letter)(value)
#define HIDE_(letter) HIDE_##letter
#define HIDE_a(value) __asm__("" : "+r"(value))
#define HIDE_b HIDE_a
#define HIDE_c HIDE_a
#define HIDE_f(value) __asm__("" : STENCIL_FLOAT(value))
#define HIDE_g HIDE_f
#define HIDE_h HIDE_f

#define VARIANT 0
#define FIRST 3
#define SECOND 6
#define THIRD 7
#include "stencil_list.h"

#define VARIANT 1
#define FIRST 6
#define SECOND 3
#define THIRD 7
#include "stencil_list.h"

#define VARIANT 2
#define FIRST 7
#define SECOND 6
#define THIRD 3
#include "stencil_list.h"

#define VARIANT 3
#define FIRST 1
#define SECOND 0
#define THIRD 3
#include "stencil_list.h"

#define VARIANT 4
#define FIRST 4
#define SECOND 5
#define THIRD 7
#include "stencil_list.h"

#define VARIANT 5
#define FIRST 5
#define SECOND 3
#define THIRD 4
#include "stencil_list.h"

#define VARIANT 6
#define FIRST 6
#define SECOND 4
#define THIRD 5
#include "stencil_list.h"
