/*
 * A random program compiled ahead of time, see outcome.h. Shared objects stay open, as they are
 * never unloaded; the file is gone at once.
 */
#include "outcome.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef struct program {
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *);
	vsp_status (*define)(vsp_aot_instance *, const char *, uint32_t, uint32_t, vsp_import_fn, void *);
	vsp_status (*run)(vsp_aot_instance *);
	vsp_status (*call)(vsp_aot_instance *, const char *, const int64_t *, int64_t *);
	int64_t (*reg)(vsp_aot_instance *, unsigned);
	uint8_t *(*memory)(vsp_aot_instance *, uint64_t *);
	int (*exit_code)(vsp_aot_instance *);
	const vsp_error *(*last_error)(vsp_aot_instance *);
	void (*release)(vsp_aot_instance *);
	vsp_aot_instance *instance;
} program;

/* Of the program that runs, for the import that calls it. */
static const program *current;

static vsp_status call_leaf(test_host *host, void *instance, const int64_t *args, int64_t *results)
{
	(void)host;
	return current->call(instance, "leaf", args, results);
}

/* A pointer to a function from dlsym goes through memory: ISO C has no conversion. */
static bool find(void *library, const char *name, void *to)
{
	void *symbol = dlsym(library, name);
	memcpy(to, &symbol, sizeof symbol);
	return symbol != NULL;
}

static bool open_program(program *p, const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	remove(path);
	if (!library)
		fprintf(stderr, "%s\n", dlerror());
	return library && find(library, "vsp_aot_instantiate", &p->instantiate) &&
	       find(library, "vsp_aot_define_import", &p->define) && find(library, "vsp_aot_run", &p->run) &&
	       find(library, "vsp_aot_call", &p->call) && find(library, "vsp_aot_register", &p->reg) &&
	       find(library, "vsp_aot_memory", &p->memory) && find(library, "vsp_aot_exit_code", &p->exit_code) &&
	       find(library, "vsp_aot_last_error", &p->last_error) && find(library, "vsp_aot_free", &p->release);
}

/* As vsp_memory_fnv1a: the first 64 KiB count as zeros. */
static uint64_t hash_memory(const program *p)
{
	uint64_t size, h = 0xCBF29CE484222325u;
	const uint8_t *base = p->memory(p->instance, &size);
	for (uint64_t i = 0; i < size; i++)
		h = (h ^ (i < 0x10000 ? 0 : base[i])) * 0x100000001B3u;
	return h;
}

static void note_state(const program *p, outcome *out)
{
	const vsp_error *error = p->last_error(p->instance);
	int code = p->exit_code(p->instance);
	out->no_flags = true;
	out->state.pc = VSP_NO_PC;
	out->state.end = code >= 0 ? VSP_RUN_EXITED : out->status == VSP_TRAPPED ? VSP_RUN_TRAPPED : VSP_RUN_HALTED;
	out->state.exit_code = code >= 0 ? (uint32_t)code : 0;
	out->state.known = out->status != VSP_TRAPPED;
	if (out->status == VSP_TRAPPED) {
		out->state.trap = error->trap;
		out->state.trap_code = error->trap_code;
		out->state.pc = error->pc;
		snprintf(out->message, sizeof out->message, "%s", error->message);
	}
	for (unsigned i = 0; i < 16; i++)
		out->state.r[i] = p->reg(p->instance, i);
	out->memory = hash_memory(p);
}

static void run_program(program *p, test_host *host, outcome *out)
{
	current = p;
	p->define(p->instance, "test.mix", 2, 1, test_host_mix, host);
	p->define(p->instance, "test.back", 2, 1, test_host_back, host);
	out->status = p->run(p->instance);
	note_state(p, out);
	vsp_status last = out->status;
	for (unsigned n = 0; n < LEAF_CALLS && last != VSP_TRAPPED; n++) {
		int64_t args[2];
		leaf_arguments(n, args);
		last = out->leaf[n].status = p->call(p->instance, "leaf", args, &out->leaf[n].result);
		out->leaf[n].trap = p->last_error(p->instance)->trap;
	}
	out->output = host->heard;
}

bool run_ahead_of_time(
        const vsp_module *module, const char *folder, const char *const *options, size_t count, outcome *out)
{
	static unsigned serial; /* a library is opened by its name once */
	vsp_error error = VSP_ERROR_INIT;
	char path[4096];
	test_host host;
	program p = {0};
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	memset(out, 0, sizeof *out);
	snprintf(path, sizeof path, "%s/random%u.so", folder, serial++);
	if (vsp_aot_compile(module, path, options, count, &error) != VSP_OK) {
		fprintf(stderr, "cannot compile: %s\n", error.message);
		return false;
	}
	test_host_init(&host, call_leaf);
	config.capabilities = HOST_CAPABILITIES;
	config.host = &host.callbacks;
	if (!open_program(&p, path) || !(p.instance = p.instantiate(&config, &error))) {
		fprintf(stderr, "cannot instantiate: %s\n", error.message);
		return false;
	}
	run_program(&p, &host, out);
	p.release(p.instance);
	return true;
}
