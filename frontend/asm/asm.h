/*
 * Declarations that the parts of the assembler share. Source is parsed once into items
 * (instructions), chunks (data) and expressions in postfix form; then data is laid out, code
 * relaxed to a fixed point, and everything encoded.
 *
 * Errors are collected, not thrown: a statement that fails is dropped and parsing goes on with the
 * next line. Running out of memory is sticky (asm_state.oom) and makes everything after it a no-op
 * that stays safe.
 *
 * Units: offsets are bytes in a file, lines and columns count from 1. Only the module outlives the
 * assembly.
 */
#ifndef VSP_FRONTEND_ASM_H
#define VSP_FRONTEND_ASM_H

#include "assembler.h"
#include "lex.h"
#include "frontend/nearest.h"
#include "runtime/base/error.h"

enum {
	ASM_MAX_ERRORS = 100,
	ASM_MAX_INCLUDES = 4096,     /* in all */
	ASM_MAX_DEPTH = 64,          /* of .include */
	ASM_MAX_SOURCE = 1 << 28,    /* bytes of all files together */
	ASM_MAX_NESTING = 100,       /* of parentheses, unary operators and ?: in an expression */
	ASM_MAX_STACK = 64,          /* values pending while an expression is evaluated */
	ASM_MAX_CANDIDATES = 200000, /* comparisons of misspelt names with defined ones, per source */
	ASM_MAX_CONST_DEPTH = 200,   /* of .const definitions that use later ones */
	ASM_MAX_OPERANDS = 4,        /* of all instructions but BRTAB */
	ASM_MAX_DATA = 1 << 28,      /* bytes of the data segment, and of all raw sections and models together */
	ASM_MAX_ALIGN = 1 << 16,
	ASM_HIDDEN = 0xFFFFFFFE,   /* a scope in which no name is looked up */
	ASM_EXPORTED = 0xFFFFFFFD, /* the scope of names given by .export f as "name" */
	ASM_NONE = 0xFFFFFFFF
};

/* A piece of source: bytes begin..end of a file. */
typedef struct asm_span {
	uint32_t file, begin, end;
} asm_span;

typedef struct asm_file {
	const char *name; /* as shown in messages */
	const char *text;
	uint32_t size;
	uint8_t *owned;    /* what read_file returned, or null for the main source */
	bool secret;       /* no message shows its contents */
	asm_span included; /* the .include that names this file; of the main source: file ASM_NONE */
	uint32_t *lines;   /* offsets of line starts; made on first need */
	uint32_t line_count;
} asm_file;

/* One message; a note belongs to the error before it. */
typedef struct asm_message {
	asm_span span;
	vsp_severity severity;
	uint32_t order;
	const char *text;
	const char *suggestion;
	struct asm_message *note;
} asm_message;

typedef enum asm_type { ASM_INTEGER, ASM_DOUBLE, ASM_SINGLE, ASM_POISON } asm_type;
typedef struct asm_value {
	uint8_t type;        /* asm_type */
	bool moves;          /* depends on code addresses */
	uint64_t bits;       /* of the integer, double or float */
	uint32_t begin, end; /* of a poison: the message */
	const char *problem; /* of a poison; null when it has been reported */
} asm_value;

typedef enum asm_symbol_kind { ASM_LABEL, ASM_DATA, ASM_FUNC, ASM_CONST, ASM_MODEL, ASM_IMPORT } asm_symbol_kind;

typedef struct asm_symbol {
	const char *name; /* 0-terminated, in the arena */
	uint32_t length, hash;
	uint32_t scope; /* function + 1 for names that begin with '.' in code, else 0 */
	asm_span span;
	uint8_t kind;   /* asm_symbol_kind */
	uint8_t busy;   /* being evaluated: finds cycles */
	uint32_t index; /* function of a label; chunk of data; function; expression of a constant; model; import */
	uint32_t item;  /* of a label: the item it stands before */
	uint32_t next;  /* in the hash chain */
	uint32_t epoch; /* of a constant: value holds since this layout pass, ASM_NONE: for ever, 0: not known */
	asm_value value;
} asm_symbol;

/* One step of an expression in postfix order. */
typedef struct asm_step {
	uint8_t kind; /* asm_step_kind */
	uint8_t op;
	uint32_t begin, end;
	uint64_t bits; /* a literal's; of a name: its symbol + 1, 0 before it is looked up */
} asm_step;
typedef enum asm_step_kind {
	ASM_STEP_INT,
	ASM_STEP_DOUBLE,
	ASM_STEP_FLOAT,
	ASM_STEP_NAME,
	ASM_STEP_UNARY,
	ASM_STEP_BINARY,
	ASM_STEP_SELECT
} asm_step_kind;

