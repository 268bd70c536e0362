/*
 * The failure of each call of an OpenCL driver (fake_opencl.h), once and from then on, in every
 * batch instruction, alone and within a batch: memory is what the CPU makes of it, or the trap is
 * BACKEND, and nothing is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_opencl.h"

#include "runtime/backends/device_code.h"
#include "runtime/backends/opencl_parts.h"
#include "runtime/backends/provider.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"

extern const vsp_provider vsp_provider_opencl;

enum {
	PAGES = 4,
	BYTES = 0x20000, /* the first address that is used */
	STATES = 0x21000,
	GRADIENTS = 0x22000,
	SQUARES = 0x24000,
	BLOCK = 0x25000,
	USED = BLOCK - BYTES
};
enum { COUNT = 40, ITEMS = 24, KERNEL = 1, FUNCS = 2, MOST_CALLS = 400, VMAPS = 10 };

static fake_opencl *fake;
static vsp_rt rt;
static vsp_rt_func funcs[FUNCS];
static bool by_cpu; /* it has run a kernel */

/* ---- the instance ---- */

static const char *get_code(void *user, unsigned format, uint32_t index, vsp_device_code *code)
{
	static uint8_t words[20];
	(void)user;
	assert_int_equal(format, VSP_DEVICE_SPIRV);
	*code = (vsp_device_code){words, sizeof words, index == KERNEL ? 0 : VSP_DEVICE_F32};
	return NULL;
}

/* What the kernel computes. */
static int run_function(vsp_rt *self, uint32_t func, uint64_t regs[16])
{
	assert_int_equal(func, KERNEL);
	by_cpu = true;
	if (fake->traps && regs[0] + 1 == (uint64_t)fake->traps)
		return vsp_rt_fail(self, VSP_TRAP_DIV_BY_ZERO, NULL);
	vsp_write_le(
	        rt.memory.base + vsp_read_le(rt.memory.base + regs[1] + 16, 4) + 4 * regs[0], regs[0] * regs[0], 4);
	return 0;
}

static void fill_memory(void)
{
	static const uint32_t block[] = {1, SQUARES, 4 * ITEMS, 2, SQUARES};
	for (unsigned i = 0; i < USED; i++)
		rt.memory.base[BYTES + i] = (uint8_t)(i * 7 + i / 256);
	for (unsigned i = 0; i < 16 * COUNT; i++) { /* ordinary floats */
		float f = (float)i / 8 - 10;
		uint32_t bits;
		memcpy(&bits, &f, sizeof bits);
		vsp_write_le(rt.memory.base + GRADIENTS + 4 * i, bits, 4);
	}
	for (unsigned i = 0; i < sizeof block / sizeof block[0]; i++)
		vsp_write_le(rt.memory.base + BLOCK + 4 * i, block[i], 4);
}

static void open_instance(bool on_device)
{
	const vsp_provider *p = &vsp_provider_opencl;
	memset(&rt, 0, sizeof rt);
	rt.backends = vsp_backends_create(&p, 1);
	assert_non_null(rt.backends);
	assert_int_equal(vsp_memory_create(&rt.memory, PAGES, PAGES, VSP_BOUNDS_AUTO), VSP_OK);
	rt.backends->source = (vsp_device_source){.get = get_code, .serial = 1};
	rt.caller.memory = rt.memory.base;
	rt.caller.memory_size = rt.memory.size;
	rt.capabilities = VSP_CAP_GPU;
	rt.hint = on_device ? VSP_HINT_GPU : VSP_HINT_CPU;
	rt.run_function = run_function;
	rt.funcs = funcs;
	rt.func_count = FUNCS;
	fill_memory();
}

static void close_instance(void)
{
	vsp_backends_destroy(rt.backends);
	vsp_memory_destroy(&rt.memory);
}

/* ---- what is run ---- */

static uint64_t fold;

