/*
 * Loading, analysing, disassembling, assembling, translating and writing a module while allocation
 * number 1, 2, 3... and all after it fail, until everything succeeds: each try ends in success or
 * in an error of kind VSP_E_MEMORY, and (under AddressSanitizer) leaks nothing. Only hostile builds
 * can make allocations fail; others skip this.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

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

/* One run through everything; false: out of memory somewhere, properly reported. */
static bool try_all(const silc_bytes *file, const char *source)
{
	vsp_error error = VSP_ERROR_INIT;
	size_t size;
	vsp_module_data *m = vsp_silc_read(file->data, file->size, &error);
	if (!m) {
		assert_int_equal(error.code, VSP_E_MEMORY);
		assert_true(error.message[0] != 0);
		return false;
	}
	char *text = vsp_disassemble(m, &size);
	vsp_free_memory(text);
	uint8_t *bytes = vsp_silc_write(m, &size, &error);
	assert_int_equal(error.code, bytes ? VSP_OK : VSP_E_MEMORY);
	vsp_free_memory(bytes);
	bool ok = analyse(m) && assemble(source) && text && bytes;
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
	uint64_t n = 0;
	for (bool done = false; !done; n++) {
		vsp_alloc_fail_at(n + 1);
		done = try_all(&file, source);
		vsp_alloc_fail_at(0);
		assert_true(n < 1000);
	}
	assert_true(n > 10);
	vsp_free_memory(source);
	silc_bytes_free(&file);
}

/* A module of test/wasm; false: out of memory, properly reported. */
static bool try_translation(const char *name)
{
	char path[4096];
	uint8_t bytes[4096];
	vsp_error error = VSP_ERROR_INIT;
	snprintf(path, sizeof path, "%s/test/wasm/%s.wasm", VSP_SOURCE_DIR, name);
	FILE *from = fopen(path, "rb");
	assert_non_null(from);
	size_t size = fread(bytes, 1, sizeof bytes, from);
	fclose(from);
	vsp_module_data *m = vsp_wasm_translate_module(bytes, size, &error);
	assert_int_equal(error.code, m ? VSP_OK : VSP_E_MEMORY);
	assert_true(m || error.message[0] != 0);
	vsp_module_data_free(m);
	return m;
}

static void every_failing_allocation_of_the_translation_is_survived(void **state)
{
	static const char *const samples[] = {"moves", "spills", "long", "tables"};
	(void)state;
	if (!allocations_can_fail())
		skip();
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		uint64_t n = 0;
		for (bool done = false; !done; n++) {
			vsp_alloc_fail_at(n + 1);
			done = try_translation(samples[i]);
			vsp_alloc_fail_at(0);
			assert_true(n < 1000);
		}
		assert_true(n > 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_failing_allocation_is_survived),
	        cmocka_unit_test(every_failing_allocation_of_the_translation_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
