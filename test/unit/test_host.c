/*
 * Instructions that reach the host: values and flags, missing and failing callbacks, capabilities,
 * imports, the floating-point environment around callbacks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <fenv.h>
#include <cmocka.h>

#include "runtime/run_end.h"
#include "runtime/backends/provider.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"

/* The arguments of the callbacks and their answers. */
typedef struct record {
	uint32_t port;
	int32_t value;
	uint8_t layers[16];
	int64_t a, b;
	int calls, result, received, rounding;
} record;

static int give_byte(void *user, uint32_t port, int32_t *value)
{
	record *r = user;
	r->calls++;
	r->port = port;
	*value = r->value;
	return r->result;
}

static int take_byte(void *user, uint32_t port, uint8_t value)
{
	record *r = user;
	r->calls++;
	r->port = port;
	r->value = value;
	return r->result;
}

static int take_id(void *user, uint32_t id)
{
	record *r = user;
	r->port = id;
	return r->result;
}

static int take_state(void *user, uint32_t channel, const uint8_t layers[16])
{
	record *r = user;
	r->port = channel;
	memcpy(r->layers, layers, 16);
	return r->result;
}

static int give_state(void *user, uint32_t channel, uint8_t layers[16], int *received)
{
	record *r = user;
	r->port = channel;
	memcpy(layers, r->layers, 16);
	*received = r->received;
	return r->result;
}

static int take_pair(void *user, uint32_t a, uint32_t b, int64_t value_a, int64_t value_b)
{
	record *r = user;
	r->port = a << 8 | b;
	r->a = value_a;
	r->b = value_b;
	return r->result;
}

static int note_rounding(void *user, vsp_caller *caller)
{
	record *r = user;
	(void)caller;
	r->calls++;
	r->rounding = fegetround();
	volatile double one = 1, tiny = 0x1p-60;
	r->value = one + tiny > 1;
	return r->result;
}

static vsp_rt rt;
static record rec;

static int setup(void **state)
{
	(void)state;
	memset(&rt, 0, sizeof rt);
	memset(&rec, 0, sizeof rec);
	rt.host = (vsp_host){.size = sizeof(vsp_host),
	        .user = &rec,
	        .yield = note_rounding,
	        .in = give_byte,
	        .out = take_byte,
	        .sense = give_byte,
	        .act = take_byte,
	        .sync = take_id,
	        .broadcast = take_state,
	        .receive = give_state,
	        .entangle = take_pair};
	rt.capabilities = VSP_CAP_STDIO;
	rt.backends = vsp_backends_create(NULL, 0);
	assert_non_null(rt.backends);
	return vsp_memory_create(&rt.memory, 2, 8, VSP_BOUNDS_EXPLICIT);
}

static int teardown(void **state)
{
	(void)state;
	vsp_memory_destroy(&rt.memory);
	vsp_backends_destroy(rt.backends);
	return 0;
}

static void in_zero_extends_and_ends_with_minus_one(void **state)
{
	(void)state;
	uint64_t v = 5;
	rec.value = 0xFF;
	assert_int_equal(vsp_rt_in(&rt, 7, &v), 0);
	assert_int_equal(v, 0xFF);
	assert_int_equal(rec.port, 7);
	rec.value = -1;
	assert_int_equal(vsp_rt_in(&rt, 255, &v), 0);
	assert_true(v == UINT64_MAX);
}

static void out_and_act_send_the_low_byte(void **state)
{
	(void)state;
	assert_int_equal(vsp_rt_out(&rt, 3, 0x1234), 0);
	assert_int_equal(rec.value, 0x34);
	assert_int_equal(rec.port, 3);
	assert_int_equal(vsp_rt_act(&rt, 15, UINT64_MAX), 0);
	assert_int_equal(rec.value, 0xFF);
	assert_int_equal(rec.port, 15);
}

static void sense_tells_the_end_by_z(void **state)
{
	(void)state;
	uint64_t v = 9;
	uint8_t z = 7;
	rec.value = 0x80;
	assert_int_equal(vsp_rt_sense(&rt, 2, &v, &z), 0);
	assert_int_equal(v, 0x80);
	assert_int_equal(z, 0);
	rec.value = -1;
	assert_int_equal(vsp_rt_sense(&rt, 2, &v, &z), 0);
	assert_int_equal(v, 0);
	assert_int_equal(z, 1);
}

