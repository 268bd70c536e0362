/*
 * Providers of batch instructions: which one is chosen, what it is asked, and what becomes of its
 * failures; models without one.
 */
#include "batch_support.h"

#include <math.h>
#include <stdio.h>

#include "runtime/base/alloc.h"

static void emerge_without_a_model_is_xorl(void **state)
{
	(void)state;
	uint64_t regs[16];
	for (unsigned i = 0; i < 16; i++)
		regs[i] = 0xFFFFFFFFFFFFFF00u + i * 0x0F;
	assert_int_equal(vsp_rt_emerge(&rt, regs), 0);
	assert_int_equal(regs[11], (11 * 0x0F) ^ (12 * 0x0F) ^ 0x80);
	assert_true(regs[10] == 0xFFFFFFFFFFFFFF00u + 10 * 0x0F);
}

static void emerge_does_not_pass_over_a_model_that_nothing_runs(void **state)
{
	(void)state;
	uint64_t regs[16] = {[11] = 0x123};
	rt.emerge_model = true;
	assert_int_equal(vsp_rt_emerge(&rt, regs), VSP_TRAP_DENIED);
	rt.capabilities = VSP_CAP_MODELS;
	assert_int_equal(vsp_rt_emerge(&rt, regs), VSP_TRAP_BACKEND);
	assert_non_null(strstr(rt.trap.message, "libonnxruntime"));
	assert_int_equal(regs[11], 0x123);
}

static void infer_without_a_provider_says_how_to_get_one(void **state)
{
	(void)state;
	assert_int_equal(vsp_rt_infer(&rt, 0, BASE, BASE, 1), VSP_TRAP_DENIED);
	assert_non_null(strstr(rt.trap.message, "--allow=models"));
	rt.capabilities = VSP_CAP_MODELS;
	assert_int_equal(vsp_rt_infer(&rt, 0, BASE, BASE, 1), VSP_TRAP_BACKEND);
	assert_non_null(strstr(rt.trap.message, "libonnxruntime.so.1"));
	assert_int_equal(vsp_rt_infer(&rt, 0, 0, 0, 0), 0);
}

/* A provider that can do VMAP copies by filling with 7, declines odd counts, fails counts above
   100, and has a model. */
static int device_vmap(void *state, vsp_rt *self, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	int *pending = state;
	if (op->count & 1) {
		snprintf(reason, reason_size, "odd");
		return VSP_DECLINED;
	}
	if (op->count > 100)
		return vsp_rt_fail(self, VSP_TRAP_BACKEND, "too much");
	memset(self->memory.base + op->dst, 7, (size_t)op->count);
	++*pending;
	return 0;
}

static int device_pending, device_opened;

static bool device_probe(vsp_rt *self, void **state, char *reason, size_t reason_size)
{
	(void)self;
	(void)reason;
	(void)reason_size;
	device_opened++;
	*state = &device_pending;
	return true;
}

static bool device_absent(vsp_rt *self, void **state, char *reason, size_t reason_size)
{
	(void)self;
	(void)state;
	snprintf(reason, reason_size, "no such device");
	device_opened++;
	return false;
}

static int device_wait(void *state, vsp_rt *self)
{
	(void)self;
	*(int *)state = 0;
	return 0;
}

static int device_emerge(void *state, vsp_rt *self, const float in[32], float out[32])
{
	(void)state;
	(void)self;
	for (unsigned i = 0; i < 16; i++) {
		out[i] = in[i] + 0.5f;
		out[16 + i] = in[16 + i] - 17;
	}
	out[3] = NAN;
	out[4] = 1e30f;
	return 0;
}

static void use_device(const vsp_provider *p)
{
	vsp_backends_destroy(rt.backends);
	device_pending = device_opened = 0;
	rt.backends = vsp_backends_create(&p, 1);
	assert_non_null(rt.backends);
}

static const vsp_provider device = {.name = "device",
        .hint = VSP_HINT_GPU,
        .capability = VSP_CAP_GPU,
        .probe = device_probe,
        .run = {[VSP_BATCH_VMAP] = device_vmap},
        .emerge = device_emerge,
        .own_model = true,
        .wait = device_wait};

