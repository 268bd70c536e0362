/*
 * The codec: every form survives encode and decode with extreme operands, and every byte pattern of
 * three bytes either decodes to something that encodes back to the same bytes or is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "ir/opcode.h"

static void every_form_round_trips_extreme_immediates(void **state)
{
	(void)state;
	for (unsigned f = 0; f < VSP_FORMS; f++) {
		int64_t min = 0, max = 0;
		vsp_operand o = vsp_form_immediate((vsp_form)f);
		vsp_operand_range(o, &min, &max);
		if (o == VSP_O_TABLE)
			max = 3;
		for (int which = 0; which < 2; which++) {
			uint8_t bytes[32] = {0};
			uint32_t targets[3] = {0, 0x123456, 0xFFFFFF};
			vsp_insn in = {.form = (uint16_t)f, .imm = which ? max : min}, out;
			if (o == VSP_O_TARGET16)
				in.imm += vsp_insn_size((vsp_form)f, 0);
			assert_true(vsp_insn_fits(&in));
			vsp_insn_encode(&in, targets, bytes);
			assert_null(vsp_insn_decode(bytes, sizeof bytes, 0, &out));
			assert_int_equal(out.form, f);
			assert_int_equal(out.imm, in.imm);
			assert_int_equal(
			        out.length, vsp_insn_size((vsp_form)f, (uint32_t)(o == VSP_O_TABLE ? in.imm : 0)));
			if (o == VSP_O_TABLE && which)
				for (uint32_t i = 0; i < 3; i++)
					assert_int_equal(vsp_insn_table_target(bytes, &out, i), targets[i]);
		}
	}
}

static void every_three_byte_pattern_is_canonical_or_refused(void **state)
{
	(void)state;
	for (uint32_t pattern = 0; pattern < 1u << 24; pattern++) {
		uint8_t bytes[16] = {(uint8_t)pattern, (uint8_t)(pattern >> 8), (uint8_t)(pattern >> 16)},
		        again[16] = {0};
		vsp_insn insn;
		const char *why = vsp_insn_decode(bytes, sizeof bytes, 0, &insn);
		if (why || vsp_forms[insn.form].format == VSP_FMT_T)
			continue;
		vsp_insn_encode(&insn, NULL, again);
		assert_memory_equal(bytes, again, insn.length);
	}
}

static void opcodes_of_the_contract(void **state)
{
	(void)state;
	/* A sample, copied by hand from the published map. */
	assert_int_equal(vsp_forms[VSP_I_HLT].op, 0x01);
	assert_int_equal(vsp_forms[VSP_I_ADD].op, 0x4C);
	assert_int_equal(vsp_forms[VSP_I_ADD_B].op, 0x46);
	assert_int_equal(vsp_forms[VSP_I_SAR].op, 0x69);
	assert_int_equal(vsp_forms[VSP_I_SQRT_F].op, 0x56);
	assert_int_equal(vsp_forms[VSP_I_SEL].op, 0xDA);
	assert_int_equal(vsp_forms[VSP_I_SYSCALL].op, 0xFF);
	vsp_insn insn;
	assert_string_equal(vsp_insn_decode((const uint8_t[]){0x05}, 1, 0, &insn), "unknown opcode");
	assert_string_equal(vsp_insn_decode((const uint8_t[]){0x4C, 0}, 2, 0, &insn), "truncated instruction");
	assert_int_equal(vsp_forms[VSP_I_LDLOC].op, 0x1E);
	assert_int_equal(vsp_forms[VSP_I_INVOKET].op, 0xB2);
	assert_int_equal(vsp_forms[VSP_I_LD8U_D].op, 0xEA);
	assert_int_equal(vsp_forms[VSP_I_STORE_D].op, 0xF4);
	assert_string_equal(vsp_insn_decode((const uint8_t[]){0x4C, 0, 0x20}, 3, 0, &insn), "undefined type nibble");
	assert_string_equal(vsp_insn_decode((const uint8_t[]){0x24, 0x10}, 2, 0, &insn), "unused field is not zero");
	assert_string_equal(
	        vsp_insn_decode((const uint8_t[]){0x1D, 0, 1, 0, 0, 0}, 6, 0, &insn), "truncated instruction");
}

static void no_form_has_two_numbers_but_indirect_calls(void **state)
{
	(void)state;
	for (unsigned f = 0; f < VSP_FORMS; f++) {
		int n = 0;
		int64_t min, max;
		for (int i = 0; i < 4; i++)
			n += vsp_operand_range((vsp_operand)vsp_forms[f].operands[i], &min, &max);
		assert_true(n <= 1 || f == VSP_I_INVOKEI || f == VSP_I_INVOKET);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_form_round_trips_extreme_immediates),
	        cmocka_unit_test(every_three_byte_pattern_is_canonical_or_refused),
	        cmocka_unit_test(opcodes_of_the_contract),
	        cmocka_unit_test(no_form_has_two_numbers_but_indirect_calls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
