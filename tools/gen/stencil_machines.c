/* Of the generator of stencils: what it has to know of each machine. */
#include <stddef.h>

#include "tools/gen/stencils.h"

/* ---- x86-64 ---- */

enum { R_X86_64 = 1, R_X86_PC32 = 2, R_X86_PLT32 = 4, R_X86_32 = 10, R_X86_32S = 11 };

static const hole_rule rules_x86_64[] = {
        {R_X86_32S, CLASS_IMM, VSP_FORM_32},
        {R_X86_64, CLASS_IMM, VSP_FORM_64},
        {R_X86_32S, CLASS_OFFSET, VSP_FORM_32},
        {R_X86_64, CLASS_WORD, VSP_FORM_64},
        {R_X86_PLT32, CLASS_PLACE, VSP_FORM_32},
};
static const uint32_t known_x86_64[] = {R_X86_64, R_X86_PC32, R_X86_PLT32, R_X86_32, R_X86_32S};

/* ---- AArch64 ---- */

enum {
	R_ARM_ABS64 = 257,
	R_ARM_MOVE_0 = 264,
	R_ARM_MOVE_1 = 266,
	R_ARM_MOVE_2 = 268,
	R_ARM_MOVE_3 = 269,
	R_ARM_MOVE_SIGN_1 = 271,
	R_ARM_PAGE = 275,
	R_ARM_ADD = 277,
	R_ARM_LOAD_8 = 278,
	R_ARM_JUMP = 282,
	R_ARM_CALL = 283,
	R_ARM_LOAD_16 = 284,
	R_ARM_LOAD_32 = 285,
	R_ARM_LOAD_64 = 286,
	R_ARM_LOAD_128 = 299
};

static const hole_rule rules_aarch64[] = {
        {R_ARM_MOVE_SIGN_1, CLASS_IMM, VSP_FORM_MOVE_SIGN_1},
        {R_ARM_MOVE_0, CLASS_IMM, VSP_FORM_MOVE_0},
        {R_ARM_LOAD_64, CLASS_OFFSET, VSP_FORM_LOAD_64},
        {R_ARM_MOVE_0, CLASS_WORD, VSP_FORM_MOVE_0},
        {R_ARM_MOVE_1, CLASS_WORD, VSP_FORM_MOVE_1},
        {R_ARM_MOVE_2, CLASS_WORD, VSP_FORM_MOVE_2},
        {R_ARM_MOVE_3, CLASS_WORD, VSP_FORM_MOVE_3},
        {R_ARM_JUMP, CLASS_PLACE, VSP_FORM_JUMP},
};
static const uint32_t known_aarch64[] = {R_ARM_ABS64, R_ARM_MOVE_0, R_ARM_MOVE_1, R_ARM_MOVE_2, R_ARM_MOVE_3,
        R_ARM_PAGE, R_ARM_ADD, R_ARM_LOAD_8, R_ARM_JUMP, R_ARM_CALL, R_ARM_LOAD_16, R_ARM_LOAD_32, R_ARM_LOAD_64,
        R_ARM_LOAD_128};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const machine machines[] = {
        {
                .elf = 62,
                .macro = "__x86_64__",
                .rules = rules_x86_64,
                .rule_count = COUNT(rules_x86_64),
                .known = known_x86_64,
                .known_count = COUNT(known_x86_64),
                .intact = {"s0_%r8", "s1_%r9", "p0_%r11", "p1_%r14", "p2_%r15", "p3_%r12", "p4_%r13", "F_%rdi",
                        "mem_%rsi", "x_%rdx", "w0_%xmm0", "w1_%xmm1", "w2_%xmm2", "w3_%xmm3", "w4_%xmm4", "w5_%xmm5",
                        "w6_%xmm6", "w7_%xmm7"},
                /* The low three bits of the numbers of r8, r9; r11, r14, r15; r12, r13. */
                .registers = {0, 1, 3, 6, 7, 4, 5, 0, 1, 2, 3, 4, 5, 6, 7},
                .general = {0, 1, 2, 3, 4, 5, 6, 7},
                .unit = 1,
                .number_mask = 7,
                .shifts = {0, 3},
                .shift_count = 2,
                .number_form = VSP_FORM_XOR_8,
                .jump = {0xE9},
                .opcode_size = 1,
                .jump_size = 5,
                .jump_hole = 1,
        },
        {
                .elf = 183,
                .macro = "__aarch64__",
                .rules = rules_aarch64,
                .rule_count = COUNT(rules_aarch64),
                .known = known_aarch64,
                .known_count = COUNT(known_aarch64),
                .intact = {"s0_x25", "s1_x26", "p0_x24", "p1_x22", "p2_x23", "p3_x20", "p4_x21", "F_x27", "mem_x28",
                        "x_x0", "w0_v0", "w1_v1", "w2_v2", "w3_v3", "w4_v4", "w5_v5", "w6_v6", "w7_v7"},
                .registers = {25, 26, 24, 22, 23, 20, 21, 0, 1, 2, 3, 4, 5, 6, 7},
                .general = {25, 26, 0, 24, 20, 21, 22, 23},
                .unit = 4,
                .number_mask = 31,
                .shifts = {0, 5, 10, 16},
                .shift_count = 4,
                .number_form = VSP_FORM_XOR_32,
                .jump = {0, 0, 0, 0x14},
                .opcode_size = 4,
                .jump_size = 4,
                .jump_hole = 0,
        },
};

const machine *gen_machine;

bool gen_take_machine(uint16_t elf)
{
	if (gen_machine)
		return gen_machine->elf == elf;
	for (unsigned i = 0; i < COUNT(machines); i++)
		if (machines[i].elf == elf)
			gen_machine = &machines[i];
	return gen_machine != NULL;
}

uint8_t gen_number(unsigned variant, unsigned k, unsigned share)
{
	uint8_t n = gen_variants[variant][k];
	bool is_float = share == VSP_FROM_FLOAT ? k > 0 : share == VSP_TO_FLOAT ? k == 0 : share >= VSP_FLOAT_NONE;
	return is_float ? n : gen_machine->general[n];
}