typedef struct asm_expr {
	asm_span span;
	uint32_t first, count; /* steps; count 0: an expression that could not be parsed */
	uint32_t scope;
	bool bad; /* an error has been reported; evaluates to nothing */
} asm_expr;

/* The meaning of the names in an expression, which depends on the place of its use. */
typedef enum asm_context { ASM_VALUE, ASM_TARGET, ASM_INVOKED, ASM_IMPORTED, ASM_SERVICE } asm_context;

/* An instruction or an alignment in code. */
enum { ASM_ITEM_ALIGN = 1, ASM_ITEM_RELAXED = 2, ASM_ITEM_NEGATED = 4, ASM_ITEM_SETTLED = 8, ASM_ITEM_BAD = 16 };
typedef struct asm_item {
	asm_span span; /* the mnemonic */
	uint32_t address, size;
	uint16_t forms[3]; /* from the shortest to the longest */
	uint8_t form_count, choice;
	uint8_t a, b, c, d;
	uint8_t flags;
	uint32_t expr, exprs; /* first and number of its expressions */
	int64_t value;        /* of the immediate, as of the last evaluation */
} asm_item;

typedef struct asm_func {
	const char *name;
	asm_span span;
	uint8_t kind; /* enum vsp_kind */
	uint8_t params, results;
	bool exported, ended, failed; /* failed: a statement was dropped, so checks of the whole program are left out */
	const char *export_name;
	uint32_t index; /* in the module, known once all is parsed */
	uint32_t start, size;
	asm_item *items;
	uint32_t item_count, item_capacity;
} asm_func;

/* A piece of data. */
typedef enum asm_chunk_kind { ASM_INTS, ASM_FLOATS, ASM_BYTES, ASM_SPACE, ASM_ALIGN } asm_chunk_kind;
typedef struct asm_chunk {
	asm_span span;
	uint8_t kind, width;
	uint32_t expr, exprs;
	const uint8_t *bytes; /* of ASM_BYTES */
	uint32_t byte_count;
	uint64_t offset, size;
} asm_chunk;

/* The data segment, or the payload of a raw section. */
typedef struct asm_stream {
	asm_span span;
	char tag[4];
	bool absent; /* .section "TAG", none */
	asm_chunk *chunks;
	uint32_t chunk_count, chunk_capacity, laid; /* laid: chunks whose offset is known */
	bool complete;                              /* all are, and size is */
	uint64_t size;
} asm_stream;

typedef struct asm_export {
	asm_span span;
	const char *name;
	const char *as; /* or null */
	asm_span as_span;
} asm_export;

/* An explicit .symbol or .loc. */
typedef struct asm_listed {
	asm_span span;
	const char *name;
	uint8_t kind;
	uint32_t expr;
} asm_listed;
typedef struct asm_loc {
	uint32_t func, item;
	uint32_t expr; /* file, line and column */
	asm_span span;
} asm_loc;

typedef struct asm_vector_u32 {
	uint32_t *at;
	uint32_t count, capacity;
} asm_vector_u32;

typedef struct asm_state {
	const vsp_assemble_options *options;
	vsp_error *error;
	vsp_arena arena; /* names, messages, symbols: freed at the end */
	bool oom;

	asm_file *files;
	uint32_t file_count, file_capacity;
	uint64_t source_bytes;

	asm_message **messages;
	uint32_t message_count, message_capacity, errors;

	/* The statement being parsed. */
	vsp_lexer lexer;
	vsp_token token;
	uint32_t file;
	asm_file include; /* with has_include: the file that the statement includes, to be parsed after it */
	bool has_include;
	uint32_t depth;
	bool failed; /* the statement has an error */

	asm_symbol *symbols; /* in order of definition */
	uint32_t symbol_count, symbol_capacity;
	uint32_t *buckets; /* symbol + 1 */
	uint32_t bucket_count;
	uint64_t salt;       /* of the hashes of names: nobody can choose names that share a bucket */
	uint32_t candidates; /* comparisons of misspelt names that are left */
	uint16_t *spellings; /* see frontend/asm/mnemonic.c */

	asm_step *steps;
	uint32_t step_count, step_capacity;
	asm_expr *exprs;
	uint32_t expr_count, expr_capacity;
	uint32_t const_depth;
	asm_value *values; /* pending in evaluations, the innermost last */
	uint32_t value_top, value_capacity;

	asm_func *funcs; /* 0: the code outside functions */
	uint32_t func_count, func_capacity;
	uint32_t func;        /* that statements go to */
	uint32_t main_symbol; /* of the code outside functions, + 1, or 0 */
	bool in_code, classic;
	uint32_t epoch; /* layout pass of code, from 1; 0 while items have no addresses */

	asm_stream *streams; /* 0: the data segment */
	uint32_t stream_count, stream_capacity;
	uint32_t stream; /* that data is written to */

	asm_export *exports;
	uint32_t export_count, export_capacity;
	asm_listed *listed;
	uint32_t listed_count, listed_capacity;
	asm_loc *locs;
	uint32_t loc_count, loc_capacity;
	uint64_t beside; /* bytes of raw sections and models */
	const char **loc_files;
	uint32_t loc_file_count, loc_file_capacity;
	bool listed_symbols, symbols_absent, listed_lines;

	vsp_import *imports;
	uint32_t import_count, import_capacity;
	vsp_model *models; /* bytes are owned by the module's arena */
	uint32_t model_count, model_capacity;

	asm_span entry;       /* .entry's name, end 0 when there is none */
	asm_span memory_span; /* .memory's, end 0 when there is none */
	uint32_t memory_expr, memory_exprs;
	asm_span stack_span;
	uint32_t stack_expr;
	asm_span mode_span;
	uint8_t mode;
	uint32_t initial_pages, max_pages, stack_top;

	vsp_module_data *module; /* under construction */
} asm_state;