static int gradb(void) { return vsp_rt_gradb(&rt, STATES, COUNT, GRADIENTS); }
static int descb(void)
{
	const double rate = 0.5;
	uint64_t bits;
	memcpy(&bits, &rate, sizeof bits);
	return vsp_rt_descb(&rt, STATES, COUNT, GRADIENTS, bits);
}
static int vmap(unsigned selector) { return vsp_rt_vmap(&rt, selector, BYTES, STATES, 16 * COUNT); }
static int vred(void) { return vsp_rt_vred(&rt, 4, STATES, 16 * COUNT, &fold); }
static int launch(void) { return vsp_rt_launch(&rt, KERNEL, ITEMS, BLOCK); }

static int run_gradb(void) { return gradb(); }
static int run_descb(void) { return descb(); }
static int run_vred(void) { return vred(); }
static int run_launch(void) { return launch(); }
static int run_vmaps(void)
{
	int trap = 0;
	for (unsigned selector = 0; !trap && selector < VMAPS; selector++)
		trap = vmap(selector);
	return trap;
}

static int run_all(void)
{
	int trap = gradb();
	trap = trap ? trap : descb();
	trap = trap ? trap : run_vmaps();
	trap = trap ? trap : launch();
	return trap ? trap : vred();
}

static int run_batch(void)
{
	vsp_rt_batch(&rt, 20);
	int trap = run_all();
	trap = trap ? trap : vsp_rt_fence(&rt);
	trap = trap ? trap : launch();
	trap = trap ? trap : gradb();
	return trap ? trap : vsp_rt_unbatch(&rt);
}

/* A program that ends with work in flight. */
static int run_unfinished(void)
{
	vsp_rt_batch(&rt, 2);
	int trap = run_all();
	vsp_backends_abandon(&rt);
	return trap;
}

typedef struct outcome {
	int trap;
	uint64_t fold;
	uint8_t memory[USED];
} outcome;

static outcome expected, found;

static void run_once(bool on_device, int (*what)(void), outcome *o)
{
	fold = 0;
	by_cpu = false;
	open_instance(on_device);
	o->trap = what();
	o->fold = fold;
	memcpy(o->memory, rt.memory.base + BYTES, sizeof o->memory);
	close_instance();
	assert_int_equal(fake->objects, 0);
}

static void expect_the_same(int n)
{
	if (found.trap == VSP_TRAP_BACKEND && n)
		return;
	assert_int_equal(found.trap, expected.trap);
	assert_int_equal(found.fold, expected.fold);
	if (!expected.trap)
		assert_memory_equal(found.memory, expected.memory, sizeof found.memory);
}

/* Runs it without a failure, and with that of each call: once, and from then on. */
static void fail_each_call(int (*what)(void))
{
	*fake = (fake_opencl){.traps = fake->traps};
	run_once(false, what, &expected);
	run_once(true, what, &found);
	expect_the_same(0);
	assert_true(fake->kernels > 0);
	int calls = fake->calls, good = 0;
	assert_in_range(calls, 10, MOST_CALLS);
	for (int n = 1; n <= calls; n++)
		for (int lost = 0; lost < 2; lost++) {
			*fake = (fake_opencl){.traps = fake->traps, .fail_at = n, .lost_at = lost ? n : 0};
			run_once(true, what, &found);
			assert_true(fake->calls >= n);
			expect_the_same(n);
			good += found.trap == expected.trap;
		}
	assert_in_range(good, 10, 2 * calls); /* at least what opens the device can be done without */
}

static void each_call_of_gradb(void **state) { (void)state, fail_each_call(run_gradb); }
static void each_call_of_descb(void **state) { (void)state, fail_each_call(run_descb); }
static void each_call_of_vmap(void **state) { (void)state, fail_each_call(run_vmaps); }
static void each_call_of_vred(void **state) { (void)state, fail_each_call(run_vred); }
static void each_call_of_launch(void **state) { (void)state, fail_each_call(run_launch); }
static void each_call_of_all(void **state) { (void)state, fail_each_call(run_all); }
static void each_call_of_a_batch(void **state) { (void)state, fail_each_call(run_batch); }

