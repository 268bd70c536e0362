/*
 * The CUDA provider, and with it everything that providers for devices share, on a driver that is
 * the test's own (fake_cuda.h): what travels and when, traps, and the failure of every call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <dlfcn.h>

#include "fake_cuda.h"

#include "runtime/backends/device_code.h"
#include "runtime/backends/provider.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"

extern const vsp_provider vsp_provider_cuda;

enum { PAGES = 4, DATA = 0x20000, RESULT = 0x21000, BLOCK = 0x22000, ITEMS = 16, KERNEL = 1, FUNCS = 2 };

static fake_cuda *fake;
static uint32_t needs; /* of the kernel */

/* ---- the kernel: result[i] = data[i] + 1; a data word of 0xDEAD traps, 0xBEEF is an endless loop ---- */

typedef struct parameters {
	uint8_t *memory;
	uint64_t size, first, count, argument, budget;
	uint64_t *record;
	uint64_t operation;
} parameters;

static parameters parameters_of(void **a)
{
	parameters p;
	memcpy(&p.memory, a[0], 8);
	memcpy(&p.size, a[1], 8);
	memcpy(&p.first, a[2], 8);
	memcpy(&p.count, a[3], 8);
	memcpy(&p.argument, a[4], 8);
	memcpy(&p.budget, a[5], 8);
	memcpy(&p.record, a[6], 8);
	memcpy(&p.operation, a[7], 8);
	return p;
}

static void kernel(uint64_t item, void **arguments)
{
	parameters p = parameters_of(arguments);
	if (item >= p.count || *p.record)
		return;
	assert_true(p.size >= BLOCK + 16);
	assert_int_equal(p.budget > 0, needs != 0);
	uint32_t value = (uint32_t)vsp_read_le(p.memory + DATA + 4 * (p.first + item), 4);
	unsigned kind = value == 0xDEAD ? VSP_TRAP_DIV_BY_ZERO : value == 0xBEEF ? VSP_TRAP_FUEL : 0;
	if (kind)
		*p.record = p.operation << 40 | item << 8 | kind;
	else
		vsp_write_le(p.memory + RESULT + 4 * (p.first + item), value + 1, 4);
}

/* ---- the instance ---- */

static uint64_t ran[ITEMS], ran_count;
static int cpu_trap;

static const char *get_code(void *user, unsigned format, uint32_t index, vsp_device_code *code)
{
	static uint8_t text[] = "// PTX";
	(void)user;
	assert_int_equal(format, VSP_DEVICE_PTX);
	assert_int_equal(index, KERNEL);
	*code = (vsp_device_code){text, sizeof text - 1, needs};
	return NULL;
}

static int run_function(vsp_rt *rt, uint32_t func, uint64_t regs[16])
{
	(void)rt;
	assert_int_equal(func, KERNEL);
	assert_int_equal(regs[1], BLOCK);
	ran[ran_count++ % ITEMS] = regs[0];
	return cpu_trap;
}

static vsp_rt rt;
static vsp_rt_func funcs[FUNCS];

static void write_block(uint32_t in_flags, uint32_t out_flags)
{
	uint8_t *p = rt.memory.base + BLOCK;
	uint32_t words[] = {2, DATA, 4 * ITEMS, in_flags, RESULT, 4 * ITEMS, out_flags};
	for (unsigned i = 0; i < 7; i++)
		vsp_write_le(p + 4 * i, words[i], 4);
}

