/*
 * Snapshots: instances that start from one have its state and nothing of one another's, a reset
 * leads back to it, and what a snapshot cannot hold is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api_support.h"
#include "runtime/base/alloc.h"

/* init grows memory by two pages and fills two places; set changes both; get reads them. */
#define BODY \
	"\t.import host.here(0) -> 0\n" \
	"\t.export init\n\t.func init(1) -> 1\n\tSETMODE 3\n\tMOVI R1, 2\n\tMEMGROW R2, R1\n" \
	"\tMOVI R1, 0x20000\n\tSTORE R0, [R1]\n\tMEMSIZE R1\n\tSHLI R1, R1, 16\n\tSTORE R0, [R1 - 8]\n\tRET\n\t.end\n" \
	"\t.export set\n\t.func set(1) -> 1\n\tSETMODE 1\n\tMOVI R1, 0x20000\n\tSTORE R0, [R1]\n" \
	"\tMEMSIZE R1\n\tSHLI R1, R1, 16\n\tSTORE R0, [R1 - 8]\n\tMOVI R1, 1\n\tMEMGROW R2, R1\n\tRET\n\t.end\n" \
	"\t.export get\n\t.func get(0) -> 2\n\tMOVI R1, 0x20000\n\tLOAD R0, [R1]\n\tMEMSIZE R1\n\tSHLI R1, R1, " \
	"16\n\tLOAD R1, [R1 - 8]\n\tRET\n\t.end\n" \
	"\t.export calls\n\t.func calls\n\tHCALL host.here\n\tRET\n\t.end\n" \
	"\t.export opens\n\t.func opens\n\tBATCH 4\n\tRET\n\t.end\n" \
	"\t.func main\n\tNOP\n\tHLT\n\t.end\n"
static const char *const programs[] = {"\t.memory 3, 20\n" BODY, "\t.memory 40, 60\n" BODY};
static const int bounds[] = {VSP_CONFIG_BOUNDS_AUTO, VSP_CONFIG_BOUNDS_EXPLICIT};
enum { PROGRAMS = 2, BOUNDS = 2 };

static vsp_status refused;
static vsp_error refused_error;

static int here(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)args, (void)results;
	refused_error = (vsp_error)VSP_ERROR_INIT;
	if (!vsp_snapshot_new(caller->instance, &refused_error))
		refused = refused_error.code;
	return VSP_OK;
}

static void define(vsp_instance *instance)
{
	assert_int_equal(vsp_define_import(instance, "host.here", 0, 0, here, NULL, NULL), VSP_OK);
}

static void call(vsp_instance *instance, const char *name, int64_t value)
{
	int64_t result;
	vsp_error error = VSP_ERROR_INIT;
	if (vsp_call(instance, name, &value, &result, &error) != VSP_OK)
		fail_msg("%s: %s", name, error.message);
}

static void assert_holds(vsp_instance *instance, int64_t value)
{
	int64_t results[2] = {-1, -1};
	assert_int_equal(vsp_call(instance, "get", NULL, results, NULL), VSP_OK);
	assert_int_equal(results[0], value);
	assert_int_equal(results[1], value);
}

static vsp_snapshot *take(vsp_instance *instance)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_snapshot *snapshot = vsp_snapshot_new(instance, &error);
	if (!snapshot)
		fail_msg("%s", error.message);
	return snapshot;
}

static vsp_instance *start(const vsp_snapshot *snapshot, const vsp_config *config)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = vsp_instantiate_from(snapshot, config, &error);
	if (!instance)
		fail_msg("%s", error.message);
	define(instance);
	return instance;
}

