/*
 * A translation in progress, between translate.c, which leads it, functions_out.c and module_out.c.
 */
#ifndef VSP_FRONTEND_WASM_TRANSLATION_H
#define VSP_FRONTEND_WASM_TRANSLATION_H

#include "allocate.h"
#include "build.h"
#include "emit.h"
#include "ir/module.h"
#include "plan.h"
#include "symbols.h"

/* What of the translation is a module's own. */
typedef struct part {
	wasm_plan *plan;
	const wasm_module *m;
	wasm_lines lines;
	uint32_t *first_exports;   /* by function, or WASM_NO_INDEX */
	const char **export_names; /* by export */
} part;

typedef struct translation {
	wasm_program p;
	part *parts;
	part *at;      /* the one that is translated */
	wasm_reader r; /* for errors */
	vsp_module_data *out;
	vsp_arena arena; /* of what is read */
	ir_code ir;
	build build;
	wasm_allocation allocation;
	wasm_emitter emitter;
	wasm_symbols symbols;
	uint32_t *func_types; /* of FUNC's functions: numbers of types, or WASM_NO_INDEX */
} translation;

/* Turns to module k. */
static inline void translation_open(translation *t, uint32_t k)
{
	t->p.at = k;
	t->at = &t->parts[k];
	build_open(&t->build, t->at->plan, &t->at->lines);
}

/* All of the following return false when they failed, as t->r says. */

/* ---- functions_out.c: what becomes a function of the VSP module ---- */

/* Names what the open module exports. */
bool translation_name_exports(translation *t);
/* The entry, then each module's initialization. */
bool translation_add_entry(translation *t);
bool translation_add_initializes(translation *t);
/* The open module's functions; its kernels; and further exports of its functions. */
bool translation_add_functions(translation *t);
bool translation_add_kernels(translation *t);
bool translation_add_aliases(translation *t);

/* ---- module_out.c ---- */

/* Fills the tables of t->out, and its sections. */
bool translation_put_module(translation *t);
/* Verifies it, with words of the source for what kernels may not. */
bool translation_verify(translation *t);

#endif