static int setup(void **state)
{
	(void)state;
	void *library = dlopen("libcuda.so.1", RTLD_NOW);
	fake = library ? dlsym(library, FAKE_CUDA_SYMBOL) : NULL;
	if (!fake)
		return 1;
	*fake = (fake_cuda){.devices = 1, .kernel = kernel};
	memset(&rt, 0, sizeof rt);
	const vsp_provider *p = &vsp_provider_cuda;
	rt.backends = vsp_backends_create(&p, 1);
	if (!rt.backends || vsp_memory_create(&rt.memory, PAGES, PAGES, VSP_BOUNDS_AUTO) != VSP_OK)
		return 1;
	rt.backends->source = (vsp_device_source){.get = get_code, .serial = 1};
	rt.caller.memory = rt.memory.base;
	rt.caller.memory_size = rt.memory.size;
	rt.capabilities = VSP_CAP_GPU;
	rt.hint = VSP_HINT_GPU;
	rt.run_function = run_function;
	rt.funcs = funcs;
	rt.func_count = FUNCS;
	needs = 0;
	ran_count = 0;
	cpu_trap = 0;
	write_block(1, 2);
	for (unsigned i = 0; i < ITEMS; i++)
		vsp_write_le(rt.memory.base + DATA + 4 * i, 100 * i, 4);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake->fail_at = 0;
	vsp_backends_destroy(rt.backends);
	vsp_memory_destroy(&rt.memory);
	assert_int_equal(fake->objects, 0); /* everything was released */
	return 0;
}

static int launch(void) { return vsp_rt_launch(&rt, KERNEL, ITEMS, BLOCK); }

static uint32_t result(unsigned i) { return (uint32_t)vsp_read_le(rt.memory.base + RESULT + 4 * i, 4); }

static void check_results(void)
{
	for (unsigned i = 0; i < ITEMS; i++)
		assert_int_equal(result(i), 100 * i + 1);
}

static const char *reason(void) { return rt.backends->slot[1].stats.reason; }

/* ---- tests ---- */

static void a_launch_runs_on_the_device(void **state)
{
	(void)state;
	assert_int_equal(launch(), 0);
	check_results();
	assert_int_equal(ran_count, 0);
	assert_string_equal(fake->name, "vsp_kernel_1");
	assert_int_equal(fake->launches, 1);
	assert_int_equal(rt.backends->slot[1].stats.operations[VSP_BATCH_LAUNCH], 1);
}

static void only_declared_ranges_travel(void **state)
{
	(void)state;
	assert_int_equal(launch(), 0);
	uint64_t block = 4 + 12 * 2 + 256;
	assert_int_equal(fake->up, 4 * ITEMS + block);
	assert_int_equal(fake->down, 4 * ITEMS);
}

