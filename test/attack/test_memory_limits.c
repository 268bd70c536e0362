/*
 * Limits of memory: allocations that programs cause beside their linear memory are counted and
 * limited, and decoding a large function neither takes memory out of proportion nor delays an
 * interrupt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/base/alloc.h"
#include "runtime/host/stdio_host.h"
#include "tiers/api/api.h"
#include "tiers/interp/decode.h"

enum { LIMIT = 1 << 20, BESIDE = LIMIT + (16 << 20) };

static vsp_instance *make(const char *source, size_t size, int bounds)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	config.max_memory = LIMIT;
	config.bounds = bounds;
	vsp_module *module = vsp_assemble(source, size, NULL, &error);
	vsp_instance *instance = module ? vsp_instantiate(module, &config, &error) : NULL;
	vsp_module_free(module);
	if (!instance)
		fail_msg("%s", error.message);
	return instance;
}

static vsp_stats_view stats_of(const vsp_instance *instance)
{
	vsp_stats_view stats = VSP_STATS_INIT;
	assert_int_equal(vsp_stats(instance, &stats), VSP_OK);
	return stats;
}

/* ---- channels ---- */

static void channels_are_limited_together(void **state)
{
	(void)state;
	char source[4096];
	size_t n = (size_t)sprintf(source, ".func main() -> 0\nagain:\n");
	for (unsigned i = 0; i < 48; i++)
		n += (size_t)sprintf(source + n, "\tBROADCAST %u\n", i);
	n += (size_t)sprintf(source + n, "\tJMP again\n.end\n");
	vsp_instance *instance = make(source, n, VSP_CONFIG_BOUNDS_AUTO);
	vsp_stdio_host host;
	vsp_error error = VSP_ERROR_INIT;
	vsp_stdio_host_open(&host, stdin, stdout, 0, NULL);
	host.account = &instance->rt.account;
	vsp_set_host(instance, &host.table);
	assert_int_equal(vsp_run(instance, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_HOST);
	vsp_stats_view stats = stats_of(instance);
	assert_int_equal(stats.beside_limit, BESIDE);
	assert_in_range(stats.beside, BESIDE / 2, BESIDE);
	vsp_free(instance);
	vsp_stdio_host_close(&host);
}

/* Each in a channel of its own, as many as there can be. */
static void empty_channels_count_too(void **state)
{
	(void)state;
	vsp_account account;
	vsp_account_open(&account, 0, 0);
	vsp_stdio_host host;
	static const uint8_t layers[16];
	vsp_stdio_host_open(&host, stdin, stdout, 0, NULL);
	account.limit = 10000;
	host.account = &account;
	uint32_t id = 0;
	while (id < 1000 && host.table.broadcast(&host, id, layers) == 0)
		id++;
	assert_in_range(id, 5, 100);
	assert_in_range(account.used, 9000, 10000);
	vsp_stdio_host_close(&host);
}

/* ---- batch instructions ---- */

static void room_for_overlaps_counts(void **state)
{
	(void)state;
	static const char source[] = ".memory 16, 16\n.func main() -> 0\n\tMOVI R0, 0x20000\n\tMOVI R1, 10000\n"
	                             "\tMOVI R2, 0x20010\n\tGRADB R0, R1, R2\n\tGRADB R0, R1, R2\n\tRET\n.end\n";
	vsp_instance *instance = make(source, sizeof source - 1, VSP_CONFIG_BOUNDS_AUTO);
	uint64_t before = stats_of(instance).beside;
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	/* 160,000 bytes for a copy of the states, and 65,536 for the table of distances where it is
	   used */
	assert_in_range(stats_of(instance).beside, before + 160000, before + 235536);
	vsp_error error = VSP_ERROR_INIT;
	uint64_t after = stats_of(instance).beside;
	vsp_module *module = vsp_instance_module(instance);
	size_t size = 0;
	uint8_t *binary = vsp_module_write(module, &size, &error);
	assert_non_null(binary);
	assert_int_equal(vsp_load(instance, binary, size, &error), VSP_OK); /* what is kept counts on */
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(stats_of(instance).beside, after);
	vsp_bytes_free(binary);
	vsp_free(instance);
	instance = make(source, sizeof source - 1, VSP_CONFIG_BOUNDS_AUTO);
	instance->rt.account.limit = 100000;
	assert_int_equal(vsp_run(instance, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_BACKEND);
	vsp_free(instance);
}

/* ---- code ---- */

/* A function of n lines of text, between a head and an end. */
static char *repeat(const char *head, const char *line, size_t n, const char *end, size_t *size)
{
	size_t head_size = strlen(head), line_size = strlen(line), end_size = strlen(end);
	*size = head_size + n * line_size + end_size;
	char *source = malloc(*size + 1), *at = source;
	assert_non_null(source);
	memcpy(at, head, head_size);
	at += head_size;
	for (size_t i = 0; i < n; i++, at += line_size)
		memcpy(at, line, line_size);
	memcpy(at, end, end_size + 1);
	return source;
}

static vsp_instance *make_repeated(const char *head, const char *line, size_t n, const char *end, int bounds)
{
	size_t size;
	char *source = repeat(head, line, n, end, &size);
	vsp_instance *instance = make(source, size, bounds);
	free(source);
	return instance;
}

static void nops_take_no_memory(void **state)
{
	(void)state;
	for (size_t n = 1000; n <= 1000000; n *= 1000) {
		vsp_instance *instance =
		        make_repeated(".func main() -> 1\n\tMOVI R0, 7\n", "NOP\n", n, "\tRET\n.end\n", 0);
		assert_int_equal(vsp_run(instance, NULL), VSP_OK);
		assert_in_range(stats_of(instance).beside, 1, 1000);
		vsp_free(instance);
	}
}

static void decoded_code_counts(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = make_repeated(".func main() -> 1\n", "ROTATL\n", 200000, "\tRET\n.end\n", 0);
	assert_int_equal(vsp_run(instance, &error), VSP_OK);
	assert_in_range(stats_of(instance).beside, 200000 * 20, 200000 * 32);
	vsp_free(instance);
	instance = make_repeated(".func main() -> 1\n", "ROTATL\n", 2000000, "\tRET\n.end\n", 0);
	assert_int_equal(vsp_run(instance, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_HOST);
	assert_non_null(strstr(error.message, "limit"));
	assert_in_range(stats_of(instance).beside, 0, BESIDE);
	vsp_free(instance);
}

/*
 * Large functions are decoded in another way than small ones: all special kinds of cells, before
 * and after 70,000 filling instructions, and branches over them.
 */
static const char large_head[] = ".transform step\n\tADDI R1, R1, 1\n\tRET\n.end\n"
                                 ".data\n.align 4\nlist: .word 2, step, step\n.code\n"
                                 ".func add(2) -> 1\n\tADD R0, R0, R1\n\tRET\n.end\n"
                                 ".func main() -> 1\n"
                                 "\tMOVI R9, 0\n"
                                 "again:\tMOVI.64 R2, 0x123456789ABCDEF0\n"
                                 "\tPIPE [list]\n"
                                 "\tCALL sub\n"
                                 "\tMOVI R0, 2\n"
                                 "\tINVOKE add\n"
                                 "\tADD R9, R9, R0\n"
                                 "\tANDI R3, R9, 3\n"
                                 "\tBRTAB R3, far0, far1, again_later, far1\n"
                                 "\tJMP far0\n"
                                 "sub:\tADDI R8, R8, 1\n\tRET\n"
                                 "again_later:\tADDI R9, R9, 1\n";
static const char large_end[] = "\tCMPI R9, 60\n\tJN again\n"
                                "\tCMPI R9, 61\n\tJZ far0\n"
                                "\tMOV R0, R9\n\tADD R0, R0, R8\n\tRET\n"
                                "far0:\tADDI R9, R9, 2\n\tBLT R9, RA, again\n\tMOVI RA, 40\n\tJMP again\n"
                                "far1:\tADDI R9, R9, 3\n\tJMP again\n"
                                ".end\n.entry main\n";

static void large_functions_do_what_small_ones_do(void **state)
{
	(void)state;
	int64_t results[2][4];
	for (int large = 0; large < 2; large++)
		for (int way = 0; way < 4; way++) {
			vsp_error error = VSP_ERROR_INIT;
			vsp_config config = VSP_CONFIG_INIT;
			size_t size;
			char *source = repeat(large_head, "\tADDI R5, R5, 0\n", large ? 70000 : 7, large_end, &size);
			vsp_module *module = vsp_assemble(source, size, NULL, &error);
			config.tier = VSP_TIER_INTERP;
			config.bounds = way & 1 ? VSP_CONFIG_BOUNDS_EXPLICIT : VSP_CONFIG_BOUNDS_AUTO;
			config.count = way >= 2;
			config.profile = way == 3 ? VSP_PROFILE_COMPLETE : 0;
			vsp_instance *instance = vsp_instantiate(module, &config, &error);
			vsp_state_view view = VSP_STATE_INIT;
			if (vsp_run(instance, &error) != VSP_OK)
				fail_msg("large %d, way %d: %s", large, way, error.message);
			vsp_state(instance, &view);
			results[large][way] = view.r[0];
			assert_int_equal(view.r[0], results[0][0]);
			assert_int_equal(view.r[2], 0x123456789ABCDEF0);
			if (way >= 2) /* the filling runs as often as R9 allows, and in whole */
				assert_true(vsp_cycles(instance) > (large ? 70000u : 7u));
			vsp_free(instance);
			vsp_module_free(module);
			free(source);
		}
}

/* The reserved room is enough for code of every kind, also for code with the most cells; the
   sanitizers and hostile builds see more. */
static void every_kind_of_code_has_room(void **state)
{
	(void)state;
	static const char *const lines[] = {"\tBRTAB R1, here\n", "\tBNZ R1, here\n", "\tINVOKEI R1, 0, 0\n",
	        "\tADD.F R1, R1, R1\n", "\tPIPE [0x20000]\n", "\tMOVI.64 R1, 0\n", "\tNOP\n"};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		for (size_t n = 1; n <= 40000; n += 39999) {
			vsp_instance *instance =
			        make_repeated(".func main() -> 1\nhere:\n", lines[i], n, "\tRET\n.end\n", 0);
			for (unsigned kind = 0; kind < VSP_CODE_KINDS; kind++) {
				if (n > 1 && kind % 16 != 15) /* some of them are enough */
					continue;
				vsp_decode_how how = {.account = NULL};
				vsp_decoded *d =
				        vsp_decode_function(instance->module->data, &vsp_exec_loop, 0, kind, &how);
				assert_non_null(d);
				assert_true(sizeof *d + d->count * (sizeof(vsp_cell) + 8) <= how.bytes);
				vsp_free_memory(d);
			}
			vsp_free(instance);
		}
}

static void decoding_hears_of_interrupts(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = make_repeated(".func main() -> 1\n", "ROTATL\n", 500000, "\tRET\n.end\n", 0);
	const vsp_code_set *set = vsp_code_set_get(instance->module->code, 0);
	_Atomic uint32_t wanted = 1;
	vsp_decode_how how = {.account = &instance->rt.account, .interrupt = &wanted};
	assert_null(vsp_code_decode(set, 0, &how));
	assert_int_equal(how.failed, VSP_DECODE_INTERRUPTED);
	assert_int_equal(stats_of(instance).beside, 0);
	atomic_store(&wanted, 0);
	assert_non_null(vsp_code_decode(set, 0, &how));
	assert_int_equal(vsp_run(instance, &error), VSP_OK);
	vsp_free(instance);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(channels_are_limited_together),
	        cmocka_unit_test(empty_channels_count_too),
	        cmocka_unit_test(room_for_overlaps_counts),
	        cmocka_unit_test(nops_take_no_memory),
	        cmocka_unit_test(decoded_code_counts),
	        cmocka_unit_test(large_functions_do_what_small_ones_do),
	        cmocka_unit_test(every_kind_of_code_has_room),
	        cmocka_unit_test(decoding_hears_of_interrupts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