static void the_hint_and_the_capability_choose_the_provider(void **state)
{
	(void)state;
	use_device(&device);
	const vsp_provider_stats *cpu = &rt.backends->slot[0].stats, *gpu = &rt.backends->slot[1].stats;
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0); /* no hint */
	assert_int_equal(cpu->operations[VSP_BATCH_VMAP], 1);
	vsp_rt_hint(&rt, VSP_HINT_GPU);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(cpu->operations[VSP_BATCH_VMAP], 2);
	assert_non_null(strstr(gpu->reason, "capability"));
	assert_int_equal(device_opened, 0);
	rt.capabilities = VSP_CAP_GPU;
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(gpu->operations[VSP_BATCH_VMAP], 1);
	assert_int_equal(rt.memory.base[BASE], 7);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 5), 0); /* declined, after the pending operations */
	assert_string_equal(gpu->reason, "odd");
	assert_int_equal(device_pending, 0);
	assert_int_equal(rt.memory.base[BASE], before[0x20000]);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 102), VSP_TRAP_BACKEND);
	assert_int_equal(device_opened, 1);
	vsp_rt_hint(&rt, VSP_HINT_CPU);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(gpu->operations[VSP_BATCH_VMAP], 2); /* the one that trapped ran there */
}

static void what_the_user_asks_for_is_stronger_than_hints(void **state)
{
	(void)state;
	use_device(&device);
	rt.capabilities = VSP_CAP_GPU;
	const vsp_provider_stats *cpu = &rt.backends->slot[0].stats, *gpu = &rt.backends->slot[1].stats;
	vsp_rt_hint(&rt, VSP_HINT_GPU);
	rt.backends->asked = VSP_HINT_CPU;
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(cpu->operations[VSP_BATCH_VMAP], 1);
	vsp_rt_hint(&rt, VSP_HINT_CPU);
	rt.backends->asked = VSP_HINT_GPU;
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(gpu->operations[VSP_BATCH_VMAP], 1);
	uint64_t result = 0;
	assert_int_equal(vsp_rt_vred(&rt, 4, BASE, 1, &result), 0);
	assert_string_equal(gpu->reason, "device does not run VRED");
	rt.backends->asked = VSP_HINT_NPU;
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_non_null(strstr(cpu->reason, "HINT.NPU"));
	assert_int_equal(cpu->operations[VSP_BATCH_VMAP], 2);
}

/* A device with the costs below, whose measuring is counted. */
static vsp_costs device_costs;
static int device_measured;

static bool device_measure(void *state, vsp_rt *self, const vsp_device_source *source, vsp_costs *costs)
{
	(void)state;
	assert_ptr_equal(source, &rt.backends->source);
	assert_ptr_equal(self, &rt);
	device_measured++;
	*costs = device_costs;
	return true;
}

static bool keeper_load(void *user, const vsp_provider *provider, vsp_costs *costs)
{
	(void)provider;
	*costs = *(vsp_costs *)user;
	return costs->launch_ns > 0;
}

static void keeper_save(void *user, const vsp_provider *provider, const vsp_costs *costs)
{
	(void)provider;
	*(vsp_costs *)user = *costs;
}

static void use_costed_device(double launch_ns, double byte_ns)
{
	static vsp_provider costed;
	costed = device;
	costed.measure = device_measure;
	use_device(&costed);
	rt.capabilities = VSP_CAP_GPU;
	rt.backends->slot[0].costed = VSP_COSTS_NONE; /* by the table, not by what this machine can do */
	device_measured = 0;
	device_costs = (vsp_costs){.launch_ns = launch_ns, .byte_ns = byte_ns};
}

static uint64_t on_device(uint64_t count)
{
	const vsp_provider_stats *stats = &rt.backends->slot[1].stats;
	uint64_t earlier = stats->operations[VSP_BATCH_VMAP];
	vsp_batch_op op = {.kind = VSP_BATCH_VMAP, .sel = 7, .dst = BASE, .src = 0x20000, .count = count};
	uint8_t order[VSP_PROVIDERS_MAX];
	unsigned n = vsp_backends_choose(&rt, &op, order);
	assert_int_equal(order[n - 1], 0);
	assert_int_equal(stats->operations[VSP_BATCH_VMAP], earlier);
	return n == 2 && order[0] == 1;
}

static void without_a_hint_the_costs_decide(void **state)
{
	(void)state;
	use_costed_device(50000, 0.01);
	assert_false(on_device(1000)); /* the CPU is done before any device begins: nothing is opened */
	assert_int_equal(device_opened, 0);
	assert_true(on_device(10000000));
	assert_int_equal(device_opened, 1);
	assert_false(on_device(50000));
	use_costed_device(50000, 10); /* moving the bytes takes longer than the work */
	assert_false(on_device(10000000));
	use_costed_device(50000, -1); /* nonsense is no measurement */
	assert_false(on_device(10000000));
	assert_false(on_device(10000000));
	assert_int_equal(device_measured, 1);
	use_costed_device(50000, 0);
	vsp_rt_hint(&rt, VSP_HINT_DSP); /* treated as CPU */
	assert_false(on_device(10000000));
}

