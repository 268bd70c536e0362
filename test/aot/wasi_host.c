/*
 * A host that gives a compiled program WASI: wasi_host PROGRAM.so TEXT FOLDER. PROGRAM is
 * test/wasi/grants.sil, TEXT its first argument and a variable's value; it is run with and without
 * grants, and with what vsp_aot_wasi_define must refuse.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define VSP_AOT_NO_PROTOTYPES
#include <vsp/vsp_aot.h>

static struct program {
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *);
	vsp_status (*wasi_define)(vsp_aot_instance *, const vsp_wasi_config *);
	vsp_status (*run)(vsp_aot_instance *);
	const vsp_error *(*last_error)(vsp_aot_instance *);
	void (*release)(vsp_aot_instance *);
} program;

static void find(void *library, void *fn, size_t size, const char *name)
{
	void *symbol = library ? dlsym(library, name) : NULL;
	memcpy(fn, &symbol, size);
}
#define FIND(library, member, name) find(library, &program.member, sizeof program.member, name)

static int failures;
static void check(int good, const char *what)
{
	if (!good)
		fprintf(stderr, "FAIL: %s\n", what);
	failures += !good;
}

/* What the program prints is the test's to look at. */
static int print(void *user, const char *text, size_t length)
{
	(void)user;
	return fwrite(text, 1, length, stdout) == length ? 0 : -VSP_TRAP_HOST;
}

static vsp_aot_instance *instantiate(void)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_host host = {.size = sizeof host, .print = print};
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	config.host = &host;
	config.capabilities = VSP_CAP_STDIO;
	vsp_aot_instance *instance = program.instantiate(&config, &error);
	check(instance != NULL, error.message);
	return instance;
}

static void check_refusals(const vsp_wasi_config *good)
{
	vsp_aot_instance *instance = instantiate();
	vsp_wasi_config config = *good;
	vsp_wasi_preopen missing = {sizeof missing, 0, "missing folder", NULL};
	check(program.wasi_define(NULL, good) == VSP_E_ARGUMENT, "no instance");
	check(program.run(instance) == VSP_E_LINK, "nothing is defined yet");
	config.preopens = &missing;
	check(program.wasi_define(instance, &config) == VSP_E_IO, "a folder that is not there");
	check(strstr(program.last_error(instance)->message, "cannot open the folder 'missing folder'") != NULL,
	        "the message names the folder");
	check(program.run(instance) == VSP_E_LINK, "still nothing is defined");
	program.release(instance);
}

static void run(const vsp_wasi_config *config)
{
	vsp_aot_instance *instance = instantiate();
	check(program.wasi_define(instance, config) == VSP_OK, "defined");
	check(program.wasi_define(instance, config) == VSP_OK, "defined again");
	check(program.run(instance) == VSP_OK, program.last_error(instance)->message);
	check(program.wasi_define(instance, config) == VSP_E_ARGUMENT, "not after the first run");
	puts("");
	fflush(stdout);
	program.release(instance);
}

int main(int argc, char **argv)
{
	void *library = argc == 4 ? dlopen(argv[1], RTLD_NOW) : NULL;
	char variable[256];
	if (!library)
		return 2;
	FIND(library, instantiate, "vsp_aot_instantiate");
	FIND(library, wasi_define, "vsp_aot_wasi_define");
	FIND(library, run, "vsp_aot_run");
	FIND(library, last_error, "vsp_aot_last_error");
	FIND(library, release, "vsp_aot_free");
	snprintf(variable, sizeof variable, "A=%s", argv[2]);
	const char *args[] = {argv[2]}, *env[] = {variable};
	vsp_wasi_preopen folder = {sizeof folder, 1, argv[3], "/"};
	vsp_wasi_config config = VSP_WASI_CONFIG_INIT;
	config.capabilities = VSP_CAP_ARGS | VSP_CAP_CLOCK | VSP_CAP_RANDOM;
	config.args = args;
	config.env = env;
	config.preopens = &folder;
	config.arg_count = config.env_count = config.preopen_count = 1;
	check_refusals(&config);
	run(&config);
	run(NULL);
	return failures != 0;
}
