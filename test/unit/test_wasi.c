/*
 * WASI without files: the table, pointers, arguments, environment, clocks, chance, standard
 * streams' capabilities, what is not supported, and configurations that are refused.
 */
#include "wasi_support.h"

#include "runtime/base/alloc.h"
#include "runtime/trap.h"

static const char *const args[] = {"prog.wasm", "one", ""};
static const char *const env[] = {"HOME=/", "EMPTY="};

static vsp_wasi_config granted(void)
{
	return (vsp_wasi_config){.size = sizeof(vsp_wasi_config),
	        .capabilities = VSP_CAP_STDIO | VSP_CAP_ARGS | VSP_CAP_CLOCK | VSP_CAP_RANDOM,
	        .stdio = {0, 1, 2},
	        .args = args,
	        .arg_count = 3,
	        .env = env,
	        .env_count = 2};
}

static int setup(void **state)
{
	(void)state;
	vsp_wasi_config config = granted();
	wasi_open(&config);
	return 0;
}

static int setup_nothing(void **state)
{
	(void)state;
	wasi_open(&(vsp_wasi_config)VSP_WASI_CONFIG_INIT);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	wasi_close();
	return 0;
}

/* ---- the table ---- */

static void names_lead_to_functions(void **state)
{
	(void)state;
	const vsp_wasi_function *f = vsp_wasi_find("wasi_snapshot_preview1.path_open");
	assert_non_null(f);
	assert_string_equal(f->name, "path_open");
	assert_int_equal(f->param_count, 9);
	assert_int_equal(f->results, 1);
	assert_ptr_equal(vsp_wasi_find("wasi_unstable.path_open"), f);
	assert_int_equal(vsp_wasi_find("wasi_unstable.proc_exit")->results, 0);
	assert_null(vsp_wasi_find("wasi_snapshot_preview1.path_close"));
	assert_null(vsp_wasi_find("wasi_snapshot_preview1"));
	assert_null(vsp_wasi_find("env.fd_read"));
	assert_null(vsp_wasi_find("fd_read"));
}

/* The signature of path_open in the standard: (i32 i32 i32 i32 i32 i64 i64 i32 i32) -> i32. */
static void types_are_the_standards(void **state)
{
	(void)state;
	const vsp_wasi_function *f = vsp_wasi_find("wasi_snapshot_preview1.path_open");
	for (unsigned i = 0; i < 9; i++)
		assert_int_equal(vsp_wasi_param_is_i64(f->params[i]), i == 5 || i == 6);
	f = vsp_wasi_find("wasi_snapshot_preview1.fd_seek");
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(vsp_wasi_param_is_i64(f->params[i]), i == 1);
}

static void there_are_46_functions_in_order(void **state)
{
	(void)state;
	assert_int_equal(VSP_WASI_FUNCTIONS, 46);
	for (unsigned i = 1; i < VSP_WASI_FUNCTIONS; i++)
		assert_true(strcmp(vsp_wasi_functions[i - 1].name, vsp_wasi_functions[i].name) < 0);
}

/* ---- pointers ---- */

static bool is_pointer(char letter) { return strchr("pbvsehwqftraAgG", letter) != NULL; }

/* Parameters with which every pointer is good: a page of zeros, and counts of 1. */
static void good_params(const vsp_wasi_function *f, int64_t *to)
{
	for (unsigned i = 0; i < f->param_count; i++)
		to[i] = is_pointer(f->params[i]) ? 0x1000 * (int64_t)(i + 1) : f->params[i] == 'n';
}

/* A call that fails for a pointer has changed nothing. */
static void expect_fault(unsigned index, const int64_t *params)
{
	static uint8_t before[FIRST + ROOM];
	memcpy(before, w.memory, sizeof before);
	int got = call_number(index, params);
	if (got != FAULT)
		print_error("%s returned %d\n", vsp_wasi_functions[index].name, got);
	assert_int_equal(got, FAULT);
	assert_memory_equal(before, w.memory, sizeof before);
}

static void every_bad_pointer_is_a_fault(void **state)
{
	(void)state;
	unsigned tried = 0;
	memset(at(0), 0, ROOM);
	for (unsigned index = 0; index < VSP_WASI_FUNCTIONS; index++) {
		const vsp_wasi_function *f = &vsp_wasi_functions[index];
		for (unsigned i = 0; i < f->param_count; i++) {
			int64_t params[16] = {0};
			static const int64_t bad[] = {ROOM, ROOM + 1, 0xFFFFFFFF, -1, 0x80000000, ROOM - 1};
			for (unsigned k = 0; is_pointer(f->params[i]) && k < 6; k++) {
				if (bad[k] == ROOM - 1 && strchr("pb", f->params[i]))
					continue; /* one byte is there */
				good_params(f, params);
				params[i] = bad[k];
				expect_fault(index, params);
				tried++;
			}
		}
	}
	assert_int_equal(tried, 301); /* 53 pointers, 17 of them to single bytes */
}

