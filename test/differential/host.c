/*
 * The host of random programs, see outcome.h.
 */
#include "outcome.h"

#include <string.h>

static void hear(test_host *h, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	for (size_t i = 0; i < n; i++)
		h->heard = (h->heard ^ p[i]) * 0x100000001B3u;
}

static void hear_numbers(test_host *h, uint32_t what, uint64_t a, uint64_t b)
{
	uint64_t words[] = {what, a, b};
	hear(h, words, sizeof words);
}

/* The next answer. Knuth's MMIX multiplier. */
static uint64_t answer(test_host *h)
{
	h->asked = h->asked * 6364136223846793005u + 1442695040888963407u;
	return h->asked >> 33;
}

/* Ports above 100 do not exist. */
static int known(uint32_t port) { return port > 100 ? -(int)VSP_TRAP_UNSUPPORTED : 0; }

static int on_yield(void *user, vsp_caller *caller)
{
	(void)caller;
	hear_numbers(user, 1, 0, 0);
	return 0;
}

static int on_in(void *user, uint32_t port, int32_t *value)
{
	uint64_t n = answer(user);
	*value = n % 7 ? (int32_t)(n & 0xFF) : -1;
	return known(port);
}

static int on_out(void *user, uint32_t port, uint8_t value)
{
	hear_numbers(user, 2, port, value);
	return known(port);
}

/* Sensors and actuators are named by registers: all exist. */
static int on_sense(void *user, uint32_t sensor, int32_t *value)
{
	(void)sensor;
	return on_in(user, 0, value);
}

static int on_act(void *user, uint32_t actuator, uint8_t value)
{
	hear_numbers(user, 3, actuator, value);
	return 0;
}

static int on_sync(void *user, uint32_t id)
{
	hear_numbers(user, 4, id, 0);
	return 0;
}

static int on_broadcast(void *user, uint32_t channel, const uint8_t state[16])
{
	test_host *h = user;
	hear_numbers(h, 5, channel, 0);
	hear(h, state, 16);
	memcpy(h->channel, state, 16);
	h->full = true;
	return known(channel);
}

static int on_receive(void *user, uint32_t channel, uint8_t state[16], int *received)
{
	test_host *h = user;
	*received = h->full;
	if (h->full)
		memcpy(state, h->channel, 16);
	h->full = false;
	return known(channel);
}

static int on_entangle(void *user, uint32_t a, uint32_t b, int64_t value_a, int64_t value_b)
{
	hear_numbers(user, 6, a, b);
	hear_numbers(user, 6, (uint64_t)value_a, (uint64_t)value_b);
	return 0;
}

static int on_print(void *user, const char *text, size_t length)
{
	hear(user, text, length);
	return 0;
}

static int on_read_line(void *user, char *buffer, size_t size, int64_t *length)
{
	static const char *const lines[] = {
	        "17", "-2.5 and more", "", "no number", "0x10", "123456789012345678901234567890"};
	uint64_t n = answer(user) % 7;
	if (n == 6) {
		*length = -1;
		return 0;
	}
	size_t have = strlen(lines[n]);
	*length = (int64_t)(have < size ? have : size);
	memcpy(buffer, lines[n], (size_t)*length);
	return 0;
}

void test_host_init(test_host *h, call_leaf_fn call_leaf)
{
	static const char *const args[] = {"one", "a longer argument"};
	*h = (test_host){.call_leaf = call_leaf, .heard = 0xCBF29CE484222325u};
	h->callbacks = (vsp_host){.size = sizeof h->callbacks,
	        .user = h,
	        .yield = on_yield,
	        .in = on_in,
	        .out = on_out,
	        .sense = on_sense,
	        .act = on_act,
	        .sync = on_sync,
	        .broadcast = on_broadcast,
	        .receive = on_receive,
	        .entangle = on_entangle,
	        .print = on_print,
	        .read_line = on_read_line,
	        .arg_count = 2,
	        .args = args};
}

int test_host_mix(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user;
	uint64_t x = (uint64_t)args[0] * 0x9E3779B97F4A7C15u ^ (uint64_t)args[1];
	uint8_t *p = caller->memory + 0x20000 + x % 0x7000;
	*p = (uint8_t)(*p + 1); /* so that code which kept memory in registers across the call would be found */
	results[0] = (int64_t)(x ^ x >> 29);
	return VSP_OK;
}

/* A failure of leaf ends the program: the state after it is known in precise tiers only. */
int test_host_back(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	test_host *h = user;
	return h->call_leaf(h, caller->instance, args, results);
}

int test_host_answer(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)caller;
	(void)args;
	results[0] = (int64_t)answer(user);
	return VSP_OK;
}

int test_host_listen(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)caller;
	(void)args;
	(void)results;
	hear_numbers(user, 7, 0, 0);
	return VSP_OK;
}

void leaf_arguments(unsigned n, int64_t args[2])
{
	static const int64_t values[LEAF_CALLS][2] = {{0, 0}, {-1, 0x4008000000000000}, {0x123456789ABC, 7}};
	memcpy(args, values[n], sizeof values[n]);
}
