/*
 * Code memory runs out: functions that find no room stay in tier 0 with a reason, the others keep
 * their code, the compiler goes on, and code that is released makes room again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "test/support/instances.h"
#include "test/support/many_functions.h"
#include "tiers/api/api.h"
#include "tiers/manager/parts.h"

enum { FUNCS = 80, SLAB_PAGES = 64 };

/* An instance with little room for code. */
static vsp_instance *cramped_instance(vsp_module *module, int tier)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.sync_compile = 1;
	config.tier = tier;
	vsp_instance *instance = instantiate_with(module, &config);
	vsp_slab *slab = &instance->manager->slab;
	assert_null(slab->base);
	assert_true(vsp_slab_create(slab, SLAB_PAGES * vsp_plat_page_size()));
	return instance;
}

static const char *reason_of(const vsp_instance *instance, uint32_t func)
{
	vsp_function_stats stats = VSP_FUNCTION_STATS_INIT;
	assert_int_equal(vsp_stats_function(instance, func, &stats), VSP_OK);
	return stats.reason;
}

static void check_program(int tier)
{
	vsp_module *module = many_functions(FUNCS);
	vsp_instance *instance = cramped_instance(module, tier);
	vsp_error error = VSP_ERROR_INIT;
	if (vsp_run(instance, &error) != VSP_OK)
		fail_msg("%s", error.message);
	assert_int_equal(state_of(instance).r[0], 1500 * (FUNCS * (FUNCS - 1) / 2));
	assert_string_equal(reason_of(instance, FUNCS), "out of code memory"); /* the last one that is called */
	assert_false(instance->manager->broken);
	assert_string_equal(vsp_manager_reason(instance->manager), "");
	vsp_free(instance);
	vsp_module_free(module);
}

static void a_program_goes_on_without_room_for_its_code(void **unused)
{
	(void)unused;
	check_program(VSP_TIER_1);
	check_program(VSP_TIER_AUTO);
}

/* Compiles a function; null, or why not. */
static const char *compile(vsp_manager *m, uint32_t func, vsp_jit_unit *out)
{
	vsp_manager_unit unit = {.func = func, .pc = m->module->funcs[func].start};
	uint32_t inlined[MAX_INLINED];
	vsp_jit_job job = vsp_manager_describe(m, &unit, 1, inlined);
	return m->api->compile(m->jit, &job, out);
}

static void what_is_released_makes_room(void **unused)
{
	(void)unused;
	vsp_module *module = many_functions(FUNCS);
	vsp_instance *instance = cramped_instance(module, VSP_TIER_AUTO);
	vsp_manager *m = instance->manager;
	if (vsp_manager_need_jit(m))
		skip();
	for (int round = 0; round < 3; round++) {
		vsp_jit_unit units[FUNCS];
		uint32_t count = 0;
		const char *why = NULL;
		while (count < FUNCS && !(why = compile(m, 1 + count, &units[count])))
			count++;
		assert_true(count > 1 && count < FUNCS);
		assert_string_equal(why, "out of code memory");
		while (count > 0)
			m->api->release(m->jit, &units[--count]);
		assert_int_equal(m->slab.hole_count, 1);
		assert_int_equal(m->slab.holes[0].count, SLAB_PAGES - 2);
	}
	vsp_free(instance);
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_program_goes_on_without_room_for_its_code),
	        cmocka_unit_test(what_is_released_makes_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
