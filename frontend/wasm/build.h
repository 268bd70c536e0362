/*
 * Making intermediate code of WebAssembly code: the operand stack of the translation, blocks and
 * tests, between the files build_*.c.
 *
 * The operand stack holds where values are, not code that makes them: in a virtual register, in a
 * local that has not changed since, or nowhere, because they are constant. A register that is no
 * local stands in the stack once. Values below a block are never in locals, since the block may
 * change these on some ways through it only.
 */
#ifndef VSP_FRONTEND_WASM_BUILD_H
#define VSP_FRONTEND_WASM_BUILD_H

#include "code.h"
#include "debug_lines.h"
#include "ir.h"
#include "plan.h"

typedef enum value_kind { VALUE_REG, VALUE_LOCAL, VALUE_CONST } value_kind;
typedef struct build_value {
	uint8_t kind;      /* value_kind */
	uint32_t reg;      /* virtual register, also of a local */
	uint32_t local;    /* VALUE_LOCAL: its index */
	uint32_t previous; /* VALUE_LOCAL: the place of the next lower one of that local, + 1 */
	int64_t bits;      /* VALUE_CONST */
} build_value;

typedef struct build_block {
	uint16_t code; /* WASM_BLOCK, LOOP, IF, ELSE */
	bool entered;  /* its start is reached */
	bool label_used;
	uint32_t label;      /* of its end, or of a loop's start */
	uint32_t else_label; /* of an if */
	uint32_t height;     /* of the operand stack below its parameters */
	uint32_t params, results;
	uint32_t param_regs;       /* of a loop: the first of its registers */
	uint32_t result_regs;      /* the same for results, or IR_NO_REG: none yet */
	uint32_t saved;            /* of an if: the place of its parameters in build.saved */
	uint32_t start;            /* of a loop: its first instruction */
	uint32_t serial;           /* no other block of the function has it, nor the two arms of an if */
	uint32_t stub, stub_round; /* a label of br_table that moves values first */
} build_block;

/* A test whose result was put into reg by the instructions from start to end: form a, b, or with
   form IR_NOTHING a != 0; the opposite if negated. */
typedef struct build_test {
	uint32_t start, end, reg;
	uint16_t form;
	bool negated;
	build_value a, b;
} build_test;

/*
 * A local begins as 0 only if it may be read before it is set. Control is structured: what is set
 * in a block is set until the block's end, however that code is reached.
 */
typedef struct build_local {
	uint32_t round; /* of the function that the rest is about */
	uint32_t reg;
	uint32_t pending;       /* the place of the topmost VALUE_LOCAL, + 1 */
	bool ready;             /* a parameter, or it begins as 0 */
	uint32_t depth, serial; /* the block in which it is set, one of build.blocks; depth 0: none */
} build_local;

/* A place that traps, which branches with one line share. */
typedef struct build_trap {
	uint32_t label, line;
	uint16_t code;
} build_trap;
/* Stands for an access outside of memory among the codes of traps. */
enum { BUILD_OUT_OF_BOUNDS = 0x100 };

typedef struct build {
	const wasm_module *m;
	const wasm_plan *plan;
	ir_code *ir;
	wasm_lines *lines;
	wasm_code code;
	build_value *values;
	build_value *saved;
	build_block *blocks;
	build_local *locals; /* WASM_MAX_LOCALS */
	uint32_t *zeros;     /* locals that begin as 0, WASM_MAX_LOCALS */
	uint32_t height, value_room, saved_count, saved_room, depth, block_room, zero_count;
	uint32_t unflushed; /* values below it are in no local */
	uint32_t func, round, table_round, loop_depth;
	uint32_t last_serial;
	uint32_t return_label; /* or IR_NO_REG */
	build_trap *traps;
	uint32_t trap_count, trap_room;
	build_test test;
	bool live; /* the place is reached */
} build;

/* ---- build_stack.c ---- */

void build_push(build *b, build_value value);
void build_push_reg(build *b, uint32_t reg);
void build_push_const(build *b, uint64_t bits);
build_value build_pop(build *b);
/* Pops values until height are left. */
void build_drop(build *b, uint32_t height);
/* The register of a value, which an instruction loads with it when it is a constant. */
uint32_t build_use(build *b, build_value value);
uint32_t build_pop_reg(build *b);
static inline uint32_t build_temp(build *b) { return ir_new_reg(b->ir, IR_TEMP); }
/*
 * Adds an instruction with fields a, b, c. No two operands of one call may build instructions of
 * their own: C compilers differ in which comes first, and translations must not.
 */
