/*
 * The NPU provider on a library that is the test's own (fake_ort.h): execution providers by name,
 * strict, wrong devices, children of fork, and the failure of every call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_ort.h"

#include "runtime/backends/provider.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"

extern const vsp_provider vsp_provider_onnxruntime;

enum { PAGES = 4, INPUT = 0x20000, OUTPUT = 0x21000, BATCH = 3, VALUES = 2 * BATCH };

static fake_ort *fake;
static vsp_rt rt;
static const uint8_t bytes[] = {8, 7}; /* ir_version alone: the library of tests reads no more */
static const vsp_rt_model model = {"plus", bytes, sizeof bytes};

static void open_instance(const char *npu)
{
	const vsp_provider *p = &vsp_provider_onnxruntime;
	memset(&rt, 0, sizeof rt);
	rt.backends = vsp_backends_create(&p, 1);
	assert_non_null(rt.backends);
	assert_int_equal(vsp_memory_create(&rt.memory, PAGES, PAGES, VSP_BOUNDS_AUTO), VSP_OK);
	vsp_account_open(&rt.account, 1 << 20, 0);
	rt.backends->npu = npu;
	rt.capabilities = VSP_CAP_MODELS | VSP_CAP_NPU;
	rt.models = &model;
	rt.model_count = 1;
	for (unsigned i = 0; i < VALUES; i++) {
		float value = (float)i;
		memcpy(rt.memory.base + INPUT + 4 * i, &value, 4);
	}
}

static void close_instance(void)
{
	vsp_backends_destroy(rt.backends);
	vsp_memory_destroy(&rt.memory);
}

static int setup(void **state)
{
	(void)state;
	void *library = dlopen(getenv("VSP_ONNXRUNTIME"), RTLD_NOW);
	fake = library ? dlsym(library, FAKE_ORT_SYMBOL) : NULL;
	if (!fake)
		return 1;
	memset(fake, 0, sizeof *fake);
	open_instance(NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake->fail_at = 0;
	close_instance();
	assert_int_equal(fake->objects, 0);
	assert_int_equal(rt.account.used, 0);
	return 0;
}

static void reopen(const char *npu)
{
	close_instance();
	open_instance(npu);
}

static int infer(void) { return vsp_rt_infer(&rt, 0, INPUT, OUTPUT, BATCH); }

static float result(unsigned i)
{
	float value;
	memcpy(&value, rt.memory.base + OUTPUT + 4 * i, 4);
	return value;
}

static void check_results(void)
{
	for (unsigned i = 0; i < VALUES; i++)
		assert_true(result(i) == (float)i + 1);
}

static const char *placed(void) { return rt.backends->slot[1].stats.placed; }

/* ---- tests ---- */

static void a_model_runs_on_the_cpu(void **state)
{
	(void)state;
	assert_int_equal(infer(), 0);
	check_results();
	assert_int_equal(fake->device_runs, 0);
	assert_string_equal(placed(), "plus: 3 nodes on CPU");
}

static void an_execution_provider_has_its_options_and_says_where_nodes_are(void **state)
{
	(void)state;
	fake->cpu_nodes = 1;
	reopen("fake,speed=high");
	assert_int_equal(infer(), 0);
	check_results();
	assert_int_equal(fake->device_runs, 1);
	assert_string_equal(fake->key, "speed");
	assert_string_equal(fake->value, "high");
	assert_string_equal(placed(), "plus: 2 nodes on Fake, 1 node on CPU");
}

static void what_the_library_lacks_is_refused_with_what_it_has(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	reopen("qnn");
	assert_int_equal(vsp_backends_check(&rt, VSP_HINT_NPU, "", &error), VSP_E_UNSUPPORTED);
	assert_non_null(strstr(error.message, "no execution provider 'qnn'; it has Fake, CPU"));
	assert_int_equal(infer(), VSP_TRAP_BACKEND);
	reopen("fake,speed");
	assert_int_equal(vsp_backends_check(&rt, VSP_HINT_NPU, "", &error), VSP_E_UNSUPPORTED);
	reopen("fake");
	rt.capabilities = VSP_CAP_MODELS;
	assert_int_equal(vsp_backends_check(&rt, VSP_HINT_NPU, "", &error), VSP_E_ARGUMENT);
}

/* It lists providers that it does not append; that is said before the program starts. */
static void what_the_library_lists_and_does_not_take_is_refused(void **state)
{
	(void)state;
	unsigned told = 0;
	for (int n = 1; n <= 4; n++) {
		vsp_error error = VSP_ERROR_INIT;
		reopen("fake");
		fake->fail_at = fake->calls + n; /* the list and its end, options, and their provider */
		vsp_status status = vsp_backends_check(&rt, VSP_HINT_NPU, "", &error);
		fake->fail_at = 0;
		told += status == VSP_E_UNSUPPORTED &&
		        strstr(error.message, "the execution provider cannot be used: " FAKE_ORT_FAILURE);
	}
	assert_int_equal(told, 2);
	vsp_error error = VSP_ERROR_INIT;
	reopen("cpu,speed=high");
	assert_int_equal(vsp_backends_check(&rt, VSP_HINT_NPU, "", &error), VSP_E_UNSUPPORTED);
	assert_non_null(strstr(error.message, "provider cpu has no option 'speed'"));
	error = (vsp_error)VSP_ERROR_INIT;
	reopen("fake,a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1");
	assert_int_equal(vsp_backends_check(&rt, VSP_HINT_NPU, "", &error), VSP_E_UNSUPPORTED);
	assert_non_null(strstr(error.message, "the execution provider has more than 16 options"));
}

static void strict_refuses_nodes_on_the_cpu(void **state)
{
	(void)state;
	reopen("fake,strict");
	assert_int_equal(infer(), 0);
	assert_string_equal(placed(), "plus: 3 nodes on Fake");
	fake->cpu_nodes = 1;
	reopen("fake,strict");
	assert_int_equal(infer(), VSP_TRAP_BACKEND);
	assert_non_null(strstr(rt.trap.message, "the model cannot be loaded: CPU"));
	assert_string_equal(placed(), "");
}

/* What is asked for by name and cannot be had ends before the program starts. */
static void strict_refuses_the_program_s_own_models_at_once(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	fake->cpu_nodes = 1;
	reopen("fake");
	assert_int_equal(vsp_backends_check(&rt, VSP_HINT_NPU, "", &error), VSP_OK);
	reopen("fake,strict");
	assert_int_equal(vsp_backends_check(&rt, VSP_HINT_NPU, "", &error), VSP_E_UNSUPPORTED);
	assert_non_null(strstr(error.message, "model 'plus' cannot be used as asked for: "));
	fake->cpu_nodes = 0;
	reopen("fake,strict");
	assert_int_equal(vsp_backends_check(&rt, VSP_HINT_NPU, "", &error), VSP_OK);
	assert_string_equal(placed(), "plus: 3 nodes on Fake");
}

static void a_device_that_is_wrong_is_not_believed(void **state)
{
	(void)state;
	fake->wrong = true;
	reopen("fake");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(infer(), 0);
		check_results();
	}
	assert_int_equal(fake->device_runs, 1);
	reopen("fake,strict");
	assert_int_equal(infer(), VSP_TRAP_BACKEND);
	assert_non_null(strstr(rt.trap.message, "Fake computes something else"));
	assert_true(result(0) == 0);
}