static void costs_are_measured_once_and_kept(void **state)
{
	(void)state;
	vsp_costs kept = {.launch_ns = 0};
	use_costed_device(50000, 0.01);
	rt.backends->keeper = (vsp_costs_keeper){keeper_load, keeper_save, &kept};
	assert_true(on_device(10000000));
	assert_true(on_device(10000000));
	assert_int_equal(device_measured, 1);
	assert_true(kept.launch_ns > 49999);
	use_costed_device(1e9, 0.01);
	rt.backends->keeper = (vsp_costs_keeper){keeper_load, keeper_save, &kept};
	assert_true(on_device(10000000)); /* by the constants that were kept */
	assert_int_equal(device_measured, 0);
}

/* What is asked for and not used says why, also where it is not even opened. */
static void with_fuel_a_launch_stays_on_the_cpu_and_says_so(void **state)
{
	(void)state;
	static vsp_provider launcher;
	use_costed_device(50000, 0);
	launcher = *rt.backends->slot[1].provider;
	launcher.run[VSP_BATCH_LAUNCH] = device_vmap;
	rt.backends->slot[1].provider = &launcher;
	vsp_batch_op op = {.kind = VSP_BATCH_LAUNCH, .count = 1000, .index = 2};
	uint8_t order[VSP_PROVIDERS_MAX];
	vsp_backend_refusal refusal = VSP_BACKEND_REFUSAL_INIT;
	rt.fuel_on = true;
	assert_int_equal(vsp_backends_choose(&rt, &op, order), 1); /* nothing asks for the device */
	assert_int_equal(vsp_backends_refusal(rt.backends, 1, 0, &refusal), VSP_E_ARGUMENT);
	vsp_rt_hint(&rt, VSP_HINT_GPU);
	assert_int_equal(vsp_backends_choose(&rt, &op, order), 1);
	assert_int_equal(order[0], 0);
	assert_int_equal(vsp_backends_refusal(rt.backends, 1, 0, &refusal), VSP_OK);
	assert_non_null(strstr(refusal.reason, "fuel"));
	assert_int_equal(device_opened, 0);
	rt.fuel_on = false;
}

/* The CPU is measured when it has worked for a while and there is a choice, and what is learned
   stays. */
static void the_cpu_is_measured_when_that_matters(void **state)
{
	(void)state;
	use_costed_device(50000, 10);
	vsp_costs *cpu = &rt.backends->slot[0].costs;
	rt.backends->slot[0].costed = VSP_COSTS_UNKNOWN;
	cpu->work_ns[VSP_BATCH_LAUNCH] = 7;
	assert_false(on_device(10000000)); /* 5 ms of the CPU, as the table says */
	assert_false(on_device(10000000));
	assert_int_equal(rt.backends->slot[0].costed, VSP_COSTS_UNKNOWN);
	assert_false(on_device(10000000));
	assert_int_equal(rt.backends->slot[0].costed, VSP_COSTS_KNOWN);
	for (unsigned kind = 0; kind < VSP_BATCH_LAUNCH; kind++)
		assert_true(cpu->work_ns[kind] > 0);
	assert_true(cpu->work_ns[VSP_BATCH_LAUNCH] == 7);
	vsp_backends_forget(&rt); /* the next user's kernels are others, the machine is the same */
	assert_true(cpu->work_ns[VSP_BATCH_LAUNCH] == 0 && cpu->work_ns[VSP_BATCH_VMAP] > 0);
}

/* As in programs that are compiled ahead of time, which have nowhere to keep what they would
   measure. */
static void a_device_without_costs_is_not_opened(void **state)
{
	(void)state;
	use_costed_device(50000, 0.01);
	rt.backends->slot[1].costed = VSP_COSTS_NONE;
	assert_false(on_device(10000000));
	assert_int_equal(device_opened, 0);
	assert_int_equal(device_measured, 0);
	vsp_backend_refusal refusal = VSP_BACKEND_REFUSAL_INIT;
	assert_int_equal(vsp_backends_refusal(rt.backends, 1, 0, &refusal), VSP_OK);
	assert_non_null(strstr(refusal.reason, "cannot be measured"));
}

/* A device that takes long to open is left alone until the CPU has worked for as long. */
static void a_device_is_opened_when_that_pays(void **state)
{
	(void)state;
	static vsp_provider slow;
	use_costed_device(50000, 0.01);
	slow = *rt.backends->slot[1].provider;
	slow.open_ns = 12e6;
	rt.backends->slot[1].provider = &slow;
	assert_false(on_device(10000000)); /* 5 ms of the CPU, as the model says */
	assert_false(on_device(10000000));
	assert_int_equal(device_opened, 0);
	assert_true(on_device(10000000));
	assert_int_equal(device_opened, 1);
	assert_int_equal(device_measured, 1);
}