static void states_travel_on_channels(void **state)
{
	(void)state;
	uint64_t regs[16];
	uint8_t z = 7;
	for (unsigned i = 0; i < 16; i++)
		regs[i] = 0xFF00 + i;
	assert_int_equal(vsp_rt_broadcast(&rt, regs, 0xABCDEF), 0);
	assert_int_equal(rec.port, 0xABCDEF);
	assert_int_equal(rec.layers[15], 15);
	rec.received = 0;
	assert_int_equal(vsp_rt_receive(&rt, regs, 1, &z), 0);
	assert_int_equal(z, 1);
	assert_int_equal(regs[3], 0xFF03);
	rec.received = 1;
	assert_int_equal(vsp_rt_receive(&rt, regs, 1, &z), 0);
	assert_int_equal(z, 0);
	assert_int_equal(regs[3], 3);
}

static void sync_and_entangle_pass_their_operands(void **state)
{
	(void)state;
	assert_int_equal(vsp_rt_sync(&rt, 200), 0);
	assert_int_equal(rec.port, 200);
	assert_int_equal(vsp_rt_entangle(&rt, 1, 14, 5, (uint64_t)-6), 0);
	assert_int_equal(rec.port, 0x10E);
	assert_int_equal(rec.a, 5);
	assert_int_equal(rec.b, -6);
}

/* Every instruction once; the trap they all gave. */
static int try_all(void)
{
	uint64_t regs[16] = {0}, v = 77;
	uint8_t z = 9;
	int trap = vsp_rt_in(&rt, 0, &v);
	assert_int_equal(vsp_rt_out(&rt, 0, 1), trap);
	assert_int_equal(vsp_rt_sense(&rt, 0, &v, &z), trap);
	assert_int_equal(vsp_rt_act(&rt, 0, 1), trap);
	assert_int_equal(vsp_rt_sync(&rt, 0), trap);
	assert_int_equal(vsp_rt_broadcast(&rt, regs, 0), trap);
	assert_int_equal(vsp_rt_receive(&rt, regs, 0, &z), trap);
	assert_int_equal(vsp_rt_entangle(&rt, 0, 0, 0, 0), trap);
	assert_int_equal(rt.trap.kind, trap);
	assert_int_equal(v, 77);
	assert_int_equal(z, 9);
	return trap;
}

static void failing_callbacks_choose_the_trap(void **state)
{
	(void)state;
	const struct {
		int result, trap;
	} cases[] = {{-VSP_TRAP_UNSUPPORTED, VSP_TRAP_UNSUPPORTED}, {-VSP_TRAP_DENIED, VSP_TRAP_DENIED},
	        {-VSP_TRAP_OUT_OF_BOUNDS, VSP_TRAP_OUT_OF_BOUNDS}, {-VSP_TRAP_BAD_MODE, VSP_TRAP_BAD_MODE},
	        {-VSP_TRAP_BAD_MODE - 1, VSP_TRAP_HOST}, {-100000, VSP_TRAP_HOST}, {1, VSP_TRAP_HOST}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		rec.result = cases[i].result;
		assert_int_equal(try_all(), cases[i].trap);
		assert_int_equal(vsp_rt_yield(&rt), cases[i].trap);
	}
}

static void missing_callbacks_are_unsupported_but_yield(void **state)
{
	(void)state;
	rt.host = (vsp_host){.size = sizeof(vsp_host)};
	assert_int_equal(try_all(), VSP_TRAP_UNSUPPORTED);
	assert_int_equal(vsp_rt_yield(&rt), 0);
}

static void bytes_need_the_stdio_capability(void **state)
{
	(void)state;
	uint64_t v = 1;
	uint8_t z = 1;
	rt.capabilities = 0;
	assert_int_equal(vsp_rt_in(&rt, 0, &v), VSP_TRAP_DENIED);
	assert_non_null(strstr(rt.trap.message, "--allow=stdio"));
	assert_int_equal(vsp_rt_out(&rt, 0, 1), VSP_TRAP_DENIED);
	assert_int_equal(vsp_rt_sense(&rt, 0, &v, &z), VSP_TRAP_DENIED);
	assert_int_equal(vsp_rt_act(&rt, 0, 1), VSP_TRAP_DENIED);
	assert_int_equal(rec.calls, 0);
	assert_int_equal(vsp_rt_sync(&rt, 0), 0);
}

