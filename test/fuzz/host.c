/*
 * The host of fuzz targets, see host.h.
 */
#include "host.h"

#include <string.h>

enum { DEEPEST = 3, ONE_IN = 24 };

static uint64_t next(fuzz_host *h) { return mutate_next(&h->random); }

/* 0 most of the time, or a status that a callback may return: a trap's kind, or nonsense. */
static int any_status(fuzz_host *h) { return mutate_below(&h->random, 8) ? 0 : -(int)mutate_below(&h->random, 20); }

static void call_exported(fuzz_host *h)
{
	int64_t args[16], results[16];
	char name[] = "f0";
	vsp_function_info info = {.size = sizeof info};
	name[1] = (char)('0' + mutate_below(&h->random, 5));
	for (unsigned i = 0; i < 16; i++)
		args[i] = (int64_t)mutate_edge(&h->random);
	if (vsp_module_find(vsp_instance_module(h->instance), name, &info) == VSP_OK)
		vsp_call(h->instance, name, args, results, NULL);
}

/* Calls that must be refused while the instance runs. */
static void try_what_cannot_be(fuzz_host *h)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_run(h->instance, &error);
	vsp_step(h->instance, &error);
	vsp_reset(h->instance, &error);
	vsp_settle(h->instance);
}

static void look_around(fuzz_host *h)
{
	vsp_state_view state = VSP_STATE_INIT;
	vsp_stats_view stats = VSP_STATS_INIT;
	uint64_t size = 0;
	uint8_t *memory = vsp_memory(h->instance, &size);
	vsp_state(h->instance, &state);
	vsp_stats(h->instance, &stats);
	vsp_output(h->instance, NULL);
	if (memory && size > 0x10000)
		memory[0x10000 + next(h) % (size - 0x10000)] ^= 1;
}

static void act(fuzz_host *h)
{
	if (!h->instance || h->freed || h->depth >= DEEPEST || mutate_below(&h->random, 3))
		return;
	h->depth++;
	switch (mutate_below(&h->random, ONE_IN)) {
	case 0: vsp_interrupt(h->instance); break;
	case 1:
		h->freed = h->may_free;
		if (h->freed)
			vsp_free(h->instance);
		break;
	case 2: try_what_cannot_be(h); break;
	case 3:
	case 4:
	case 5: look_around(h); break;
	default: call_exported(h);
	}
	h->depth--;
}

static int act_and_answer(void *user)
{
	act(user);
	return any_status(user);
}

static int on_yield(void *user, vsp_caller *caller)
{
	fuzz_host *h = user;
	if (caller->memory_size > 0x10000)
		caller->memory[caller->memory_size - 1] ^= 1;
	return act_and_answer(h);
}

static int on_in(void *user, uint32_t port, int32_t *value)
{
	(void)port;
	*value = (int32_t)mutate_edge(&((fuzz_host *)user)->random);
	return act_and_answer(user);
}

static int on_out(void *user, uint32_t port, uint8_t value)
{
	(void)port;
	(void)value;
	return act_and_answer(user);
}

static int on_sync(void *user, uint32_t id)
{
	(void)id;
	return act_and_answer(user);
}

static int on_broadcast(void *user, uint32_t channel, const uint8_t state[16])
{
	(void)channel;
	(void)state;
	return act_and_answer(user);
}

static int on_receive(void *user, uint32_t channel, uint8_t state[16], int *received)
{
	(void)channel;
	memset(state, (int)next(user), 16);
	*received = (int)mutate_below(&((fuzz_host *)user)->random, 3);
	return act_and_answer(user);
}

static int on_entangle(void *user, uint32_t a, uint32_t b, int64_t value_a, int64_t value_b)
{
	(void)a, (void)b, (void)value_a, (void)value_b;
	return act_and_answer(user);
}

static int on_print(void *user, const char *text, size_t length)
{
	unsigned char sum = 0;
	for (size_t i = 0; i < length; i++)
		sum ^= (unsigned char)text[i]; /* a sanitizer sees whether it is there */
	(void)sum;
	return act_and_answer(user);
}

static int on_read_line(void *user, char *buffer, size_t size, int64_t *length)
{
	static const char *const lines[] = {"17", "-2.5e300", "", "x", "99999999999999999999", "nan"};
	size_t n = mutate_below(&((fuzz_host *)user)->random, 7);
	*length = -1;
	if (n < 6) {
		size_t have = strlen(lines[n]);
		*length = (int64_t)(have < size ? have : size);
		memcpy(buffer, lines[n], (size_t)*length);
	}
	return act_and_answer(user);
}

static int on_clock_or_random(void *user, uint64_t *value)
{
	*value = mutate_edge(&((fuzz_host *)user)->random);
	return act_and_answer(user);
}

static int on_flush(void *user) { return act_and_answer(user); }

int fuzz_host_import(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	fuzz_host *h = user;
	(void)args;
	if (caller->instance != h->instance)
		return VSP_E_HOST;
	results[0] = (int64_t)mutate_edge(&h->random);
	return act_and_answer(h);
}

void fuzz_host_init(fuzz_host *h, uint64_t seed)
{
	static const char *const args[] = {"", "one"};
	*h = (fuzz_host){.random = mutate_seeded(seed)};
	h->callbacks = (vsp_host){.size = sizeof h->callbacks,
	        .user = h,
	        .yield = on_yield,
	        .in = on_in,
	        .out = on_out,
	        .sense = on_in,
	        .act = on_out,
	        .sync = on_sync,
	        .broadcast = on_broadcast,
	        .receive = on_receive,
	        .entangle = on_entangle,
	        .print = on_print,
	        .read_line = on_read_line,
	        .arg_count = 2,
	        .args = args,
	        .clock_ns = on_clock_or_random,
	        .random_u64 = on_clock_or_random,
	        .flush = on_flush};
}
