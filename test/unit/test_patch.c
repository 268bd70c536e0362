/*
 * Writing into the holes of copied code: instructions of both machines with stencils, whose
 * encodings are those of their manuals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tiers/baseline/patch.h"

static uint32_t patched(uint32_t instruction, vsp_hole_form form, uint64_t word)
{
	uint8_t bytes[4];
	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(instruction >> 8 * i);
	vsp_patch(bytes, form, word);
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void moves_take_their_sixteen_bits(void **unused)
{
	(void)unused;
	const uint64_t word = 0xFEDC123489AB4567;
	assert_int_equal(patched(0xF2800008, VSP_FORM_MOVE_0, word), 0xF288ACE8); /* movk x8, #0x4567 */
	assert_int_equal(patched(0xF2A00008, VSP_FORM_MOVE_1, word), 0xF2B13568); /* movk x8, #0x89ab, lsl #16 */
	assert_int_equal(patched(0xF2C00008, VSP_FORM_MOVE_2, word), 0xF2C24688); /* movk x8, #0x1234, lsl #32 */
	assert_int_equal(patched(0xD2E00008, VSP_FORM_MOVE_3, word), 0xD2FFDB88); /* movz x8, #0xfedc, lsl #48 */
}

static void a_move_of_a_negative_number_is_a_movn(void **unused)
{
	(void)unused;
	assert_int_equal(patched(0xD2A00008, VSP_FORM_MOVE_SIGN_1, 0x12345678), 0xD2A24688); /* movz #0x1234, lsl #16 */
	assert_int_equal(patched(0xD2A00008, VSP_FORM_MOVE_SIGN_1, 0x7FFFFFFF), 0xD2AFFFE8);
	assert_int_equal(patched(0xD2A00008, VSP_FORM_MOVE_SIGN_1, (uint64_t)-2), 0x92A00008); /* movn #0, lsl #16 */
	assert_int_equal(patched(0xD2A00008, VSP_FORM_MOVE_SIGN_1, (uint64_t)INT32_MIN), 0x92AFFFE8); /* movn #0x7fff */
}

static void offsets_count_words_and_distances_instructions(void **unused)
{
	(void)unused;
	assert_int_equal(patched(0xF9400378, VSP_FORM_LOAD_64, 0), 0xF9400378);   /* ldr x24, [x27] */
	assert_int_equal(patched(0xF9400378, VSP_FORM_LOAD_64, 248), 0xF9407F78); /* ldr x24, [x27, #248] */
	assert_int_equal(patched(0x14000000, VSP_FORM_JUMP, 8), 0x14000002);
	assert_int_equal(patched(0x14000000, VSP_FORM_JUMP, (uint64_t)-4), 0x17FFFFFF);
	assert_int_equal(patched(0x14000000, VSP_FORM_JUMP, (UINT64_C(1) << 27) - 4), 0x15FFFFFF);
	assert_int_equal(patched(0x14000000, VSP_FORM_JUMP, (uint64_t)-(INT64_C(1) << 27)), 0x16000000);
}

static void numbers_of_registers_are_exchanged(void **unused)
{
	(void)unused;
	/* add x24, x22, x23: b becomes x5 */
	assert_int_equal(patched(0x8B1702D8, VSP_FORM_XOR_32, (22 ^ 5) << 5), 0x8B1700B8);
	/* addq %r14, %r11: a becomes r9 */
	assert_int_equal(patched(0xF3, VSP_FORM_XOR_8, 3 ^ 1), 0xF1);
}

static void bytes_around_a_hole_stay(void **unused)
{
	(void)unused;
	uint8_t bytes[10];
	memset(bytes, 0xEE, sizeof bytes);
	vsp_patch(bytes + 1, VSP_FORM_64, 0x0807060504030201);
	assert_memory_equal(bytes, "\xEE\1\2\3\4\5\6\7\10\xEE", 10);
	vsp_patch(bytes + 2, VSP_FORM_32, (uint64_t)-2);
	assert_memory_equal(bytes, "\xEE\1\xFE\xFF\xFF\xFF\6\7\10\xEE", 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(moves_take_their_sixteen_bits),
	        cmocka_unit_test(a_move_of_a_negative_number_is_a_movn),
	        cmocka_unit_test(offsets_count_words_and_distances_instructions),
	        cmocka_unit_test(numbers_of_registers_are_exchanged),
	        cmocka_unit_test(bytes_around_a_hole_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
