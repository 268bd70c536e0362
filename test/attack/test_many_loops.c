/*
 * A function of a hundred thousand loops, each of which asks for code: what the tier manager does for one loop must not grow with the number of the others, or
 * the program stands still. The function is too large for every tier.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "runtime/platform.h"
#include "test/support/instances.h"

enum { LOOPS = 100000, TURNS = 3 };
#define SECOND UINT64_C(1000000000)

static char *loops_source(void)
{
	size_t room = (size_t)LOOPS * 80 + 256, used = 0;
	char *text = malloc(room);
	assert_non_null(text);
	used += (size_t)snprintf(text, room, ".func main() -> 0\nMOVI R0, 0\n");
	for (unsigned i = 0; i < LOOPS; i++)
		used += (size_t)snprintf(text + used, room - used,
		        "MOVI R1, %d\nl%u: ADDI R0, R0, 1\nADDI R1, R1, -1\nBNZ R1, l%u\n", TURNS, i, i);
	snprintf(text + used, room - used, "RET\n.end\n");
	return text;
}

static void a_loop_costs_the_same_among_many(void **unused)
{
	(void)unused;
	char *source = loops_source();
	vsp_module *module = assemble(source);
	vsp_config config = VSP_CONFIG_INIT;
	config.tier1_threshold = config.tier2_threshold = 1;
	vsp_instance *instance = instantiate_with(module, &config);
	vsp_error error = VSP_ERROR_INIT;
	uint64_t start = vsp_plat_clock_ns();
	if (vsp_run(instance, &error) != VSP_OK)
		fail_msg("%s", error.message);
	if (vsp_plat_clock_ns() - start > 20 * SECOND)
		fail_msg("the loops of a function slow each other down");
	assert_int_equal(state_of(instance).r[0], LOOPS * TURNS);
	vsp_free(instance);
	vsp_module_free(module);
	free(source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_loop_costs_the_same_among_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
