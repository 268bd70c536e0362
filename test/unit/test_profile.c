/*
 * Profiles: exact counts of a small program in every tier, counts of blocks, and files that may
 * hold anything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <vsp/vsp.h>

#include "test/support/instances.h"
#include "frontend/silc/silc.h"
#include "ir/profile_text.h"
#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

/*
 * main runs 40 rounds with R5 from 40 down to 1. Each calls f, which adds up 1..R5: in all 40 calls
 * and 820 rounds of its loop, 40 of which end it. A quarter of the rounds (R5 & 3 = 0, then 1) goes
 * to each target of the table, the rest past it; those two call h and g through R7. h calls rec,
 * which calls itself until R0 is 0: for R5 = 4, 8 .. 40 that is 5 + 9 + .. + 41 = 230 calls, 10 of
 * which stop.
 */
static const char source[] = ".func main() -> 0\n"
                             "MOVI R5, 40\n"
                             "again: MOV R0, R5\nINVOKE f\nANDI R6, R5, 3\nBRTAB R6, zero, one\nJMP next\n"
                             "zero: MOVI R7, 4\nJMP call\n"
                             "one: MOVI R7, 3\n"
                             "call: MOV R0, R5\nINVOKEI R7, 1, 1\n"
                             "next: ADDI R5, R5, -1\nBNZ R5, again\nBZ R5, end\nNOP\n"
                             "end: RET\n.end\n"
                             ".func f(1) -> 1\nMOVI R1, 0\n"
                             "loop: ADD R1, R1, R0\nADDI R0, R0, -1\nBNZ R0, loop\nMOV R0, R1\nRET\n.end\n"
                             /* Its start is a loop head, too. */
                             ".func rec(1) -> 1\nhead: BZ R0, stop\nADDI R0, R0, -1\nINVOKE rec\n"
                             "BNZ R0, head\nstop: RET\n.end\n"
                             ".func g(1) -> 1\nADDI R0, R0, 1\nRET\n.end\n"
                             ".func h(1) -> 1\nINVOKE rec\nRET\n.end\n";

static const char counts[] = "function 0 1\n"
                             "table d 10 10 20\n"
                             "calls 28 20 5 10 4 10 0 0 0 0\n"
                             "branch 2f 39 1\n"
                             "branch 33 1 0\n"
                             "function 1 40\n"
                             "branch 42 780 40\n"
                             "function 2 230\n"
                             "branch 4a 10 220\n"
                             "branch 55 0 220\n"
                             "function 3 10\n"
                             "function 4 10\n"
                             "end 12\n";

static vsp_instance *instantiate(vsp_module *module, int tier, bool sync)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = tier;
	config.sync_compile = sync;
	config.profile = VSP_PROFILE_COMPLETE;
	config.tier1_threshold = 7;
	return instantiate_with(module, &config);
}

/* The profile of an instance, without its two lines of head; freed by the caller. */
static char *profile_of(vsp_instance *instance)
{
	static const char path[] = VSP_BINARY_DIR "/test/profile.tmp";
	vsp_error error = VSP_ERROR_INIT;
	const char *why;
	size_t size;
	if (vsp_profile_write(instance, path, &error) != VSP_OK)
		fail_msg("%s", error.message);
	uint8_t *bytes = vsp_plat_file_read(path, 1 << 20, &size, &why);
	assert_non_null(bytes);
	char *text = malloc(size + 1);
	memcpy(text, bytes, size);
	text[size] = 0;
	vsp_plat_file_free(bytes, size);
	remove(path);
	assert_memory_equal(text, "vsp-profile 1\nmodule ", 21);
	const char *body = strchr(text + 21, '\n') + 1;
	memmove(text, body, strlen(body) + 1);
	return text;
}

static void expect_counts(vsp_instance *instance, const char *wanted)
{
	char *text = profile_of(instance);
	assert_string_equal(text, wanted);
	free(text);
}