static void in_a_batch_a_range_travels_once(void **state)
{
	(void)state;
	vsp_rt_batch(&rt, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(launch(), 0);
	assert_int_equal(fake->down, 0);
	assert_int_equal(result(3), 0); /* in flight */
	assert_int_equal(vsp_rt_unbatch(&rt), 0);
	uint64_t block = 4 + 12 * 2 + 256;
	assert_int_equal(fake->up, 4 * ITEMS + 3 * block);
	assert_int_equal(fake->down, 4 * ITEMS);
	check_results();
}

static void a_wait_forgets_what_the_mirror_has(void **state)
{
	(void)state;
	vsp_rt_batch(&rt, 2);
	assert_int_equal(launch(), 0);
	assert_int_equal(vsp_rt_fence(&rt), 0);
	vsp_write_le(rt.memory.base + DATA, 7, 4);
	assert_int_equal(launch(), 0);
	assert_int_equal(vsp_rt_unbatch(&rt), 0);
	assert_int_equal(result(0), 8);
}

static void a_batch_is_at_once_when_deterministic(void **state)
{
	(void)state;
	rt.deterministic = true;
	vsp_rt_batch(&rt, 1);
	assert_int_equal(launch(), 0);
	check_results();
	assert_int_equal(vsp_rt_unbatch(&rt), 0);
}

static void a_trap_runs_its_iteration_on_the_cpu(void **state)
{
	(void)state;
	vsp_write_le(rt.memory.base + DATA + 4 * 5, 0xDEAD, 4);
	cpu_trap = VSP_TRAP_DIV_BY_ZERO;
	assert_int_equal(launch(), VSP_TRAP_DIV_BY_ZERO);
	assert_int_equal(ran_count, 1);
	assert_int_equal(ran[0], 5);
	assert_int_equal(fake->down, 0); /* nothing of it came back */
	vsp_write_le(rt.memory.base + DATA + 4 * 5, 500, 4);
	assert_int_equal(launch(), 0); /* the record is clear again */
	check_results();
}

static void a_trap_in_a_batch_surfaces_at_its_end(void **state)
{
	(void)state;
	vsp_write_le(rt.memory.base + DATA + 4 * 9, 0xDEAD, 4);
	cpu_trap = VSP_TRAP_DIV_BY_ZERO;
	vsp_rt_batch(&rt, 2);
	assert_int_equal(launch(), 0);
	assert_int_equal(launch(), 0); /* does nothing any more */
	assert_int_equal(vsp_rt_unbatch(&rt), VSP_TRAP_DIV_BY_ZERO);
	assert_int_equal(ran[0], 9);
}

static void an_iteration_that_loops_on_leaves_all_to_the_cpu(void **state)
{
	(void)state;
	needs = VSP_DEVICE_LOOPS;
	vsp_write_le(rt.memory.base + DATA + 4 * 2, 0xBEEF, 4);
	assert_int_equal(launch(), 0);
	assert_int_equal(ran_count, ITEMS);
	assert_int_equal(result(0), 0); /* the device's results are dropped; the test's CPU writes none */
	assert_non_null(strstr(reason(), "loops for longer"));
}

static void an_interrupt_is_seen_between_pieces(void **state)
{
	(void)state;
	needs = VSP_DEVICE_LOOPS;
	atomic_store(&rt.interrupt, 1);
	assert_int_equal(launch(), VSP_TRAP_INTERRUPTED);
	assert_int_equal(result(0), 0);
}

static void without_the_capability_the_driver_is_not_reached(void **state)
{
	(void)state;
	rt.capabilities = 0;
	assert_int_equal(launch(), 0);
	assert_int_equal(fake->calls, 0);
	assert_int_equal(ran_count, ITEMS);
}

static void checked_kernels_stay_on_the_cpu(void **state)
{
	(void)state;
	rt.check_kernels = true;
	assert_int_equal(launch(), 0);
	assert_int_equal(ran_count, ITEMS);
	assert_non_null(strstr(reason(), "--check-kernels"));
}

static void no_device_is_a_reason(void **state)
{
	(void)state;
	fake->devices = 0;
	assert_int_equal(launch(), 0);
	assert_int_equal(ran_count, ITEMS);
	assert_string_equal(reason(), "the CUDA driver finds no device");
}

static void another_program_has_other_kernels(void **state)
{
	(void)state;
	assert_int_equal(launch(), 0);
	fake->name[0] = 0;
	assert_int_equal(launch(), 0);
	assert_string_equal(fake->name, ""); /* remembered */
	rt.backends->source.serial++;
	assert_int_equal(launch(), 0);
	assert_string_equal(fake->name, "vsp_kernel_1");
}

/*
 * Each call in turn fails. Either the CPU does the work, with a reason, or the run ends with
 * BACKEND; what is released is released once.
 */
static void every_call_may_fail(void **state)
{
	for (int n = 1; n < 200; n++) {
		fake->fail_at = fake->calls + n;
		int before = fake->calls, trap = launch();
		bool failed = fake->calls >= fake->fail_at;
		fake->fail_at = 0;
		assert_true(trap == 0 || trap == VSP_TRAP_BACKEND);
		assert_true(trap == 0 || failed);
		if (failed && ran_count) {
			assert_int_equal(ran_count, ITEMS);
			assert_true(reason()[0]);
		} else if (!trap) {
			check_results();
		}
		(void)before;
		teardown(state);
		assert_int_equal(setup(state), 0);
		if (!failed)
			return;
	}
	fail_msg("launches make too many calls");
}

static void every_call_of_a_batch_may_fail(void **state)
{
	for (int n = 1; n < 200; n++) {
		fake->fail_at = fake->calls + n;
		vsp_rt_batch(&rt, 2);
		int trap = launch();
		trap = trap ? trap : launch();
		trap = trap ? trap : vsp_rt_unbatch(&rt);
		bool failed = fake->calls >= fake->fail_at;
		fake->fail_at = 0;
		assert_true(trap == 0 || trap == VSP_TRAP_BACKEND);
		if (!failed)
			check_results();
		teardown(state);
		assert_int_equal(setup(state), 0);
		if (!failed)
			return;
	}
	fail_msg("batches make too many calls");
}

static void memory_is_released_with_work_in_flight(void **state)
{
	(void)state;
	vsp_rt_batch(&rt, 1);
	assert_int_equal(launch(), 0);
	vsp_backends_abandon(&rt);
	assert_int_equal(vsp_rt_unbatch(&rt), 0);
	assert_int_equal(result(0), 0);
}

static void a_copy_in_a_batch_sees_results(void **state)
{
	(void)state;
	vsp_rt_batch(&rt, 2);
	assert_int_equal(launch(), 0);
	assert_int_equal(vsp_rt_memcpy(&rt, RESULT + 0x800, RESULT, 4 * ITEMS), 0);
	assert_int_equal(vsp_rt_unbatch(&rt), 0);
	assert_int_equal(vsp_read_le(rt.memory.base + RESULT + 0x800 + 4, 4), 101);
}

/* ---- observers ---- */

enum { SPANS = 32 };
static vsp_batch_span spans[SPANS];
static unsigned span_count;

static void note_span(void *user, const vsp_batch_span *span)
{
	assert_ptr_equal(user, &rt);
	assert_true(span->start_ns <= span->end_ns);
	if (span_count < SPANS)
		spans[span_count] = *span;
	span_count++;
}

static void observe(void)
{
	span_count = 0;
	rt.backends->observer = (vsp_batch_observer){note_span, &rt};
}

/* The number of spans of a step, each of the CUDA provider, of this amount and of the kernel where one is meant. */
static unsigned spans_of(enum vsp_batch_step step, uint64_t amount)
{
	unsigned n = 0;
	for (unsigned i = 0; i < span_count; i++) {
		const vsp_batch_span *s = &spans[i];
		bool named = step != VSP_STEP_OPERATION && step != VSP_STEP_KERNEL;
		if (s->step == step && s->amount == amount && strcmp(s->provider, "cuda") == 0 &&
		        (named || (s->kind == VSP_BATCH_LAUNCH && s->index == KERNEL)))
			n++;
	}
	return n;
}

static void an_observer_is_told_what_the_device_did(void **state)
{
	(void)state;
	observe();
	vsp_rt_batch(&rt, 2);
	assert_int_equal(launch(), 0);
	assert_int_equal(launch(), 0);
	assert_int_equal(vsp_rt_unbatch(&rt), 0);
	assert_int_equal(spans_of(VSP_STEP_OPERATION, ITEMS), 2);
	assert_int_equal(spans_of(VSP_STEP_UPLOAD, 4 * ITEMS), 1);
	assert_int_equal(spans_of(VSP_STEP_KERNEL, ITEMS), 2);
	assert_int_equal(spans_of(VSP_STEP_DOWNLOAD, 4 * ITEMS), 1);
	unsigned blocks = 0;
	for (unsigned i = 0; i < span_count; i++)
		blocks += spans[i].step == VSP_STEP_BLOCK;
	assert_int_equal(blocks, 2);
	assert_int_equal(span_count, 8);
}

static void the_cpu_is_observed_when_the_device_declines(void **state)
{
	(void)state;
	observe();
	rt.check_kernels = true;
	assert_int_equal(launch(), 0);
	assert_int_equal(span_count, 1);
	assert_string_equal(spans[0].provider, "cpu");
	assert_int_equal(spans[0].step, VSP_STEP_OPERATION);
	rt.check_kernels = false;
}

static void every_call_may_fail_while_observed(void **state)
{
	for (int n = 1; n < 300; n++) {
		observe();
		fake->fail_at = fake->calls + n;
		vsp_rt_batch(&rt, 2);
		int trap = launch();
		trap = trap ? trap : launch();
		trap = trap ? trap : vsp_rt_unbatch(&rt);
		bool failed = fake->calls >= fake->fail_at;
		fake->fail_at = 0;
		assert_true(trap == 0 || trap == VSP_TRAP_BACKEND);
		if (!trap && !ran_count)
			check_results();
		teardown(state); /* which counts the objects that are left */
		assert_int_equal(setup(state), 0);
		if (!failed)
			return;
	}
	fail_msg("batches make too many calls");
}

/* ---- the account of the program's memory ---- */

static size_t used(void) { return atomic_load(&rt.account.used); }

static void the_mirror_is_in_the_account_until_it_is_closed(void **state)
{
	(void)state;
	assert_int_equal(launch(), 0);
	assert_true(used() >= BLOCK && used() < rt.memory.size + 4096); /* the list of kernels is there too */
	vsp_backends_close(rt.backends);
	assert_int_equal(used(), 0);
}

static void copies_of_argument_blocks_are_in_the_account_until_the_wait(void **state)
{
	(void)state;
	uint64_t block = 4 + 12 * 2 + 256;
	assert_int_equal(launch(), 0);
	size_t before = used();
	vsp_rt_batch(&rt, 3);
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(launch(), 0);
		assert_true(used() >= before + i * block);
	}
	assert_int_equal(vsp_rt_unbatch(&rt), 0);
	assert_int_equal(used(), before);
}

