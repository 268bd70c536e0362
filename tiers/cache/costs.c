/*
 * Files of measured constants of back ends, see costs.h. A file is its key, which covers what the
 * constants depend on, and then the constants.
 */
#include "costs.h"

#include <stdio.h>
#include <string.h>

#include "key.h"
#include "runtime/base/sha256.h"
#include "runtime/platform/platform.h"

enum { PATH_ROOM = 4096, NAME_DIGITS = 16 };

typedef struct costs_file {
	char key[64];
	vsp_costs costs;
} costs_file;

static void add_text(vsp_sha256 *hash, const char *text) { vsp_sha256_update(hash, text, strlen(text) + 1); }

static void make_key(const vsp_provider *provider, char key[65])
{
	uint8_t processor[VSP_PLAT_PROCESSOR];
	size_t known = vsp_plat_processor(processor);
	vsp_provider_facts facts;
	memset(&facts, 0, sizeof facts);
	if (provider->describe)
		provider->describe(&facts);
	vsp_sha256 hash;
	vsp_sha256_begin(&hash);
	add_text(&hash, vsp_build_id);
	add_text(&hash, provider->name);
	add_text(&hash, facts.device);
	add_text(&hash, facts.driver);
	vsp_sha256_update(&hash, processor, known);
	vsp_sha256_end(&hash, key);
}

/* False: the path is too long. */
static bool make_path(const char *directory, const char key[65], char path[PATH_ROOM])
{
	int n = snprintf(path, PATH_ROOM, "%s/costs-%.*s", directory, NAME_DIGITS, key);
	return n > 0 && n < PATH_ROOM;
}

bool vsp_costs_load(const char *directory, const vsp_provider *provider, vsp_costs *costs)
{
	char key[65], path[PATH_ROOM];
	size_t size = 0;
	const char *why;
	make_key(provider, key);
	uint8_t *bytes =
	        make_path(directory, key, path) ? vsp_plat_private_read(path, sizeof(costs_file), &size, &why) : NULL;
	costs_file file;
	bool good = bytes && size == sizeof file;
	if (good)
		memcpy(&file, bytes, sizeof file);
	good = good && memcmp(file.key, key, sizeof file.key) == 0;
	if (good)
		*costs = file.costs;
	if (bytes)
		vsp_plat_file_free(bytes, size);
	return good;
}

void vsp_costs_save(const char *directory, const vsp_provider *provider, const vsp_costs *costs)
{
	char key[65], path[PATH_ROOM];
	costs_file file;
	make_key(provider, key);
	memcpy(file.key, key, sizeof file.key);
	file.costs = *costs;
	if (!vsp_plat_private_directory(directory) && make_path(directory, key, path))
		vsp_plat_private_write(path, &file, sizeof file);
}
