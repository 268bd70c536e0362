/*
 * Fuzz target: the library's calls in any order, with null pointers, structs of other sizes,
 * unknown names and huge numbers. The bytes decide. Uses that vsp.h forbids are left out: a freed
 * instance is not used again, and programs without limits do not run.
 *
 * Structs have exactly the bytes that their size says, so that a sanitizer sees accesses beyond.
 */
#include "host.h"
#include "program.h"

enum { SLOTS = 3, CALLS = 60, SCRATCH = 4, FUEL = 2000, MOST_MEMORY = 1 << 20 };

typedef struct slot {
	vsp_instance *instance;
	fuzz_host host;
	bool limited;
} slot;

typedef struct session {
	fuzz_input in;
	vsp_module *modules[SLOTS];
	slot slots[SLOTS];
	void *scratch[SCRATCH]; /* of the call under way */
	unsigned scratch_count;
} session;

/* ---- arguments ---- */

static bool one_in(session *s, uint32_t n) { return fuzz_below(&s->in, n) == 0; }

/* A copy of a struct that begins with its size, or of its first bytes; or null. */
static void *sized(session *s, const void *whole, size_t size)
{
	uint32_t n = one_in(s, 3) ? 4 + fuzz_below(&s->in, (uint32_t)size - 3) : (uint32_t)size;
	if (one_in(s, 8))
		return NULL;
	void *copy = s->scratch[s->scratch_count++] = malloc(n);
	CHECK(copy);
	memcpy(copy, whole, n);
	if (one_in(s, 16))
		n = fuzz_below(&s->in, 5);
	memcpy(copy, &n, sizeof n);
	return copy;
}

static vsp_error *any_error(session *s) { return sized(s, &(vsp_error)VSP_ERROR_INIT, sizeof(vsp_error)); }

static uint64_t any_number(session *s)
{
	mutate_random random = mutate_seeded(fuzz_number(&s->in, 2));
	return one_in(s, 2) ? fuzz_byte(&s->in) % 8 : mutate_edge(&random);
}

static const char *any_name(session *s)
{
	static const char *const names[] = {NULL, "", "f0", "f1", "f2", "main", "env.f", "\xFF", "no.thing", "."};
	return names[fuzz_below(&s->in, sizeof names / sizeof names[0])];
}

/* No path that could be written to. */
static const char *any_path(session *s)
{
	static const char *const paths[] = {
	        NULL, "", "/", "/dev/full", "/dev/null", "/no/such/folder/file", "no such file"};
	return paths[fuzz_below(&s->in, sizeof paths / sizeof paths[0])];
}

static vsp_module *any_module(session *s) { return s->modules[fuzz_below(&s->in, SLOTS)]; }
static slot *any_slot(session *s) { return &s->slots[fuzz_below(&s->in, SLOTS)]; }
static vsp_instance *any_instance(session *s) { return any_slot(s)->instance; }

static void report(void *user, int severity, const char *text)
{
	(void)severity;
	if (user) /* left out where the struct is shorter */
		*(size_t *)user += strlen(text);
}

static vsp_source_options *any_source_options(session *s)
{
	static size_t told;
	vsp_source_options o = VSP_SOURCE_INIT;
	o.name = any_name(s);
	o.report = one_in(s, 2) ? report : NULL;
	o.user = &told;
	o.no_includes = 1;
	o.color = fuzz_byte(&s->in);
	return sized(s, &o, sizeof o);
}