static void counts_beyond_memory_are_faults(void **state)
{
	(void)state;
	memset(at(0), 0, ROOM);
	for (unsigned index = 0; index < VSP_WASI_FUNCTIONS; index++) {
		const vsp_wasi_function *f = &vsp_wasi_functions[index];
		for (unsigned i = 0; i < f->param_count; i++) {
			int64_t params[16] = {0};
			if (f->params[i] != 'n' || strchr(f->params, 'v'))
				continue;
			good_params(f, params);
			params[i] = 0xFFFFFFFF;
			expect_fault(index, params);
			params[i] = ROOM;
			expect_fault(index, params);
		}
	}
}

static void what_vectors_point_to_is_checked(void **state)
{
	(void)state;
	static const uint32_t bad[][2] = {
	        {ROOM, 1}, {0, ROOM + 1}, {0xFFFFFFFF, 0xFFFFFFFF}, {ROOM - 4, 5}, {ROOM + 1, 0}};
	memset(at(0), 0, ROOM);
	for (unsigned index = 0; index < VSP_WASI_FUNCTIONS; index++) {
		const vsp_wasi_function *f = &vsp_wasi_functions[index];
		const char *v = strchr(f->params, 'v');
		for (unsigned k = 0; v && k < 5; k++) {
			int64_t params[16] = {0};
			good_params(f, params);
			params[v - f->params + 1] = 3; /* the last of them is bad */
			uint32_t p = (uint32_t)params[v - f->params] + 16;
			set(p, bad[k][0], 4);
			set(p + 4, bad[k][1], 4);
			expect_fault(index, params);
		}
	}
}

static void too_many_vectors_are_invalid(void **state)
{
	(void)state;
	memset(at(0), 0, ROOM);
	FAILS(INVAL, fd_write, 1, 0, 1025, 0x100);
	FAILS(INVAL, fd_write, 1, 0, 0xFFFFFFFF, 0x100);
	WORKS(fd_write, 1, 0, 1024, 0x10000);
}

/* Nothing at the very end of memory is something that exists. */
static void no_bytes_at_the_end_are_good(void **state)
{
	(void)state;
	WORKS(random_get, ROOM, 0);
	FAILS(FAULT, random_get, ROOM + 1, 0);
	assert_int_not_equal(CALL(random_get, ROOM - 1, 1), FAULT);
	FAILS(FAULT, random_get, ROOM - 1, 2);
}

static void wasm_addresses_have_an_offset(void **state)
{
	(void)state;
	static uint8_t memory[0x10011];
	vsp_caller caller = {.memory = memory, .memory_size = 0x10010};
	assert_ptr_equal(vsp_wasm_at(&caller, 0, 0x10), memory + 0x10000);
	assert_null(vsp_wasm_at(&caller, 0, 0x11));
	assert_ptr_equal(vsp_wasm_at(&caller, 0x10, 0), memory + 0x10010);
	assert_null(vsp_wasm_at(&caller, 0x11, 0));
	assert_null(vsp_wasm_at(&caller, 0xFFFFFFFF, 0));
	assert_null(vsp_wasm_at(&caller, 1, UINT64_MAX));
	caller.memory_size = 0x8000;
	assert_null(vsp_wasm_at(&caller, 0, 0));
}

/* ---- arguments and environment ---- */

static void arguments_are_given(void **state)
{
	(void)state;
	uint32_t sizes = room(8), pointers = room(12), text = room(15);
	WORKS(args_sizes_get, sizes, sizes + 4);
	assert_int_equal(get(sizes, 4), 3);
	assert_int_equal(get(sizes + 4, 4), 15);
	WORKS(args_get, pointers, text);
	assert_memory_equal(at(text), "prog.wasm\0one\0\0", 15);
	assert_int_equal(get(pointers, 4), text);
	assert_int_equal(get(pointers + 4, 4), text + 10);
	assert_int_equal(get(pointers + 8, 4), text + 14);
}

