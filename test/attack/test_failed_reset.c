/*
 * A reset for which the system has no memory (a wrapper linked in refuses it): the instance runs
 * nothing until a reset succeeds, rather than with incomplete memory. Memory without guard pages is
 * never refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "test/support/instances.h"

static const char program[] = ".data\ncount: .word 10\n.code\n.export next\n.func main\n\tHLT\n.end\n.entry main\n"
                              ".func next(0) -> 1\n\tMOVI R1, count\n\tLD32U R0, [R1]\n\tADDI R0, R0, 1\n"
                              "\tST32 R0, [R1]\n\tRET\n.end\n";

static int64_t next(vsp_instance *instance)
{
	int64_t value = -1;
	assert_int_equal(vsp_call(instance, "next", NULL, &value, NULL), VSP_OK);
	return value;
}

static bool refusing;

bool __real_vsp_plat_discard(void *address, uint64_t bytes);
bool __wrap_vsp_plat_discard(void *address, uint64_t bytes);

bool __wrap_vsp_plat_discard(void *address, uint64_t bytes)
{
	return !refusing && __real_vsp_plat_discard(address, bytes);
}

static vsp_status reset_without_memory(vsp_instance *instance)
{
	refusing = true;
	vsp_status status = vsp_reset(instance, NULL);
	refusing = false;
	return status;
}

static void nothing_runs_until_a_reset_succeeds(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	vsp_instance *instance = instantiate_with(module, NULL);
	vsp_error error = VSP_ERROR_INIT;
	int64_t value;
	assert_int_equal(next(instance), 11);
	vsp_stats_view stats = VSP_STATS_INIT;
	assert_int_equal(vsp_stats(instance, &stats), VSP_OK);
	if (stats.guarded) {
		assert_int_equal(reset_without_memory(instance), VSP_E_MEMORY);
		assert_int_equal(vsp_call(instance, "next", NULL, &value, &error), VSP_E_ARGUMENT);
		assert_non_null(strstr(error.message, "reset"));
		assert_int_equal(vsp_run(instance, NULL), VSP_E_ARGUMENT);
		assert_int_equal(vsp_step(instance, NULL), VSP_E_ARGUMENT);
	}
	assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
	assert_int_equal(next(instance), 11);
	vsp_free(instance);
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nothing_runs_until_a_reset_succeeds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