/* ---- imports ---- */

static int sum_and_grow(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	record *r = user;
	r->calls++;
	assert_int_equal(results[0], 0);
	assert_int_equal(results[1], 0);
	assert_ptr_equal(caller->memory, rt.memory.base);
	results[0] = args[0] + args[1] + args[2];
	assert_true(vsp_memory_grow(&rt.memory, 5)); /* as a nested call would */
	return r->result;
}

static void imports_take_params_and_set_results_only(void **state)
{
	(void)state;
	vsp_import_fn fns[] = {sum_and_grow};
	void *users[] = {&rec};
	const struct vsp_rt_import_sig sigs[] = {{3, 2}};
	rt.imports = fns;
	rt.import_users = users;
	rt.import_sigs = sigs;
	rt.import_count = 1;
	rt.caller.memory = rt.memory.base;
	uint64_t regs[16] = {1, 2, (uint64_t)-10, 4};
	assert_int_equal(vsp_rt_hcall(&rt, 0, regs), 0);
	assert_true(regs[0] == (uint64_t)-7);
	assert_int_equal(regs[1], 0);
	assert_true(regs[2] == (uint64_t)-10);
	assert_int_equal(regs[3], 4);
	assert_ptr_equal(rt.caller.memory, rt.memory.base);
	assert_int_equal(rt.caller.memory_size, 7 * 65536);
	rec.result = VSP_E_HOST;
	regs[0] = 3;
	vsp_memory_reset(&rt.memory, 2);
	rt.caller.memory = rt.memory.base;
	assert_int_equal(vsp_rt_hcall(&rt, 0, regs), VSP_TRAP_HOST);
	assert_int_equal(regs[0], 3);
}

/* ---- the border ---- */

static void callbacks_see_the_environment_of_the_host(void **state)
{
	(void)state;
	volatile double one = 1, tiny = 0x1p-60;
	fesetround(FE_UPWARD);
	vsp_rt_outside outside = vsp_rt_enter(&rt);
	volatile double inside = one + tiny; /* not computed later, in other modes */
	assert_int_equal(vsp_rt_yield(&rt), 0);
	volatile double after = one + tiny;
	vsp_rt_leave(&rt, outside);
	volatile double again = one + tiny;
	fesetround(FE_TONEAREST);
	assert_true(inside == 1 && after == 1);
	assert_int_equal(rec.value, 1);
	assert_true(again > 1);
	assert_false(rt.host_odd || rt.host_asked);
}

/* By every run inside the outermost one, whose end uses it up; whatever its result was, it is
   INTERRUPTED then. */
static void an_interrupt_is_seen_until_the_outermost_run_has_ended(void **state)
{
	(void)state;
	assert_int_equal(vsp_rt_poll(&rt), 0);
	vsp_run_begin(&rt);
	atomic_store(&rt.interrupt, 1);
	assert_int_equal(vsp_rt_poll(&rt), VSP_TRAP_INTERRUPTED);
	rt.end = VSP_END_RETURNED;
	rt.end_pc = VSP_NO_PC;
	assert_false(vsp_run_settle(&rt, false));
	assert_true(vsp_run_interrupted(&rt));
	vsp_run_resume(&rt);
	assert_int_equal(vsp_rt_poll(&rt), VSP_TRAP_INTERRUPTED);
	vsp_rt_fail(&rt, VSP_TRAP_HOST, "what the callback made of it");
	vsp_trap_at(&rt, 12, 0);
	assert_true(vsp_run_settle(&rt, true));
	assert_true(vsp_run_interrupted(&rt));
	assert_int_equal(rt.end_pc, 12);
	assert_int_equal(vsp_rt_poll(&rt), 0);
	assert_false(vsp_run_settle(&rt, true));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(in_zero_extends_and_ends_with_minus_one),
	        TEST(out_and_act_send_the_low_byte),
	        TEST(sense_tells_the_end_by_z),
	        TEST(states_travel_on_channels),
	        TEST(sync_and_entangle_pass_their_operands),
	        TEST(failing_callbacks_choose_the_trap),
	        TEST(missing_callbacks_are_unsupported_but_yield),
	        TEST(bytes_need_the_stdio_capability),
	        TEST(imports_take_params_and_set_results_only),
	        TEST(callbacks_see_the_environment_of_the_host),
	        TEST(an_interrupt_is_seen_until_the_outermost_run_has_ended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
