/*
 * Where the providers of an instance get device code: from files in the code cache's directory,
 * else from the compiler for devices, whose code is then kept there.
 */
#include "api.h"

#include <stdio.h>
#include <string.h>

#include "runtime/backends/provider.h"
#include "runtime/base/alloc.h"
#include "runtime/base/sha256.h"
#include "runtime/platform/platform.h"
#include "tiers/cache/cache.h"
#include "tiers/cache/key.h"
#include "tiers/gpu.h"

/* ---- the compiler ---- */

/* The code is vsp_alloc's. */
static const char *compile(const vsp_module_data *module, bool deterministic, enum vsp_device_format format,
        uint32_t kernel, vsp_device_code *code)
{
	vsp_gpu_request request = {
	        .data = module, .format = format, .kernels = &kernel, .count = 1, .deterministic = deterministic};
	vsp_device_code made;
	const char *why = NULL, *failed = vsp_gpu_make(&request, &why, &made);
	if (failed || why)
		return failed ? failed : why;
	*code = made;
	code->bytes = vsp_alloc(made.size + 1, 1);
	if (code->bytes)
		memcpy(code->bytes, made.bytes, made.size);
	vsp_gpu_drop(&made);
	return code->bytes ? NULL : "out of memory";
}

/* ---- the cache ---- */

enum { PATH_ROOM = VSP_CACHE_PATH, MOST_CODE = 64 << 20 };

/* A file: this, and then the code. */
typedef struct head {
	char key[64], sum[64];
	uint32_t needs, reserved;
} head;

static void sum_of(const void *bytes, size_t size, char hex[65])
{
	vsp_sha256 hash;
	vsp_sha256_begin(&hash);
	vsp_sha256_update(&hash, bytes, size);
	vsp_sha256_end(&hash, hex);
}

/* The key covers the program, the build, the kernel and the format. False: there is none. */
static bool make_key(const vsp_instance *instance, enum vsp_device_format format, uint32_t kernel, char hex[65])
{
	struct {
		uint8_t program[VSP_CACHE_KEY];
		uint32_t format, kernel;
	} all;
	memset(&all, 0, sizeof all);
	vsp_lower_options options = {.device = true, .deterministic = instance->rt.deterministic};
	all.format = format;
	all.kernel = kernel;
	if (!instance->cache || !vsp_cache_key(all.program, instance->module->data, &options, 1))
		return false;
	sum_of(&all, sizeof all, hex);
	return true;
}

/* The folder of a unit of device code and the file in it. False: the paths are too long. */
static bool make_paths(const vsp_instance *instance, const char key[65], char folder[PATH_ROOM], char path[PATH_ROOM])
{
	int n = snprintf(folder, PATH_ROOM, "%s/%s", instance->cache, key);
	int m = snprintf(path, PATH_ROOM, "%s/%s/" VSP_CACHE_DEVICE, instance->cache, key);
	return n > 0 && m > 0 && m < PATH_ROOM;
}

static bool take(const uint8_t *file, size_t size, const char key[65], vsp_device_code *code)
{
	head h;
	char sum[65];
	if (size < sizeof h)
		return false;
	memcpy(&h, file, sizeof h);
	sum_of(file + sizeof h, size - sizeof h, sum);
	if (memcmp(h.key, key, sizeof h.key) != 0 || memcmp(h.sum, sum, sizeof h.sum) != 0)
		return false;
	*code = (vsp_device_code){
	        .size = size - sizeof h, .needs = h.needs, .bytes = vsp_alloc(size - sizeof h + 1, 1)};
	if (code->bytes)
		memcpy(code->bytes, file + sizeof h, code->size);
	return code->bytes;
}

static bool load(const char *path, const char key[65], vsp_device_code *code)
{
	size_t size = 0;
	const char *why;
	uint8_t *file = vsp_plat_private_read(path, MOST_CODE, &size, &why);
	bool good = file && take(file, size, key, code);
	if (file)
		vsp_plat_file_free(file, size);
	return good;
}

static uint64_t limit_of(const vsp_instance *instance)
{
	enum {
#define KNOB(name, value, text) KNOB_##name = (value),
#include "tiers/knobs.def"
	};
	const uint64_t mib = 1 << 20;
	return instance->config.cache_limit ? instance->config.cache_limit : KNOB_CACHE_MIB * mib;
}

static void save(const vsp_instance *instance, const char *folder, const char *path, const char key[65],
        const vsp_device_code *code)
{
	head h = {.needs = code->needs};
	char sum[65];
	uint8_t *file = vsp_alloc(sizeof h + code->size, 1);
	if (!file)
		return;
	sum_of(code->bytes, code->size, sum);
	memcpy(h.key, key, sizeof h.key);
	memcpy(h.sum, sum, sizeof h.sum);
	memcpy(file, &h, sizeof h);
	memcpy(file + sizeof h, code->bytes, code->size);
	if (!vsp_plat_private_directory(instance->cache) && !vsp_plat_private_directory(folder))
		vsp_plat_private_write(path, file, sizeof h + code->size);
	vsp_free_memory(file);
	vsp_cache_trim(instance->cache, limit_of(instance));
}

/* ---- the source ---- */

static const char *get(void *user, unsigned format, uint32_t kernel, vsp_device_code *code)
{
	const vsp_instance *instance = user;
	char key[65], folder[PATH_ROOM], path[PATH_ROOM];
	bool cached = make_key(instance, format, kernel, key) && make_paths(instance, key, folder, path);
	if (cached && load(path, key, code))
		return NULL;
	const char *why = compile(
	        instance->module->data, instance->rt.deterministic, (enum vsp_device_format)format, kernel, code);
	if (!why && cached)
		save(instance, folder, path, key, code);
	return why;
}

static void release(vsp_device_code *code)
{
	vsp_free_memory(code->bytes);
	*code = (vsp_device_code){0};
}

static const char *get_item(void *user, unsigned format, uint32_t kernel, vsp_device_code *code)
{
	static const vsp_module_data no_program = {.arena = VSP_ARENA_INIT};
	(void)user;
	return compile(&no_program, false, (enum vsp_device_format)format, kernel, code);
}

vsp_device_source vsp_items_source(void) { return (vsp_device_source){.get = get_item, .free = release}; }

void vsp_instance_give_device_code(vsp_instance *instance)
{
	vsp_device_source *source = &instance->rt.backends->source;
	*source = (vsp_device_source){get, release, instance, source->serial + 1};
}
