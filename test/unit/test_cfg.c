/*
 * Basic blocks, edges, loop heads, CALLs and reachability of small functions written by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "frontend/silc/silc.h"
#include "ir/cfg.h"
#include "test/support/silc_builder.h"

enum { NOP = 0x00, HLT = 0x01, RET = 0x02, JMP = 0x10, JZ = 0x11, CALL = 0x15, LOOP = 0x16, BRTAB = 0x1D };

typedef struct fixture {
	vsp_module_data *m;
	vsp_arena arena;
	vsp_cfg cfg;
} fixture;

/* The control flow of a program that is one function. */
static void build(fixture *x, const void *code, size_t size)
{
	silc_file f = SILC_FILE_INIT;
	silc_raw(&f.code, code, size);
	silc_bytes file = silc_finish(&f);
	vsp_error error = VSP_ERROR_INIT;
	memset(x, 0, sizeof *x);
	x->m = vsp_silc_read(file.data, file.size, &error);
	silc_bytes_free(&file);
	assert_string_equal(error.message, "");
	assert_true(vsp_cfg_build(&x->cfg, x->m, 0, &x->arena));
}
#define BUILD(x, ...) build((x), (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static void release(fixture *x)
{
	vsp_arena_free(&x->arena);
	vsp_module_data_free(x->m);
}

/* Block b is at start..end and has these successors. */
static void assert_block(
        const vsp_cfg *cfg, uint32_t b, uint32_t start, uint32_t end, uint32_t count, const uint32_t *succs)
{
	const vsp_block *block = &cfg->blocks[b];
	assert_int_equal(block->start, start);
	assert_int_equal(block->end, end);
	assert_int_equal(cfg->insns[block->first].pc, start);
	assert_int_equal(block->succ_count, count);
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(cfg->succs[block->succ_first + i], succs[i]);
}
#define SUCCS(...) \
	sizeof(const uint32_t[]){__VA_ARGS__} / 4, (const uint32_t[]) { __VA_ARGS__ }

static void straight_code_is_one_block(void **state)
{
	(void)state;
	fixture x;
	BUILD(&x, NOP, NOP, 0x20, 0x10, 0x00, HLT);
	assert_int_equal(x.cfg.insn_count, 4);
	assert_int_equal(x.cfg.block_count, 1);
	assert_block(&x.cfg, 0, 0, 6, 0, NULL);
	assert_int_equal(x.cfg.blocks[0].count, 4);
	assert_true(x.cfg.blocks[0].reachable);
	assert_false(x.cfg.blocks[0].loop_head);
	assert_false(x.cfg.blocks[0].target);
	assert_false(x.cfg.blocks[0].ends_in_ret);
	assert_false(x.cfg.has_calls);
	release(&x);
}

static void branches_have_the_taken_edge_first(void **state)
{
	(void)state;
	fixture x;
	BUILD(&x, JZ, 5, 0, 0, NOP, NOP, HLT); /* 0: JZ 5; 4: NOP; 5: NOP; HLT */
	assert_int_equal(x.cfg.block_count, 3);
	assert_block(&x.cfg, 0, 0, 4, SUCCS(2, 1));
	assert_block(&x.cfg, 1, 4, 5, SUCCS(2)); /* falls into a target */
	assert_block(&x.cfg, 2, 5, 7, 0, NULL);
	assert_true(x.cfg.blocks[2].target);
	assert_false(x.cfg.blocks[1].target);
	assert_int_equal(x.cfg.loop_count, 0);
	for (uint32_t pc = 0; pc < 6; pc++)
		if (pc == 0 || pc >= 4)
			assert_int_equal(vsp_cfg_block_at(&x.cfg, pc), pc == 0 ? 0 : pc - 3);
	release(&x);
	BUILD(&x, JZ, 4, 0, 0, HLT); /* both edges to one block */
	assert_block(&x.cfg, 0, 0, 4, SUCCS(1, 1));
	release(&x);
}

static void targets_of_backward_branches_are_loop_heads(void **state)
{
	(void)state;
	fixture x;
	BUILD(&x, NOP, NOP, LOOP, 1, 0, 0, JMP, 6, 0, 0); /* 0: NOP; 1: NOP; LOOP 1; 6: JMP 6 */
	assert_int_equal(x.cfg.block_count, 3);
	assert_block(&x.cfg, 0, 0, 1, SUCCS(1));
	assert_block(&x.cfg, 1, 1, 6, SUCCS(1, 2));
	assert_block(&x.cfg, 2, 6, 10, SUCCS(2));
	assert_false(x.cfg.blocks[0].loop_head);
	assert_true(x.cfg.blocks[1].loop_head);
	assert_true(x.cfg.blocks[2].loop_head);
	assert_int_equal(x.cfg.loop_count, 2);
	release(&x);
}

static void tables_have_an_edge_per_target_and_one_behind(void **state)
{
	(void)state;
	fixture x;
	BUILD(&x, BRTAB, 0, 3, 0, 14, 0, 0, 13, 0, 0, 14, 0, 0, RET, HLT); /* 0: BRTAB 14, 13, 14; 13: RET; 14: HLT */
	assert_int_equal(x.cfg.block_count, 3);
	assert_block(&x.cfg, 0, 0, 13, SUCCS(2, 1, 2, 1));
	release(&x);
	BUILD(&x, BRTAB, 0, 0, 0, HLT);
	assert_block(&x.cfg, 0, 0, 4, SUCCS(1));
	release(&x);
}