static void counts_are_exact_in_every_tier(void **unused)
{
	(void)unused;
	static const int tiers[] = {VSP_TIER_INTERP, VSP_TIER_1, VSP_TIER_AUTO};
	vsp_module *module = assemble(source);
	for (int i = 0; i < 6; i++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_instance *instance = instantiate(module, tiers[i / 2], i % 2);
		for (int run = 0; run < 2; run++) {
			assert_int_equal(vsp_run(instance, &error), VSP_OK);
			expect_counts(instance, counts);
			assert_int_equal(vsp_reset(instance, &error), VSP_OK);
		}
		expect_counts(instance, "end 0\n");
		vsp_free(instance);
	}
	vsp_module_free(module);
}

static void single_steps_count_too(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(source);
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = instantiate(module, VSP_TIER_INTERP, false);
	while (vsp_step(instance, &error) == VSP_OK)
		;
	assert_int_equal(error.code, VSP_OK);
	expect_counts(instance, counts);
	vsp_free(instance);
	vsp_module_free(module);
}

static void what_is_not_counted_cannot_be_written(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_module *module = assemble(source);
	config.profile = VSP_PROFILE_CALLS;
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	assert_int_equal(vsp_profile_write(instance, VSP_BINARY_DIR "/test/none.tmp", &error), VSP_E_ARGUMENT);
	vsp_free(instance);
	config.profile = VSP_PROFILE_COMPLETE;
	config.tier = VSP_TIER_2;
	assert_null(vsp_instantiate(module, &config, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	vsp_module_free(module);
}

/* ---- files ---- */

enum { HASH = 0x1234 };

static vsp_module_data *read_data(void)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = assemble(source);
	size_t size;
	uint8_t *bytes = vsp_module_write(module, &size, &error);
	vsp_module_data *data = vsp_silc_read(bytes, size, &error);
	assert_non_null(data);
	vsp_bytes_free(bytes);
	vsp_module_free(module);
	return data;
}

static vsp_status read_text(const vsp_module_data *data, const char *text, size_t length, vsp_error *error)
{
	vsp_profile *profile = vsp_profile_create(data);
	assert_non_null(profile);
	vsp_status status = vsp_profile_read_text(profile, HASH, text, length, error);
	vsp_profile_destroy(profile);
	return status;
}

static char whole_text[1024];
static size_t make_whole(void)
{
	return (size_t)snprintf(whole_text, sizeof whole_text, "vsp-profile 1\nmodule 0000000000001234\n%s", counts);
}

static void a_profile_comes_back_as_it_was_written(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_module_data *data = read_data();
	vsp_profile *profile = vsp_profile_create(data);
	size_t length = make_whole(), again;
	assert_int_equal(vsp_profile_read_text(profile, HASH, whole_text, length, &error), VSP_OK);
	char *text = vsp_profile_write_text(profile, HASH, &again);
	assert_string_equal(text, whole_text);
	assert_int_equal(length, again);
	vsp_free_memory(text);
	vsp_profile_destroy(profile);
	vsp_module_data_free(data);
}

static void a_profile_cut_short_is_refused(void **unused)
{
	(void)unused;
	vsp_module_data *data = read_data();
	size_t length = make_whole();
	for (size_t n = 0; n < length; n++) {
		vsp_error error = VSP_ERROR_INIT;
		assert_int_not_equal(read_text(data, whole_text, n, &error), VSP_OK);
		assert_true(error.message[0] != 0);
	}
	vsp_module_data_free(data);
}

/* Every byte changed in some ways: the profile is then well-formed, or refused with a message. */
static void any_bytes_are_read_or_refused(void **unused)
{
	(void)unused;
	static const char others[] = {0, '\n', ' ', '0', '9', 'f', '-', (char)0xFF};
	vsp_module_data *data = read_data();
	size_t length = make_whole();
	for (size_t at = 0; at < length; at++)
		for (size_t i = 0; i < sizeof others; i++) {
			vsp_error error = VSP_ERROR_INIT;
			char old = whole_text[at];
			whole_text[at] = others[i];
			vsp_status status = read_text(data, whole_text, length, &error);
			assert_true(status == VSP_OK || error.message[0]);
			whole_text[at] = old;
		}
	vsp_module_data_free(data);
}

static void expect_refused(const vsp_module_data *data, const char *text, vsp_status status, const char *part)
{
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(read_text(data, text, strlen(text), &error), status);
	if (!strstr(error.message, part))
		fail_msg("'%s' does not contain '%s'", error.message, part);
}

#define HEAD "vsp-profile 1\nmodule 0000000000001234\n"

static void refusals_say_where_and_why(void **unused)
{
	(void)unused;
	vsp_module_data *data = read_data();
	expect_refused(data, "vsp-profile 2\n", VSP_E_FORMAT, "version 2");
	expect_refused(data, "#!/bin/sh\n", VSP_E_FORMAT, "line 1");
	expect_refused(data, "vsp-profile 1\nmodule 99\n", VSP_E_ARGUMENT,
	        "of 0000000000000099, and this is 0000000000001234");
	expect_refused(data, HEAD "branch 42 1 2\nend 1\n", VSP_E_FORMAT, "line 3");
	expect_refused(data, HEAD "function 5 1\nend 1\n", VSP_E_FORMAT, "no such function");
	expect_refused(data, HEAD "function 1 1\nfunction 1 1\nend 2\n", VSP_E_FORMAT, "line 4");
	expect_refused(data, HEAD "function 1 1\nbranch 43 1 2\nend 2\n", VSP_E_FORMAT, "no such instruction");
	expect_refused(data, HEAD "function 1 1\nbranch 42 1 2 3\nend 2\n", VSP_E_FORMAT, "number of counts");
	expect_refused(data, HEAD "function 1 18446744073709551616\nend 1\n", VSP_E_FORMAT, "line 3");
	expect_refused(data, HEAD "function 0 1\ncalls 28 1 9 1 0 0 0 0 0 0\nend 2\n", VSP_E_FORMAT, "callees");
	expect_refused(data, HEAD "function 1 1\nend 2\n", VSP_E_FORMAT, "missing");
	expect_refused(data, HEAD "end 0\nend 0\n", VSP_E_FORMAT, "follows the end");
	vsp_module_data_free(data);
}

/* ---- counts of blocks ---- */

static void blocks_follow_from_branches(void **unused)
{
	(void)unused;
	/* The blocks of main in order: start, again, after INVOKE, JMP next, zero, one, call,
	   next, BZ, NOP, end. */
	static const uint64_t wanted[] = {1, 40, 40, 20, 10, 10, 20, 40, 1, 0, 1};
	vsp_error error = VSP_ERROR_INIT;
	vsp_module_data *data = read_data();
	vsp_profile *profile = vsp_profile_create(data);
	vsp_arena arena = VSP_ARENA_INIT;
	vsp_cfg cfg;
	uint64_t blocks[16];
	assert_int_equal(vsp_profile_read_text(profile, HASH, whole_text, make_whole(), &error), VSP_OK);
	assert_true(vsp_cfg_build(&cfg, data, 0, &arena));
	assert_int_equal(cfg.block_count, 11);
	assert_true(vsp_profile_blocks(vsp_profile_known(profile, 0), &cfg, blocks));
	for (uint32_t i = 0; i < cfg.block_count; i++)
		assert_int_equal(blocks[i], wanted[i]);
	vsp_arena_free(&arena);
	vsp_profile_destroy(profile);
	vsp_module_data_free(data);
}

/* NOP in main is never executed. A loop that has not ended makes nothing cold. */
static void what_is_cold_was_passed_by_and_did_not_wait(void **unused)
{
	(void)unused;
	static const char more[] = HEAD "function 0 1\ntable d 100 100 100\nbranch 2f 299 1\nbranch 33 1 0\nend 4\n";
	static const char going_on[] = HEAD "function 0 1\ntable d 100 100 100\nbranch 2f 299 0\nend 3\n";
	static const char *const texts[] = {more, going_on};
	vsp_module_data *data = read_data();
	for (int t = 0; t < 2; t++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_profile *profile = vsp_profile_create(data);
		vsp_arena arena = VSP_ARENA_INIT;
		vsp_cfg cfg;
		bool cold[16];
		assert_int_equal(vsp_profile_read_text(profile, HASH, texts[t], strlen(texts[t]), &error), VSP_OK);
		assert_true(vsp_cfg_build(&cfg, data, 0, &arena));
		assert_true(vsp_profile_cold(vsp_profile_known(profile, 0), &cfg, cold));
		for (uint32_t i = 0; i < cfg.block_count; i++)
			assert_int_equal(cold[i], t == 0 && cfg.blocks[i].start == 0x37);
		vsp_arena_free(&arena);
		vsp_profile_destroy(profile);
	}
	vsp_module_data_free(data);
}

static void callees_come_by_frequency(void **unused)
{
	(void)unused;
	static const char text[] = HEAD "function 0 1\ncalls 28 100 5 20 4 70 3 5 0 0\nend 2\n";
	vsp_error error = VSP_ERROR_INIT;
	vsp_module_data *data = read_data();
	vsp_profile *profile = vsp_profile_create(data);
	vsp_profile_callee callees[VSP_TALLY_CALLEES];
	vsp_insn insn;
	uint64_t other;
	assert_int_equal(vsp_profile_read_text(profile, HASH, text, strlen(text), &error), VSP_OK);
	vsp_insn_decode(data->code, data->code_size, 0x28, &insn);
	/* rec, with a twentieth of the calls, is not worth it. */
	unsigned n = vsp_profile_targets(profile, vsp_profile_known(profile, 0), &insn, callees, &other);
	assert_int_equal(n, 2);
	assert_int_equal(callees[0].func, 3);
	assert_int_equal(callees[1].func, 4);
	assert_int_equal(other, 10);
	vsp_profile_destroy(profile);
	vsp_module_data_free(data);
}

/* As after a reset during the reading of counts: callees read before it are read again after it,
   with other counts. */
static void a_callee_that_is_read_twice_is_one(void **unused)
{
	(void)unused;
	enum { SLOTS = 1 + 2 * VSP_TALLY_CALLEES };
	static const uint64_t read[SLOTS] = {100, 1 + 3, 50, 1 + 4, 30, 1 + 3, 70};
	vsp_count counters[SLOTS];
	for (unsigned i = 0; i < SLOTS; i++)
		atomic_init(&counters[i], read[i]);
	vsp_profile_site site = {.count = SLOTS, .kind = VSP_SITE_CALL};
	vsp_func_profile profile = {.site_count = 1, .count = SLOTS, .sites = &site, .counts = counters};
	vsp_profile_callee callees[VSP_TALLY_CALLEES];
	uint64_t total;
	assert_int_equal(vsp_profile_callees(&profile, &site, callees, &total), 2);
	assert_int_equal(callees[0].func, 3);
	assert_int_equal(callees[1].func, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(counts_are_exact_in_every_tier),
	        cmocka_unit_test(single_steps_count_too),
	        cmocka_unit_test(what_is_not_counted_cannot_be_written),
	        cmocka_unit_test(a_profile_comes_back_as_it_was_written),
	        cmocka_unit_test(a_profile_cut_short_is_refused),
	        cmocka_unit_test(any_bytes_are_read_or_refused),
	        cmocka_unit_test(refusals_say_where_and_why),
	        cmocka_unit_test(blocks_follow_from_branches),
	        cmocka_unit_test(what_is_cold_was_passed_by_and_did_not_wait),
	        cmocka_unit_test(callees_come_by_frequency),
	        cmocka_unit_test(a_callee_that_is_read_twice_is_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
