/*
 * Many instances on many threads, each with a device of its own on the CUDA driver of tests
 * (fake_cuda.h), for the thread sanitizer: launches, batches, programs that end with work in
 * flight, and instances that are opened and closed meanwhile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <pthread.h>

#include "fake_cuda.h"

#include "runtime/backends/device_code.h"
#include "runtime/backends/provider.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"

extern const vsp_provider vsp_provider_cuda;

enum { THREADS = 8, ROUNDS = 20, PAGES = 4, RESULT = 0x21000, BLOCK = 0x22000, ITEMS = 64, KERNEL = 1, FUNCS = 2 };

/* result[i] = i + 1 */
static void kernel(uint64_t item, void **a)
{
	uint8_t *memory;
	uint64_t first, count;
	memcpy(&memory, a[0], 8);
	memcpy(&first, a[2], 8);
	memcpy(&count, a[3], 8);
	if (item < count)
		vsp_write_le(memory + RESULT + 4 * (first + item), first + item + 1, 4);
}

static const char *get_code(void *user, unsigned format, uint32_t index, vsp_device_code *code)
{
	static uint8_t text[] = "// PTX";
	(void)user, (void)format, (void)index;
	*code = (vsp_device_code){text, sizeof text - 1, 0};
	return NULL;
}

static int run_function(vsp_rt *rt, uint32_t func, uint64_t regs[16])
{
	(void)rt, (void)func, (void)regs;
	return VSP_TRAP_UNSUPPORTED; /* nothing is to run on the CPU */
}

static bool open_instance(vsp_rt *rt, vsp_rt_func *funcs)
{
	static const uint32_t words[] = {1, RESULT, 4 * ITEMS, 2};
	const vsp_provider *p = &vsp_provider_cuda;
	memset(rt, 0, sizeof *rt);
	rt->backends = vsp_backends_create(&p, 1);
	if (!rt->backends || vsp_memory_create(&rt->memory, PAGES, PAGES, VSP_BOUNDS_AUTO) != VSP_OK)
		return false;
	vsp_account_open(&rt->account, (uint64_t)PAGES << 16, 0);
	rt->backends->source = (vsp_device_source){.get = get_code, .serial = 1};
	rt->capabilities = VSP_CAP_GPU;
	rt->hint = VSP_HINT_GPU;
	rt->run_function = run_function;
	rt->funcs = funcs;
	rt->func_count = FUNCS;
	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		vsp_write_le(rt->memory.base + BLOCK + 4 * i, words[i], 4);
	return true;
}

static bool are_right(const vsp_rt *rt)
{
	bool right = true;
	for (unsigned i = 0; i < ITEMS; i++)
		right = right && vsp_read_le(rt->memory.base + RESULT + 4 * i, 4) == i + 1;
	return right;
}

static bool launch_some(vsp_rt *rt)
{
	bool good = vsp_rt_launch(rt, KERNEL, ITEMS, BLOCK) == 0 && are_right(rt);
	vsp_rt_batch(rt, 2);
	for (int i = 0; i < 2; i++)
		good = good && vsp_rt_launch(rt, KERNEL, ITEMS, BLOCK) == 0;
	good = good && vsp_rt_unbatch(rt) == 0 && are_right(rt);
	vsp_rt_batch(rt, 1);
	good = good && vsp_rt_launch(rt, KERNEL, ITEMS, BLOCK) == 0;
	vsp_backends_abandon(rt); /* the program ends here */
	return good && rt->backends->slot[1].stats.operations[VSP_BATCH_LAUNCH] == 4;
}

static void *work(void *arg)
{
	bool *good = arg;
	vsp_rt rt;
	vsp_rt_func funcs[FUNCS] = {{0}};
	*good = true;
	for (int i = 0; i < ROUNDS && *good; i++) {
		*good = open_instance(&rt, funcs) && launch_some(&rt);
		vsp_backends_destroy(rt.backends);
		vsp_memory_destroy(&rt.memory);
	}
	return NULL;
}

static void instances_on_many_threads_have_devices_of_their_own(void **state)
{
	(void)state;
	void *library = dlopen("libcuda.so.1", RTLD_NOW);
	fake_cuda *fake = library ? dlsym(library, FAKE_CUDA_SYMBOL) : NULL;
	pthread_t threads[THREADS];
	bool good[THREADS];
	assert_non_null(fake);
	*fake = (fake_cuda){.devices = 1, .kernel = kernel};
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, &good[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(good[i]);
	}
	assert_int_equal(fake->objects, 0);
	assert_int_equal(fake->launches, THREADS * ROUNDS * 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(instances_on_many_threads_have_devices_of_their_own)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
