/*
 * Pools of instances: what one user did is gone for the next, the limits hold, and misuse, threads
 * and lack of memory do no harm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <vsp/vsp_provider.h>

#include "api_support.h"
#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

/* Leaves traces wherever it can: registers, flags, G, C, mode, memory near the stack, far away and
   grown, output. */
static const char messy[] = "\t.memory 40, 60\n"
                            "\t.export stain\n\t.func stain(1) -> 1\n"
                            "\tSETMODE 4\n\tMOVI R1, 0x20000\n\tSTORE R0, [R1]\n\tMOVI R1, 0x200000\n\tSTORE R0, [R1]\n"
                            "\tMOVI R2, 3\n\tMEMGROW R2, R2\n\tMOVI R1, 0x2a0000\n\tSTORE R0, [R1]\n"
                            "\tPUSH R0\n\tPOP R0\n\tSYSCALL 2\n\tCOLLAPSE R0\n\tMOVI RF, -1\n\tHLT\n\t.end\n"
                            "\t.export peek\n\t.func peek(1) -> 1\n\tLOAD R0, [R0]\n\tRET\n\t.end\n"
                            "\t.func main\n\tHLT\n\t.end\n";

static vsp_pool *make_pool(vsp_module *module, const vsp_pool_config *config)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_pool *pool = vsp_pool_new(module, config, &error);
	if (!pool)
		fail_msg("%s", error.message);
	return pool;
}

static vsp_instance *take(vsp_pool *pool)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = vsp_pool_take(pool, &error);
	if (!instance)
		fail_msg("%s", error.message);
	return instance;
}

static void assert_fresh(vsp_instance *instance, const vsp_instance *fresh)
{
	size_t length;
	uint64_t size;
	vsp_stats_view stats = VSP_STATS_INIT;
	assert_true(vsp_state_equal(instance, fresh));
	assert_int_equal(vsp_memory_fnv1a(instance), vsp_memory_fnv1a(fresh));
	assert_non_null(vsp_memory(instance, &size));
	assert_int_equal(size, 40 * 65536);
	assert_string_equal(vsp_output(instance, &length), "");
	assert_int_equal(length, 0);
	assert_int_equal(vsp_cycles(instance), 0);
	assert_int_equal(state_of(instance).end, VSP_RUN_NONE);
	assert_int_equal(vsp_stats(instance, &stats), VSP_OK);
	assert_int_equal(stats.instructions, 0);
}

static void nothing_is_left_of_the_last_user(void **unused)
{
	(void)unused;
	enum { USERS = 5 };
	static const int bounds[] = {VSP_CONFIG_BOUNDS_AUTO, VSP_CONFIG_BOUNDS_EXPLICIT};
	vsp_module *module = assemble(messy);
	for (int b = 0; b < 2; b++) {
		vsp_config config = VSP_CONFIG_INIT;
		vsp_pool_config how = VSP_POOL_CONFIG_INIT;
		config.bounds = bounds[b];
		config.count = 1;
		config.capabilities = VSP_CAP_STDIO;
		how.config = &config;
		how.max_instances = 1;
		vsp_pool *pool = make_pool(module, &how);
		vsp_instance *fresh = instantiate_with(module, &config), *first = NULL;
		for (int n = 0; n < USERS; n++) {
			vsp_instance *instance = take(pool);
			int64_t value = 0x1234567, found = -1;
			assert_true(!first || instance == first);
			first = instance;
			assert_fresh(instance, fresh);
			assert_int_equal(vsp_call(instance, "stain", &value, &found, NULL), VSP_HALTED);
			assert_string_equal(vsp_output(instance, NULL), "19088743");
			vsp_memory(instance, NULL)[0x100123] = 9; /* and the host */
			vsp_free(instance);
		}
		vsp_free(fresh);
		vsp_pool_free(pool);
	}
	vsp_module_free(module);
}

/* ---- what back ends say ---- */

/* A GPU of the host that VMAP finds too hot, and VRED good. */
static int warm_run(void *state, const vsp_provider_op *op, char *reason, size_t size)
{
	(void)state;
	snprintf(reason, size, "too hot");
	if (op->operation == VSP_OPERATION_VMAP)
		return VSP_PROVIDER_DECLINED;
	*op->result = 9;
	return VSP_PROVIDER_DONE;
}

static int warm_emerge(void *state, const float in[32], float out[32], char *reason, size_t size)
{
	(void)state, (void)reason, (void)size;
	memcpy(out, in, 32 * sizeof *in);
	return VSP_PROVIDER_DONE;
}