/* A LAUNCH that is slow on the CPU makes the next one go elsewhere. */
static void the_time_of_kernels_on_the_cpu_is_learned(void **state)
{
	(void)state;
	use_costed_device(200000, 0);
	vsp_ranges ranges = {.count = 0};
	vsp_batch_op op = {.kind = VSP_BATCH_LAUNCH, .count = 50000, .index = 2, .ranges = &ranges};
	static vsp_provider launcher;
	launcher = *rt.backends->slot[1].provider;
	launcher.run[VSP_BATCH_LAUNCH] = device_vmap;
	rt.backends->slot[1].provider = &launcher;
	uint8_t order[VSP_PROVIDERS_MAX];
	assert_int_equal(vsp_backends_choose(&rt, &op, order), 1);
	vsp_backends_learn(&rt, &op, 1000000000);
	assert_int_equal(vsp_backends_choose(&rt, &op, order), 2);
	rt.fuel_on = true; /* instructions are counted in order */
	assert_int_equal(vsp_backends_choose(&rt, &op, order), 1);
	rt.fuel_on = false;
}

/* ---- a provider that fails in each of its calls ---- */

static const char *failing_call;
static int interrupted;

static bool fails(const char *call) { return strcmp(failing_call, call) == 0; }

static bool failing_probe(vsp_rt *self, void **state, char *reason, size_t reason_size)
{
	(void)self;
	*state = &device_pending;
	if (fails("probe"))
		snprintf(reason, reason_size, "probe failed");
	return !fails("probe");
}

static int failing_compile(void *state, vsp_rt *self, uint32_t index, char *reason, size_t reason_size)
{
	(void)state, (void)self, (void)index;
	snprintf(reason, reason_size, "compile failed");
	return fails("compile") ? VSP_DECLINED : 0;
}

static int failing_run(void *state, vsp_rt *self, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	(void)state, (void)op;
	if (fails("decline")) {
		snprintf(reason, reason_size, "run failed");
		return VSP_DECLINED;
	}
	vsp_backends_interrupt(self);
	return fails("trap") ? vsp_rt_fail(self, VSP_TRAP_BACKEND, "it broke") : 0;
}

static int failing_wait(void *state, vsp_rt *self)
{
	(void)state;
	return fails("wait") ? vsp_rt_fail(self, VSP_TRAP_BACKEND, "late failure") : 0;
}

static int failing_emerge(void *state, vsp_rt *self, const float in[32], float out[32])
{
	(void)state, (void)in, (void)out;
	return fails("emerge") ? vsp_rt_fail(self, VSP_TRAP_BACKEND, "no thought") : VSP_DECLINED;
}

static void failing_interrupt(void *state)
{
	(void)state;
	interrupted++;
}

static int failing_vmap(const char *call)
{
	failing_call = call;
	interrupted = 0;
	static const vsp_provider failing = {.name = "failing",
	        .hint = VSP_HINT_GPU,
	        .probe = failing_probe,
	        .run = {[VSP_BATCH_VMAP] = failing_run, [VSP_BATCH_LAUNCH] = failing_run},
	        .compile_kernel = failing_compile,
	        .emerge = failing_emerge,
	        .own_model = true,
	        .wait = failing_wait,
	        .interrupt = failing_interrupt};
	use_device(&failing);
	vsp_rt_hint(&rt, VSP_HINT_GPU);
	return vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4);
}

static void failures_of_each_call_go_to_the_cpu_or_trap(void **state)
{
	(void)state;
	uint64_t regs[16] = {0};
	assert_int_equal(failing_vmap("probe"), 0);
	assert_string_equal(rt.backends->slot[1].stats.reason, "probe failed");
	assert_int_equal(rt.backends->slot[0].stats.operations[VSP_BATCH_VMAP], 1);
	assert_int_equal(failing_vmap("decline"), 0);
	assert_string_equal(rt.backends->slot[1].stats.reason, "run failed");
	assert_int_equal(rt.backends->slot[0].stats.operations[VSP_BATCH_VMAP], 1);
	assert_int_equal(failing_vmap("trap"), VSP_TRAP_BACKEND);
	assert_string_equal(rt.trap.message, "it broke");
	assert_int_equal(interrupted, 1);
	assert_int_equal(failing_vmap("wait"), 0);
	assert_int_equal(vsp_rt_fence(&rt), VSP_TRAP_BACKEND);
	assert_string_equal(rt.trap.message, "late failure");
	vsp_rt_hint(&rt, VSP_HINT_CPU); /* the CPU waits for what is pending elsewhere */
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), VSP_TRAP_BACKEND);
	assert_int_equal(failing_vmap("emerge"), 0);
	assert_int_equal(vsp_rt_emerge(&rt, regs), VSP_TRAP_BACKEND);
	assert_string_equal(rt.trap.message, "no thought");
	assert_int_equal(failing_vmap("compile"), 0);
	put_block(BASE, 0x20000, 64, 3);
	assert_int_equal(vsp_rt_launch(&rt, 2, 1, BASE), 0);
	assert_string_equal(rt.backends->slot[1].stats.reason, "compile failed");
	assert_int_equal(rt.backends->slot[0].stats.operations[VSP_BATCH_LAUNCH], 1);
	vsp_backends_interrupt(&rt); /* nothing runs */
	assert_int_equal(interrupted, 1);
}