/* *limited: programs that it makes may run. */
static vsp_config *any_config(session *s, fuzz_host *host, bool *limited)
{
	vsp_config c = VSP_CONFIG_INIT;
	c.tier = (int)fuzz_below(&s->in, 5) - 1;
	c.bounds = (int)fuzz_below(&s->in, 4);
	c.capabilities = fuzz_byte(&s->in);
	c.max_memory = one_in(s, 4) ? any_number(s) % MOST_MEMORY : MOST_MEMORY;
	c.max_depth = one_in(s, 2) ? (uint32_t)any_number(s) : 20;
	c.tier1_threshold = fuzz_byte(&s->in);
	c.tier2_threshold = fuzz_byte(&s->in);
	c.limit_fuel = 1;
	c.fuel = one_in(s, 8) ? (int64_t)any_number(s) : FUEL;
	c.fuel = c.fuel > FUEL ? FUEL : c.fuel;
	c.count = fuzz_byte(&s->in) & 1;
	c.deterministic = fuzz_byte(&s->in) & 1;
	c.precise_traps = fuzz_byte(&s->in) & 1;
	c.sync_compile = fuzz_byte(&s->in) & 1;
	c.profile = fuzz_byte(&s->in) % 4;
	c.observe = fuzz_byte(&s->in) & (VSP_OBSERVE_TRACE | VSP_OBSERVE_PASSES);
	c.host = one_in(s, 2) ? &host->callbacks : NULL;
	c.cache = one_in(s, 8) ? "/no/such/folder/cache" : NULL;
	c.spectre = fuzz_below(&s->in, 8) ? 0 : (uint32_t)any_number(s);
	c.no_signals = one_in(s, 4);
	vsp_config *config = sized(s, &c, sizeof c);
	*limited = config && config->size >= offsetof(vsp_config, host);
	return config;
}

/* ---- calls for modules ---- */

static void keep_module(session *s, vsp_module *module)
{
	vsp_module **place = &s->modules[fuzz_below(&s->in, SLOTS)];
	if (!module)
		return;
	vsp_module_free(*place);
	*place = module;
}

static void assemble(session *s)
{
	static const char *const texts[] = {"HLT", "x: JMP x", "MOVI R0, 1\nSYSCALL 2\nRET\n",
	        ".func f0(1) -> 1\nRET\n.end", ".import env.f(1) -> 1\nHCALL env.f\nHLT", "JMP nowhere", ""};
	const uint8_t *bytes;
	size_t size = fuzz_bytes(&s->in, &bytes, fuzz_byte(&s->in));
	const char *text = (const char *)bytes;
	if (one_in(s, 2)) {
		text = texts[fuzz_below(&s->in, sizeof texts / sizeof texts[0])];
		size = strlen(text);
	}
	keep_module(s, vsp_assemble(size || one_in(s, 2) ? text : NULL, size, any_source_options(s), any_error(s)));
}

static silc_bytes any_file(session *s)
{
	silc_bytes file = {0};
	const uint8_t *bytes;
	if (!one_in(s, 4))
		return fuzz_program(&s->in);
	size_t size = fuzz_bytes(&s->in, &bytes, fuzz_byte(&s->in));
	silc_raw(&file, bytes, size);
	return file;
}

static void load_module(session *s)
{
	silc_bytes file = any_file(s);
	keep_module(s, vsp_module_load(file.data, file.size, any_error(s)));
	silc_bytes_free(&file);
}

static void load_raw(session *s)
{
	const uint8_t *code, *data;
	size_t code_size = fuzz_bytes(&s->in, &code, fuzz_byte(&s->in)), data_size = fuzz_bytes(&s->in, &data, 8);
	if (one_in(s, 2))
		keep_module(s, vsp_module_load_raw(code, code_size, data_size ? data : NULL, data_size, any_error(s)));
	else
		vsp_load_bytes(any_instance(s), code, code_size, data_size ? data : NULL, data_size, any_error(s));
}

static void load_file(session *s)
{
	keep_module(s, vsp_module_load_file(any_path(s), any_source_options(s), any_error(s)));
	vsp_load_file(any_instance(s), any_path(s), any_error(s));
}

static void retain(session *s)
{
	vsp_module *module = any_module(s);
	CHECK(vsp_module_retain(module) == module);
	keep_module(s, module);
}

static void free_module(session *s)
{
	vsp_module **place = &s->modules[fuzz_below(&s->in, SLOTS)];
	vsp_module_free(*place);
	*place = NULL;
}