/* ---- frontend/asm/report.c ---- */

/* Makes room for one more element: returns the (possibly moved) array, or null when memory is out
   and nothing changed. */
void *asm_grow(asm_state *as, void *array, uint32_t count, uint32_t *capacity, size_t element);
/* A copy of n bytes in the arena, followed by a 0; "" when memory is out. */
const char *asm_string(asm_state *as, const char *text, size_t n);
/* Reports an error about span; suggestion (may be null) is text that would replace it. Returns
   false, for "return asm_error(...)". */
bool asm_error(asm_state *as, asm_span span, const char *suggestion, const char *format, ...) VSP_PRINTF(4, 5);
/* Adds a note to the error reported last. */
void asm_note(asm_state *as, asm_span span, const char *format, ...) VSP_PRINTF(3, 4);
bool asm_out_of_memory(asm_state *as);
/* Sorts the messages by place and hands them to the caller of the assembler; fills the error
   value. */
void asm_deliver(asm_state *as);
/* Line and column (from 1) of a byte of a file. */
void asm_place(asm_state *as, uint32_t file, uint32_t offset, uint32_t *line, uint32_t *column);
const char *asm_text(const asm_state *as, asm_span span);
static inline uint32_t asm_length(asm_span span) { return span.end - span.begin; }

/* The best candidate as a string in the arena, or null when none is near. */
const char *asm_nearest(asm_state *as, const vsp_nearest *guess);

/* ---- frontend/asm/symbol.c ---- */

/* The function that instructions go to, with *scope for its local names. */
uint32_t asm_scope(const asm_state *as);

uint32_t asm_hash(const char *text, uint32_t length);
/* Defines the name of span; reports a second definition or an unusable name and returns null. The
   pointer is valid until the next. */
asm_symbol *asm_define(
        asm_state *as, asm_span span, const char *name, uint32_t length, asm_symbol_kind kind, uint32_t scope);
/* The symbol seen from the scope, or null. imports live in a space of their own. */
asm_symbol *asm_lookup(const asm_state *as, const char *name, uint32_t length, uint32_t scope, bool imports);
/* Code outside functions begins at span, unless it has begun already: its function main gets a
   symbol, which neither hides a label nor is hidden by one. */
void asm_begin_main(asm_state *as, asm_span span);
/* The defined name nearest to a misspelt one, or null. kinds: mask of 1 << asm_symbol_kind. */
const char *asm_nearest_symbol(asm_state *as, const char *name, uint32_t length, uint32_t scope, unsigned kinds);
/* Is the name a register? Its number, or -1; 16 for SP. */
int asm_register(const char *name, uint32_t length);
/* Is the name L0..LF? Its number, or -1. Labels may have these names too, so that they are
   registers only where one is due. */
int asm_layer(const char *name, uint32_t length);
/* Are the two texts the same but for the case of ASCII letters? text is length bytes, word is
   terminated. */
bool asm_same_word(const char *text, uint32_t length, const char *word);

/* ---- frontend/asm/expr.c, frontend/asm/eval.c ---- */

/* Parses an expression at the current token; its number, or ASM_NONE after an error. */
uint32_t asm_parse_expr(asm_state *as);
/* Its value at the current addresses; false when it has none, which has then been reported. */
bool asm_eval(asm_state *as, uint32_t expr, asm_context context, asm_value *value);
/* Evaluates all constants, in order of definition, so that long chains need no recursion. */
void asm_eval_all_constants(asm_state *as);
/* Evaluates a constant at its definition if it uses only others that are known. */
void asm_eval_early(asm_state *as, uint32_t symbol);
/* The same for integers only, in min..max; what names the quantity in messages ("the size"). Must
   not depend on code addresses. */
