/*
 * Stands in for vspc in the program tests: compiles the program into a shared object, opens that,
 * runs it and prints the final state as vspc --dump=json does, as far as a host can see it.
 *
 *     run_shared [OPTIONS] --dump=json --input FILE [OPTIONS] --run PROGRAM [--invoke NAME ARGS |
 *     -- ARGS]
 *
 * The environment names vspc (VSP_TEST_VSPC) and a folder for the shared object (VSP_TEST_WORK).
 * OPTIONS go to vspc --aot.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define VSP_AOT_NO_PROTOTYPES
#include <vsp/vsp_aot.h>

#include "runtime/host/stdio_host.h"

enum { COMMAND_MAX = 16384, VALUES = 16 };

typedef struct request {
	char options[4096];
	const char *program, *input, *invoke;
	double timeout; /* seconds; 0: none */
	char **args;
	int arg_count;
} request;

/* The entry points used. */
typedef struct program {
	const vsp_aot_descriptor *module;
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *);
	void (*release)(vsp_aot_instance *);
	vsp_status (*run)(vsp_aot_instance *);
	vsp_status (*call)(vsp_aot_instance *, const char *, const int64_t *, int64_t *);
	int64_t (*reg)(vsp_aot_instance *, unsigned);
	uint8_t *(*memory)(vsp_aot_instance *, uint64_t *);
	void (*interrupt)(vsp_aot_instance *);
	int (*exit_code)(vsp_aot_instance *);
	const vsp_error *(*last_error)(vsp_aot_instance *);
} program;

static request parse(int argc, char **argv)
{
	request r = {.options = ""};
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--input"))
			r.input = argv[++i];
		else if (!strcmp(argv[i], "--run"))
			r.program = argv[++i];
		else if (!strcmp(argv[i], "--invoke") || !strcmp(argv[i], "--")) {
			bool invoke = argv[i][2] != 0;
			if (invoke)
				r.invoke = argv[++i];
			r.args = argv + i + 1;
			r.arg_count = argc - i - 1;
			break;
		} else if (!strncmp(argv[i], "--timeout=", 10)) {
			r.timeout = strtod(argv[i] + 10, NULL);
		} else if (strcmp(argv[i], "--dump=json") != 0) {
			strncat(r.options, " ", sizeof r.options - strlen(r.options) - 1);
			strncat(r.options, argv[i], sizeof r.options - strlen(r.options) - 1);
		}
	}
	return r;
}

static void *need(void *library, const char *name)
{
	void *symbol = dlsym(library, name);
	if (!symbol) {
		fprintf(stderr, "run_shared: error: %s\n", dlerror());
		exit(2);
	}
	return symbol;
}

static void *compile_and_open(const char *vspc, const char *work, const request *r)
{
	char command[COMMAND_MAX], path[4096];
	snprintf(path, sizeof path, "%s/program.so", work);
	snprintf(command, sizeof command, "'%s' --aot%s '%s' -o '%s'", vspc, r->options, r->program, path);
	if (system(command) != 0)
		exit(2);
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		fprintf(stderr, "run_shared: error: %s\n", dlerror());
		exit(2);
	}
	return library;
}

static program find_entry_points(void *library)
{
	program p;
	*(void **)&p.module = need(library, "vsp_aot_module");
	*(void **)&p.instantiate = need(library, "vsp_aot_instantiate");
	*(void **)&p.release = need(library, "vsp_aot_free");
	*(void **)&p.run = need(library, "vsp_aot_run");
	*(void **)&p.call = need(library, "vsp_aot_call");
	*(void **)&p.reg = need(library, "vsp_aot_register");
	*(void **)&p.memory = need(library, "vsp_aot_memory");
	*(void **)&p.interrupt = need(library, "vsp_aot_interrupt");
	*(void **)&p.exit_code = need(library, "vsp_aot_exit_code");
	*(void **)&p.last_error = need(library, "vsp_aot_last_error");
	return p;
}

static int64_t argument(const char *text)
{
	int64_t bits;
	double value = strtod(text, NULL);
	if (!strpbrk(text, ".") || !strncmp(text, "0x", 2))
		return text[0] == '-' ? strtoll(text, NULL, 0) : (int64_t)strtoull(text, NULL, 0);
	memcpy(&bits, &value, sizeof bits);
	return bits;
}

/* FNV-1a 64, the first 64 KiB counted as zeros. */
static uint64_t hash(const uint8_t *memory, uint64_t size)
{
	uint64_t h = UINT64_C(0xCBF29CE484222325);
	for (uint64_t i = 0; i < size; i++)
		h = (h ^ (i < 65536 ? 0 : memory[i])) * UINT64_C(0x100000001B3);
	return h;
}

static const char *trap_name(vsp_trap trap)
{
	static const char *const names[] = {
	        "NONE",
#define TRAP(NAME, text) #NAME,
#include "runtime/traps.def"
	};
	return names[trap];
}