static void each_call_of_a_kernel_that_traps(void **state)
{
	(void)state;
	fake->traps = 7;
	fail_each_call(run_launch);
	fail_each_call(run_batch);
}

/* What the CPU has done by then is no matter; nothing may be written once memory has gone. */
static void each_call_with_work_in_flight(void **state)
{
	(void)state;
	for (int n = 1; n < MOST_CALLS; n++)
		for (int lost = 0; lost < 2; lost++) {
			*fake = (fake_opencl){.fail_at = n, .lost_at = lost ? n : 0};
			run_once(true, run_unfinished, &found);
			assert_true(!found.trap || found.trap == VSP_TRAP_BACKEND);
		}
}

static int observed;

static void note(void *user, const vsp_batch_span *span)
{
	(void)user;
	observed += span->step == VSP_STEP_KERNEL;
}

static int run_observed(void)
{
	rt.backends->observer = (vsp_batch_observer){note, NULL};
	return run_batch();
}

static void each_call_while_observed(void **state)
{
	(void)state;
	fail_each_call(run_observed);
	assert_true(observed > 0);
}

/* The driver is the process's: an instance of the child has none either. */
static void a_child_of_fork_does_not_use_the_driver(void **state)
{
	(void)state;
	run_once(false, run_batch, &expected);
	run_once(true, run_batch, &found);
	assert_true(fake->kernels > 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (!child) {
		*fake = (fake_opencl){0};
		run_once(true, run_batch, &found);
		_exit(memcmp(&found, &expected, sizeof found) != 0 || fake->calls);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void write_icd(const char *path, const char *driver)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%s\n", driver);
	fclose(file);
}

/* The loader would wait for ever; what it does with ordinary files is its own business. */
static void what_the_loader_would_wait_for_is_refused(void **state)
{
	(void)state;
	char folder[] = "/tmp/vsp-opencl-XXXXXX", icd[64], other[64], why[256] = "";
	assert_non_null(mkdtemp(folder));
	snprintf(icd, sizeof icd, "%s/a.icd", folder);
	snprintf(other, sizeof other, "%s/fifo", folder);
	assert_int_equal(mkfifo(icd, 0600) | mkfifo(other, 0600), 0);
	const char *const places[] = {folder, icd, other};
	for (unsigned i = 0; i < 3; i++) {
		setenv("OCL_ICD_VENDORS", places[i], 1);
		assert_false(vsp_opencl_vendors_are_files(why, sizeof why));
		assert_non_null(strstr(why, i == 2 ? other : icd));
		assert_non_null(strstr(why, "is no ordinary file"));
	}
	assert_int_equal(unlink(icd), 0);
	write_icd(icd, other);
	setenv("OCL_ICD_VENDORS", folder, 1);
	assert_false(vsp_opencl_vendors_are_files(why, sizeof why));
	assert_non_null(strstr(why, other));
	write_icd(icd, "libnothing.so.1");
	bool good = vsp_opencl_vendors_are_files(why, sizeof why);
	unsetenv("OCL_ICD_VENDORS");
	assert_int_equal(unlink(icd) | unlink(other) | rmdir(folder), 0);
	assert_true(good);
}

static int find_driver(void **state)
{
	(void)state;
	void *library = dlopen("libOpenCL.so.1", RTLD_NOW);
	fake = library ? dlsym(library, FAKE_OPENCL_SYMBOL) : NULL;
	return fake == NULL;
}

static int reset(void **state)
{
	(void)state;
	*fake = (fake_opencl){0};
	return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(each_call_of_gradb), TEST(each_call_of_descb), TEST(each_call_of_vmap),
	        TEST(each_call_of_vred), TEST(each_call_of_launch), TEST(each_call_of_all), TEST(each_call_of_a_batch),
	        TEST(each_call_of_a_kernel_that_traps), TEST(each_call_with_work_in_flight),
	        TEST(each_call_while_observed), TEST(a_child_of_fork_does_not_use_the_driver),
	        TEST(what_the_loader_would_wait_for_is_refused)};
	return cmocka_run_group_tests(tests, find_driver, NULL);
}
