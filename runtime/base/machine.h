/*
 * The numbers of the machine that a program sees: linear memory, depths and the bits of the status
 * register. The null zone is the first page, in which every access traps; the kinds of those traps
 * differ at VSP_STACK_ZONE.
 */
#ifndef VSP_RUNTIME_MACHINE_H
#define VSP_RUNTIME_MACHINE_H

#include <assert.h>

enum {
	VSP_PAGE = 65536,        /* bytes of a page of linear memory */
	VSP_NULL_ZONE = 0x10000, /* the first bytes of linear memory, never accessible */
	VSP_STACK_ZONE = 0x8000, /* invalid accesses from here to VSP_NULL_ZONE are STACK_OVERFLOW */
	VSP_MAX_PAGES = 65536,
	VSP_MAX_TABLES = 16,        /* of functions */
	VSP_MAX_ELEMENTS = 1000000, /* entries of a table */
	VSP_DEFAULT_PAGES = 3,
	VSP_DEFAULT_STACK_TOP = 0x20000,
	VSP_MIN_DEPTH = 10000,     /* nested activations that every tier must reach when no maximum is set */
	VSP_DEFAULT_DEPTH = 65536, /* the maximum of tier 0 when none is set */
	VSP_MAX_CALLS = 65536      /* pending CALLs per instance */
};

/* Bits of the status register. */
enum { VSP_SR_Z = 1, VSP_SR_N = 2, VSP_SR_O = 4, VSP_SR_C = 8, VSP_SR_H = 16 };

static_assert(VSP_STACK_ZONE < VSP_NULL_ZONE && VSP_NULL_ZONE == VSP_PAGE, "the null zone is one page");

#endif