static int absent_open(void *user, void **state, char *reason, size_t size)
{
	(void)user, (void)state;
	snprintf(reason, size, "no such device");
	return 1;
}

static const char batches[] = ".func use() -> 0\nHINT.GPU\nMOVI R0, 0x20000\nMOVI R1, 0x21000\nMOVI R2, 4\n"
                              "VMAP.COPY R0, R1, R2\nVRED.ADD R3, R1, R2\nEMERGE\nMOVI R0, 0\nRET\n.end\n"
                              ".export use\n.func main\nHLT\n.end\n";

static vsp_status run_and_add(void *user, vsp_instance *instance, vsp_error *error)
{
	(void)user;
	vsp_provider_table warm = VSP_PROVIDER_TABLE_INIT;
	warm.name = "absent";
	warm.kind = VSP_BACKEND_GPU;
	warm.operations = 1u << VSP_OPERATION_VMAP | 1u << VSP_OPERATION_VRED;
	warm.open = absent_open;
	warm.run = warm_run;
	vsp_status status = vsp_add_provider(instance, &warm, error);
	warm.name = "warm";
	warm.open = NULL;
	warm.emerge = warm_emerge;
	if (status == VSP_OK)
		status = vsp_add_provider(instance, &warm, error);
	return status == VSP_OK ? vsp_call(instance, "use", NULL, NULL, error) : status;
}

/* How many operations, reasons and refusals can be seen of all back ends. */
static unsigned traces(const vsp_instance *instance)
{
	unsigned n = 0;
	vsp_backend_stats stats = VSP_BACKEND_STATS_INIT;
	for (uint32_t i = 0; vsp_stats_backend(instance, i, &stats) == VSP_OK; i++) {
		vsp_backend_refusal refusal = VSP_BACKEND_REFUSAL_INIT;
		bool absent = strcmp(stats.name, "absent") == 0; /* what probe has found stays true */
		for (uint32_t k = 0; k < VSP_OPERATIONS; k++)
			n += stats.operations[k] != 0;
		for (uint32_t k = 0; vsp_stats_refusal(instance, i, k, &refusal) == VSP_OK; k++)
			n++;
		if (absent)
			assert_string_equal(stats.reason, "no such device");
		n += !absent && stats.reason[0];
		n += stats.placed[0] != 0;
	}
	return n;
}

static void nothing_is_left_of_what_back_ends_said(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(batches);
	vsp_pool_config how = VSP_POOL_CONFIG_INIT;
	how.prepare = run_and_add;
	how.max_instances = 1;
	vsp_pool *pool = make_pool(module, &how);
	for (int n = 0; n < 3; n++) {
		vsp_instance *instance = take(pool);
		assert_int_equal(traces(instance), 0);
		assert_int_equal(vsp_call(instance, "use", NULL, NULL, NULL), VSP_OK);
		assert_true(traces(instance) >= 5); /* VMAP on the CPU, VRED, EMERGE; a reason and its refusal */
		vsp_free(instance);
	}
	vsp_pool_free(pool);
	vsp_module_free(module);
}

/* Memory beside the linear one is that of the user who needed it. */
static void room_for_batches_is_given_back(void **unused)
{
	(void)unused;
	static const char source[] = ".memory 16, 16\n.export use\n.func main\nRET\n.end\n.func use\nMOVI R0, 0x20000\n"
	                             "MOVI R1, 10000\nMOVI R2, 0x20010\nGRADB R0, R1, R2\nRET\n.end\n";
	vsp_module *module = assemble(source);
	vsp_pool_config how = VSP_POOL_CONFIG_INIT;
	how.max_instances = 1;
	vsp_pool *pool = make_pool(module, &how);
	vsp_stats_view first = VSP_STATS_INIT, used = VSP_STATS_INIT, next = VSP_STATS_INIT;
	vsp_instance *instance = take(pool);
	assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
	assert_int_equal(vsp_stats(instance, &first), VSP_OK);
	assert_int_equal(vsp_call(instance, "use", NULL, NULL, NULL), VSP_OK);
	assert_int_equal(vsp_stats(instance, &used), VSP_OK);
	assert_true(used.beside >= first.beside + 160000); /* a copy of the states */
	vsp_free(instance);
	instance = take(pool);
	assert_int_equal(vsp_stats(instance, &next), VSP_OK);
	assert_true(next.beside < first.beside + 160000);
	assert_int_equal(vsp_call(instance, "use", NULL, NULL, NULL), VSP_OK);
	vsp_free(instance);
	vsp_pool_free(pool);
	vsp_module_free(module);
}