static void without_room_for_the_mirror_the_cpu_does_the_work(void **state)
{
	(void)state;
	vsp_account_open(&rt.account, 0, VSP_ACCOUNT_MORE - BLOCK);
	assert_int_equal(launch(), 0);
	assert_int_equal(ran_count, ITEMS);
	assert_int_equal(fake->launches, 0);
	assert_string_equal(reason(), "the program's memory limit leaves no room for the device");
	vsp_backends_close(rt.backends);
	assert_int_equal(used(), VSP_ACCOUNT_MORE - BLOCK);
}

static void without_room_for_a_copy_the_cpu_goes_on_after_the_wait(void **state)
{
	(void)state;
	assert_int_equal(launch(), 0);
	vsp_account_open(&rt.account, 0, VSP_ACCOUNT_MORE - 400); /* for one copy */
	vsp_rt_batch(&rt, 2);
	assert_int_equal(launch(), 0);
	assert_int_equal(ran_count, 0);
	assert_int_equal(launch(), 0);
	assert_int_equal(ran_count, ITEMS);
	check_results(); /* the first one's */
	assert_int_equal(vsp_rt_unbatch(&rt), 0);
	assert_int_equal(used(), VSP_ACCOUNT_MORE - 400);
}

static void a_mirror_that_cannot_be_made_is_not_in_the_account(void **state)
{
	for (int n = 1; n < 40; n++) {
		fake->fail_at = fake->calls + n;
		int trap = launch();
		fake->fail_at = 0;
		vsp_backends_close(rt.backends);
		if (!trap && ran_count)
			assert_true(used() < 400); /* a copy that the driver may still read */
		teardown(state);
		assert_int_equal(setup(state), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(a_launch_runs_on_the_device), TEST(only_declared_ranges_travel),
	        TEST(in_a_batch_a_range_travels_once), TEST(a_wait_forgets_what_the_mirror_has),
	        TEST(a_batch_is_at_once_when_deterministic), TEST(a_trap_runs_its_iteration_on_the_cpu),
	        TEST(a_trap_in_a_batch_surfaces_at_its_end), TEST(an_iteration_that_loops_on_leaves_all_to_the_cpu),
	        TEST(an_interrupt_is_seen_between_pieces), TEST(without_the_capability_the_driver_is_not_reached),
	        TEST(checked_kernels_stay_on_the_cpu), TEST(no_device_is_a_reason),
	        TEST(another_program_has_other_kernels), TEST(every_call_may_fail),
	        TEST(every_call_of_a_batch_may_fail), TEST(memory_is_released_with_work_in_flight),
	        TEST(a_copy_in_a_batch_sees_results), TEST(an_observer_is_told_what_the_device_did),
	        TEST(the_cpu_is_observed_when_the_device_declines), TEST(every_call_may_fail_while_observed),
	        TEST(the_mirror_is_in_the_account_until_it_is_closed),
	        TEST(copies_of_argument_blocks_are_in_the_account_until_the_wait),
	        TEST(without_room_for_the_mirror_the_cpu_does_the_work),
	        TEST(without_room_for_a_copy_the_cpu_goes_on_after_the_wait),
	        TEST(a_mirror_that_cannot_be_made_is_not_in_the_account)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
