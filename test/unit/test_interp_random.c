/*
 * Random programs give the same end in every version of tier 0's code: with and without pairs, with
 * guard pages and explicit bounds, metered, profiled, stepped. The end is the registers, flags, SP,
 * memory, the trap and its place.
 */
#include "interp_support.h"

static uint64_t seed;

static uint32_t pick(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((seed >> 33) % n);
}

/* Forms that compute, load, store or test, by their operands; control is put in by hand. */
static bool is_plain(unsigned form)
{
	const vsp_form_info *info = &vsp_forms[form];
	unsigned refused =
	        VSP_FX_END | VSP_FX_HOST | VSP_FX_BATCH | VSP_FX_INST_W | VSP_FX_SP_W | VSP_FX_WAIT | VSP_FX_CALL;
	bool counter = info->implicit == VSP_X_ALL_W || info->implicit == VSP_X_ALL_RW || info->implicit == VSP_X_RF_W;
	return !(info->effects & refused) && !counter && form != VSP_I_MEMSIZE;
}

static void put_random(program *p)
{
	unsigned form;
	do
		form = pick(VSP_FORMS);
	while (!is_plain(form));
	unsigned used = 0;
	for (int i = 0; i < 4; i++)
		used |= vsp_operands[vsp_forms[form].operands[i]].fields;
	int64_t min = 0, max = 0;
	vsp_operand_range(vsp_form_immediate((vsp_form)form), &min, &max);
	if (vsp_form_sense((vsp_form)form) == VSP_SENSE_GLOBAL)
		max = MACHINE_GLOBALS - 1;
	if (vsp_form_sense((vsp_form)form) == VSP_SENSE_SLOT)
		max = 5;
	int64_t imm =
	        max == INT64_MAX ? (int64_t)pick(1000) : min + (int64_t)(pick(1u << 30) % ((uint64_t)(max - min) + 1));
	if (vsp_forms[form].effects & (VSP_FX_LOAD | VSP_FX_STORE) && max > 255)
		imm = max > INT16_MAX ? DATA + pick(64) : (int64_t)pick(64);
	/* R12 counts, and is written by nothing else; R8..R11 are mostly addresses. */
	unsigned a = pick(8), b = pick(12), c = pick(8), d = pick(8);
	if (vsp_forms[form].effects & (VSP_FX_LOAD | VSP_FX_STORE))
		b = 8 + pick(4);
	put(p, (vsp_form)form, used & 1 ? a : 0, used & 2 ? b : 0, used & 4 ? c : 0, used & 8 ? d : 0, imm);
}

/* One instruction that a BRTAB skips for some values of a register. */
static void put_table(program *p)
{
	vsp_insn insn = {.form = VSP_I_BRTAB, .a = (uint8_t)pick(8), .pc = p->size, .imm = 2};
	uint32_t targets[2] = {p->size + 10, 0}, at = p->size;
	p->size += 10;
	put_random(p);
	targets[1] = p->size;
	vsp_insn_encode(&insn, targets, p->code + at);
}

static void put_control(program *p)
{
	switch (pick(6)) {
	case 0: PUT(INVOKE, 0, 0, 0, 1); break;
	case 1: PUT(INVOKE, 0, 0, 0, 2); break;
	case 2: put_table(p); break;
	case 3: {
		uint32_t skip = PUT(JMP, 0, 0, 0, 0);
		put_random(p);
		land(p, skip);
		break;
	}
	default: break;
	}
}

/* A function of n params and results that computes something. */
static void put_callee(program *p, unsigned n)
{
	func(p, VSP_KIND_FUNCTION, n, n);
	for (unsigned r = 8; r < 12; r++)
		SET(r, DATA + 8 * pick(16));
	for (unsigned k = pick(4); k; k--)
		put_random(p);
	PUT(RET, 0, 0, 0, 0);
}

/* The end of a loop, in one of the shapes compilers and people write. */
static void put_loop_end(program *p, uint32_t head)
{
	static const vsp_form ends[] = {VSP_I_BLT, VSP_I_BNE, VSP_I_BLTU, VSP_I_BNZ, VSP_I_LOOP, VSP_I_BGE};
	vsp_form form = ends[pick(6)];
	if (form == VSP_I_LOOP)
		PUT(LOOP, 0, 0, 0, head);
	else {
		if (pick(2))
			PUT(ADDI_8, 12, 12, 0, -1);
		else
			PUT(ADD, 12, 12, 15, 0);
		/* 12 against 14 (0) or 13 (1) */
		if (form == VSP_I_BLT || form == VSP_I_BLTU)
			put(p, form, 14, 12, 0, 0, head);
		else if (form == VSP_I_BGE)
			PUT(BGE, 12, 13, 0, head);
		else
			put(p, form, 12, form == VSP_I_BNZ ? 0 : 14, 0, 0, head);
	}
}