static void instances_that_failed_are_good_again(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(functions);
	vsp_config config = VSP_CONFIG_INIT;
	vsp_pool_config how = VSP_POOL_CONFIG_INIT;
	config.fuel = 10;
	config.limit_fuel = 1;
	how.config = &config;
	how.max_instances = 1;
	vsp_pool *pool = make_pool(module, &how);
	for (int n = 0; n < 4; n++) {
		vsp_instance *instance = take(pool);
		int64_t args[] = {3, 4}, result = 0;
		for (int k = 0; k < 5; k++)
			assert_int_equal(vsp_call(instance, "add", args, &result, NULL), VSP_OK);
		assert_int_equal(vsp_call(instance, "add", args, &result, NULL), VSP_TRAPPED); /* the fuel is used up */
		vsp_free(instance);
		instance = take(pool);
		vsp_interrupt(instance);
		assert_int_equal(vsp_call(instance, "add", args, &result, NULL), VSP_TRAPPED);
		vsp_free(instance);
		instance = take(pool);
		assert_int_equal(vsp_step(instance, NULL), VSP_HALTED);
		vsp_free(instance);
	}
	vsp_pool_free(pool);
	vsp_module_free(module);
}

static void limits_hold(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(messy); /* at most 60 pages each */
	vsp_error error = VSP_ERROR_INIT;
	vsp_pool_config how = VSP_POOL_CONFIG_INIT;
	how.max_instances = 5;
	how.max_memory = 3 * 60 * 65536 - 1;
	vsp_pool *pool = make_pool(module, &how);
	vsp_instance *a = take(pool), *b = take(pool);
	assert_ptr_not_equal(a, b);
	assert_null(vsp_pool_take(pool, &error));
	assert_int_equal(error.code, VSP_E_MEMORY);
	assert_string_equal(error.message, "all 2 instances that the pool may have are in use");
	vsp_free(a);
	a = take(pool);
	vsp_free(a);
	vsp_free(b);
	vsp_pool_free(pool);
	how.ready = 2;
	vsp_pool_free(make_pool(module, &how));
	how.ready = 3;
	assert_null(vsp_pool_new(module, &how, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	assert_string_equal(error.message, "3 instances are to be ready, but max_instances and max_memory allow 2");
	how.max_memory = 60 * 65536 - 1;
	assert_null(vsp_pool_new(module, &how, &error));
	assert_int_equal(error.code, VSP_E_MEMORY);
	vsp_module_free(module);
}

/* ---- imports ---- */

static const char importing[] =
        ".import host.next(1) -> 1\n.func next(1) -> 1\nHCALL host.next\nRET\n.end\n.export next\n"
        ".func main\nHLT\n.end\n";

static bool frees;

static int next(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	results[0] = args[0] + *(const int *)user;
	if (frees)
		vsp_free(caller->instance);
	return VSP_OK;
}

static vsp_status define(void *user, vsp_instance *instance, vsp_error *error)
{
	return vsp_define_import(instance, "host.next", 1, 1, next, user, error);
}

static void prepared_imports_stay(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(importing);
	vsp_error error = VSP_ERROR_INIT;
	vsp_pool_config how = VSP_POOL_CONFIG_INIT;
	int step = 7;
	assert_null(vsp_pool_new(module, &how, &error));
	assert_int_equal(error.code, VSP_E_LINK);
	how.prepare = define;
	how.user = &step;
	how.max_instances = 1;
	vsp_pool *pool = make_pool(module, &how);
	for (int n = 0; n < 6; n++) {
		vsp_instance *instance = take(pool);
		int64_t value = 1, result = 0;
		assert_int_equal(vsp_define_import(instance, "host.next", 1, 1, next, &value, &error), VSP_E_ARGUMENT);
		assert_int_equal(vsp_load(instance, "", 0, &error), VSP_E_ARGUMENT);
		frees = n & 1; /* goes back when the call has ended */
		assert_int_equal(vsp_call(instance, "next", &value, &result, &error), VSP_OK);
		assert_int_equal(result, 8);
		if (!frees)
			vsp_free(instance);
	}
	frees = false;
	vsp_pool_free(pool);
	vsp_module_free(module);
}

static vsp_status refuse_instance(void *user, vsp_instance *instance, vsp_error *error)
{
	(void)user, (void)instance, (void)error;
	return VSP_E_HOST;
}

static void misuse_gives_errors(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(functions);
	vsp_error error = VSP_ERROR_INIT;
	vsp_pool_config how = VSP_POOL_CONFIG_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	assert_null(vsp_pool_new(NULL, NULL, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	assert_null(vsp_pool_take(NULL, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	vsp_pool_free(NULL);
	how.size = 0;
	assert_null(vsp_pool_new(module, &how, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	how.size = sizeof how;
	how.prepare = refuse_instance;
	assert_null(vsp_pool_new(module, &how, &error));
	assert_int_equal(error.code, VSP_E_HOST);
	how.prepare = NULL;
	how.config = &config;
	config.tier = 9;
	assert_null(vsp_pool_new(module, &how, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	config.tier = 0;
	config.observe = VSP_OBSERVE_TRACE;
	assert_null(vsp_pool_new(module, &how, &error));
	assert_int_equal(error.code, VSP_E_UNSUPPORTED);
	vsp_module_free(module);
}

static void instances_outlive_their_pool(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(functions);
	vsp_pool *pool = make_pool(module, NULL);
	vsp_module_free(module);
	vsp_instance *a = take(pool), *b = take(pool);
	vsp_pool_free(pool);
	int64_t args[] = {3, 4}, result = 0;
	vsp_free(a);
	assert_int_equal(vsp_call(b, "add", args, &result, NULL), VSP_OK);
	assert_int_equal(result, 7);
	vsp_free(b);
}

/* ---- threads ---- */

static struct {
	vsp_pool *pool;
	atomic_uint wrong;
} crowd;

/* Marks its instance, so that a second user of it, at the same time or later, would see the
   mark. */
static void use_often(void *unused)
{
	(void)unused;
	for (int64_t n = 1; n <= 300; n++) {
		vsp_instance *instance = vsp_pool_take(crowd.pool, NULL);
		int64_t args[] = {n, 1}, result = 0;
		uint8_t *mark = instance ? vsp_memory(instance, NULL) + 0x20000 : NULL;
		if (!mark || *mark)
			crowd.wrong++;
		if (!mark)
			continue;
		*mark = 1;
		if (vsp_call(instance, "add", args, &result, NULL) != VSP_OK || result != n + 1)
			crowd.wrong++;
		vsp_free(instance);
	}
}

static void threads_share_a_pool(void **unused)
{
	(void)unused;
	enum { THREADS = 4 };
	vsp_plat_thread *threads[THREADS];
	vsp_module *module = assemble(functions);
	vsp_pool_config how = VSP_POOL_CONFIG_INIT;
	how.max_instances = THREADS + 1;
	crowd.pool = make_pool(module, &how);
	for (int i = 0; i < THREADS; i++)
		threads[i] = vsp_plat_thread_start(use_often, NULL);
	use_often(NULL);
	for (int i = 0; i < THREADS; i++)
		if (threads[i])
			vsp_plat_thread_join(threads[i]);
	assert_int_equal(crowd.wrong, 0);
	vsp_pool_free(crowd.pool);
	vsp_module_free(module);
}

/* ---- lack of memory ---- */

static bool use_pool(vsp_module *module)
{
	vsp_pool_config how = VSP_POOL_CONFIG_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.bounds = VSP_CONFIG_BOUNDS_EXPLICIT;
	how.config = &config;
	how.ready = 2;
	vsp_pool *pool = vsp_pool_new(module, &how, NULL);
	vsp_instance *a = vsp_pool_take(pool, NULL), *b = vsp_pool_take(pool, NULL), *c = vsp_pool_take(pool, NULL);
	int64_t args[] = {3, 4}, result = 0;
	bool good = c && vsp_call(c, "add", args, &result, NULL) == VSP_OK && result == 7;
	vsp_free(a);
	vsp_free(b);
	vsp_free(c);
	vsp_pool_free(pool);
	return good;
}

static void running_out_of_memory_is_an_error(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(functions);
	vsp_alloc_fail_at(0);
	assert_true(use_pool(module));
	uint64_t requests = vsp_alloc_fail_at(0);
	for (uint64_t n = 1; n <= requests; n++) {
		vsp_alloc_fail_at(n);
		use_pool(module);
	}
	vsp_alloc_fail_at(0);
	assert_true(use_pool(module));
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nothing_is_left_of_the_last_user),
	        cmocka_unit_test(nothing_is_left_of_what_back_ends_said),
	        cmocka_unit_test(room_for_batches_is_given_back),
	        cmocka_unit_test(instances_that_failed_are_good_again),
	        cmocka_unit_test(limits_hold),
	        cmocka_unit_test(prepared_imports_stay),
	        cmocka_unit_test(misuse_gives_errors),
	        cmocka_unit_test(instances_outlive_their_pool),
	        cmocka_unit_test(threads_share_a_pool),
	        cmocka_unit_test(running_out_of_memory_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
