/*
 * The stencils in which operands b and c are in the register of operand a: all of them, eight times
 * in different registers. From the differences of the first four tools/gen/stencils.c learns where
 * the numbers of registers stand in the code, and checks with the others that it is right.
 */
#include "stencil.h"

#define VSP_PAIRS 0

#define STENCIL_PREFIX aaa0
#define ARG_A p0
#define ARG_B p0
#define ARG_C p0
#include "stencil_list.h"

#define STENCIL_PREFIX aaa1
#define ARG_A p1
#define ARG_B p1
#define ARG_C p1
#include "stencil_list.h"

#define STENCIL_PREFIX aaa2
#define ARG_A p2
#define ARG_B p2
#define ARG_C p2
#include "stencil_list.h"

#define STENCIL_PREFIX aaa3
#define ARG_A p0
#define ARG_B p0
#define ARG_C p0
#include "stencil_list.h"

#define STENCIL_PREFIX aaa4
#define ARG_A s1
#define ARG_B s1
#define ARG_C s1
#include "stencil_list.h"

#define STENCIL_PREFIX aaa5
#define ARG_A p3
#define ARG_B p3
#define ARG_C p3
#include "stencil_list.h"

#define STENCIL_PREFIX aaa6
#define ARG_A p4
#define ARG_B p4
#define ARG_C p4
#include "stencil_list.h"

#define STENCIL_PREFIX aaa7
#define ARG_A p1
#define ARG_B p1
#define ARG_C p1
#include "stencil_list.h"