static void print_trap(const vsp_error *e)
{
	printf("{\"kind\":\"%s\",\"code\":", trap_name(e->trap));
	printf(e->trap == VSP_TRAP_EXPLICIT ? "%u" : "null", (unsigned)e->trap_code);
	printf(e->pc == VSP_NO_PC ? ",\"pc\":null" : ",\"pc\":%u", (unsigned)e->pc);
	printf(",\"function\":\"%s\"", e->function);
	printf(e->line ? ",\"line\":%u}" : ",\"line\":null}", (unsigned)e->line);
}

static void print_state(const program *p, vsp_aot_instance *instance, vsp_status status)
{
	uint64_t size;
	uint8_t *memory = p->memory(instance, &size);
	const vsp_error *e = p->last_error(instance);
	bool trapped = status == VSP_TRAPPED, precise = p->module->flags & VSP_AOT_PRECISE_TRAPS;
	printf("{\"status\":\"%s\",\"trap\":", trapped ? "trapped" : p->exit_code(instance) >= 0 ? "exited" : "halted");
	if (trapped)
		print_trap(e);
	else
		printf("null");
	if (!trapped) {
		printf(",\"r\":[");
		for (unsigned i = 0; i < VALUES; i++)
			printf("%s\"0x%016" PRIx64 "\"", i ? "," : "", (uint64_t)p->reg(instance, i));
		printf("]");
	}
	if (!trapped || precise)
		printf(",\"memory_fnv1a\":\"0x%016" PRIx64 "\"", hash(memory, size));
	printf("}\n");
}

/* The instance that --timeout interrupts, from a signal handler. */
static vsp_aot_instance *timed;
static void (*interrupt_timed)(vsp_aot_instance *);

static void handle_alarm(int number)
{
	(void)number;
	interrupt_timed(timed);
}

static void start_timeout(const program *p, vsp_aot_instance *instance, double seconds)
{
	struct itimerval when = {.it_value.tv_sec = (long)seconds};
	when.it_value.tv_usec = (long)((seconds - (double)(long)seconds) * 1e6);
	timed = instance;
	interrupt_timed = p->interrupt;
	signal(SIGALRM, handle_alarm);
	setitimer(ITIMER_REAL, &when, NULL);
}

static int run(const program *p, const request *r)
{
	vsp_stdio_host host;
	vsp_error error = VSP_ERROR_INIT;
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	int64_t args[VALUES] = {0}, results[VALUES] = {0};
	FILE *in = fopen(r->input, "rb");
	vsp_stdio_host_open(&host, in, stdout, r->invoke ? 0 : (uint32_t)r->arg_count, (const char *const *)r->args);
	config.host = &host.table;
	config.capabilities = VSP_CAP_STDIO | VSP_CAP_ARGS;
	const char *all = strstr(r->options, "--allow=");
	if (all)
		config.capabilities |= VSP_CAP_CLOCK | VSP_CAP_RANDOM | VSP_CAP_MODELS;
	vsp_aot_instance *instance = in ? p->instantiate(&config, &error) : NULL;
	if (!instance) {
		fprintf(stderr, "run_shared: error: %s\n", error.message);
		return 2;
	}
	for (int i = 0; r->invoke && i < r->arg_count && i < VALUES; i++)
		args[i] = argument(r->args[i]);
	if (r->timeout > 0)
		start_timeout(p, instance, r->timeout);
	vsp_status status = r->invoke ? p->call(instance, r->invoke, args, results) : p->run(instance);
	if (status != VSP_OK && status != VSP_HALTED && status != VSP_TRAPPED) {
		fprintf(stderr, "run_shared: error: %s\n", p->last_error(instance)->message);
		return 2;
	}
	if (host.last != '\n')
		putchar('\n');
	for (uint32_t f = 0; status == VSP_OK && r->invoke && f < p->module->function_count; f++)
		if (!strcmp(p->module->functions[f].name, r->invoke))
			for (uint32_t i = 0; i < p->module->functions[f].results; i++)
				printf("%" PRId64 "\n", results[i]);
	if (status == VSP_TRAPPED)
		fprintf(stderr, "trap: %s: %s\n    in %s\n", trap_name(p->last_error(instance)->trap),
		        p->last_error(instance)->message, p->last_error(instance)->function);
	print_state(p, instance, status);
	int code = p->exit_code(instance);
	p->release(instance);
	vsp_stdio_host_close(&host);
	fclose(in);
	return status == VSP_TRAPPED ? 1 : code > 0 ? code : 0;
}

int main(int argc, char **argv)
{
	const char *vspc = getenv("VSP_TEST_VSPC"), *work = getenv("VSP_TEST_WORK");
	request r = parse(argc, argv);
	if (!vspc || !work || !r.program || !r.input) {
		fputs("usage: VSP_TEST_VSPC=vspc VSP_TEST_WORK=folder run_shared OPTIONS --input FILE --run PROGRAM "
		      "...\n",
		        stderr);
		return 2;
	}
	program p = find_entry_points(compile_and_open(vspc, work, &r));
	return run(&p, &r);
}
