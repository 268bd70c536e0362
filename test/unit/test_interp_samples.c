/*
 * Sampling of functions that wait for a compiler: they change between two versions of their code in
 * mid-run, which only the counts may show. The compiler here never answers.
 */
#include "interp_support.h"

#include "ir/profile.h"

enum { ROUNDS = 3000, INNER = 7 };

static const void *never(vsp_compiler *self, vsp_rt *rt, uint32_t func, uint32_t pc, uint32_t count, uint32_t *next_at)
{
	(void)self;
	(void)rt;
	(void)func;
	(void)pc;
	*next_at = count + 64;
	return NULL;
}

static uint32_t a_hundred(vsp_compiler *self, uint32_t func, bool loop)
{
	(void)self;
	(void)func;
	(void)loop;
	return 100;
}

static void ignore(vsp_compiler *self, bool pending)
{
	(void)self;
	(void)pending;
}

/* ROUNDS times INNER calls of a subroutine that adds R2 to R0, and of a function that adds 1 to
   R4; then a division by 0. */
static void make_program(program *p, uint32_t *inner_branch)
{
	put(p, VSP_I_MOVI_64, 1, 0, 0, 0, ROUNDS);
	uint32_t outer = put(p, VSP_I_MOVI_64, 2, 0, 0, 0, INNER);
	uint32_t inner = put(p, VSP_I_CALL, 0, 0, 0, 0, 0);
	put(p, VSP_I_INVOKE, 0, 0, 0, 0, 1);
	put(p, VSP_I_ADDI_8, 2, 2, 0, 0, -1);
	*inner_branch = put(p, VSP_I_BNZ, 2, 0, 0, 0, inner);
	put(p, VSP_I_ADDI_8, 1, 1, 0, 0, -1);
	put(p, VSP_I_BNZ, 1, 0, 0, 0, outer);
	put(p, VSP_I_DIV, 0, 0, 3, 0, 0);
	put(p, VSP_I_HLT, 0, 0, 0, 0, 0);
	land(p, inner);
	put(p, VSP_I_ADD, 4, 4, 2, 0, 0);
	put(p, VSP_I_RET, 0, 0, 0, 0, 0);
	func(p, VSP_KIND_FUNCTION, 1, 1);
	put(p, VSP_I_ADDI_8, 0, 0, 0, 0, 1);
	put(p, VSP_I_RET, 0, 0, 0, 0, 0);
}

static void samples_change_nothing_but_counts(void **unused)
{
	(void)unused;
	program p = {.size = 0}, q = {.size = 0};
	uint32_t branch;
	machine plain, sampled;
	make_program(&p, &branch);
	make_program(&q, &branch);
	machine_options o = {.bounds = VSP_BOUNDS_AUTO, .exec = {.count = true}};
	machine_open(&plain, &p, &o);
	vsp_module_data layout = {.code = q.code, .code_size = q.size, .funcs = q.funcs, .func_count = q.func_count};
	for (uint32_t i = 0; i < q.func_count; i++)
		q.funcs[i].size = p.funcs[i].size;
	vsp_profile *profile = vsp_profile_create(&layout);
	vsp_compiler compiler = {
	        .version = VSP_COMPILER_VERSION, .first_count = a_hundred, .hot = never, .interrupt = ignore};
	o.exec.compiler = &compiler;
	o.exec.sample = profile;
	machine_open(&sampled, &q, &o);
	assert_int_equal(machine_run(&plain), VSP_TRAPPED);
	assert_int_equal(machine_run(&sampled), VSP_TRAPPED);
	assert_int_equal(sampled.rt.trap.kind, VSP_TRAP_DIV_BY_ZERO);
	assert_int_equal(sampled.rt.trap.frames[0].pc, plain.rt.trap.frames[0].pc);
	assert_int_equal(sampled.rt.flags, plain.rt.flags);
	assert_memory_equal(sampled.rt.r, plain.rt.r, sizeof plain.rt.r);
	assert_int_equal(sampled.rt.r[4], ROUNDS * (INNER * (INNER + 1) / 2));
	assert_int_equal(sampled.rt.r[0], ROUNDS * INNER);
	assert_int_equal(vsp_exec_instructions(sampled.x), vsp_exec_instructions(plain.x));

	/* Some of it was counted, not all, and in its proportions: of INNER times the inner
	   branch is not taken once. */
	const vsp_func_profile *f = vsp_profile_known(profile, 0);
	uint64_t taken, not_taken;
	assert_non_null(f);
	vsp_profile_branch(f, vsp_profile_site_at(f, branch), &taken, &not_taken);
	assert_in_range(taken + not_taken, 200, ROUNDS * INNER / 2);
	assert_in_range(taken / not_taken, INNER - 2, INNER);
	assert_non_null(vsp_profile_known(profile, 1));
	assert_in_range(vsp_profile_get(vsp_profile_known(profile, 1), VSP_PROFILE_ENTRIES), 64, ROUNDS * INNER / 2);
	machine_close(&sampled);
	machine_close(&plain);
	vsp_profile_destroy(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(samples_change_nothing_but_counts)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