static void program_random(program *p)
{
	*p = (program){0};
	func(p, VSP_KIND_FUNCTION, 0, 0);
	static const uint64_t values[] = {
	        0, 1, UINT64_MAX, 1u << 31, (uint64_t)INT64_MIN, INT64_MAX, 0x3FF8000000000000, 63, 64, 7};
	for (unsigned r = 0; r < 8; r++)
		SET(r, values[pick(10)]);
	for (unsigned r = 8; r < 12; r++)
		SET(r, DATA + 8 * pick(16));
	if (pick(4) == 0)
		SET(8 + pick(4), pick(2) ? 0xFFF8 : 0x30000 - 4);
	SET(13, 1);
	SET(15, -1);
	for (unsigned n = 1 + pick(3); n; n--) {
		SET(12, 1 + pick(5));
		uint32_t head = p->size;
		for (unsigned k = pick(8); k; k--)
			put_random(p);
		put_control(p);
		put_random(p);
		put_control(p);
		if (pick(2)) {
			static const vsp_form tests[] = {VSP_I_JZ, VSP_I_JN, VSP_I_JO, VSP_I_JNZ, VSP_I_JNN, VSP_I_JNO};
			uint32_t skip = put(p, tests[pick(6)], 0, 0, 0, 0, 0);
			put_random(p);
			land(p, skip);
		}
		for (unsigned k = pick(4); k; k--)
			put_random(p);
		put_loop_end(p, head);
	}
	if (pick(2))
		PUT(HLT, 0, 0, 0, 0);
	else
		PUT(RET, 0, 0, 0, 0);
	put_callee(p, 1);
	put_callee(p, 2);
}

typedef struct ending {
	uint64_t r[16], memory;
	uint32_t sp, flags, end, end_pc, trap;
	uint64_t instructions;
} ending;

static ending run_as(program *p, const machine_options *o, bool step)
{
	machine v;
	machine_open(&v, p, o);
	vsp_status status;
	if (step)
		while ((status = vsp_exec_step(v.x, &v.error)) == VSP_OK) {
		}
	else
		machine_run(&v);
	ending e = {.memory = vsp_memory_hash(&v.rt.memory),
	        .sp = v.rt.sp,
	        .flags = v.rt.flags,
	        .end = v.rt.end,
	        .end_pc = v.rt.end_pc,
	        .trap = v.rt.end == VSP_END_TRAPPED ? v.rt.trap.kind : 0,
	        .instructions = vsp_exec_instructions(v.x)};
	memcpy(e.r, v.rt.r, sizeof e.r);
	machine_close(&v);
	return e;
}

static void assert_same(const ending *a, const ending *b, uint64_t which)
{
	if (memcmp(a->r, b->r, sizeof a->r) != 0)
		for (int i = 0; i < 16; i++)
			if (a->r[i] != b->r[i])
				fail_msg("program %llu: R%d %llx, %llx", (unsigned long long)which, i,
				        (unsigned long long)a->r[i], (unsigned long long)b->r[i]);
	if (a->memory != b->memory || a->sp != b->sp || a->flags != b->flags || a->end != b->end ||
	        a->end_pc != b->end_pc || a->trap != b->trap)
		fail_msg("program %llu: flags %u %u, end %u %u, pc %u %u, trap %u %u", (unsigned long long)which,
		        a->flags, b->flags, a->end, b->end, a->end_pc, b->end_pc, a->trap, b->trap);
}

static void every_version_ends_alike(void **state)
{
	(void)state;
	static const machine_options plain = {
	        .exec = {.no_fusion = true}, .bounds = VSP_BOUNDS_EXPLICIT, .deterministic = true};
	static const machine_options versions[] = {
	        {.exec = {.no_fusion = true}, .deterministic = true},
	        {.exec = {.count = true}, .deterministic = true},
	        {.exec = {.count = true, .profile = true}, .deterministic = true, .bounds = VSP_BOUNDS_EXPLICIT},
	        {.exec = {.profile = true}, .deterministic = true},
	};
	static const machine_options fused = {.bounds = VSP_BOUNDS_AUTO}, unfused = {.exec = {.no_fusion = true}};
	program p;
	for (uint64_t n = 0; n < 3000 / VSP_TEST_EVERY; n++) {
		seed = n;
		program_random(&p);
		ending expected = run_as(&p, &plain, false), e;
		for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
			e = run_as(&p, &versions[i], false);
			assert_same(&expected, &e, n);
		}
		e = run_as(&p, &plain, true);
		assert_same(&expected, &e, n);
		expected = run_as(&p, &unfused, false);
		e = run_as(&p, &fused, false);
		assert_same(&expected, &e, n);
	}
}

/* The count is that of single steps. */
static void counted_instructions_are_steps(void **state)
{
	(void)state;
	static const machine_options counted = {.exec = {.count = true}};
	program p;
	for (uint64_t n = 0; n < 300 / VSP_TEST_EVERY; n++) {
		seed = n;
		program_random(&p);
		machine v;
		machine_open(&v, &p, NULL);
		uint64_t steps = 1;
		while (vsp_exec_step(v.x, &v.error) == VSP_OK)
			steps++;
		machine_close(&v);
		assert_int_equal(run_as(&p, &counted, false).instructions, steps);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_version_ends_alike),
	        cmocka_unit_test(counted_instructions_are_steps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