static void instances_start_from_a_snapshot(void **unused)
{
	(void)unused;
	for (int i = 0; i < PROGRAMS * BOUNDS; i++) {
		vsp_config config = VSP_CONFIG_INIT;
		config.bounds = bounds[i % BOUNDS];
		vsp_instance *origin = instantiate(programs[i / BOUNDS], &config);
		uint64_t size, now;
		define(origin);
		call(origin, "init", 77);
		vsp_snapshot *snapshot = take(origin);
		vsp_memory(origin, &size);
		call(origin, "set", 1); /* the snapshot has a copy */
		vsp_instance *a = start(snapshot, &config), *b = start(snapshot, &config);
		assert_int_equal(state_of(a).mode, 3);
		assert_holds(a, 77);
		call(a, "set", 5);
		assert_holds(b, 77);
		assert_int_equal(state_of(b).mode, 3);
		for (int n = 0; n < 3; n++) {
			call(a, "set", n);
			assert_int_equal(vsp_reset(a, NULL), VSP_OK);
			assert_non_null(vsp_memory(a, &now));
			assert_int_equal(now, size);
			assert_int_equal(state_of(a).mode, 3);
			assert_int_equal(vsp_reset(b, NULL), VSP_OK);
			assert_true(vsp_state_equal(a, b));
			assert_holds(a, 77);
		}
		vsp_free(origin);
		vsp_snapshot_free(snapshot); /* instances keep it */
		call(b, "set", 6);
		assert_int_equal(vsp_reset(b, NULL), VSP_OK);
		assert_holds(b, 77);
		vsp_free(a);
		vsp_free(b);
	}
}

/* A memory with guard pages and one without have the same contents. */
static void bounds_may_differ(void **unused)
{
	(void)unused;
	for (int i = 0; i < PROGRAMS * BOUNDS; i++) {
		vsp_config config = VSP_CONFIG_INIT;
		config.bounds = bounds[i % BOUNDS];
		vsp_instance *origin = instantiate(programs[i / BOUNDS], &config);
		define(origin);
		call(origin, "init", -9);
		vsp_snapshot *snapshot = take(origin);
		config.bounds = bounds[(i + 1) % BOUNDS];
		vsp_instance *other = start(snapshot, &config);
		assert_holds(other, -9);
		assert_int_equal(vsp_memory_fnv1a(other), vsp_memory_fnv1a(origin));
		vsp_free(origin);
		vsp_free(other);
		vsp_snapshot_free(snapshot);
	}
}

static vsp_status define_here(void *user, vsp_instance *instance, vsp_error *error)
{
	(void)user;
	return vsp_define_import(instance, "host.here", 0, 0, here, NULL, error);
}

static void pools_start_from_a_snapshot(void **unused)
{
	(void)unused;
	for (int i = 0; i < PROGRAMS; i++) {
		vsp_module *module = assemble(programs[i]), *other = assemble(programs[i]);
		vsp_instance *origin = instantiate_with(module, NULL);
		vsp_error error = VSP_ERROR_INIT;
		define(origin);
		call(origin, "init", 77);
		vsp_snapshot *snapshot = take(origin);
		vsp_pool_config how = VSP_POOL_CONFIG_INIT;
		how.snapshot = snapshot;
		how.prepare = define_here;
		assert_null(vsp_pool_new(other, &how, &error));
		assert_int_equal(error.code, VSP_E_ARGUMENT);
		vsp_pool *pool = vsp_pool_new(module, &how, &error);
		vsp_snapshot_free(snapshot);
		for (int n = 0; n < 5; n++) {
			vsp_instance *instance = vsp_pool_take(pool, &error);
			assert_int_equal(state_of(instance).mode, 3);
			assert_holds(instance, 77);
			call(instance, "set", n);
			vsp_free(instance);
		}
		vsp_pool_free(pool);
		vsp_free(origin);
		vsp_module_free(module);
		vsp_module_free(other);
	}
}

static void assert_refused(vsp_instance *instance, vsp_status status, const char *part)
{
	vsp_error error = VSP_ERROR_INIT;
	assert_null(vsp_snapshot_new(instance, &error));
	assert_int_equal(error.code, status);
	assert_non_null(strstr(error.message, part));
}

static int receive(void *user, uint32_t channel, uint8_t state[16], int *received)
{
	(void)user, (void)channel, (void)state;
	*received = 0;
	return 0;
}

