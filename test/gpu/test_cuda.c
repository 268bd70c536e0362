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
#include <sys/wait.h>
#include <unistd.h>

#include "fake_cuda.h"

#include "runtime/backends/device_code.h"
#include "runtime/backends/provider.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"

extern const vsp_provider vsp_provider_cuda;

enum { PAGES = 4, DATA = 0x20000, RESULT = 0x21000, BLOCK = 0x22000, ITEMS = 16, KERNEL = 1, FUNCS = 2 };

static fake_cuda *fake;
static uint32_t needs; /* of the kernel */

/* ---- the kernel: result[i] = data[i] + 1; a data word of 0xDEAD traps, 0xBEEF is an endless loop,
   0xFACE an access outside the mirror ---- */

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
	unsigned kind = value == 0xDEAD   ? VSP_TRAP_DIV_BY_ZERO
	                : value == 0xBEEF ? VSP_TRAP_FUEL
	                : value == 0xFACE ? VSP_TRAP_OUT_OF_BOUNDS
	                                  : 0;
	if (kind)
		*p.record = p.operation << 40 | item << 8 | kind;
	else
		vsp_write_le(p.memory + RESULT + 4 * (p.first + item), value + 1, 4);
}

/* ---- the instance ---- */

static uint64_t ran[ITEMS], ran_count;
static vsp_ranges checked; /* the ranges by which the last iteration was checked */
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
	checked.count = 0;
	if (rt->ranges)
		checked = *rt->ranges;
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

/*
 * It is within linear memory, so that only the ranges show it; those of the block as it was when
 * the operation was begun. Compiled programs do not look at them.
 */
static void a_range_that_is_not_declared_is_told_as_such(void **state)
{
	(void)state;
	vsp_write_le(rt.memory.base + DATA + 4 * 9, 0xFACE, 4);
	for (int compiled = 0; compiled < 2; compiled++) {
		cpu_trap = compiled ? 0 : VSP_TRAP_OUT_OF_BOUNDS;
		rt.trap.message[0] = 0;
		ran_count = 0;
		vsp_rt_batch(&rt, 3);
		assert_int_equal(launch(), 0);
		write_block(3, 3);
		assert_int_equal(launch(), 0); /* it does nothing any more */
		write_block(1, 2);
		assert_int_equal(launch(), 0);
		assert_int_equal(vsp_rt_unbatch(&rt), VSP_TRAP_OUT_OF_BOUNDS);
		assert_true(ran_count == 1 && ran[0] == 9);
		assert_int_equal(checked.count, 3);
		assert_true(checked.list[0].address == DATA && checked.list[0].length == 4 * ITEMS);
		assert_true(checked.list[0].flags == VSP_RANGE_IN && checked.list[1].flags == VSP_RANGE_OUT);
		assert_true(checked.list[2].address == BLOCK && checked.list[2].flags == VSP_RANGE_IN);
		assert_int_equal(checked.list[2].length, 4 + 12 * 2 + 256);
		assert_null(rt.ranges);
		assert_string_equal(rt.trap.message,
		        compiled ? "access outside the ranges that the kernel declares: on the device; "
		                   "--check-kernels shows where"
		                 : "");
	}
	ran_count = 0;
	assert_int_equal(launch(), 0); /* alone it runs on the CPU, as without a device */
	assert_int_equal(ran_count, 1 + ITEMS);
	assert_int_equal(checked.count, 0);
	assert_non_null(strstr(reason(), "outside the ranges that the kernel declares"));
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
	assert_int_equal(launch(), 0); /* there is a mirror */
	vsp_write_le(rt.memory.base + RESULT, 0, 4);
	atomic_store(&rt.interrupt, 1);
	assert_int_equal(launch(), VSP_TRAP_INTERRUPTED);
	assert_int_equal(result(0), 0);
}