static void variables_are_given(void **state)
{
	(void)state;
	uint32_t sizes = room(8), pointers = room(8), text = room(14);
	WORKS(environ_sizes_get, sizes, sizes + 4);
	assert_int_equal(get(sizes, 4), 2);
	assert_int_equal(get(sizes + 4, 4), 14);
	WORKS(environ_get, pointers, text);
	assert_memory_equal(at(text), "HOME=/\0EMPTY=\0", 14);
	assert_int_equal(get(pointers + 4, 4), text + 7);
}

/* ---- time and chance ---- */

static void clocks_go_on(void **state)
{
	(void)state;
	uint32_t p = room(16);
	for (int clock = 0; clock < 2; clock++) {
		WORKS(clock_time_get, clock, 0, p);
		WORKS(clock_time_get, clock, 0, p + 8);
		assert_true(get(p, 8) <= get(p + 8, 8) || clock == 0);
		WORKS(clock_res_get, clock, p);
		assert_true(get(p, 8) > 0);
	}
	WORKS(clock_time_get, 0, 0, p);
	assert_true(get(p, 8) > UINT64_C(1700000000000000000)); /* after 2023 */
	FAILS(INVAL, clock_time_get, 4, 0, p);
	FAILS(INVAL, clock_res_get, 0xFFFFFFFF, p);
}

static void random_bytes_differ(void **state)
{
	(void)state;
	uint32_t p = room(64);
	if (CALL(random_get, p, 32) == NOSYS)
		skip();
	WORKS(random_get, p + 32, 32);
	assert_memory_not_equal(at(p), at(p + 32), 32);
}

static void an_interrupt_ends_long_randomness(void **state)
{
	(void)state;
	atomic_store(&w.rt.interrupt, 1);
	FAILS(INTR, random_get, 0, ROOM);
}

static void others_may_run(void **state)
{
	(void)state;
	WORKS(sched_yield, 0);
}

/* ---- what is not there ---- */

static void what_is_not_supported(void **state)
{
	(void)state;
	memset(at(0), 0, ROOM);
	FAILS(NOSYS, proc_raise, 1);
	FAILS(NOTSOCK, sock_accept, 0, 0, 0);
	FAILS(NOTSOCK, sock_recv, 0, 0, 1, 0, 8, 16);
	FAILS(NOTSOCK, sock_send, 1, 0, 1, 0, 8);
	FAILS(NOTSOCK, sock_shutdown, 2, 0);
	FAILS(BADF, sock_accept, 7, 0, 0);
	FAILS(BADF, sock_shutdown, 0xFFFFFFFF, 0);
}

static void proc_exit_ends_the_run(void **state)
{
	(void)state;
	void *user;
	int64_t status = -254; /* 0x...FF02 */
	vsp_import_fn fn = vsp_wasi_import(w.wasi, VSP_WASI_INDEX_proc_exit, &user);
	assert_int_equal(fn(user, &w.rt.caller, &status, NULL), VSP_RT_EXIT);
	assert_int_equal(w.rt.exit_code, 2);
}

/* ---- capabilities ---- */

static void without_capabilities_nothing_is_to_be_had(void **state)
{
	(void)state;
	memset(at(0), 0, ROOM);
	FAILS(NOTCAPABLE, args_get, 0, 0);
	FAILS(NOTCAPABLE, args_sizes_get, 0, 4);
	FAILS(NOTCAPABLE, clock_time_get, 0, 0, 0);
	FAILS(NOTCAPABLE, clock_res_get, 0, 0);
	FAILS(NOTCAPABLE, random_get, 0, 8);
	for (int fd = 0; fd < 3; fd++) {
		FAILS(NOTCAPABLE, fd_write, fd, 0, 1, 8);
		FAILS(NOTCAPABLE, fd_read, fd, 0, 1, 8);
		FAILS(NOTCAPABLE, fd_fdstat_get, fd, 0);
		FAILS(NOTCAPABLE, fd_filestat_get, fd, 0);
		FAILS(NOTCAPABLE, fd_close, fd);
		FAILS(NOTCAPABLE, fd_renumber, fd, fd);
	}
	WORKS(environ_sizes_get, 0, 4);
	assert_int_equal(get(0, 4), 0);
	FAILS(BADF, fd_prestat_get, 3, 0);
	FAILS(BADF, path_open, 3, 0, 0, 1, 0, 0, 0, 0, 64);
}

