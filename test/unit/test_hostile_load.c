/*
 * Loading, analysing, disassembling, assembling, translating, linking and writing a module, and a
 * run of what was linked, while allocation number 1, 2, 3... and all after it fail, until
 * everything succeeds: each try ends in success or in an error of kind VSP_E_MEMORY, and (under
 * AddressSanitizer) leaks nothing. Only hostile builds can make allocations fail; others skip this.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <vsp/vsp.h>

#include "frontend/asm/assembler.h"
#include "frontend/disasm/disassembler.h"
#include "frontend/silc/silc.h"
#include "frontend/wasm/translate.h"
#include "ir/live.h"
#include "runtime/base/alloc.h"
#include "test/support/silc_builder.h"

static bool allocations_can_fail(void)
{
	vsp_alloc_fail_at(1);
	void *p = vsp_alloc(1, 1);
	vsp_alloc_fail_at(0);
	vsp_free_memory(p);
	return !p;
}

/* False: out of memory, properly reported. */
typedef bool try_fn(const void *user);

/* Nothing that was left out for want of memory counts as success. */
static void fail_each(try_fn *try, const void *user)
{
	uint64_t n = 0;
	for (bool done = false; !done;) {
		vsp_alloc_fail_at(++n);
		done = try(user);
		assert_int_equal(vsp_alloc_fail_at(0) < n, done);
		assert_true(n < 2000);
	}
	assert_true(n > 10);
}

static bool analyse(const vsp_module_data *m)
{
	vsp_arena arena = VSP_ARENA_INIT;
	bool ok = true;
	for (uint32_t f = 0; f < m->func_count && ok; f++) {
		vsp_cfg cfg;
		vsp_live live;
		ok = vsp_cfg_build(&cfg, m, f, &arena) && vsp_live_build(&live, &cfg, true, VSP_LIVE_TRAPS, &arena);
	}
	vsp_arena_free(&arena);
	return ok;
}

static bool assemble(const char *source)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_assemble_options options = {.file = "sample.sil"};
	vsp_module_data *m = vsp_assemble_source(source, strlen(source), &options, &error);
	assert_int_equal(error.code, m ? VSP_OK : VSP_E_MEMORY);
	vsp_module_data_free(m);
	return m;
}

/* A module as bytes and as text. */
typedef struct sample_program {
	const silc_bytes *file;
	const char *source;
} sample_program;

/* One run through everything; false: out of memory somewhere, properly reported. */
static bool try_all(const void *user)
{
	const sample_program *sample = user;
	const silc_bytes *file = sample->file;
	vsp_error error = VSP_ERROR_INIT;
	size_t size;
	vsp_module_data *m = vsp_silc_read(file->data, file->size, &error);
	if (!m) {
		assert_string_equal(error.code == VSP_E_MEMORY ? "" : error.message, "");
		assert_true(error.message[0] != 0);
		return false;
	}
	char *text = vsp_disassemble(m, &size);
	vsp_free_memory(text);
	uint8_t *bytes = vsp_silc_write(m, &size, &error);
	assert_int_equal(error.code, bytes ? VSP_OK : VSP_E_MEMORY);
	vsp_free_memory(bytes);
	bool ok = analyse(m) && assemble(sample->source) && text && bytes;
	vsp_module_data_free(m);
	return ok;
}

static void every_failing_allocation_is_survived(void **state)
{
	(void)state;
	if (!allocations_can_fail())
		skip();
	silc_bytes file = silc_sample();
	vsp_module_data *m = vsp_silc_read(file.data, file.size, NULL);
	char *source = vsp_disassemble(m, &(size_t){0});
	vsp_module_data_free(m);
	assert_non_null(source);
	const sample_program sample = {&file, source};
	fail_each(try_all, &sample);
	vsp_free_memory(source);
	silc_bytes_free(&file);
}

/* ---- WebAssembly ---- */

enum { MODULES = 3, ROOM = 4096 };

/* Modules of test/wasm by their names, up to a null: the last one is the program. */
typedef struct linked_sample {
	const char *names[MODULES + 1];
	const char *call; /* an export without parameters, and its result; null: none is called */
	int64_t result;
} linked_sample;

static const linked_sample linked_samples[] = {
        {{"moves"}, NULL, 0},
        {{"spills"}, NULL, 0},
        {{"long"}, NULL, 0},
        {{"tables"}, NULL, 0},
        {{"memoryless"}, NULL, 0},
        {{"references"}, "remember", 2}, /* references, tables that change, WASI */
        {{"guests"}, NULL, 0},           /* VSP's own instructions */
        {{"lines4"}, NULL, 0},           /* DWARF */
        {{"lines5"}, NULL, 0},
        {{"lines4", "lines5", "lines4"}, NULL, 0},
        {{"library", "linked"}, "both", 5042}, /* functions, globals and a table of another module */
        {{"growing", "wants"}, NULL, 0},       /* and its memory, where others are */
};