void build_insn(build *b, uint16_t form, uint32_t a, uint32_t vb, uint32_t c, int64_t imm);
void build_label(build *b, uint32_t label);
void build_jump(build *b, uint32_t label);
/* reg = value */
void build_move(build *b, uint32_t reg, build_value value);
/* Moves what is in locals to registers: all of it, so that a block may follow. */
void build_flush(build *b);
void build_local_get(build *b, uint32_t local);
void build_local_set(build *b, uint32_t local, bool keep);

/* ---- build_test.c ---- */

/* Pushes the result of a test, whose instructions it adds. */
void build_push_test(build *b, uint16_t form, build_value x, build_value y);
void build_eqz(build *b);
/* A test of a popped value, whose instructions it removes if they are the last ones. */
build_test build_take_test(build *b, build_value value);
/* Goes to label if the test's result is sense. */
void build_branch(build *b, build_test test, bool sense, uint32_t label);
void build_select(build *b);

/* ---- build_control.c ---- */

void build_control(build *b, const wasm_insn *insn);
/* Ends the function with the values on top as results. */
void build_return(build *b);
/* Adds the instructions that labels of traps and of returns without results stand for. */
void build_tails(build *b);

/* ---- build_traps.c ---- */

/* The label of the instruction that traps with code. */
uint32_t build_trap_label(build *b, unsigned code);
/* Adds an access to what is never there. */
void build_out_of_bounds(build *b);
/* Adds the instructions that labels of traps stand for. */
void build_traps(build *b);

/* ---- build_tables.c ---- */

/* Instructions of tables and references. */
void build_table(build *b, const wasm_insn *insn);
/* The reference in an entry; -1, which no function has, where there is no entry. */
uint32_t build_table_entry(build *b, uint32_t table, uint32_t index);

/* ---- build_simple.c, build_convert.c, build_memory.c, build_calls.c ---- */

/* False: the instruction has a handler of its own. */
bool build_simple(build *b, const wasm_insn *insn);
void build_divide(build *b, uint16_t form);
void build_trunc(build *b, bool from_double, bool wide, bool is_unsigned);
/* Accesses to so many bytes. */
void build_load(build *b, uint16_t form, uint64_t offset, unsigned bytes);
void build_store(build *b, uint16_t form, uint64_t offset, unsigned bytes);
/* The linear address of one of the program; in the null page when it is beyond 4 GiB. */
uint32_t build_linear(build *b, uint32_t reg);
void build_memory(build *b, const wasm_insn *insn);
/*
 * Traps unless count (of 64 bits) from index from on are in a segment, and gives from in 64 bits.
 * size: of the segment, or WASM_NO_INDEX for what code has of it, which may have dropped it.
 */
uint32_t build_segment(
        build *b, const wasm_segment_place *s, uint32_t size, uint32_t from, uint32_t count, unsigned trap);
void build_drop_segment(build *b, const wasm_segment_place *s);
/* memory.init and table.init of the values on the stack; size as above. */
void build_data_init(build *b, uint32_t index, uint32_t size);
void build_table_init(build *b, uint32_t table, uint32_t elem, uint32_t size);
/* Trap unless the module's memory has so many pages, or its table so many entries. */
void build_check_memory(build *b, uint32_t pages);
void build_check_table(build *b, uint32_t table, uint32_t entries);
void build_call(build *b, const wasm_insn *insn);
/* A call of an import that is one of VSP's own instructions; offset: in the file. */
void build_guest(build *b, uint32_t func, uint64_t offset);
/* The function's entry: parameters, and i32 sign-extended when a host may call it. */
void build_entry(build *b);

/* ---- build.c ---- */

/* Makes b->ir of a function. False: it failed, as b->code.r.status says. */
bool build_function(build *b, uint32_t func, vsp_error *error);
/*
 * The same for the initialization of the module: calls of the first functions of FUNC that calls
 * names, what segments put into tables and memories of other modules, then the other calls. There
 * is none of WASM_NO_INDEX.
 */
bool build_initialize(build *b, const uint32_t *calls, uint32_t before, uint32_t count, vsp_error *error);
bool build_create(build *b, ir_code *ir);
/* From now on it is about functions of that module. */
void build_open(build *b, const wasm_plan *plan, wasm_lines *lines);
void build_destroy(build *b);
#endif