/* A clock and a stream that may not be waited for are events with that error. */
static void waiting_needs_capabilities_too(void **state)
{
	(void)state;
	uint32_t subscriptions = room(96), events = room(64), count = room(4);
	set(subscriptions, 77, 8);
	set(subscriptions + 48, 78, 8);
	set(subscriptions + 56, 1, 1); /* reading 0 */
	WORKS(poll_oneoff, subscriptions, events, 2, count);
	assert_int_equal(get(count, 4), 2);
	assert_int_equal(get(events, 8), 77);
	assert_int_equal(get(events + 8, 2), NOTCAPABLE);
	assert_int_equal(get(events + 32, 8), 78);
	assert_int_equal(get(events + 40, 2), NOTCAPABLE);
}

/* ---- configurations ---- */

static void refuses(const vsp_wasi_config *config, vsp_status status, const char *message)
{
	vsp_error error = VSP_ERROR_INIT;
	assert_null(vsp_wasi_create(config, &error));
	assert_int_equal(error.code, status);
	assert_string_equal(error.message, message);
}

static void wrong_configurations_are_refused(void **state)
{
	(void)state;
	static const char *const no_value[] = {"A=1", "B"}, *const no_name[] = {"=C"}, *const missing[] = {NULL};
	vsp_wasi_config config = VSP_WASI_CONFIG_INIT;
	config.env = no_value;
	config.env_count = 2;
	refuses(&config, VSP_E_ARGUMENT, "the variable 'B' is not of the form NAME=VALUE");
	config.env = no_name;
	config.env_count = 1;
	refuses(&config, VSP_E_ARGUMENT, "the variable '=C' is not of the form NAME=VALUE");
	config.env = missing;
	refuses(&config, VSP_E_ARGUMENT, "variable 0 is null");
	config.env_count = 0;
	config.arg_count = 1;
	refuses(&config, VSP_E_ARGUMENT, "argument 0 is null");
	config.arg_count = 0;
	config.preopen_count = 1;
	refuses(&config, VSP_E_ARGUMENT, "the preopened folders are null, or have no size");
	vsp_wasi_preopen unnamed = {.size = sizeof unnamed};
	config.preopens = &unnamed;
	refuses(&config, VSP_E_ARGUMENT, "a preopened folder has no name");
}

/* In hostile builds; in others the first try succeeds. */
static void without_memory_there_is_an_error(void **state)
{
	(void)state;
	vsp_wasi_config config = granted();
	for (uint64_t n = 1;; n++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_alloc_fail_at(n);
		vsp_wasi *wasi = vsp_wasi_create(&config, &error);
		vsp_alloc_fail_at(0);
		if (wasi) {
			vsp_wasi_destroy(wasi);
			return;
		}
		assert_int_equal(error.code, VSP_E_MEMORY);
	}
}

/* A host's struct may be older: what it does not have is not read. */
static void short_configurations_grant_nothing(void **state)
{
	(void)state;
	vsp_wasi_config config = granted();
	config.size = 8;
	vsp_wasi *wasi = vsp_wasi_create(&config, NULL);
	assert_non_null(wasi);
	assert_int_equal(wasi->args.count, 0);
	assert_int_equal(wasi->env.count, 0);
	vsp_wasi_destroy(wasi);
	wasi = vsp_wasi_create(NULL, NULL);
	assert_non_null(wasi);
	assert_int_equal(wasi->capabilities, 0);
	vsp_wasi_destroy(wasi);
	vsp_wasi_destroy(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_NOTHING(name) cmocka_unit_test_setup_teardown(name, setup_nothing, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_lead_to_functions),
	        cmocka_unit_test(types_are_the_standards),
	        cmocka_unit_test(there_are_46_functions_in_order),
	        TEST(every_bad_pointer_is_a_fault),
	        TEST(counts_beyond_memory_are_faults),
	        TEST(what_vectors_point_to_is_checked),
	        TEST(too_many_vectors_are_invalid),
	        TEST(no_bytes_at_the_end_are_good),
	        cmocka_unit_test(wasm_addresses_have_an_offset),
	        TEST(arguments_are_given),
	        TEST(variables_are_given),
	        TEST(clocks_go_on),
	        TEST(random_bytes_differ),
	        TEST(an_interrupt_ends_long_randomness),
	        TEST(others_may_run),
	        TEST(what_is_not_supported),
	        TEST(proc_exit_ends_the_run),
	        TEST_NOTHING(without_capabilities_nothing_is_to_be_had),
	        TEST_NOTHING(waiting_needs_capabilities_too),
	        cmocka_unit_test(wrong_configurations_are_refused),
	        cmocka_unit_test(without_memory_there_is_an_error),
	        cmocka_unit_test(short_configurations_grant_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
