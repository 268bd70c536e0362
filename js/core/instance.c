/*
 * Instances for JavaScript: how they are made, imports and host callbacks, which all lead to a few
 * functions of JavaScript, and runs. Callbacks name their instance by the number that JavaScript
 * has given it.
 */
#include "core.h"

#include "runtime/base/alloc.h"

/* A callback of vsp_host, by its place in core_callback; a and b are its integers, and at is the
   address of what it reads or writes. Returns what the callback shall return. */
CORE_IMPORT(callback)
int js_callback(uint32_t instance, unsigned callback, uint32_t a, uint32_t b, void *at, void *other);
/* An imported function: number function of the instance. */
CORE_IMPORT(call_import)
int js_call_import(uint32_t instance, uint32_t function, const int64_t *args, int64_t *results);

/* The callbacks, in the order in which core.js lists them. */
enum core_callback {
	CORE_YIELD,
	CORE_IN,
	CORE_OUT,
	CORE_SENSE,
	CORE_ACT,
	CORE_SYNC,
	CORE_BROADCAST,
	CORE_RECEIVE,
	CORE_ENTANGLE,
	CORE_PRINT,
	CORE_READ_LINE,
	CORE_CLOCK,
	CORE_RANDOM,
	CORE_FLUSH
};

static uint32_t number_of(void *user) { return (uint32_t)(uintptr_t)user; }

static int on_yield(void *user, vsp_caller *caller)
{
	(void)caller;
	return js_callback(number_of(user), CORE_YIELD, 0, 0, NULL, NULL);
}
static int on_in(void *user, uint32_t port, int32_t *value)
{
	return js_callback(number_of(user), CORE_IN, port, 0, value, NULL);
}
static int on_out(void *user, uint32_t port, uint8_t value)
{
	return js_callback(number_of(user), CORE_OUT, port, value, NULL, NULL);
}
static int on_sense(void *user, uint32_t sensor, int32_t *value)
{
	return js_callback(number_of(user), CORE_SENSE, sensor, 0, value, NULL);
}
static int on_act(void *user, uint32_t actuator, uint8_t value)
{
	return js_callback(number_of(user), CORE_ACT, actuator, value, NULL, NULL);
}
static int on_sync(void *user, uint32_t id) { return js_callback(number_of(user), CORE_SYNC, id, 0, NULL, NULL); }
static int on_broadcast(void *user, uint32_t channel, const uint8_t state[16])
{
	return js_callback(number_of(user), CORE_BROADCAST, channel, 0, (void *)state, NULL);
}
static int on_receive(void *user, uint32_t channel, uint8_t state[16], int *received)
{
	return js_callback(number_of(user), CORE_RECEIVE, channel, 0, state, received);
}
static int on_entangle(void *user, uint32_t a, uint32_t b, int64_t value_a, int64_t value_b)
{
	return js_callback(number_of(user), CORE_ENTANGLE, a, b, &value_a, &value_b);
}
static int on_print(void *user, const char *text, size_t length)
{
	return js_callback(number_of(user), CORE_PRINT, (uint32_t)length, 0, (void *)text, NULL);
}
static int on_read_line(void *user, char *buffer, size_t size, int64_t *length)
{
	return js_callback(number_of(user), CORE_READ_LINE, (uint32_t)size, 0, buffer, length);
}
static int on_clock(void *user, uint64_t *ns) { return js_callback(number_of(user), CORE_CLOCK, 0, 0, ns, NULL); }
static int on_random(void *user, uint64_t *value)
{
	return js_callback(number_of(user), CORE_RANDOM, 0, 0, value, NULL);
}
static int on_flush(void *user) { return js_callback(number_of(user), CORE_FLUSH, 0, 0, NULL, NULL); }

/* The host with the callbacks whose bits are set. */
static vsp_host make_host(uint32_t number, unsigned callbacks, uint32_t arg_count, const char *const *args)
{
	vsp_host host = {.size = sizeof host, .user = (void *)(uintptr_t)number, .arg_count = arg_count, .args = args};
#define HAS(callback) (callbacks >> (callback) & 1)
	host.yield = HAS(CORE_YIELD) ? on_yield : NULL;
	host.in = HAS(CORE_IN) ? on_in : NULL;
	host.out = HAS(CORE_OUT) ? on_out : NULL;
	host.sense = HAS(CORE_SENSE) ? on_sense : NULL;
	host.act = HAS(CORE_ACT) ? on_act : NULL;
	host.sync = HAS(CORE_SYNC) ? on_sync : NULL;
	host.broadcast = HAS(CORE_BROADCAST) ? on_broadcast : NULL;
	host.receive = HAS(CORE_RECEIVE) ? on_receive : NULL;
	host.entangle = HAS(CORE_ENTANGLE) ? on_entangle : NULL;
	host.print = HAS(CORE_PRINT) ? on_print : NULL;
	host.read_line = HAS(CORE_READ_LINE) ? on_read_line : NULL;
	host.clock_ns = HAS(CORE_CLOCK) ? on_clock : NULL;
	host.random_u64 = HAS(CORE_RANDOM) ? on_random : NULL;
	host.flush = HAS(CORE_FLUSH) ? on_flush : NULL;
#undef HAS
	return host;
}

