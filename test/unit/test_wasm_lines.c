/*
 * Lines of C source in translated modules: test/wasm/lines.c, whose line numbers are expected here,
 * compiled with DWARF 4 and 5; and debugging sections with any byte changed or any length cut off,
 * which take lines away and never the module.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <vsp/vsp.h>

#include "frontend/wasm/debug_lines.h"

enum { ROOM = 1 << 12 };
static const char *const samples[] = {"lines4", "lines5"};

static uint8_t *read_sample(const char *name, size_t *size)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/test/wasm/%s.wasm", VSP_SOURCE_DIR, name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	uint8_t *bytes = malloc(ROOM);
	assert_non_null(bytes);
	*size = fread(bytes, 1, ROOM, file);
	fclose(file);
	return bytes;
}

/* Is a line of lines.c that of some code address of the function? */
static bool has_line(const vsp_module *module, const char *function, uint32_t wanted)
{
	vsp_function_info info = {.size = sizeof info};
	const char *file;
	uint32_t line;
	for (uint32_t f = 0; f < vsp_module_function_count(module); f++) {
		assert_int_equal(vsp_module_function(module, f, &info), VSP_OK);
		if (strcmp(info.name, function) != 0)
			continue;
		for (uint32_t pc = info.code_start; pc < info.code_start + info.code_size; pc++)
			if (vsp_module_line(module, pc, &file, &line) == VSP_OK && line == wanted)
				return strcmp(file, "lines.c") == 0;
	}
	return false;
}

static void test_lines(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		size_t size;
		vsp_error error = VSP_ERROR_INIT;
		uint8_t *bytes = read_sample(samples[i], &size);
		vsp_module *module = vsp_module_load(bytes, size, &error);
		assert_string_equal(error.message, "");
		assert_true(has_line(module, "twice", 5));
		assert_true(has_line(module, "divide", 10));
		assert_true(has_line(module, "divide", 12));
		assert_false(has_line(module, "divide", 5));
		for (uint32_t line = 0; line < 20; line++) /* it is not in the source */
			assert_false(has_line(module, "_vsp_entry", line));
		vsp_module_free(module);
		free(bytes);
	}
}

/* Both modules' rows are in one table, each with its own files. */
static void test_lines_of_preloaded_modules(void **state)
{
	(void)state;
	size_t size, silc_size;
	vsp_error error = VSP_ERROR_INIT;
	vsp_wasm_options options = VSP_WASM_OPTIONS_INIT;
	vsp_wasm_preload preloads[] = {{"four", NULL, 0}, {"five", NULL, 0}};
	uint8_t *four = read_sample("lines4", &preloads[0].size), *five = read_sample("lines5", &preloads[1].size);
	preloads[0].bytes = four;
	preloads[1].bytes = five;
	options.preloads = preloads;
	options.preload_count = 2;
	uint8_t *bytes = read_sample("lines4", &size),
	        *silc = vsp_wasm_translate(bytes, size, &options, &silc_size, &error);
	assert_string_equal(error.message, "");
	vsp_module *module = vsp_module_load(silc, silc_size, &error);
	static const char *const functions[] = {"four.divide", "five.divide", "divide"};
	for (unsigned i = 0; i < 3; i++) {
		assert_true(has_line(module, functions[i], 10));
		assert_true(has_line(module, functions[i], 12));
		assert_false(has_line(module, functions[i], 5));
	}
	assert_true(has_line(module, "four.twice", 5) && has_line(module, "twice", 5));
	vsp_module_free(module);
	vsp_bytes_free(silc);
	free(bytes);
	free(four);
	free(five);
}

/* Are all rows in order, and their files there? Then the module is as good as without them. */
static void check_rows(const uint8_t *bytes, size_t size)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_arena arena = VSP_ARENA_INIT;
	wasm_module m;
	wasm_lines lines;
	if (wasm_module_read(&m, bytes, size, &arena, &error) == VSP_OK) {
		assert_true(wasm_lines_read(&lines, &m, &arena));
		for (uint32_t i = 0; i < lines.count; i++) {
			assert_true(!i || lines.rows[i].address >= lines.rows[i - 1].address);
			assert_true(!lines.rows[i].line || lines.rows[i].file < lines.file_count);
			assert_true(lines.rows[i].column >= 1);
		}
		vsp_module *module = vsp_module_load(bytes, size, &error);
		assert_string_equal(error.message, "");
		vsp_module_free(module);
	}
	vsp_arena_free(&arena);
}

static void test_changed_bytes(void **state)
{
	static const uint8_t values[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		size_t size;
		uint8_t *bytes = read_sample(samples[i], &size);
		size_t at = 0;
		while (memcmp(bytes + at, ".debug_", 7) != 0)
			at++;
		for (; at < size; at += VSP_TEST_EVERY) {
			uint8_t was = bytes[at];
			for (unsigned v = 0; v < sizeof values; v++) {
				bytes[at] = values[v];
				check_rows(bytes, size);
			}
			bytes[at] = was;
		}
		free(bytes);
	}
}