bool asm_eval_constant(asm_state *as, uint32_t expr, int64_t min, int64_t max, const char *what, int64_t *value);
/* The name of an expression that is one name, as a span; else end is 0. */
asm_span asm_expr_name(const asm_state *as, uint32_t expr);

/* ---- frontend/asm/tokens.c ---- */

void asm_advance(asm_state *as);
bool asm_at(const asm_state *as, int op);
/* Passes the token if it is op. */
bool asm_accept(asm_state *as, int op);
bool asm_expect(asm_state *as, int op, const char *where);
asm_span asm_token_span(const asm_state *as);
/* Reports that the current token is not the expected one, or the token's own problem. */
bool asm_unexpected(asm_state *as, const char *expected);
/* A string token's bytes in the arena, *length of them; null after an error. */
const char *asm_parse_string(asm_state *as, const char *what, uint32_t *length);
/* A name, plain or quoted. */
const char *asm_parse_name(asm_state *as, const char *what, asm_span *span);

/* ---- frontend/asm/statement.c ---- */

/* Parses a file whole, of which name, text, size and included are set; takes owned. */
void asm_parse_file(asm_state *as, const asm_file *file);
/* Path of an included file: relative to the folder of the including one. */
const char *asm_resolve_path(asm_state *as, const char *path);

/* ---- frontend/asm/directive.c, frontend/asm/module_directive.c ---- */
void asm_parse_directive(asm_state *as, asm_span name);
typedef struct asm_directive {
	const char *name;
	void (*parse)(asm_state *as, asm_span name, unsigned argument);
	unsigned argument;
} asm_directive;
void asm_directive_func(asm_state *as, asm_span name, unsigned kind);
void asm_directive_end(asm_state *as, asm_span name, unsigned argument);
void asm_directive_export(asm_state *as, asm_span name, unsigned argument);
void asm_directive_import(asm_state *as, asm_span name, unsigned argument);
void asm_directive_model(asm_state *as, asm_span name, unsigned argument);
void asm_directive_symbol(asm_state *as, asm_span name, unsigned argument);
void asm_directive_section(asm_state *as, asm_span name, unsigned argument);
void asm_directive_file(asm_state *as, asm_span name, unsigned argument);
void asm_directive_loc(asm_state *as, asm_span name, unsigned argument);

/* ---- frontend/asm/data.c ---- */
void asm_directive_ints(asm_state *as, asm_span name, unsigned width);
void asm_directive_floats(asm_state *as, asm_span name, unsigned width);
void asm_directive_string(asm_state *as, asm_span name, unsigned terminated);
void asm_directive_space(asm_state *as, asm_span name, unsigned argument);
void asm_directive_align(asm_state *as, asm_span name, unsigned argument);
void asm_parse_state(asm_state *as);
/* Offsets and sizes of a stream's chunks; base: linear address of its first byte, for alignment. */
void asm_layout_stream(asm_state *as, uint32_t stream, uint64_t base);
/* Errors of a stream's values. */
void asm_check_stream(asm_state *as, uint32_t stream);
/* The bytes of a stream that is laid out, in the module's arena; null when memory is out. */
uint8_t *asm_emit_stream(asm_state *as, uint32_t stream);

/* ---- frontend/asm/mnemonic.c, frontend/asm/insn.c ---- */
bool asm_mnemonics_create(asm_state *as);
/* Candidates of a spelling: numbers to pass to asm_candidate, in the order in which they are
   tried, ended by a 0 in *next. */
uint16_t asm_mnemonic_find(const asm_state *as, const char *name, uint32_t length);
uint16_t asm_mnemonic_next(const asm_state *as, uint16_t candidate);
void asm_mnemonic_get(uint16_t candidate, uint16_t *form, int *kind);
const char *asm_nearest_mnemonic(asm_state *as, const char *name, uint32_t length);
void asm_parse_instruction(asm_state *as, asm_span name);
asm_item *asm_add_item(asm_state *as, asm_span span);

/* ---- frontend/asm/layout.c, frontend/asm/emit.c ---- */
/* Gives every function and item its address and every item its form. */
void asm_layout_code(asm_state *as);
/* Range errors of all immediates, once layout is done. */
void asm_check_items(asm_state *as);
/* Fills as->module. */
void asm_emit_module(asm_state *as);
/* Verifies the module; errors are reported at the source. */
void asm_verify_module(asm_state *as);
/* The item at or before a code address, or null. */
const asm_item *asm_item_at(const asm_state *as, uint32_t address);

#endif