/* Which takes long where it is large; the next one is whole, and zeros where nothing was sent. */
static void an_interrupt_is_seen_while_the_mirror_is_made(void **state)
{
	(void)state;
	atomic_store(&rt.interrupt, 1);
	assert_int_equal(launch(), VSP_TRAP_INTERRUPTED);
	assert_non_null(strstr(reason(), "an interrupt came"));
	assert_int_equal(fake->launches, 0);
	int without = fake->objects;
	atomic_store(&rt.interrupt, 0);
	assert_int_equal(launch(), 0);
	assert_int_equal(fake->objects, without + 1); /* the mirror that was begun is freed */
	check_results();
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

/* The number of spans of a step, each of the CUDA provider, of this amount and of the kernel where
   one is meant. */
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

/* ---- hostile operands ---- */

static const char *get_anything(void *user, unsigned format, uint32_t index, vsp_device_code *code)
{
	static uint8_t text[] = "// PTX";
	(void)user, (void)index;
	assert_int_equal(format, VSP_DEVICE_PTX);
	*code = (vsp_device_code){text, sizeof text - 1, 0};
	return NULL;
}

/* Reads and writes at the ends of what it was told. */
static void touching_kernel(uint64_t item, void **arguments)
{
	parameters p = parameters_of(arguments);
	if (item >= p.count)
		return;
	uint64_t dst = (uint32_t)p.argument + p.first + item;
	assert_true(dst < p.size);
	p.memory[dst]++;
}

/* The instructions with two addresses and a count, by number. */
static int run_hostile(unsigned which, uint64_t a, uint64_t b, uint64_t n)
{
	uint64_t result = 0;
	switch (which) {
	case 0: return vsp_rt_gradb(&rt, a, n, b);
	case 1: return vsp_rt_descb(&rt, a, n, b, 0);
	case 2: return vsp_rt_vmap(&rt, 7, a, b, n);
	case 3: return vsp_rt_vred(&rt, 4, b, n, &result);
	default: return vsp_rt_launch(&rt, KERNEL, n < 100 ? n : n | UINT64_C(1) << 40, a);
	}
}

/* Wherever operands point, and however many items there are, the trap is the CPU's. */
static void hostile_operands_end_as_on_the_cpu(void **state)
{
	(void)state;
	const uint64_t end = PAGES * 65536, places[] = {0, 1, 0xFFFF, 0x10000, end - 1, end, end - 64, UINT32_MAX,
	                                            UINT64_MAX, (UINT64_C(1) << 32) + DATA, UINT64_C(1) << 63};
	const uint64_t counts[] = {0, 1, 2, 3, 4, end, UINT32_MAX, UINT64_C(1) << 28, UINT64_C(1) << 32,
	        UINT64_C(1) << 58, UINT64_C(1) << 60, UINT64_MAX};
	enum {
		PLACES = sizeof places / sizeof *places,
		COUNTS = sizeof counts / sizeof *counts,
		ALL = PLACES * PLACES * COUNTS
	};
	rt.backends->source.get = get_anything;
	fake->kernel = touching_kernel;
	for (unsigned i = 0; i < ALL; i++)
		for (unsigned which = 0; which < 4; which++) {
			uint64_t a = places[i % PLACES], b = places[i / PLACES % PLACES],
			         n = counts[i / PLACES / PLACES];
			rt.hint = VSP_HINT_CPU;
			int expected = run_hostile(which, a, b, n);
			rt.hint = VSP_HINT_GPU;
			assert_int_equal(run_hostile(which, a, b, n), expected);
		}
	for (unsigned i = 0; i < PLACES; i++) /* argument blocks; their ranges are memory's */
		assert_true(run_hostile(4, places[i], 0, 1) == VSP_TRAP_OUT_OF_BOUNDS || places[i] < end);
	assert_true(fake->launches > 0);
}

/* ---- what is told ---- */

static void each_kernel_and_cause_is_told_once(void **state)
{
	(void)state;
	vsp_backend_refusal r = VSP_BACKEND_REFUSAL_INIT;
	rt.check_kernels = true;
	for (int i = 0; i < 3; i++)
		assert_int_equal(launch(), 0);
	rt.check_kernels = false;
	rt.capabilities = 0;
	assert_int_equal(launch(), 0);
	assert_int_equal(vsp_rt_vmap(&rt, 7, DATA, RESULT, 4), 0);
	assert_int_equal(vsp_backends_refusal(rt.backends, 1, 0, &r), VSP_OK);
	assert_int_equal(r.operation, VSP_OPERATION_LAUNCH);
	assert_int_equal(r.index, KERNEL);
	assert_int_equal(r.count, 3);
	assert_non_null(strstr(r.reason, "--check-kernels"));
	assert_int_equal(vsp_backends_refusal(rt.backends, 1, 1, &r), VSP_OK);
	assert_int_equal(r.operation, VSP_OPERATION_LAUNCH);
	assert_string_equal(r.reason, VSP_NOT_GRANTED);
	assert_int_equal(vsp_backends_refusal(rt.backends, 1, 2, &r), VSP_OK);
	assert_int_equal(r.operation, VSP_OPERATION_VMAP);
	assert_int_equal(r.index, VSP_NO_PC);
	assert_int_equal(vsp_backends_refusal(rt.backends, 1, 3, &r), VSP_E_ARGUMENT);
	assert_int_equal(vsp_backends_refusal(rt.backends, 0, 0, &r), VSP_E_ARGUMENT);
}

/* ---- fork ---- */

/* Runs a check in a child of fork; the driver's count of calls there must not change. */
static void check_in_child(bool (*check)(void))
{
	int status = 0;
	pid_t child = fork();
	assert_true(child >= 0);
	if (!child) {
		int calls = fake->calls;
		bool good = check() && fake->calls == calls;
		vsp_backends_destroy(rt.backends);
		_exit(good && fake->calls == calls ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static bool the_cpu_launches(void) { return launch() == 0 && ran_count == ITEMS && strstr(reason(), "before a fork"); }

static bool what_was_begun_is_lost(void)
{
	return vsp_rt_unbatch(&rt) == VSP_TRAP_BACKEND && strstr(rt.trap.message, "before a fork") && result(0) == 0 &&
	       the_cpu_launches();
}

static bool another_launch_finds_it_lost(void) { return launch() == VSP_TRAP_BACKEND; }

static bool another_instance_is_refused(void)
{
	char why[VSP_REASON_SIZE];
	void *state = NULL;
	vsp_provider_facts facts = {.memory = 0};
	vsp_provider_cuda.describe(&facts);
	return !vsp_provider_cuda.probe(&rt, &state, why, sizeof why) && strstr(why, "before a fork") &&
	       strstr(facts.missing, "before a fork");
}

static void a_child_of_fork_does_not_use_the_device(void **state)
{
	(void)state;
	assert_int_equal(launch(), 0);
	check_in_child(the_cpu_launches);
	check_in_child(another_instance_is_refused);
	vsp_rt_batch(&rt, 1);
	vsp_write_le(rt.memory.base + RESULT, 0, 4);
	assert_int_equal(launch(), 0);
	check_in_child(what_was_begun_is_lost);
	check_in_child(another_launch_finds_it_lost);
	assert_int_equal(vsp_rt_unbatch(&rt), 0); /* the parent's goes on */
	check_results();
}

/* ---- measuring ---- */

static uint32_t asked; /* items of which there was code */

static const char *get_item(void *user, unsigned format, uint32_t index, vsp_device_code *code)
{
	static uint8_t text[] = "// PTX";
	(void)user;
	assert_int_equal(format, VSP_DEVICE_PTX);
	assert_true(index >= VSP_DEVICE_ITEM(VSP_ITEM_WORK));
	asked |= 1u << VSP_DEVICE_ITEM(index);
	*code = (vsp_device_code){text, sizeof text - 1, VSP_DEVICE_F32};
	return NULL;
}

/* Items take some time, and stay within the mirror. */
static void measured_kernel(uint64_t item, void **arguments)
{
	parameters p = parameters_of(arguments);
	if (item >= p.count)
		return;
	assert_true(item < p.size && p.argument >> 32 < p.size);
	p.memory[(uint32_t)p.argument + item]++;
}

static bool measure(vsp_costs *costs)
{
	vsp_device_source source = {.get = get_item};
	fake->kernel = measured_kernel;
	return vsp_provider_cuda.measure(NULL, NULL, &source, costs);
}

static void constants_are_measured_on_the_device(void **state)
{
	(void)state;
	vsp_costs costs;
	asked = 0;
	assert_true(measure(&costs));
	assert_int_equal(fake->objects, 0);
	assert_true(costs.launch_ns > 0 && costs.byte_ns >= 0);
	for (unsigned kind = 0; kind <= VSP_BATCH_LAUNCH; kind++)
		assert_true(costs.work_ns[kind] >= 0);
	assert_true(costs.work_ns[VSP_BATCH_VMAP] > 0 && costs.work_ns[VSP_BATCH_GRADB] > 0);
	assert_int_equal(asked, 1u << VSP_ITEM_VMAP | 1u << VSP_ITEM_VRED_XOR | 1u << VSP_ITEM_GRADB |
	                                1u << VSP_ITEM_DESCB | 1u << VSP_ITEM_WORK);
	vsp_device_source none = {0};
	assert_false(vsp_provider_cuda.measure(NULL, NULL, &none, &costs));
	assert_int_equal(fake->objects, 0);
}

/* Each call that opens the device, and the first ones that measure. */
static void measuring_survives_failures(void **state)
{
	(void)state;
	vsp_costs costs;
	for (int n = 1; n <= 40; n++) {
		fake->fail_at = fake->calls + n;
		bool good = measure(&costs); /* leaving a context may fail without harm */
		assert_int_equal(fake->objects, 0);
		assert_true(!good || costs.launch_ns > 0);
		fake->fail_at = 0;
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(a_launch_runs_on_the_device), TEST(only_declared_ranges_travel),
	        TEST(in_a_batch_a_range_travels_once), TEST(a_wait_forgets_what_the_mirror_has),
	        TEST(a_batch_is_at_once_when_deterministic), TEST(a_trap_runs_its_iteration_on_the_cpu),
	        TEST(a_trap_in_a_batch_surfaces_at_its_end), TEST(a_range_that_is_not_declared_is_told_as_such),
	        TEST(an_iteration_that_loops_on_leaves_all_to_the_cpu), TEST(an_interrupt_is_seen_between_pieces),
	        TEST(an_interrupt_is_seen_while_the_mirror_is_made),
	        TEST(without_the_capability_the_driver_is_not_reached), TEST(checked_kernels_stay_on_the_cpu),
	        TEST(no_device_is_a_reason), TEST(another_program_has_other_kernels), TEST(every_call_may_fail),
	        TEST(every_call_of_a_batch_may_fail), TEST(memory_is_released_with_work_in_flight),
	        TEST(hostile_operands_end_as_on_the_cpu), TEST(each_kernel_and_cause_is_told_once),
	        TEST(a_child_of_fork_does_not_use_the_device), TEST(constants_are_measured_on_the_device),
	        TEST(measuring_survives_failures), TEST(a_copy_in_a_batch_sees_results),
	        TEST(an_observer_is_told_what_the_device_did), TEST(the_cpu_is_observed_when_the_device_declines),
	        TEST(every_call_may_fail_while_observed), TEST(the_mirror_is_in_the_account_until_it_is_closed),
	        TEST(copies_of_argument_blocks_are_in_the_account_until_the_wait),
	        TEST(without_room_for_the_mirror_the_cpu_does_the_work),
	        TEST(without_room_for_a_copy_the_cpu_goes_on_after_the_wait),
	        TEST(a_mirror_that_cannot_be_made_is_not_in_the_account)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