static void what_snapshots_cannot_hold_is_refused(void **unused)
{
	(void)unused;
	vsp_instance *empty = vsp_new(NULL), *instance = instantiate(programs[0], NULL);
	assert_refused(NULL, VSP_E_ARGUMENT, "null");
	assert_refused(empty, VSP_E_ARGUMENT, "no program");
	vsp_free(empty);
	define(instance);
	refused = VSP_OK;
	assert_int_equal(vsp_call(instance, "calls", NULL, NULL, NULL), VSP_OK);
	assert_int_equal(refused, VSP_E_ARGUMENT);
	assert_non_null(strstr(refused_error.message, "running"));
	assert_int_equal(vsp_step(instance, NULL), VSP_OK);
	assert_refused(instance, VSP_E_ARGUMENT, "stepped");
	assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
	vsp_interrupt(instance);
	assert_int_equal(vsp_call(instance, "calls", NULL, NULL, NULL), VSP_TRAPPED);
	assert_refused(instance, VSP_E_ARGUMENT, "reset");
	assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
	assert_int_equal(vsp_call(instance, "opens", NULL, NULL, NULL), VSP_OK);
	assert_refused(instance, VSP_E_UNSUPPORTED, "BATCH");
	assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
	vsp_host host = {.size = sizeof host, .receive = receive};
	assert_int_equal(vsp_set_host(instance, &host), VSP_OK);
	assert_refused(instance, VSP_E_UNSUPPORTED, "channels");
	assert_int_equal(vsp_set_host(instance, NULL), VSP_OK);
	vsp_snapshot_free(take(instance));
	vsp_free(instance);
	vsp_snapshot_free(NULL);
}

static void files_are_refused(void **unused)
{
	(void)unused;
	vsp_wasi_config config = VSP_WASI_CONFIG_INIT;
	vsp_wasi *wasi = vsp_wasi_new(&config, NULL);
	vsp_instance *instance = instantiate(programs[0], NULL);
	define(instance);
	assert_int_equal(vsp_wasi_define(wasi, instance, NULL), VSP_OK);
	assert_refused(instance, VSP_E_UNSUPPORTED, "vsp_wasi");
	vsp_free(instance);
	vsp_wasi_free(wasi);
}

static void limits_count_the_snapshots_memory(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_instance *origin = instantiate(programs[0], NULL);
	define(origin);
	call(origin, "init", 4); /* 5 pages now */
	vsp_snapshot *snapshot = take(origin);
	config.max_memory = 4 * 65536;
	assert_null(vsp_instantiate_from(snapshot, &config, &error));
	assert_int_equal(error.code, VSP_E_MEMORY);
	assert_null(vsp_instantiate_from(NULL, &config, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	vsp_free(origin);
	vsp_snapshot_free(snapshot);
}

static void another_program_starts_as_it_is(void **unused)
{
	(void)unused;
	vsp_instance *origin = instantiate(programs[0], NULL);
	size_t size;
	define(origin);
	call(origin, "init", 4);
	vsp_snapshot *snapshot = take(origin);
	vsp_instance *instance = start(snapshot, NULL);
	uint8_t *bytes = vsp_module_write(vsp_instance_module(instance), &size, NULL);
	assert_int_equal(vsp_load(instance, bytes, size, NULL), VSP_OK);
	assert_holds(instance, 0);
	assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
	assert_holds(instance, 0);
	vsp_bytes_free(bytes);
	vsp_free(instance);
	vsp_free(origin);
	vsp_snapshot_free(snapshot);
}

static bool use_snapshot(vsp_module *module)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.bounds = VSP_CONFIG_BOUNDS_EXPLICIT;
	config.tier = VSP_TIER_INTERP;
	vsp_instance *origin = vsp_instantiate(module, &config, NULL);
	vsp_snapshot *snapshot = vsp_snapshot_new(origin, NULL);
	vsp_instance *instance = vsp_instantiate_from(snapshot, &config, NULL);
	bool good = instance && vsp_run(instance, NULL) == VSP_OK;
	vsp_free(instance);
	vsp_snapshot_free(snapshot);
	vsp_free(origin);
	return good;
}

static void running_out_of_memory_is_an_error(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(sum);
	vsp_alloc_fail_at(0);
	assert_true(use_snapshot(module));
	uint64_t requests = vsp_alloc_fail_at(0);
	for (uint64_t n = 1; n <= requests; n++) {
		vsp_alloc_fail_at(n);
		use_snapshot(module);
	}
	vsp_alloc_fail_at(0);
	assert_true(use_snapshot(module));
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(instances_start_from_a_snapshot),
	        cmocka_unit_test(bounds_may_differ),
	        cmocka_unit_test(pools_start_from_a_snapshot),
	        cmocka_unit_test(what_snapshots_cannot_hold_is_refused),
	        cmocka_unit_test(files_are_refused),
	        cmocka_unit_test(limits_count_the_snapshots_memory),
	        cmocka_unit_test(another_program_starts_as_it_is),
	        cmocka_unit_test(running_out_of_memory_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