/* A module with one function, at address 2 of section code, and a line program. */
static size_t make_module(uint8_t *out, const uint8_t *lines, size_t size)
{
	static const uint8_t head[] = {
	        0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 4, 1, 2, 0, 0x0B, 0};
	static const uint8_t name[] = {11, '.', 'd', 'e', 'b', 'u', 'g', '_', 'l', 'i', 'n', 'e'};
	memcpy(out, head, sizeof head);
	uint8_t *at = out + sizeof head;
	size_t payload = sizeof name + size;
	*at++ = (uint8_t)(payload | 0x80);
	*at++ = (uint8_t)(payload >> 7 | 0x80);
	*at++ = (uint8_t)(payload >> 14);
	memcpy(at, name, sizeof name);
	memcpy(at + sizeof name, lines, size);
	return (size_t)(at - out) + payload;
}

/* The number of rows with a line; unit is a unit without its length. */
static uint32_t count_rows(const uint8_t *unit, size_t size)
{
	uint8_t *lines = malloc(size + 4), *module = malloc(size + 64);
	vsp_error error = VSP_ERROR_INIT;
	vsp_arena arena = VSP_ARENA_INIT;
	wasm_module m;
	wasm_lines table;
	uint32_t count = 0;
	assert_true(lines && module);
	for (unsigned i = 0; i < 4; i++)
		lines[i] = (uint8_t)(size >> 8 * i);
	memcpy(lines + 4, unit, size);
	size_t whole = make_module(module, lines, size + 4);
	assert_int_equal(wasm_module_read(&m, module, whole, &arena, &error), VSP_OK);
	assert_true(wasm_lines_read(&table, &m, &arena));
	for (uint32_t i = 0; i < table.count; i++)
		count += table.rows[i].line != 0;
	vsp_arena_free(&arena);
	free(lines);
	free(module);
	return count;
}

/* DWARF 2, the file "a", line_base -1, line_range 4, opcode_base 10. */
#define HEADER(range, base) \
	2, 0, 24, 0, 0, 0, 1, 1, 0xFF, range, base, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 'a', 0, 0, 0, 0, 0, 0, 0, 0
#define ADDRESS(a) 0, 5, 2, a, 0, 0, 0
#define END 0, 1, 1
#define ROWS(...) count_rows((const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static void test_sequences(void **state)
{
	(void)state;
	assert_int_equal(ROWS(HEADER(4, 10), ADDRESS(2), 1, 3, 5, 1, 2, 2, END), 2);
	assert_int_equal(ROWS(HEADER(4, 10), ADDRESS(0), 1, 2, 2, END), 0);          /* before any function */
	assert_int_equal(ROWS(HEADER(4, 10), ADDRESS(2), 1, 2, 9, END), 0);          /* beyond the last */
	assert_int_equal(ROWS(HEADER(4, 10), ADDRESS(2), 1, ADDRESS(2), 1), 0);      /* without an end */
	assert_int_equal(ROWS(HEADER(4, 10), ADDRESS(3), 1, ADDRESS(2), 1, END), 0); /* backwards */
	assert_int_equal(ROWS(HEADER(4, 10), ADDRESS(2), 3, 0x7C, 1, 2, 1, END), 0); /* line -3 */
	assert_int_equal(ROWS(HEADER(4, 10), ADDRESS(2), 4, 7, 1, 2, 1, END), 0);    /* no such file */
	assert_int_equal(ROWS(HEADER(4, 10), ADDRESS(2), 12, END), 1);               /* special: line + 1 */
	assert_int_equal(ROWS(HEADER(0, 10), ADDRESS(2), 1, END), 0);                /* no range */
	assert_int_equal(ROWS(HEADER(4, 0), ADDRESS(2), 1, END), 0);                 /* no opcodes */
	assert_int_equal(ROWS(HEADER(4, 10), ADDRESS(3), 1, END, ADDRESS(2), 1, 2, 1, END), 2); /* out of order */
}

/* The rows of a unit of DWARF 5 that names the file "a" so often. */
static uint32_t count_with_files(uint32_t files)
{
	static const uint8_t head[] = {
	        5, 0, 4, 0, 0, 0, 0, 0, 1, 1, 1, 0xFF, 4, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 8, 1, 'd', 0, 1, 1, 8};
	static const uint8_t program[] = {ADDRESS(2), 1, 2, 2, END};
	uint8_t *unit = malloc(sizeof head + 3 + (size_t)2 * files + sizeof program), *at = unit + sizeof head;
	assert_non_null(unit);
	memcpy(unit, head, sizeof head);
	*at++ = (uint8_t)(files | 0x80);
	*at++ = (uint8_t)(files >> 7 | 0x80);
	*at++ = (uint8_t)(files >> 14);
	for (uint32_t i = 0; i < files; i++, at += 2)
		memcpy(at, "a", 2);
	for (unsigned i = 0; i < 4; i++)
		unit[4 + i] = (uint8_t)((size_t)(at - unit - 8) >> 8 * i);
	memcpy(at, program, sizeof program);
	uint32_t rows = count_rows(unit, (size_t)(at - unit) + sizeof program);
	free(unit);
	return rows;
}

/* What a unit may ask for is limited: one folder and the files are 65536 entries at most. */
static void test_many_files(void **state)
{
	(void)state;
	assert_int_equal(count_with_files(2), 1);
	assert_int_equal(count_with_files(65535), 1);
	assert_int_equal(count_with_files(65536), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines),
	        cmocka_unit_test(test_lines_of_preloaded_modules), cmocka_unit_test(test_changed_bytes),
	        cmocka_unit_test(test_sequences), cmocka_unit_test(test_many_files)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
