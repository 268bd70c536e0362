/*
 * Prints what must be the same on every machine: for each file given a line with its name, the hash
 * of the .silc file that is made of it (or its error), and the hash of the profile of a run, with
 * how the run ended.
 *
 *     results FILE...
 */
#include "runtime/base/sha256.h"

#include <stdio.h>
#include <string.h>

#include <vsp/vsp.h>

enum { FUEL = 1000000 };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* Prints the hash of what the library made, and frees it. */
static void print_hash(void *bytes, size_t size, const vsp_error *error)
{
	char hex[65];
	if (!bytes) {
		printf(" (%s)", error->message);
		return;
	}
	vsp_sha256_hex(bytes, size, hex);
	printf(" %s", hex);
	vsp_bytes_free(bytes);
}

static void print_run(vsp_module *module)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	config.profile = VSP_PROFILE_COMPLETE;
	config.deterministic = 1;
	config.limit_fuel = 1;
	config.fuel = FUEL;
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	if (instance) {
		size_t size = 0;
		vsp_status status = vsp_run(instance, &error);
		printf(" %s %s", vsp_status_name(status), vsp_trap_name(error.trap));
		char *text = vsp_profile_text(instance, &size, &error);
		print_hash(text, size, &error);
	} else
		printf(" (%s)", error.message);
	vsp_free(instance);
}

static void print_file(const char *path)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_source_options options = VSP_SOURCE_INIT;
	options.no_lines = 1; /* which have the path */
	vsp_module *module = vsp_module_load_file(path, &options, &error);
	printf("%s", base_name(path));
	if (module) {
		size_t size = 0;
		uint8_t *bytes = vsp_module_write(module, &size, &error);
		print_hash(bytes, size, &error);
		print_run(module);
	} else
		printf(" error %d", (int)error.code);
	putchar('\n');
	vsp_module_free(module);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		print_file(argv[i]);
	return 0;
}