static void what_may_re_enter_the_host_or_call_ends_a_block(void **state)
{
	(void)state;
	fixture x;
	/* INVOKE 0, SYSCALL print_newline, INVOKEI, NOP, RET */
	BUILD(&x, 0x1A, 0, 0, 0, 0xFF, 0x0B, 0, 0, 0x1B, 0, 0, 0, NOP, RET);
	assert_int_equal(x.cfg.block_count, 4);
	assert_block(&x.cfg, 0, 0, 4, SUCCS(1));
	assert_block(&x.cfg, 1, 4, 8, SUCCS(2));
	assert_block(&x.cfg, 2, 8, 12, SUCCS(3));
	assert_block(&x.cfg, 3, 12, 14, 0, NULL);
	release(&x);
}

static void rets_land_behind_calls(void **state)
{
	(void)state;
	fixture x;
	/* 0: CALL 9; 4: CALL 9; 8: HLT; 9: RET */
	BUILD(&x, CALL, 9, 0, 0, CALL, 9, 0, 0, HLT, RET);
	assert_true(x.cfg.has_calls);
	assert_int_equal(x.cfg.block_count, 4);
	assert_block(&x.cfg, 0, 0, 4, SUCCS(3));
	assert_block(&x.cfg, 1, 4, 8, SUCCS(3));
	assert_block(&x.cfg, 2, 8, 9, 0, NULL);
	assert_block(&x.cfg, 3, 9, 10, 0, NULL);
	assert_int_equal(x.cfg.return_count, 2);
	assert_int_equal(x.cfg.returns[0], 1);
	assert_int_equal(x.cfg.returns[1], 2);
	assert_true(x.cfg.blocks[3].ends_in_ret);
	assert_true(x.cfg.blocks[3].call_target);
	assert_true(x.cfg.blocks[1].call_return);
	assert_false(x.cfg.blocks[0].call_return);
	for (uint32_t b = 0; b < 4; b++)
		assert_true(x.cfg.blocks[b].reachable);
	release(&x);
}

static void code_behind_a_call_that_never_returns_is_unreachable(void **state)
{
	(void)state;
	fixture x;
	BUILD(&x, CALL, 5, 0, 0, HLT, JMP, 5, 0, 0); /* 0: CALL 5; 4: HLT; 5: JMP 5 */
	assert_true(x.cfg.blocks[0].reachable);
	assert_false(x.cfg.blocks[1].reachable);
	assert_true(x.cfg.blocks[2].reachable);
	release(&x);
	/* 0: JMP 12; 4: CALL 11; 8: NOP; 9: NOP; 10: RET; 11: RET; 12: CALL 11; 16: HLT. The
	   first CALL is dead, so is 8. */
	BUILD(&x, JMP, 12, 0, 0, CALL, 11, 0, 0, NOP, NOP, RET, RET, CALL, 11, 0, 0, HLT);
	assert_false(x.cfg.blocks[1].reachable);
	assert_false(x.cfg.blocks[vsp_cfg_block_at(&x.cfg, 8)].reachable);
	assert_true(x.cfg.blocks[vsp_cfg_block_at(&x.cfg, 11)].reachable);
	assert_true(x.cfg.blocks[vsp_cfg_block_at(&x.cfg, 16)].reachable);
	release(&x);
}

static void functions_are_separate(void **state)
{
	(void)state;
	silc_file f = SILC_FILE_INIT;
	SILC_RAW(&f.code, JMP, 0, 0, 0, NOP, JMP, 4, 0, 0);
	silc_func(&f, 0, 4, 0xFFFFFFFF, 0, 0, 0, 0), silc_func(&f, 4, 5, 0xFFFFFFFF, 0, 0, 0, 0);
	silc_bytes file = silc_finish(&f);
	fixture x = {.m = vsp_silc_read(file.data, file.size, NULL)};
	silc_bytes_free(&file);
	assert_non_null(x.m);
	assert_true(vsp_cfg_build(&x.cfg, x.m, 1, &x.arena));
	assert_int_equal(x.cfg.insn_count, 2);
	assert_int_equal(x.cfg.block_count, 1);
	assert_block(&x.cfg, 0, 4, 9, SUCCS(0));
	release(&x);
}

/* 50,000 CALLs and 50,000 RETs: edges between each pair would be 2.5 thousand million. */
static void large_functions_take_linear_memory(void **state)
{
	(void)state;
	enum { N = 50000 };
	silc_bytes code = {0};
	for (uint32_t i = 0; i < N; i++) {
		SILC_RAW(&code, CALL, 4, 0, 0, RET);
	}
	fixture x;
	build(&x, code.data, code.size);
	assert_int_equal(x.cfg.insn_count, 2 * N);
	assert_int_equal(x.cfg.block_count, 2 * N);
	assert_int_equal(x.cfg.return_count, N);
	assert_int_equal(x.cfg.succ_count, N);
	assert_true(x.arena.total < 16u << 20);
	release(&x);
	silc_bytes_free(&code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(straight_code_is_one_block),
	        cmocka_unit_test(branches_have_the_taken_edge_first),
	        cmocka_unit_test(targets_of_backward_branches_are_loop_heads),
	        cmocka_unit_test(tables_have_an_edge_per_target_and_one_behind),
	        cmocka_unit_test(what_may_re_enter_the_host_or_call_ends_a_block),
	        cmocka_unit_test(rets_land_behind_calls),
	        cmocka_unit_test(code_behind_a_call_that_never_returns_is_unreachable),
	        cmocka_unit_test(functions_are_separate),
	        cmocka_unit_test(large_functions_take_linear_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