/* Each call in turn fails, from the opening to the close; what it says is told. */
static void check_every_call(const char *npu)
{
	for (int n = 1; n < 300; n++) {
		reopen(npu);
		fake->fail_at = fake->calls + n;
		int trap = infer();
		bool failed = fake->calls >= fake->fail_at;
		assert_true(trap == 0 || (trap == VSP_TRAP_BACKEND && failed));
		if (trap)
			assert_non_null(strstr(rt.trap.message, FAKE_ORT_FAILURE));
		else
			check_results();
		close_instance();
		assert_int_equal(fake->objects, 0);
		assert_int_equal(rt.account.used, 0);
		bool reached = fake->calls >= fake->fail_at;
		fake->fail_at = 0;
		open_instance(npu);
		if (!reached)
			return;
	}
	fail_msg("an inference makes too many calls");
}

static void every_call_may_fail(void **state)
{
	(void)state;
	check_every_call(NULL);
}

static void every_call_with_a_device_may_fail(void **state)
{
	(void)state;
	check_every_call("fake,strict");
}

static void sizes_of_programs_are_checked(void **state)
{
	(void)state;
	const uint32_t end = PAGES * 65536;
	assert_int_equal(vsp_rt_infer(&rt, 0, INPUT, end - 8 * BATCH + 1, BATCH), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_infer(&rt, 0, end - 8 * BATCH + 1, OUTPUT, BATCH), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_infer(&rt, 0, INPUT, OUTPUT, UINT64_MAX), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_infer(&rt, 0, INPUT, OUTPUT, UINT64_C(1) << 61), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_infer(&rt, 1, INPUT, OUTPUT, 1), VSP_TRAP_BACKEND);
	assert_int_equal(fake->runs, 0);
	assert_int_equal(vsp_rt_infer(&rt, 0, end - 8 * BATCH, OUTPUT, BATCH), 0);
}

static void tensors_within_a_model_are_in_the_account(void **state)
{
	(void)state;
	fake->within = rt.account.limit / 2;
	assert_int_equal(infer(), 0);
	fake->within = rt.account.limit;
	assert_int_equal(infer(), VSP_TRAP_BACKEND);
	assert_non_null(strstr(rt.trap.message, "the program's memory limit leaves no room for the tensors"));
	fake->within = SIZE_MAX;
	assert_int_equal(infer(), VSP_TRAP_BACKEND);
	fake->within = 0;
	assert_int_equal(infer(), 0);
	check_results();
}

/* The library has no threads of its own, so a child goes on with its models. */
static void a_child_of_fork_runs_models(void **state)
{
	(void)state;
	int status = 0;
	reopen("fake");
	assert_int_equal(infer(), 0);
	memset(rt.memory.base + OUTPUT, 0, 4 * VALUES);
	pid_t child = fork();
	assert_true(child >= 0);
	if (!child) {
		bool good = infer() == 0 && result(1) == 2;
		close_instance();
		_exit(good && fake->objects == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(infer(), 0);
	check_results();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(a_model_runs_on_the_cpu),
	        TEST(an_execution_provider_has_its_options_and_says_where_nodes_are),
	        TEST(what_the_library_lacks_is_refused_with_what_it_has),
	        TEST(what_the_library_lists_and_does_not_take_is_refused), TEST(strict_refuses_nodes_on_the_cpu),
	        TEST(strict_refuses_the_program_s_own_models_at_once), TEST(a_device_that_is_wrong_is_not_believed),
	        TEST(every_call_may_fail), TEST(every_call_with_a_device_may_fail), TEST(sizes_of_programs_are_checked),
	        TEST(tensors_within_a_model_are_in_the_account), TEST(a_child_of_fork_runs_models)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
