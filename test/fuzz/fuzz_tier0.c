/*
 * Fuzz target: tier 0, with limits of fuel, memory and depth, under a host that makes every allowed
 * call. The bytes are a .silc file, whose checksum is made right, or decide on a valid program.
 * Under sanitizers a wrong access ends the process.
 */
#include "host.h"
#include "program.h"

enum { FUEL = 3000, MOST_MEMORY = 1 << 20, CALLS = 3 };

static vsp_config config_of(uint64_t bits)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	config.bounds = bits & 1 ? VSP_CONFIG_BOUNDS_AUTO : VSP_CONFIG_BOUNDS_EXPLICIT;
	config.deterministic = bits >> 1 & 1;
	config.check_kernels = bits >> 2 & 1;
	config.count = bits >> 3 & 1;
	config.profile = (uint8_t)((bits >> 4 & 3) % 3);
	config.capabilities = bits >> 6 & 1 ? ~0u : VSP_CAP_STDIO;
	config.observe = bits >> 7 & 1 ? VSP_OBSERVE_TRACE : 0;
	config.max_memory = MOST_MEMORY;
	config.max_depth = bits >> 8 & 1 ? 0 : 50;
	config.limit_fuel = 1;
	config.fuel = FUEL;
	return config;
}

static void check_end(vsp_instance *instance, vsp_status status)
{
	vsp_state_view state = VSP_STATE_INIT;
	CHECK(vsp_state(instance, &state) == VSP_OK);
	CHECK(status != VSP_TRAPPED || state.end == VSP_RUN_TRAPPED);
	CHECK((state.end == VSP_RUN_TRAPPED) == (state.trap != VSP_TRAP_NONE));
}

/* False: the instance has gone. */
static bool run(vsp_instance *instance, fuzz_host *host)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_status status = vsp_run(instance, &error);
	CHECK(status == VSP_OK || error.message[0]);
	if (!host->freed && (status == VSP_OK || status == VSP_TRAPPED))
		check_end(instance, status);
	return !host->freed;
}

static bool call(vsp_instance *instance, fuzz_host *host, unsigned n)
{
	int64_t args[16], results[16];
	const char name[] = {'f', (char)('0' + n), 0};
	for (unsigned i = 0; i < 16; i++)
		args[i] = (int64_t)mutate_edge(&host->random);
	vsp_call(instance, name, args, results, NULL);
	return !host->freed;
}

static bool step(vsp_instance *instance, fuzz_host *host)
{
	vsp_status status = VSP_OK;
	for (unsigned i = 0; i < 200 && status == VSP_OK && !host->freed; i++)
		status = vsp_step(instance, NULL);
	return !host->freed;
}

static void live(vsp_module *module, uint64_t seed)
{
	fuzz_host host;
	vsp_config config = config_of(seed);
	fuzz_host_init(&host, seed);
	config.host = &host.callbacks;
	host.may_free = seed >> 9 & 1;
	vsp_instance *instance = vsp_instantiate(module, &config, NULL);
	if (!instance)
		return;
	host.instance = instance;
	for (uint32_t i = 0; i < vsp_module_import_count(module); i++) {
		const char *name;
		uint32_t params, results;
		CHECK(vsp_module_import(module, i, &name, &params, &results) == VSP_OK);
		if (results) /* the others are missing */
			vsp_define_import(instance, name, params, results, fuzz_host_import, &host, NULL);
	}
	bool there = run(instance, &host);
	for (unsigned n = 0; there && n < CALLS; n++)
		there = call(instance, &host, n);
	there = there && vsp_reset(instance, NULL) == VSP_OK && step(instance, &host);
	if (there)
		vsp_bytes_free(vsp_trace_text(instance, NULL, NULL));
	if (there)
		vsp_bytes_free(vsp_profile_text(instance, NULL, NULL));
	if (!host.freed)
		vsp_free(instance);
}

static vsp_module *load(const uint8_t *data, size_t size, uint64_t *seed)
{
	if (size >= 32 && memcmp(data, "SILC", 4) == 0) {
		uint8_t *bytes = malloc(size);
		CHECK(bytes);
		memcpy(bytes, data, size);
		memcpy(seed, data + 24, 8); /* where the checksum was */
		mutate_repair(bytes, size);
		vsp_module *module = vsp_module_load(bytes, size, NULL);
		free(bytes);
		return module;
	}
	fuzz_input in = {data, data + size};
	*seed = fuzz_number(&in, 4);
	silc_bytes file = fuzz_program(&in);
	vsp_module *module = vsp_module_load(file.data, file.size, NULL);
	CHECK(module);
	silc_bytes_free(&file);
	return module;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t seed = 0;
	vsp_module *module = load(data, size, &seed);
	if (module)
		live(module, seed);
	vsp_module_free(module);
	return 0;
}