static void write_module(session *s)
{
	size_t size = 0;
	vsp_bytes_free(vsp_module_write(any_module(s), &size, any_error(s)));
	vsp_bytes_free(vsp_module_disassemble(any_module(s), one_in(s, 2) ? &size : NULL, any_error(s)));
}

static void ask_module(session *s)
{
	const vsp_module *module = any_module(s);
	const char *text;
	uint32_t a, b;
	vsp_function_info info = {.size = sizeof info};
	vsp_module_function_count(module);
	vsp_module_function(module, (uint32_t)any_number(s), sized(s, &info, sizeof info));
	vsp_module_find(module, any_name(s), sized(s, &info, sizeof info));
	vsp_module_line(module, (uint32_t)any_number(s), &text, &a);
	vsp_module_import_count(module);
	vsp_module_import(module, (uint32_t)any_number(s), one_in(s, 2) ? NULL : &text, &a, one_in(s, 2) ? NULL : &b);
}

static void compile(session *s)
{
	static const char *const none[] = {NULL};
	CHECK(vsp_aot_compile(any_module(s), NULL, NULL, 0, any_error(s)) != VSP_OK);
	CHECK(vsp_aot_compile(any_module(s), "none.o", none, 1, any_error(s)) != VSP_OK);
}

/* ---- calls for instances ---- */

static void keep_instance(slot *to, vsp_instance *instance, bool limited)
{
	to->instance = to->host.instance = instance;
	to->limited = limited;
}

static void free_instance(session *s)
{
	slot *at = any_slot(s);
	vsp_free(at->instance);
	keep_instance(at, NULL, false);
}

static void instantiate(session *s)
{
	slot *to = any_slot(s);
	bool limited;
	vsp_free(to->instance);
	fuzz_host_init(&to->host, fuzz_number(&s->in, 2));
	vsp_config *config = any_config(s, &to->host, &limited);
	uint32_t how = fuzz_below(&s->in, 8);
	if (how == 0)
		keep_instance(to, vsp_new(config), limited);
	else if (how == 1)
		keep_instance(to, one_in(s, 2) ? vsp_new_interpreted() : vsp_new_jit((int)any_number(s)), false);
	else
		keep_instance(to, vsp_instantiate(any_module(s), config, any_error(s)), limited);
}

static void load(session *s)
{
	silc_bytes file = any_file(s);
	vsp_load(any_instance(s), file.data, file.size, any_error(s));
	silc_bytes_free(&file);
}

static void define(session *s)
{
	slot *at = any_slot(s);
	uint32_t params = one_in(s, 2) ? 1 : (uint32_t)any_number(s),
	         results = one_in(s, 2) ? 1 : (uint32_t)any_number(s);
	vsp_import_fn fn = results && !one_in(s, 4) ? fuzz_host_import : NULL;
	vsp_define_import(at->instance, any_name(s), params, results, fn, &at->host, any_error(s));
}

static void set_host(session *s)
{
	slot *at = any_slot(s);
	fuzz_host_init(&at->host, fuzz_number(&s->in, 2));
	at->host.instance = at->instance;
	vsp_set_host(at->instance, sized(s, &at->host.callbacks, sizeof at->host.callbacks));
}

static void run(session *s)
{
	slot *at = any_slot(s);
	if (!at->instance || at->limited)
		vsp_run(at->instance, any_error(s));
}

static void step(session *s)
{
	slot *at = any_slot(s);
	for (uint32_t n = fuzz_byte(&s->in); n && (!at->instance || at->limited); n--)
		if (vsp_step(at->instance, NULL) != VSP_OK)
			return;
}

static void call(session *s)
{
	slot *at = any_slot(s);
	int64_t args[16], results[16];
	for (unsigned i = 0; i < 16; i++)
		args[i] = (int64_t)any_number(s);
	if (!at->instance || at->limited)
		vsp_call(at->instance, any_name(s), one_in(s, 4) ? NULL : args, one_in(s, 4) ? NULL : results,
		        any_error(s));
}

