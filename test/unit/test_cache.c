/*
 * The code cache without a compiler: keys, entries, trust in files, and eviction. Code images are
 * made by hand and never run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/base/sha256.h"
#include "runtime/platform/platform.h"
#include "tiers/api/api.h"
#include "tiers/cache/cache.h"

/* ---- shared by the tests ---- */

static char folder[] = "/tmp/vsp_test_cache.XXXXXX";
static vsp_module *module;

static int set_up(void **state)
{
	(void)state;
	static const char source[] = ".func main() -> 0\nMOVI R0, 7\nINVOKE f\nRET\n.end\n.func f(1) -> 1\nRET\n.end\n";
	vsp_error error = VSP_ERROR_INIT;
	module = vsp_assemble(source, sizeof source - 1, NULL, &error);
	return !module || !mkdtemp(folder);
}

static int tear_down(void **state)
{
	(void)state;
	char command[sizeof folder + 16];
	vsp_module_free(module);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

/* No owners of files, or no processor that can be told from others: no cache. */
static void need_cache(void)
{
	uint8_t processor[VSP_PLAT_PROCESSOR];
	if (vsp_plat_private_directory(folder) || !vsp_plat_processor(processor))
		skip();
}

static const uint8_t code[72] = {0xC3, 1, 2, 3};
static const vsp_image_slot slots[] = {{5, 64, VSP_IMAGE_ITSELF}, {0, 8, 7}};
static const vsp_place places[] = {{0, 0}, {4, 7}, {9, VSP_NO_PC}};
static vsp_image image(void)
{
	return (vsp_image){.bytes = code,
	        .size = sizeof code,
	        .code_size = 16,
	        .entry = 0,
	        .native = 8,
	        .slots = slots,
	        .names = "memset\0memcpy",
	        .places = places,
	        .slot_count = 2,
	        .names_size = 14,
	        .place_count = 3};
}

static const vsp_cache_unit unit = {1, 9, 2};
static const uint8_t key[VSP_CACHE_KEY] = "a key";

/* This program's file as that of the compiler. */
static const char *own_file(void)
{
	static char text[VSP_CACHE_PATH + 64];
	char path[VSP_CACHE_PATH];
	vsp_plat_stamp stamp;
	assert_true(vsp_plat_object_path(code, path, sizeof path) && vsp_plat_file_stamp(path, &stamp));
	snprintf(
	        text, sizeof text, "%llu %lld %s\n", (unsigned long long)stamp.size, (long long)stamp.changed_ns, path);
	return text;
}

/* ---- entries ---- */

static uint8_t *encode(size_t *size)
{
	vsp_image one = image();
	uint8_t *data = vsp_entry_encode(key, &unit, &one, "1 2 /a/file\n", size);
	assert_non_null(data);
	return data;
}

static void an_entry_gives_back_what_it_was_made_of(void **state)
{
	(void)state;
	size_t size;
	const char *files;
	vsp_image out, in = image();
	uint8_t *data = encode(&size);
	assert_null(vsp_entry_decode(data, size, key, &unit, &out, &files));
	assert_string_equal(files, "1 2 /a/file\n");
	assert_int_equal(out.size, in.size);
	assert_memory_equal(out.bytes, in.bytes, in.size);
	assert_memory_equal(out.slots, in.slots, sizeof slots);
	assert_memory_equal(out.places, in.places, sizeof places);
	assert_memory_equal(out.names, in.names, in.names_size);
	assert_true(out.entry == 0 && out.native == 8 && out.code_size == 16);
	vsp_free_memory(data);
}

static void an_entry_with_any_bit_changed_is_refused(void **state)
{
	(void)state;
	size_t size;
	const char *files;
	vsp_image out;
	uint8_t *data = encode(&size);
	for (size_t i = 0; i < 8 * size; i++) {
		data[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_non_null(vsp_entry_decode(data, size, key, &unit, &out, &files));
		data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_null(vsp_entry_decode(data, size, key, &unit, &out, &files));
	vsp_free_memory(data);
}

static void an_entry_that_is_cut_or_longer_is_refused(void **state)
{
	(void)state;
	size_t size;
	const char *files;
	vsp_image out;
	uint8_t *data = encode(&size), *longer = vsp_alloc(size + 8, 1);
	memcpy(longer, data, size);
	for (size_t n = 0; n <= size + 8; n++)
		if (n != size)
			assert_non_null(vsp_entry_decode(longer, n, key, &unit, &out, &files));
	vsp_free_memory(data);
	vsp_free_memory(longer);
}

static void an_entry_of_another_key_or_unit_is_refused(void **state)
{
	(void)state;
	size_t size;
	const char *files;
	vsp_image out;
	uint8_t *data = encode(&size);
	static const vsp_cache_unit others[] = {{2, 9, 2}, {1, 8, 2}, {1, 9, 1}};
	for (size_t i = 0; i < 3; i++)
		assert_non_null(vsp_entry_decode(data, size, key, &others[i], &out, &files));
	assert_non_null(vsp_entry_decode(data, size, (const uint8_t[VSP_CACHE_KEY]){1}, &unit, &out, &files));
	vsp_free_memory(data);
}

/* Gives an entry that was changed the right checksum. */
static void seal(uint8_t *data, size_t size)
{
	enum { CHECKSUM = 112, CHECKSUM_SIZE = 32 };
	vsp_sha256 hash;
	memset(data + CHECKSUM, 0, CHECKSUM_SIZE);
	vsp_sha256_begin(&hash);
	vsp_sha256_update(&hash, data, size);
	vsp_sha256_bytes(&hash, data + CHECKSUM);
}

/* A checksum is no secret, so nothing follows from a right one. */
static void an_entry_whose_sizes_disagree_is_refused_with_a_right_checksum(void **state)
{
	(void)state;
	size_t size;
	const char *files;
	vsp_image out;
	uint8_t *data = encode(&size);
	seal(data, size);
	assert_null(vsp_entry_decode(data, size, key, &unit, &out, &files));
	static const uint8_t sizes_at[] = {72, 76, 80, 84, 88, 100, 104}; /* in the header */
	for (size_t i = 0; i < sizeof sizes_at; i++) {
		data[sizes_at[i]] += 8;
		seal(data, size);
		assert_string_equal(vsp_entry_decode(data, size, key, &unit, &out, &files),
		        "an entry of the cache has the wrong size");
		data[sizes_at[i]] -= 8;
	}
	data[size - 1] = 'x'; /* the end of the text of files */
	seal(data, size);
	assert_string_equal(vsp_entry_decode(data, size, key, &unit, &out, &files), "an entry of the cache is damaged");
	vsp_free_memory(data);
}

/* ---- images ---- */

static const char *load(const vsp_image *from)
{
	vsp_slab slab;
	vsp_jit_unit out;
	if (!vsp_slab_create(&slab, 1 << 20))
		skip();
	const char *why = vsp_image_load(from, &slab, &out);
	if (!why) {
		uint64_t word;
		memcpy(&word, out.code + VSP_SLAB_APART + 48, sizeof word); /* behind 16 bytes of code */
		assert_true(word == (uintptr_t)out.code + 5);
		memcpy(&word, out.code + 8, sizeof word);
		assert_true(word != 0);
		assert_ptr_equal(out.entry, out.code);
		assert_ptr_equal(out.native, out.code + 8);
		assert_int_equal(out.place_count, 3);
		vsp_image_unload(&out);
	}
	vsp_slab_destroy(&slab);
	return why;
}

static void an_image_is_put_in_place_and_its_slots_are_filled(void **state)
{
	(void)state;
	vsp_image good = image();
	assert_null(load(&good));
}

static void an_image_with_offsets_outside_is_refused(void **state)
{
	(void)state;
	vsp_image bad = image();
	bad.entry = 16;
	assert_non_null(load(&bad));
	bad = image();
	bad.native = 16;
	assert_non_null(load(&bad));
	bad = image();
	bad.code_size = sizeof code + 1;
	assert_non_null(load(&bad));
	bad.code_size = 16;
	bad.unwind = 15; /* of code: it is data */
	bad.unwind_size = 1;
	assert_non_null(load(&bad));
	static const vsp_image_slot outside[] = {{0, 65, VSP_IMAGE_ITSELF}}, between[] = {{0, 9, VSP_IMAGE_ITSELF}},
	                            no_name[] = {{0, 0, 14}}, unknown[] = {{0, 0, 1}};
	const vsp_image_slot *wrong[] = {outside, between, no_name, unknown};
	for (size_t i = 0; i < 4; i++) {
		bad = image();
		bad.slots = wrong[i];
		bad.slot_count = 1;
		assert_non_null(load(&bad));
	}
	bad = image();
	bad.unwind = 16;
	bad.unwind_size = sizeof code - 16;
	assert_null(load(&bad));
	bad.unwind_size++;
	assert_non_null(load(&bad));
}

/* Of the three places the second was inlined at the first site, and that at the second. */
static void an_image_with_sites_that_are_not_there_is_refused(void **state)
{
	(void)state;
	uint32_t outer[3] = {VSP_NO_SITE, 0, VSP_NO_SITE};
	vsp_code_site sites[2] = {{4, 1}, {8, VSP_NO_SITE}};
	vsp_image bad = image();
	bad.outer = outer;
	bad.outer_count = 3;
	bad.sites = sites;
	bad.site_count = 2;
	assert_null(load(&bad));
	bad.outer_count = 2;
	assert_non_null(load(&bad));
	bad.outer_count = 3;
	outer[1] = 2;
	assert_non_null(load(&bad));
	outer[1] = 0;
	sites[0].outer = 2;
	assert_non_null(load(&bad));
}

/* ---- keys ---- */

static void key_of(uint8_t out[VSP_CACHE_KEY], const vsp_module_data *data, const vsp_lower_options lower[2])
{
	if (!vsp_cache_key(out, data, lower, 2))
		skip();
}

static void every_option_is_in_the_key(void **state)
{
	(void)state;
	vsp_lower_options lower[2] = {{0}};
	uint8_t first[VSP_CACHE_KEY], other[VSP_CACHE_KEY];
	key_of(first, module->data, lower);
	for (size_t i = 0; i < sizeof lower; i++) {
		((uint8_t *)lower)[i] = 1;
		key_of(other, module->data, lower);
		assert_memory_not_equal(first, other, sizeof first);
		((uint8_t *)lower)[i] = 0;
	}
	key_of(other, module->data, lower);
	assert_memory_equal(first, other, sizeof first);
}

static void what_shapes_code_in_a_module_is_in_the_key(void **state)
{
	(void)state;
	vsp_lower_options lower[2] = {{0}};
	uint8_t first[VSP_CACHE_KEY], other[VSP_CACHE_KEY], bytes[64];
	vsp_func funcs[2];
	key_of(first, module->data, lower);
	for (int change = 0; change < 12; change++) {
		vsp_module_data m = *module->data;
		memcpy(funcs, m.funcs, sizeof funcs);
		memcpy(bytes, m.code, m.code_size);
		m.funcs = funcs;
		m.code = bytes;
		switch (change) {
		case 0: bytes[3] ^= 1; break;
		case 1: m.code_size--; break;
		case 2: m.func_count--; break;
		case 3: funcs[1].params++; break;
		case 4: funcs[1].results++; break;
		case 5: funcs[1].kind++; break;
		case 6: funcs[1].flags ^= 1; break;
		case 7: m.entry_func = 1; break;
		case 8: m.max_pages--; break;
		case 9: m.mode ^= 1; break;
		case 10: m.initial_pages++; break;
		case 11: m.stack_top += 8; break;
		}
		key_of(other, &m, lower);
		assert_memory_not_equal(first, other, sizeof first);
	}
}

static void signatures_of_imports_are_in_the_key(void **state)
{
	(void)state;
	static const vsp_import signatures[] = {
	        {.params = 1, .results = 2}, {.params = 2, .results = 2}, {.params = 1, .results = 1}};
	vsp_lower_options lower[2] = {{0}};
	uint8_t keys[3][VSP_CACHE_KEY];
	for (size_t i = 0; i < 3; i++) {
		vsp_module_data m = *module->data;
		vsp_import import = signatures[i];
		m.imports = &import;
		m.import_count = 1;
		key_of(keys[i], &m, lower);
	}
	assert_memory_not_equal(keys[0], keys[1], sizeof keys[0]);
	assert_memory_not_equal(keys[0], keys[2], sizeof keys[0]);
}

/* ---- the directory ---- */

static vsp_cache *open_in(const char *name, uint64_t limit, const vsp_lower_options lower[2])
{
	char path[128];
	vsp_error error = VSP_ERROR_INIT;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	vsp_cache *cache = vsp_cache_open(path, limit, module->data, lower, 2, &error);
	if (!cache)
		fail_msg("%s", error.message);
	return cache;
}

static bool loads(vsp_cache *cache, const vsp_cache_unit *which)
{
	vsp_slab slab;
	vsp_jit_unit out;
	assert_true(vsp_slab_create(&slab, 1 << 20));
	bool there = vsp_cache_load(cache, which, &slab, &out);
	if (there)
		vsp_image_unload(&out);
	vsp_slab_destroy(&slab);
	return there;
}

static void store(vsp_cache *cache, const vsp_cache_unit *which)
{
	vsp_image one = image();
	vsp_cache_store(cache, which, &one, own_file());
}

static void a_unit_is_found_by_the_next_process(void **state)
{
	(void)state;
	need_cache();
	vsp_lower_options lower[2] = {{0}};
	vsp_cache *cache = open_in("found", 1 << 20, lower);
	vsp_cache_unit again;
	assert_false(vsp_cache_knows(cache, &unit));
	assert_false(loads(cache, &unit));
	store(cache, &unit);
	assert_int_equal(vsp_cache_stats_of(cache).stored, 1);
	vsp_cache_close(cache);
	cache = open_in("found", 1 << 20, lower);
	assert_true(vsp_cache_knows(cache, &unit));
	assert_true(vsp_cache_unit_of(cache, 1, 0, &again) && again.pc == 9 && again.tier == 2);
	assert_false(vsp_cache_unit_of(cache, 1, 1, &again));
	assert_false(vsp_cache_unit_of(cache, 0, 0, &again));
	assert_true(loads(cache, &unit));
	assert_int_equal(vsp_cache_stats_of(cache).loaded, 1);
	vsp_cache_close(cache);
	lower[1].meter = true;
	cache = open_in("found", 1 << 20, lower);
	assert_false(vsp_cache_knows(cache, &unit));
	vsp_cache_close(cache);
}

/* The path of the one entry of a cache with the zero options. */
static void entry_path(const char *name, const vsp_cache_unit *which, char path[256])
{
	vsp_lower_options lower[2] = {{0}};
	uint8_t bytes[VSP_CACHE_KEY];
	char file[VSP_CACHE_NAME];
	key_of(bytes, module->data, lower);
	int n = snprintf(path, 256, "%s/%s/", folder, name);
	for (unsigned i = 0; i < sizeof bytes; i++)
		n += snprintf(path + n, 256 - (size_t)n, "%02x", bytes[i]);
	vsp_cache_unit_name(which, file);
	snprintf(path + n, 256 - (size_t)n, "/%s", file);
}

/* Stores a unit, lets spoil do something to its file, and wants it refused and gone. */
static void refuses(const char *name, void (*spoil)(const char *path))
{
	need_cache();
	char path[256];
	struct stat st;
	vsp_lower_options lower[2] = {{0}};
	vsp_cache *cache = open_in(name, 1 << 20, lower);
	store(cache, &unit);
	entry_path(name, &unit, path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	spoil(path);
	assert_false(loads(cache, &unit));
	assert_int_equal(vsp_cache_stats_of(cache).refused, 1);
	assert_true(*vsp_cache_stats_of(cache).reason);
	assert_int_not_equal(lstat(path, &st), 0);
	store(cache, &unit);
	assert_true(loads(cache, &unit));
	vsp_cache_close(cache);
}

static void truncate_it(const char *path) { assert_int_equal(truncate(path, 100), 0); }
static void empty_it(const char *path) { assert_int_equal(truncate(path, 0), 0); }
static void open_it_to_all(const char *path) { assert_int_equal(chmod(path, 0666), 0); }
static void give_it_away(const char *path)
{
	if (chown(path, 12345, 12345) != 0)
		skip(); /* only root can */
}
static void link_it(const char *path)
{
	char other[300];
	snprintf(other, sizeof other, "%s.moved", path);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0);
}

static void a_file_that_is_cut_is_refused(void **state) { (void)state, refuses("cut", truncate_it); }
static void a_file_that_is_empty_is_refused(void **state) { (void)state, refuses("empty", empty_it); }
static void a_file_that_others_may_write_is_refused(void **state) { (void)state, refuses("mode", open_it_to_all); }
static void a_file_of_another_user_is_refused(void **state) { (void)state, refuses("owner", give_it_away); }
static void a_link_is_refused(void **state) { (void)state, refuses("link", link_it); }

static void an_entry_of_another_compiler_is_refused(void **state)
{
	(void)state;
	need_cache();
	vsp_lower_options lower[2] = {{0}};
	vsp_image one = image();
	static const char *const files[] = {"1 2 /no/such/file\n", "1 2 /bin/sh\n", "", "nonsense", "1 2\n"};
	vsp_cache *cache = open_in("compiler", 1 << 20, lower);
	for (uint32_t i = 0; i < 5; i++) {
		vsp_cache_store(cache, &unit, &one, files[i]);
		assert_int_equal(vsp_cache_stats_of(cache).stored, i + 1);
		assert_false(loads(cache, &unit));
		assert_int_equal(vsp_cache_stats_of(cache).refused, i + 1);
	}
	vsp_cache_close(cache);
}

/* Its file has the size that it had, and another time. */
static void a_compiler_that_was_built_again_is_another(void **state)
{
	(void)state;
	need_cache();
	char files[VSP_CACHE_PATH + 64], path[VSP_CACHE_PATH];
	vsp_plat_stamp stamp;
	vsp_lower_options lower[2] = {{0}};
	vsp_image one = image();
	assert_true(vsp_plat_object_path(code, path, sizeof path) && vsp_plat_file_stamp(path, &stamp));
	snprintf(files, sizeof files, "%llu %lld %s\n", (unsigned long long)stamp.size, (long long)stamp.changed_ns - 1,
	        path);
	vsp_cache *cache = open_in("again", 1 << 20, lower);
	vsp_cache_store(cache, &unit, &one, files);
	assert_false(loads(cache, &unit));
	assert_int_equal(vsp_cache_stats_of(cache).refused, 1);
	store(cache, &unit);
	assert_true(loads(cache, &unit));
	vsp_cache_close(cache);
}

static void a_directory_that_others_may_write_is_an_error(void **state)
{
	(void)state;
	need_cache();
	char path[128];
	vsp_lower_options lower[2] = {{0}};
	vsp_error error = VSP_ERROR_INIT;
	snprintf(path, sizeof path, "%s/shared", folder);
	assert_int_equal(mkdir(path, 0700) || chmod(path, 0777), 0);
	assert_null(vsp_cache_open(path, 1, module->data, lower, 2, &error));
	assert_int_equal(error.code, VSP_E_IO);
	assert_non_null(strstr(error.message, "other users may write to it"));
	vsp_error_clear(&error);
	snprintf(path, sizeof path, "%s/no/such", folder);
	assert_null(vsp_cache_open(path, 1, module->data, lower, 2, &error));
	assert_int_equal(error.code, VSP_E_IO);
	vsp_error_clear(&error);
	assert_null(vsp_cache_open("", 1, module->data, lower, 2, &error));
	assert_int_equal(error.code, VSP_E_IO);
}

static void what_cannot_be_stored_is_told(void **state)
{
	(void)state;
	need_cache();
	char path[256];
	vsp_lower_options lower[2] = {{0}};
	vsp_cache *cache = open_in("blocked", 1 << 20, lower);
	entry_path("blocked", &unit, path);
	*strrchr(path, '/') = 0;
	FILE *in_the_way = fopen(path, "w"); /* where the program's folder would be */
	assert_non_null(in_the_way);
	fclose(in_the_way);
	store(cache, &unit);
	assert_int_equal(vsp_cache_stats_of(cache).stored, 0);
	assert_true(*vsp_cache_stats_of(cache).reason);
	vsp_cache_close(cache);
}

static void age(const char *path, time_t seconds)
{
	struct timespec times[2] = {{time(NULL) - seconds, 0}, {time(NULL) - seconds, 0}};
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void the_oldest_entries_go_when_the_cache_is_full(void **state)
{
	(void)state;
	need_cache();
	enum { UNITS = 8 };
	char path[256], stray[300];
	struct stat st;
	vsp_lower_options lower[2] = {{0}};
	vsp_cache *cache = open_in("full", 1 << 20, lower);
	for (uint32_t i = 0; i < UNITS; i++) {
		store(cache, &(vsp_cache_unit){i, 0, 2});
		entry_path("full", &(vsp_cache_unit){i, 0, 2}, path);
		age(path, 60 * (UNITS - i));
	}
	vsp_cache_close(cache);
	assert_int_equal(stat(path, &st), 0);
	snprintf(stray, sizeof stray, "%s/full/mine", folder); /* nothing of the cache's */
	fclose(fopen(stray, "w"));
	cache = open_in("full", (uint64_t)st.st_size * UNITS, lower);
	store(cache, &(vsp_cache_unit){UNITS, 0, 2});
	assert_false(loads(cache, &(vsp_cache_unit){0, 0, 2}));
	assert_true(loads(cache, &(vsp_cache_unit){UNITS - 1, 0, 2}));
	assert_true(loads(cache, &(vsp_cache_unit){UNITS, 0, 2}));
	vsp_cache_close(cache);
	snprintf(path, sizeof path, "%s/full", folder);
	assert_true(vsp_cache_trim(path, 1 << 20) <= (uint64_t)st.st_size * UNITS * 3 / 4);
	assert_int_equal(vsp_cache_trim(path, 0), 0);
	assert_int_equal(stat(stray, &st), 0);
}

static void unfinished_files_go_after_an_hour(void **state)
{
	(void)state;
	need_cache();
	char path[256], old[300], fresh[300];
	struct stat st;
	vsp_lower_options lower[2] = {{0}};
	vsp_cache *cache = open_in("unfinished", 1 << 20, lower);
	store(cache, &unit);
	vsp_cache_close(cache);
	entry_path("unfinished", &unit, path);
	snprintf(old, sizeof old, "%s.00000001.tmp", path);
	snprintf(fresh, sizeof fresh, "%s.00000002.tmp", path);
	fclose(fopen(old, "w"));
	fclose(fopen(fresh, "w"));
	age(old, 7200);
	snprintf(path, sizeof path, "%s/unfinished", folder);
	vsp_cache_trim(path, 1 << 20);
	assert_int_not_equal(stat(old, &st), 0);
	assert_int_equal(stat(fresh, &st), 0);
}

/* In hostile builds each request for memory fails in turn; an entry is then stored whole or not
   at all. */
static void memory_may_run_out_anywhere(void **state)
{
	(void)state;
	need_cache();
	char path[128];
	vsp_lower_options lower[2] = {{0}};
	const char *files = own_file();
	snprintf(path, sizeof path, "%s/memory", folder);
	for (uint64_t n = 1; n < 40; n++) {
		vsp_slab slab;
		vsp_jit_unit out;
		vsp_image one = image();
		vsp_error error = VSP_ERROR_INIT;
		assert_true(vsp_slab_create(&slab, 1 << 20));
		vsp_alloc_fail_at(n);
		vsp_cache *cache = vsp_cache_open(path, 1 << 20, module->data, lower, 2, &error);
		bool there = false;
		if (cache) {
			vsp_cache_store(cache, &unit, &one, files);
			there = vsp_cache_load(cache, &unit, &slab, &out);
		}
		vsp_alloc_fail_at(0);
		assert_true(cache || error.code == VSP_E_MEMORY);
		if (there)
			vsp_image_unload(&out);
		vsp_cache_close(cache);
		vsp_slab_destroy(&slab);
	}
	vsp_cache *cache = open_in("memory", 1 << 20, lower);
	assert_true(loads(cache, &unit));
	vsp_cache_close(cache);
}

static void only_names_of_units_are_taken_for_units(void **state)
{
	(void)state;
	char name[VSP_CACHE_NAME];
	vsp_cache_unit back;
	vsp_cache_unit_name(&(vsp_cache_unit){4294967295u, 16777215, 2}, name);
	assert_string_equal(name, "f4294967295-16777215.t2");
	assert_true(
	        vsp_cache_parse_name(name, &back) && back.func == 4294967295u && back.pc == 16777215 && back.tier == 2);
	static const char *const wrong[] = {
	        "", "f", "f1", "f1-2", "f1-2.t", "f1-2.t2x", "f01-2.t2", "f1-2.t2.1.tmp", "f-1-2.t2", "x1-2.t2"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(vsp_cache_parse_name(wrong[i], &back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_entry_gives_back_what_it_was_made_of),
	        cmocka_unit_test(an_entry_with_any_bit_changed_is_refused),
	        cmocka_unit_test(an_entry_that_is_cut_or_longer_is_refused),
	        cmocka_unit_test(an_entry_of_another_key_or_unit_is_refused),
	        cmocka_unit_test(an_entry_whose_sizes_disagree_is_refused_with_a_right_checksum),
	        cmocka_unit_test(an_image_is_put_in_place_and_its_slots_are_filled),
	        cmocka_unit_test(an_image_with_offsets_outside_is_refused),
	        cmocka_unit_test(an_image_with_sites_that_are_not_there_is_refused),
	        cmocka_unit_test(every_option_is_in_the_key),
	        cmocka_unit_test(what_shapes_code_in_a_module_is_in_the_key),
	        cmocka_unit_test(signatures_of_imports_are_in_the_key),
	        cmocka_unit_test(a_unit_is_found_by_the_next_process),
	        cmocka_unit_test(a_file_that_is_cut_is_refused),
	        cmocka_unit_test(a_file_that_is_empty_is_refused),
	        cmocka_unit_test(a_file_that_others_may_write_is_refused),
	        cmocka_unit_test(a_file_of_another_user_is_refused),
	        cmocka_unit_test(a_link_is_refused),
	        cmocka_unit_test(an_entry_of_another_compiler_is_refused),
	        cmocka_unit_test(a_compiler_that_was_built_again_is_another),
	        cmocka_unit_test(a_directory_that_others_may_write_is_an_error),
	        cmocka_unit_test(what_cannot_be_stored_is_told),
	        cmocka_unit_test(the_oldest_entries_go_when_the_cache_is_full),
	        cmocka_unit_test(unfinished_files_go_after_an_hour),
	        cmocka_unit_test(memory_may_run_out_anywhere),
	        cmocka_unit_test(only_names_of_units_are_taken_for_units),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