typedef struct wasm_bytes {
	uint8_t bytes[MODULES][ROOM];
	vsp_wasm_source sources[MODULES];
	uint32_t count;
	const linked_sample *sample;
} wasm_bytes;

static void read_samples(wasm_bytes *w, const linked_sample *sample)
{
	char path[4096];
	w->sample = sample;
	for (w->count = 0; sample->names[w->count]; w->count++) {
		uint32_t i = w->count;
		snprintf(path, sizeof path, "%s/test/wasm/%s.wasm", VSP_SOURCE_DIR, sample->names[i]);
		FILE *from = fopen(path, "rb");
		assert_non_null(from);
		w->sources[i].size = fread(w->bytes[i], 1, ROOM, from);
		fclose(from);
		w->sources[i].bytes = w->bytes[i];
		w->sources[i].name = i && sample->names[0] == sample->names[i] ? "again" : sample->names[i];
	}
}

static bool try_translation(const void *user)
{
	const wasm_bytes *w = user;
	vsp_error error = VSP_ERROR_INIT;
	vsp_module_data *m = vsp_wasm_link_modules(w->sources, w->count, &error);
	assert_int_equal(error.code, m ? VSP_OK : VSP_E_MEMORY);
	assert_true(m || error.message[0] != 0);
	vsp_module_data_free(m);
	return m;
}

static void every_failing_allocation_of_the_translation_is_survived(void **state)
{
	static wasm_bytes w;
	(void)state;
	if (!allocations_can_fail())
		skip();
	for (size_t i = 0; i < sizeof linked_samples / sizeof linked_samples[0]; i++) {
		read_samples(&w, &linked_samples[i]);
		fail_each(try_translation, &w);
	}
}

static vsp_module *open_linked(const wasm_bytes *w, vsp_error *error)
{
	vsp_wasm_options options = VSP_WASM_OPTIONS_INIT;
	vsp_wasm_preload preloads[MODULES];
	const vsp_wasm_source *program = &w->sources[w->count - 1];
	for (uint32_t i = 0; i + 1 < w->count; i++)
		preloads[i] = (vsp_wasm_preload){w->sources[i].name, w->sources[i].bytes, w->sources[i].size};
	options.preloads = preloads;
	options.preload_count = w->count - 1;
	size_t size;
	uint8_t *silc = vsp_wasm_translate(program->bytes, program->size, &options, &size, error);
	vsp_module *module = silc ? vsp_module_load(silc, size, error) : NULL;
	vsp_bytes_free(silc);
	return module;
}

/* From WebAssembly to a result. */
static bool try_life(const void *user)
{
	const wasm_bytes *w = user;
	vsp_error error = VSP_ERROR_INIT;
	int64_t result = 0;
	vsp_module *module = open_linked(w, &error);
	vsp_instance *instance = module ? vsp_instantiate(module, NULL, &error) : NULL;
	vsp_wasi *wasi = instance ? vsp_wasi_new(NULL, &error) : NULL;
	bool good = wasi && vsp_wasi_define(wasi, instance, &error) == VSP_OK &&
	            vsp_call(instance, w->sample->call, NULL, &result, &error) == VSP_OK;
	if (good)
		assert_int_equal(result, w->sample->result);
	else
		/* code is decoded when it runs first, which traps then */
		assert_string_equal(
		        error.code == VSP_E_MEMORY || strstr(error.message, "out of memory") ? "" : error.message, "");
	assert_true(good || error.message[0] != 0);
	vsp_free(instance);
	vsp_wasi_free(wasi);
	vsp_module_free(module);
	return good;
}

static void every_failing_allocation_of_a_linked_program_is_survived(void **state)
{
	static wasm_bytes w;
	(void)state;
	if (!allocations_can_fail())
		skip();
	for (size_t i = 0; i < sizeof linked_samples / sizeof linked_samples[0]; i++) {
		if (!linked_samples[i].call)
			continue;
		read_samples(&w, &linked_samples[i]);
		fail_each(try_life, &w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_failing_allocation_is_survived),
	        cmocka_unit_test(every_failing_allocation_of_the_translation_is_survived),
	        cmocka_unit_test(every_failing_allocation_of_a_linked_program_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