static void reset(session *s)
{
	vsp_set_stack(any_instance(s), NULL, one_in(s, 2) ? 0 : (size_t)any_number(s), any_error(s));
	vsp_reset(any_instance(s), any_error(s));
}

static void interrupt(session *s) { vsp_interrupt(any_instance(s)); }

static void ask_state(session *s)
{
	vsp_state_view state = VSP_STATE_INIT;
	uint64_t size;
	size_t length;
	const vsp_instance *instance = any_instance(s);
	vsp_state(instance, sized(s, &state, sizeof state));
	vsp_state(instance, &state);
	vsp_state_f64(&state, (unsigned)any_number(s));
	vsp_state_bytesil(&state, (unsigned)any_number(s));
	vsp_state_equal(instance, any_instance(s));
	vsp_cycles(instance);
	CHECK(vsp_output(instance, &length) && vsp_output(instance, NULL));
	uint8_t *memory = vsp_memory(any_instance(s), one_in(s, 2) ? NULL : &size);
	CHECK(!memory || vsp_memory_fnv1a(instance) || !vsp_instance_module(instance));
}

static void ask_stats(session *s)
{
	vsp_instance *instance = any_instance(s);
	uint32_t index = (uint32_t)any_number(s), tier = (uint32_t)any_number(s);
	vsp_settle(instance);
	vsp_stats(instance, sized(s, &(vsp_stats_view)VSP_STATS_INIT, sizeof(vsp_stats_view)));
	vsp_stats_function(
	        instance, index, sized(s, &(vsp_function_stats)VSP_FUNCTION_STATS_INIT, sizeof(vsp_function_stats)));
	vsp_stats_tier(instance, index, tier, sized(s, &(vsp_tier_stats)VSP_TIER_STATS_INIT, sizeof(vsp_tier_stats)));
	vsp_stats_pass(instance, index, sized(s, &(vsp_pass_stats)VSP_PASS_STATS_INIT, sizeof(vsp_pass_stats)));
}

static void write_texts(session *s)
{
	vsp_instance *instance = any_instance(s);
	size_t length;
	vsp_bytes_free(vsp_trace_text(instance, &length, any_error(s)));
	vsp_bytes_free(vsp_profile_text(instance, NULL, any_error(s)));
	vsp_trace_write(instance, any_path(s), any_error(s));
	vsp_profile_write(instance, any_path(s), NULL);
}

static void ask_names(session *s)
{
	CHECK(vsp_version() && vsp_status_name((vsp_status)fuzz_byte(&s->in)));
	CHECK(vsp_trap_name((vsp_trap)fuzz_byte(&s->in)) && vsp_trap_text((vsp_trap)fuzz_byte(&s->in)));
	vsp_backend_name((uint32_t)any_number(s));
}

/* Calls that make something are repeated, so they are more frequent. */
static void (*const calls[])(session *s) = {assemble, load_module, load_module, load_raw, load_file, retain,
        free_module, write_module, ask_module, compile, free_instance, instantiate, instantiate, instantiate, load,
        define, define, set_host, run, run, run, step, call, call, call, reset, interrupt, ask_state, ask_stats,
        write_texts, ask_names};

static void end_call(session *s)
{
	while (s->scratch_count)
		free(s->scratch[--s->scratch_count]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static session s;
	memset(&s, 0, sizeof s);
	s.in = (fuzz_input){data, data + size};
	for (unsigned n = 0; n < CALLS && s.in.at < s.in.end; n++) {
		calls[fuzz_below(&s.in, sizeof calls / sizeof calls[0])](&s);
		end_call(&s);
	}
	for (unsigned i = 0; i < SLOTS; i++) {
		vsp_free(s.slots[i].instance);
		vsp_module_free(s.modules[i]);
	}
	return 0;
}
