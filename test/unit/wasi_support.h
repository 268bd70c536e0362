/*
 * What the tests of WASI share: a program's memory without a program, and calls of functions by
 * name with their parameters. Errors are written as the numbers of the standard.
 */
#ifndef VSP_TEST_WASI_SUPPORT_H
#define VSP_TEST_WASI_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/base/bits.h"
#include "runtime/host/wasi/wasi.h"
#include "runtime/state.h"

enum {
	SUCCESS = 0,
	ACCES = 2,
	AGAIN = 6,
	BADF = 8,
	EXIST = 20,
	FAULT = 21,
	INTR = 27,
	INVAL = 28,
	ISDIR = 31,
	LOOP = 32,
	MFILE = 33,
	NAMETOOLONG = 37,
	NOENT = 44,
	NOSYS = 52,
	NOTDIR = 54,
	NOTEMPTY = 55,
	NOTSOCK = 57,
	NOTSUP = 58,
	PERM = 63,
	ROFS = 69,
	SPIPE = 70,
	NOTCAPABLE = 76
};

enum { ROOM = 0x20000, FIRST = 0x10000 }; /* bytes of the program's memory, and where they begin */

static struct {
	vsp_rt rt;
	uint8_t *memory;
	vsp_wasi *wasi;
	uint32_t used; /* bytes of the memory that put and room have given */
} w;

static inline void wasi_open(const vsp_wasi_config *config)
{
	vsp_error error = VSP_ERROR_INIT;
	memset(&w, 0, sizeof w);
	w.memory = malloc(FIRST + ROOM); /* exactly, so that sanitizers find what is beyond */
	assert_non_null(w.memory);
	memset(w.memory, 0xA5, FIRST + ROOM);
	w.rt.caller = (vsp_caller){.memory = w.memory, .memory_size = FIRST + ROOM};
	w.wasi = vsp_wasi_create(config, &error);
	if (!w.wasi)
		print_error("%s\n", error.message);
	assert_non_null(w.wasi);
}

static inline void wasi_close(void)
{
	vsp_wasi_destroy(w.wasi);
	free(w.memory);
	w.wasi = NULL;
}

/* The memory at address p. */
static inline uint8_t *at(uint32_t p) { return w.memory + FIRST + p; }
static inline uint64_t get(uint32_t p, unsigned bytes) { return vsp_read_le(at(p), bytes); }
static inline void set(uint32_t p, uint64_t value, unsigned bytes) { vsp_write_le(at(p), value, bytes); }

/* n fresh bytes, zeroed. */
static inline uint32_t room(uint32_t n)
{
	uint32_t p = w.used;
	w.used = (w.used + n + 7) & ~7u;
	assert_true(w.used <= ROOM);
	memset(at(p), 0, n);
	return p;
}

static inline uint32_t put(const char *text)
{
	uint32_t p = room((uint32_t)strlen(text) + 1);
	strcpy((char *)at(p), text);
	return p;
}

/* One vector. */
static inline uint32_t vector(uint32_t p, uint32_t n)
{
	uint32_t v = room(8);
	set(v, p, 4);
	set(v + 4, n, 4);
	return v;
}

static inline int call_number(unsigned index, const int64_t *args)
{
	int64_t results[16] = {0};
	void *user;
	vsp_import_fn fn = vsp_wasi_import(w.wasi, index, &user);
	assert_int_equal(fn(user, &w.rt.caller, args, results), 0);
	return (int)results[0];
}
#define CALL(name, ...) call_number(VSP_WASI_INDEX_##name, (int64_t[16]){__VA_ARGS__})
#define WORKS(name, ...) assert_int_equal(CALL(name, __VA_ARGS__), SUCCESS)
#define FAILS(number, name, ...) assert_int_equal(CALL(name, __VA_ARGS__), number)
#define TEXT(text) put(text), strlen(text)

#endif
