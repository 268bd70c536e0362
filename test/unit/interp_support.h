/*
 * For tests of the interpreter: modules built instruction by instruction, and an instance around
 * them without the public API.
 */
#ifndef VSP_TEST_INTERP_SUPPORT_H
#define VSP_TEST_INTERP_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ir/module.h"
#include "runtime/backends/provider.h"
#include "runtime/base/error.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"
#include "tiers/interp/interp.h"

enum { PROGRAM_CODE = 4096, PROGRAM_FUNCS = 8, DATA = 0x20000 };

/* Code in the making. Functions are begun in order; the first is the entry. */
typedef struct program {
	uint8_t code[PROGRAM_CODE];
	uint32_t size;
	vsp_func funcs[PROGRAM_FUNCS];
	uint32_t func_count;
} program;

static inline void func(program *p, unsigned kind, unsigned params, unsigned results)
{
	p->funcs[p->func_count++] = (vsp_func){.start = p->size,
	        .symbol = VSP_NO_SYMBOL,
	        .kind = (uint8_t)kind,
	        .params = (uint8_t)params,
	        .results = (uint8_t)results};
}

/* Appends an instruction and returns its address. */
static inline uint32_t put(program *p, vsp_form form, unsigned a, unsigned b, unsigned c, unsigned d, int64_t imm)
{
	vsp_insn insn = {.form = (uint16_t)form,
	        .a = (uint8_t)a,
	        .b = (uint8_t)b,
	        .c = (uint8_t)c,
	        .d = (uint8_t)d,
	        .pc = p->size,
	        .imm = imm};
	if (!p->func_count)
		func(p, VSP_KIND_FUNCTION, 0, 0);
	assert_true(vsp_insn_fits(&insn));
	vsp_insn_encode(&insn, NULL, p->code + p->size);
	p->size += vsp_insn_size(form, 0);
	return insn.pc;
}
#define PUT(form, a, b, c, imm) put(p, VSP_I_##form, a, b, c, 0, (int64_t)(imm))
#define SET(a, value) put(p, VSP_I_MOVI_64, a, 0, 0, 0, (int64_t)(value))

/* Sets the target of the branch at address at to here. */
static inline void land(program *p, uint32_t at)
{
	vsp_insn insn;
	assert_null(vsp_insn_decode(p->code, p->size, at, &insn));
	insn.imm = p->size;
	vsp_insn_encode(&insn, NULL, p->code + at);
}

/* The payload of section GLOB. */
enum { MACHINE_GLOBALS = 64 };
static const uint8_t machine_globals[4 + 8 * MACHINE_GLOBALS] = {MACHINE_GLOBALS, 0, 0, 0, 11, 12, 13};

typedef struct machine {
	vsp_module_data m;
	vsp_rt rt;
	vsp_code *code;
	vsp_exec *x;
	vsp_error error;
} machine;

typedef struct machine_options {
	vsp_exec_options exec;
	vsp_bounds bounds;
	int64_t fuel; /* 0: not counted */
	uint32_t max_depth;
	bool deterministic;
} machine_options;

static inline void machine_open(machine *v, program *p, const machine_options *o)
{
	static const machine_options defaults = {.bounds = VSP_BOUNDS_AUTO};
	o = o ? o : &defaults;
	*v = (machine){.error = VSP_ERROR_INIT};
	v->m.code = p->code;
	v->m.code_size = p->size;
	for (uint32_t i = 0; i < p->func_count; i++)
		p->funcs[i].size = (i + 1 < p->func_count ? p->funcs[i + 1].start : p->size) - p->funcs[i].start;
	v->m.funcs = p->funcs;
	v->m.func_count = p->func_count;
	v->m.payloads.globals = machine_globals;
	v->m.global_count = MACHINE_GLOBALS;
	v->m.initial_pages = 3;
	v->m.max_pages = 16;
	v->m.stack_top = DATA;
	vsp_error error = VSP_ERROR_INIT;
	if (vsp_module_verify(&v->m, &error) != VSP_OK)
		fail_msg("%s", error.message);
	assert_int_equal(vsp_memory_create(&v->rt.memory, 3, 16, o->bounds), VSP_OK);
	v->rt.caller.memory = v->rt.memory.base;
	v->rt.caller.memory_size = v->rt.memory.size;
	v->rt.sp = DATA;
	v->rt.mode = 4;
	v->rt.max_depth = o->max_depth;
	v->rt.fuel = o->fuel;
	v->rt.fuel_on = o->fuel != 0;
	v->rt.deterministic = o->deterministic;
	v->rt.capabilities = ~0u;
	v->rt.funcs = calloc(p->func_count, sizeof *v->rt.funcs);
	v->rt.func_count = p->func_count;
	for (uint32_t i = 0; i < p->func_count; i++) {
		v->rt.funcs[i].params = p->funcs[i].params;
		v->rt.funcs[i].results = p->funcs[i].results;
		v->rt.funcs[i].kind = p->funcs[i].kind;
		v->rt.funcs[i].start = p->funcs[i].start;
	}
	assert_true(vsp_payloads_open(&v->rt, &v->m.payloads));
	vsp_payloads_start(&v->rt);
	v->rt.backends = vsp_backends_create(NULL, 0);
	v->code = vsp_code_create(&v->m, &vsp_exec_loop);
	v->x = vsp_exec_create(&v->rt, v->code, &o->exec);
	assert_non_null(v->x);
}

static inline void machine_close(machine *v)
{
	vsp_exec_destroy(v->x);
	vsp_code_destroy(v->code);
	vsp_backends_destroy(v->rt.backends);
	vsp_payloads_close(&v->rt);
	vsp_memory_destroy(&v->rt.memory);
	vsp_arena_free(&v->m.arena);
	free(v->rt.funcs);
}

static inline vsp_status machine_run(machine *v)
{
	vsp_error_clear(&v->error);
	return vsp_exec_run(v->x, &v->error);
}

#endif