/*
 * A new instance whose number is number. callbacks: a bit for each of core_callback. args stay
 * where they are while the instance lives. fuel below 0: unlimited. Null: see core_error.
 */
CORE_EXPORT(vsp_instance *, core_instantiate,
        (vsp_module * module, uint32_t number, unsigned callbacks, uint32_t arg_count, const char *const *args,
                uint32_t capabilities, int64_t fuel, uint64_t max_memory, uint32_t max_depth, unsigned deterministic,
                unsigned check_kernels))
{
	vsp_host host = make_host(number, callbacks, arg_count, args);
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	config.host = &host;
	config.capabilities = capabilities;
	config.limit_fuel = fuel >= 0;
	config.fuel = fuel;
	config.count = 1;
	config.max_memory = max_memory;
	config.max_depth = max_depth;
	config.deterministic = deterministic != 0;
	config.check_kernels = check_kernels != 0;
	return vsp_instantiate(module, &config, &core_error);
}

CORE_EXPORT(void, core_instance_free, (vsp_instance * instance)) { vsp_free(instance); }

/* ---- imports ---- */

/* The target of an import. Instances never give definitions up, so these live as long as theirs;
   JavaScript frees them after it. */
typedef struct core_import {
	uint32_t instance, function;
} core_import;

static int call_import(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	const core_import *import = user;
	(void)caller;
	return js_call_import(import->instance, import->function, args, results);
}

/* Defines an import; import, two words of core_alloc, becomes its target. */
CORE_EXPORT(unsigned, core_define,
        (vsp_instance * instance, const char *name, uint32_t params, uint32_t results, core_import *import,
                uint32_t number, uint32_t function))
{
	*import = (core_import){.instance = number, .function = function};
	return vsp_define_import(instance, name, params, results, call_import, import, &core_error);
}

/* ---- runs ---- */

/*
 * Runs have an error of their own, which becomes core_error at the end: callbacks may meet other
 * errors meanwhile, and the first error would be kept.
 */
CORE_EXPORT(unsigned, core_run, (vsp_instance * instance))
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_status status = vsp_run(instance, &error);
	core_error = error;
	return status;
}
CORE_EXPORT(unsigned, core_reset, (vsp_instance * instance)) { return vsp_reset(instance, &core_error); }
CORE_EXPORT(void, core_interrupt, (vsp_instance * instance)) { vsp_interrupt(instance); }

CORE_EXPORT(unsigned, core_call, (vsp_instance * instance, const char *name, const int64_t *args, int64_t *results))
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_status status = vsp_call(instance, name, args, results, &error);
	core_error = error;
	return status;
}

static bool is_set(const uint8_t *bits, uint32_t size, uint32_t i) { return i / 8 < size && bits[i / 8] >> i % 8 & 1; }

/* Has core_steps ended because it came to one of the stops? */
static bool stopped;
CORE_EXPORT(unsigned, core_stopped, (void)) { return stopped; }

/*
 * At least one step, and at most limit, up to the end or to the next instruction whose bit is set
 * in stops (of size bytes). core_size is the number of steps.
 */
CORE_EXPORT(unsigned, core_steps, (vsp_instance * instance, uint32_t limit, const uint8_t *stops, uint32_t size))
{
	vsp_status status = VSP_OK;
	vsp_state_view state = VSP_STATE_INIT;
	vsp_error error = VSP_ERROR_INIT;
	uint32_t steps = 0;
	stopped = false;
	while (status == VSP_OK && !stopped && steps < limit) {
		status = vsp_step(instance, &error);
		steps++;
		if (status != VSP_OK || !size)
			continue;
		vsp_state(instance, &state);
		stopped = is_set(stops, size, state.pc);
	}
	core_error = error;
	core_size = steps;
	return status;
}
