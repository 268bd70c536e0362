/*
 * Makes seeds for the fuzz targets: corpus FOLDER FILE... writes into FOLDER/silc the .silc files
 * of programs, and into FOLDER/bytes random bytes, for targets whose bytes are decisions. The seeds
 * are the same each time.
 */
#include <vsp/vsp.h>

#include "fuzz.h"
#include "test/support/mutate.h"

enum { PATH = 1024, RANDOM = 48, LONGEST = 1500, LARGEST = 4096 };

static void save(const char *folder, const char *name, const char *suffix, const uint8_t *bytes, size_t size)
{
	char path[2 * PATH];
	snprintf(path, sizeof path, "%s/%s%s", folder, name, suffix);
	FILE *file = fopen(path, "wb");
	CHECK(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

static void save_program(const char *folder, const char *path)
{
	size_t size;
	vsp_module *module = vsp_module_load_file(path, NULL, NULL);
	uint8_t *bytes = module ? vsp_module_write(module, &size, NULL) : NULL;
	const char *name = strrchr(path, '/');
	if (bytes && size <= LARGEST)
		save(folder, name ? name + 1 : path, "c", bytes, size);
	vsp_bytes_free(bytes);
	vsp_module_free(module);
}

static void save_bytes(const char *folder, unsigned n)
{
	uint8_t bytes[LONGEST];
	char name[16];
	mutate_random random = mutate_seeded(n);
	size_t size = 20 + mutate_below(&random, LONGEST - 20);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(mutate_next(&random) >> 24);
	snprintf(name, sizeof name, "%u", n);
	save(folder, name, ".bytes", bytes, size);
}

int main(int argc, char **argv)
{
	char folder[PATH];
	if (argc < 2)
		return 2;
	snprintf(folder, sizeof folder, "%s/silc", argv[1]);
	for (int i = 2; i < argc; i++)
		save_program(folder, argv[i]);
	snprintf(folder, sizeof folder, "%s/bytes", argv[1]);
	for (unsigned n = 0; n < RANDOM; n++)
		save_bytes(folder, n);
	return 0;
}