static void a_provider_that_cannot_open_is_asked_once(void **state)
{
	(void)state;
	static const vsp_provider absent = {.name = "absent",
	        .hint = VSP_HINT_GPU,
	        .probe = device_absent,
	        .run = {[VSP_BATCH_VMAP] = device_vmap}};
	use_device(&absent);
	vsp_rt_hint(&rt, VSP_HINT_GPU);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(device_opened, 1);
	assert_string_equal(rt.backends->slot[1].stats.reason, "no such device");
	assert_int_equal(rt.backends->slot[0].stats.operations[VSP_BATCH_VMAP], 2);
}

static void unbatch_fence_and_memgrow_wait_for_what_is_pending(void **state)
{
	(void)state;
	use_device(&device);
	rt.capabilities = VSP_CAP_GPU;
	vsp_rt_hint(&rt, VSP_HINT_GPU);
	assert_int_equal(vsp_rt_unbatch(&rt), 0); /* without a BATCH it does nothing */
	vsp_rt_batch(&rt, 10);
	vsp_rt_batch(&rt, 0);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(device_pending, 1);
	assert_int_equal(vsp_rt_unbatch(&rt), 0); /* the inner pair only counts */
	assert_int_equal(device_pending, 1);
	assert_int_equal(vsp_rt_unbatch(&rt), 0);
	assert_int_equal(device_pending, 0);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(vsp_rt_fence(&rt), 0);
	assert_int_equal(device_pending, 0);
	uint64_t pages = 0;
	vsp_rt_batch(&rt, 1);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(device_pending, 1);
	assert_int_equal(vsp_rt_memgrow(&rt, 0, &pages), 0);
	assert_int_equal(device_pending, 0);
}

static void emerge_uses_the_model_of_a_provider(void **state)
{
	(void)state;
	use_device(&device);
	rt.capabilities = VSP_CAP_GPU;
	uint64_t regs[16];
	for (unsigned i = 0; i < 16; i++)
		regs[i] = 0x500 + (i << 4 | i);
	assert_int_equal(vsp_rt_emerge(&rt, regs), 0);
	for (unsigned i = 0; i < 16; i++) {
		/* rho + 0.5 to even, clamped; theta - 17 modulo 16 */
		int rho = (int)i - 8, up = rho & 1 ? rho + 1 : rho;
		unsigned want = (unsigned)((up > 7 ? 7 : up) + 8) << 4 | ((i + 15) & 15);
		assert_int_equal(regs[i], i == 3 ? 0 : i == 4 ? 0xF0 | 3 : want);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(emerge_without_a_model_is_xorl),
	        TEST(emerge_does_not_pass_over_a_model_that_nothing_runs),
	        TEST(infer_without_a_provider_says_how_to_get_one),
	        TEST(the_hint_and_the_capability_choose_the_provider),
	        TEST(what_the_user_asks_for_is_stronger_than_hints),
	        TEST(without_a_hint_the_costs_decide),
	        TEST(the_cpu_is_measured_when_that_matters),
	        TEST(with_fuel_a_launch_stays_on_the_cpu_and_says_so),
	        TEST(a_device_without_costs_is_not_opened),
	        TEST(a_device_is_opened_when_that_pays),
	        TEST(costs_are_measured_once_and_kept),
	        TEST(the_time_of_kernels_on_the_cpu_is_learned),
	        TEST(failures_of_each_call_go_to_the_cpu_or_trap),
	        TEST(a_provider_that_cannot_open_is_asked_once),
	        TEST(unbatch_fence_and_memgrow_wait_for_what_is_pending),
	        TEST(emerge_uses_the_model_of_a_provider),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
