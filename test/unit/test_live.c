/*
 * Liveness: the sets of single instructions against the contract, and the dataflow of small
 * functions worked out by hand, with loops, local calls, results and the state shown at the end of
 * a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "frontend/silc/silc.h"
#include "ir/live.h"
#include "test/support/silc_builder.h"

enum { NOP = 0x00, HLT = 0x01, RET = 0x02, JMP = 0x10, JZ = 0x11, CALL = 0x15, LOOP = 0x16, NONE = 0xFFFFFFFF };
enum { Z = VSP_LIVE_Z, N = VSP_LIVE_N, O = VSP_LIVE_O, ZNO = VSP_LIVE_ZNO, ALL = VSP_LIVE_ALL, REGS = 0xFFFF };
#define R(i) (1u << (i))

typedef struct fixture {
	vsp_module_data *m;
	vsp_arena arena;
	vsp_cfg cfg;
	vsp_live live;
} fixture;

static void load(fixture *x, silc_file *f)
{
	vsp_error error = VSP_ERROR_INIT;
	silc_bytes file = silc_finish(f);
	memset(x, 0, sizeof *x);
	x->m = vsp_silc_read(file.data, file.size, &error);
	silc_bytes_free(&file);
	assert_string_equal(error.message, "");
}

static void solve(fixture *x, uint32_t func, bool shown, int precise)
{
	assert_true(vsp_cfg_build(&x->cfg, x->m, func, &x->arena));
	assert_true(vsp_live_build(&x->live, &x->cfg, shown, precise, &x->arena));
}

static void release(fixture *x)
{
	vsp_arena_free(&x->arena);
	vsp_module_data_free(x->m);
}

/* One function of `results` results with this code, solved. */
static void build(fixture *x, uint8_t results, bool shown, int precise, const void *code, size_t size)
{
	silc_file f = SILC_FILE_INIT;
	silc_raw(&f.code, code, size);
	silc_func(&f, 0, (uint32_t)size, NONE, 0, results, 0, 1);
	load(x, &f);
	solve(x, 0, shown, precise);
}
#define BUILD(x, results, shown, precise, ...) \
	build((x), results, shown, precise, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

/* ---- single instructions ---- */

static void assert_effects(uint32_t reads, uint32_t writes, const void *bytes, size_t size)
{
	static const vsp_func functions[] = {{.params = 3, .results = 2}};
	static const vsp_import imports[] = {{.name = "a.b", .params = 4, .results = 1}};
	vsp_module_data m = {
	        .funcs = (vsp_func *)functions, .func_count = 1, .imports = (vsp_import *)imports, .import_count = 1};
	vsp_insn insn;
	uint32_t r, w;
	assert_null(vsp_insn_decode(bytes, size, 0, &insn));
	vsp_insn_effects(&m, &functions[0], &insn, &r, &w);
	assert_int_equal(r, reads);
	assert_int_equal(w, writes);
}
#define EFFECTS(reads, writes, ...) \
	assert_effects(reads, writes, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static void instructions_have_the_effects_of_the_contract(void **state)
{
	(void)state;
	EFFECTS(0, 0, NOP);
	EFFECTS(ALL, 0, HLT);
	EFFECTS(R(0) | R(1), 0, RET);                        /* two results */
	EFFECTS(R(3) | R(4), R(2) | ZNO, 0x4C, 0x32, 0x04);  /* ADD R2, R3, R4 */
	EFFECTS(R(3), R(2), 0x20, 0x32, 0x00);               /* MOV R2, R3 */
	EFFECTS(R(2) | R(3), R(2) | R(3), 0x26, 0x32, 0x00); /* XCHG R2, R3 */
	EFFECTS(R(2) | R(3), ZNO, 0x58, 0x32, 0x00);         /* CMP R2, R3 */
	EFFECTS(R(2) | R(3) | R(4), 0, 0x3A, 0x32, 0x64);    /* STX.64 R2, [R3 + R4*8] */
	EFFECTS(R(5) | R(3) | R(4), R(2), 0xDA, 0x32, 0x54); /* SEL R2, R5, R3, R4 */
	EFFECTS(R(12), R(12), LOOP, 0, 0, 0);
	EFFECTS(Z, 0, JZ, 0, 0, 0);
	EFFECTS(N, 0, 0x12, 0, 0, 0);                               /* JN */
	EFFECTS(0, 0, 0x13, 0, 0, 0);                               /* JC: C is the instance's */
	EFFECTS(O, 0, 0x14, 0, 0, 0);                               /* JO */
	EFFECTS(0, REGS, 0x27, 0, 0, 2);                            /* LSTATE */
	EFFECTS(REGS | 0, 0, 0x28, 0, 0, 2);                        /* SSTATE */
	EFFECTS(R(7), REGS, 0x29, 0x70, 0, 0);                      /* LSTATE [R7] */
	EFFECTS(REGS, REGS | O, 0x64);                              /* SHIFTL */
	EFFECTS(REGS, 0xFF, 0x66);                                  /* FOLD */
	EFFECTS(R(6), 0xF0, 0x67, 6);                               /* SPREAD R6 */
	EFFECTS(0xF0, R(6), 0x68, 6);                               /* GATHER R6 */
	EFFECTS(R(1), R(15), 0x87, 1);                              /* COLLAPSE R1 */
	EFFECTS(0, R(1) | Z, 0xC2, 1);                              /* SENSE R1: the number, not the value */
	EFFECTS(REGS, REGS | Z, 0xC6, 0, 0, 0);                     /* RECEIVE */
	EFFECTS(R(1) | R(2), R(1), 0x82, 0x21, 9);                  /* LERP.B R1, R2, 9 */
	EFFECTS(R(1) | R(2) | R(3) | R(4), R(1), 0x8C, 0x21, 0x43); /* INFER R1, R2, R3, R4 */
	EFFECTS(R(1) | R(2), 0, 0x8D, 0x21, 0, 0);                  /* LAUNCH 0, R1, R2 */
}

static void calls_have_the_effects_of_their_signature(void **state)
{
	(void)state;
	EFFECTS(R(0) | R(1) | R(2), R(0) | R(1), 0x1A, 0, 0, 0); /* INVOKE 0 */
	EFFECTS(R(0) | R(9), R(0) | R(1) | R(2), 0x1B, 9, 1, 3); /* INVOKEI R9, 1, 3 */
	EFFECTS(R(9) | REGS, REGS, 0x1B, 9, 16, 16);
	EFFECTS(R(9), 0, 0x1B, 9, 17, 255);                  /* nothing matches: it traps */
	EFFECTS(0xF, R(0), 0x1C, 0, 0, 0);                   /* HCALL 0 */
	EFFECTS(REGS, REGS, 0x80, 0, 0, 0);                  /* TRANS */
	EFFECTS(REGS, REGS, 0x81, 0, 0, 2);                  /* PIPE */
	EFFECTS(ALL, ZNO, 0xFF, 0x00, 0, 0);                 /* exit: the state is shown */
	EFFECTS(R(0) | R(1), 0, 0xFF, 0x01, 0, 0);           /* print_string */
	EFFECTS(REGS, 0, 0xFF, 0x06, 0, 0);                  /* print_state */
	EFFECTS(N, R(0) | N, 0xFF, 0x08, 0, 0);              /* read_int: N may stay */
	EFFECTS(R(0) | R(1) | R(2), R(0), 0xFF, 0x11, 0, 0); /* arg */
	EFFECTS(0, R(0), 0xFF, 0x20, 0, 0);                  /* clock_ns */
}

/* ---- dataflow ---- */

static void straight_code_flows_backward(void **state)
{
	(void)state;
	fixture x;
	/* ADD R0, R1, R2; MOV R1, R0; RET with one result */
	BUILD(&x, 1, false, VSP_LIVE_LAX, 0x4C, 0x10, 0x02, 0x20, 0x01, 0x00, RET);
	assert_int_equal(x.live.block_in[0], R(1) | R(2));
	assert_int_equal(x.live.block_out[0], 0);
	assert_int_equal(x.live.insn_out[0], R(0));
	assert_int_equal(x.live.insn_out[1], R(0)); /* R1 is dead, and so are the flags */
	assert_int_equal(x.live.insn_out[2], 0);
	release(&x);
}

static void what_is_shown_at_the_end_is_live(void **state)
{
	(void)state;
	fixture x;
	BUILD(&x, 1, true, VSP_LIVE_LAX, 0x4C, 0x10, 0x02, RET); /* ADD R0, R1, R2 */
	assert_int_equal(x.live.insn_out[0], ALL);
	assert_int_equal(x.live.block_in[0], REGS & ~R(0));
	release(&x);
	BUILD(&x, 1, false, VSP_LIVE_LAX, 0x4C, 0x10, 0x02, HLT); /* HLT shows the state of any function */
	assert_int_equal(x.live.insn_out[0], ALL);
	release(&x);
	BUILD(&x, 1, false, VSP_LIVE_LAX, 0x4C, 0x10, 0x02, 0x04, 1); /* after TRAP registers are the tier's business */
	assert_int_equal(x.live.insn_out[0], 0);
	release(&x);
}

static void traps_and_blocks_read_flags_when_asked(void **state)
{
	(void)state;
	static const uint8_t code[] = {0x4C, 0x10, 0x02, /* ADD R0, R1, R2 */
	        0x4F, 0x10, 0x02,                        /* DIV R0, R1, R2: may trap */
	        0x4C, 0x10, 0x02,                        /* ADD */
	        JMP, 13, 0, 0, 0x4C, 0x10, 0x02, RET};   /* ADD; RET */
	fixture x;
	build(&x, 1, false, VSP_LIVE_LAX, code, sizeof code);
	assert_int_equal(x.live.insn_out[0] & ZNO, 0);
	assert_int_equal(x.live.insn_out[2] & ZNO, 0);
	release(&x);
	build(&x, 1, false, VSP_LIVE_TRAPS, code, sizeof code);
	assert_int_equal(x.live.insn_out[0] & ZNO, ZNO);
	assert_int_equal(x.live.insn_out[1] & ZNO, 0);
	assert_int_equal(x.live.insn_out[2] & ZNO, 0);
	assert_int_equal(x.live.insn_out[4] & ZNO, 0);
	release(&x);
	build(&x, 1, false, VSP_LIVE_BLOCKS, code, sizeof code);
	assert_int_equal(x.live.insn_out[0] & ZNO, ZNO);
	assert_int_equal(x.live.insn_out[1] & ZNO, 0);
	assert_int_equal(x.live.insn_out[2] & ZNO, ZNO); /* the next block begins after the JMP */
	assert_int_equal(x.live.insn_out[4] & ZNO, 0);
	release(&x);
}

static void loops_keep_what_the_next_round_reads(void **state)
{
	(void)state;
	fixture x;
	/* 0: ADD R0, R0, R5; 3: LOOP 0; 7: RET */
	BUILD(&x, 1, false, VSP_LIVE_LAX, 0x4C, 0x00, 0x05, LOOP, 0, 0, 0, RET);
	assert_int_equal(x.live.block_in[0], R(0) | R(5) | R(12));
	assert_int_equal(x.live.block_out[0], R(0) | R(5) | R(12));
	assert_int_equal(x.live.block_in[1], R(0));
	release(&x);
}

static void flags_live_across_blocks(void **state)
{
	(void)state;
	fixture x;
	/* 0: CMP R1, R2; JMP 7; 7: JZ 12; 11: RET; 12: RET */
	BUILD(&x, 0, false, VSP_LIVE_LAX, 0x58, 0x21, 0x00, JMP, 7, 0, 0, JZ, 12, 0, 0, RET, RET);
	assert_int_equal(x.live.insn_out[0], Z);
	assert_int_equal(x.live.block_in[0], R(1) | R(2));
	release(&x);
}

static void rets_keep_what_is_live_behind_calls(void **state)
{
	(void)state;
	fixture x;
	/*
	 * 0: CALL 15; 4: MOV R0, R3; 7: CALL 15; 11: MOV R0, R4; 14: RET; 15: MOV R6, R7; 18: RET,
	 * no results. Behind the calls R3, R4 (and what R7 needs for the second call) are live, so
	 * they are at 18 and at 14 too.
	 */
	BUILD(&x, 0, false, VSP_LIVE_LAX, CALL, 15, 0, 0, 0x20, 0x30, 0, CALL, 15, 0, 0, 0x20, 0x40, 0, RET, 0x20, 0x76,
	        0, RET);
	assert_int_equal(x.cfg.block_count, 4);
	assert_int_equal(x.live.block_out[3], R(3) | R(4) | R(7));
	assert_int_equal(x.live.block_out[2], R(3) | R(4) | R(7)); /* 14 may be a local RET for all that is known */
	assert_int_equal(x.live.block_in[3], R(3) | R(4) | R(7));
	assert_int_equal(x.live.block_in[0], R(3) | R(4) | R(7));
	assert_int_equal(x.live.block_in[1], R(3) | R(4) | R(7));
	release(&x);
	BUILD(&x, 1, false, VSP_LIVE_LAX, CALL, 5, 0, 0, RET, RET); /* results are live at every RET */
	for (uint32_t b = 0; b < 3; b++)
		assert_int_equal(x.live.block_in[b], R(0));
	release(&x);
}

static void transforms_return_all_registers(void **state)
{
	(void)state;
	silc_file f = SILC_FILE_INIT;
	SILC_RAW(&f.code, RET, 0x20, 0x10, 0x00, RET); /* MOV R0, R1; RET */
	silc_func(&f, 0, 1, NONE, 0, 0, 0, 0);
	silc_func(&f, 1, 4, NONE, 16, 16, 1, 0);
	fixture x;
	load(&x, &f);
	solve(&x, 1, false, VSP_LIVE_LAX);
	assert_int_equal(x.live.insn_out[0], REGS);
	assert_int_equal(x.live.block_in[0], REGS & ~R(0));
	release(&x);
}

static void what_nobody_needs_reads_nothing(void **state)
{
	(void)state;
	fixture x;
	/* ADD R3, R1, R2; MOV R4, R3; CMP R4, R5; DIV R6, R7, R8; MOV R0, R9; RET with one
	   result: of all this only the DIV, which may trap, and R9 matter */
	BUILD(&x, 1, false, VSP_LIVE_NEEDED, 0x4C, 0x13, 0x02, 0x20, 0x34, 0x00, 0x58, 0x54, 0x00, 0x4F, 0x76, 0x08,
	        0x20, 0x90, 0x00, RET);
	static const bool needless[] = {true, true, true, false, false, false};
	assert_memory_equal(x.live.needless, needless, sizeof needless);
	assert_int_equal(x.live.block_in[0], R(7) | R(8) | R(9));
	assert_int_equal(x.live.read, R(7) | R(8) | R(9) | R(0));
	assert_int_equal(x.live.written, R(6) | R(0) | ZNO);
	release(&x);
	/* 0: ADD R1, R1, R2; 3: LOOP 0; 7: RET: a sum that only its own next iteration reads is
	   not needed either */
	BUILD(&x, 1, false, VSP_LIVE_NEEDED, 0x4C, 0x11, 0x02, LOOP, 0, 0, 0, RET);
	assert_true(x.live.needless[0]);
	assert_int_equal(x.live.block_in[0], R(0) | R(12));
	release(&x);
	BUILD(&x, 1, true, VSP_LIVE_NEEDED, 0x4C, 0x11, 0x02, LOOP, 0, 0, 0, RET); /* unless it is shown */
	assert_false(x.live.needless[0]);
	assert_int_equal(x.live.block_in[0], REGS); /* the sum writes the flags */
	assert_int_equal(x.live.read, R(1) | R(2) | R(12));
	assert_int_equal(x.live.written, R(1) | R(12) | ZNO);
	release(&x);
}

/* Of the random code. */
static bool only_writes(const vsp_insn *i) { return i->form == VSP_I_MOV || i->form == VSP_I_CMP; }

/* The naive solution: repeat over all instructions and all edges, RETs' included, until nothing
   changes. */
static void solve_naively(const fixture *x, uint32_t *in, bool needed)
{
	const vsp_func *f = &x->m->funcs[x->cfg.func];
	for (bool changed = true; changed;) {
		changed = false;
		for (uint32_t b = 0; b < x->cfg.block_count; b++) {
			const vsp_block *block = &x->cfg.blocks[b];
			uint32_t live = 0;
			for (uint32_t i = 0; i < block->succ_count; i++)
				live |= in[x->cfg.succs[block->succ_first + i]];
			for (uint32_t i = 0; block->ends_in_ret && i < x->cfg.return_count; i++)
				live |= in[x->cfg.returns[i]];
			for (uint32_t i = block->first + block->count; i-- > block->first;) {
				uint32_t reads, writes;
				vsp_insn_effects(x->m, f, &x->cfg.insns[i], &reads, &writes);
				if (needed && only_writes(&x->cfg.insns[i]) && !(live & writes))
					continue;
				live = (live & ~writes) | reads;
			}
			changed |= live != in[b];
			in[b] = live;
		}
	}
}

static uint32_t next_random(uint32_t *seed) { return (*seed = *seed * 1664525 + 1013904223) >> 16; }

/* Random code: register moves, and branches, CALLs and RETs among 3-byte and 4-byte slots made 4
   bytes by a NOP. */
static void random_code(silc_bytes *code, uint32_t slots, uint32_t *seed)
{
	for (uint32_t i = 0; i + 1 < slots; i++) {
		uint32_t target = 4 * (next_random(seed) % slots);
		uint8_t a = (uint8_t)next_random(seed),
		        t[3] = {(uint8_t)target, (uint8_t)(target >> 8), (uint8_t)(target >> 16)};
		switch (next_random(seed) % 8) {
		case 0: SILC_RAW(code, JMP, t[0], t[1], t[2]); break;
		case 1: SILC_RAW(code, CALL, t[0], t[1], t[2]); break;
		case 2: SILC_RAW(code, LOOP, t[0], t[1], t[2]); break;
		case 3: SILC_RAW(code, JZ, t[0], t[1], t[2]); break;
		case 4: SILC_RAW(code, NOP, NOP, NOP, RET); break;
		case 5: SILC_RAW(code, 0x58, a, 0x00, NOP); break;  /* CMP */
		default: SILC_RAW(code, 0x20, a, 0x00, NOP); break; /* MOV */
		}
	}
	SILC_RAW(code, NOP, NOP, NOP, RET);
}

static void random_functions_agree_with_the_naive_solution(void **state)
{
	(void)state;
	uint32_t seed = 1;
	for (int round = 0; round < 500 / VSP_TEST_EVERY; round++) {
		silc_bytes code = {0};
		random_code(&code, 2 + next_random(&seed) % 40, &seed);
		bool needed = round % 2;
		fixture x;
		build(&x, 1, false, needed ? VSP_LIVE_NEEDED : VSP_LIVE_LAX, code.data, code.size);
		uint32_t in[64] = {0};
		solve_naively(&x, in, needed);
		assert_memory_equal(in, x.live.block_in, x.cfg.block_count * sizeof in[0]);
		release(&x);
		silc_bytes_free(&code);
	}
}

/* Linear in practice: an algorithm that is quadratic in blocks or in RETs times CALLs would not
   end within the time of a test. */
static void large_functions_are_solved(void **state)
{
	(void)state;
	uint32_t seed = 7;
	silc_bytes code = {0};
	random_code(&code, 1000000, &seed);
	fixture x;
	build(&x, 1, false, VSP_LIVE_TRAPS, code.data, code.size);
	assert_true(x.cfg.block_count > 300000);
	release(&x);
	silc_bytes_free(&code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(instructions_have_the_effects_of_the_contract),
	        cmocka_unit_test(calls_have_the_effects_of_their_signature),
	        cmocka_unit_test(straight_code_flows_backward),
	        cmocka_unit_test(what_is_shown_at_the_end_is_live),
	        cmocka_unit_test(traps_and_blocks_read_flags_when_asked),
	        cmocka_unit_test(loops_keep_what_the_next_round_reads),
	        cmocka_unit_test(flags_live_across_blocks),
	        cmocka_unit_test(rets_keep_what_is_live_behind_calls),
	        cmocka_unit_test(transforms_return_all_registers),
	        cmocka_unit_test(what_nobody_needs_reads_nothing),
	        cmocka_unit_test(random_functions_agree_with_the_naive_solution),
	        cmocka_unit_test(large_functions_are_solved),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
