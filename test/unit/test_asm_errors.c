/*
 * Messages of the assembler: every test/errors/NAME.sil has errors, and NAME.txt has exactly the
 * messages about them. Files are read by the test, so that the messages show names without folders.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "frontend/asm/assembler.h"
#include "runtime/base/alloc.h"

#include "asm_error_names.h"

#define FOLDER VSP_SOURCE_DIR "/test/errors/"

typedef struct collected {
	char text[64 * 1024];
	size_t length;
} collected;

static void collect(void *user, const vsp_diagnostic *diagnostic)
{
	collected *out = user;
	out->length +=
	        vsp_diagnostic_format(diagnostic, false, out->text + out->length, sizeof out->text - out->length);
	assert_true(out->length < sizeof out->text);
}

static uint8_t *read_file(const char *path, size_t *size, const char **why)
{
	char full[512];
	snprintf(full, sizeof full, FOLDER "%s", path);
	FILE *file = fopen(full, "rb");
	*why = "no such file";
	if (!file)
		return NULL;
	uint8_t *bytes = vsp_alloc(1, 1 << 20);
	assert_non_null(bytes);
	*size = fread(bytes, 1, (1 << 20) - 1, file);
	fclose(file);
	return bytes;
}

static void read_named(void *user, vsp_named_file *file)
{
	(void)user;
	file->bytes = read_file(file->path, &file->size, &file->why);
}

static void messages_are_exactly(void **state)
{
	const char *name = *state, *why;
	char source_name[128], text_name[128];
	size_t size = 0, expected_size = 0;
	collected *out = calloc(1, sizeof *out);
	snprintf(source_name, sizeof source_name, "%s.sil", name);
	snprintf(text_name, sizeof text_name, "%s.txt", name);
	uint8_t *source = read_file(source_name, &size, &why), *expected = read_file(text_name, &expected_size, &why);
	assert_non_null(out);
	assert_non_null(source);
	assert_non_null(expected);
	expected[expected_size] = 0;
	vsp_error error = VSP_ERROR_INIT;
	const vsp_assemble_options options = {
	        .file = source_name, .report = collect, .user = out, .read_file = read_named};
	assert_null(vsp_assemble_source((const char *)source, size, &options, &error));
	assert_string_equal(out->text, (const char *)expected);
	/* The error value is the first message. */
	char first[1024];
	assert_int_equal(error.code, VSP_E_SYNTAX);
	snprintf(first, sizeof first, "%s:%u:%u: error: %s\n", error.file, error.line, error.column, error.message);
	assert_memory_equal(out->text, first, strlen(first));
	free(out);
	vsp_free_memory(source);
	vsp_free_memory(expected);
}

int main(void)
{
	struct CMUnitTest tests[sizeof names / sizeof names[0]];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		tests[i] = (struct CMUnitTest){names[i], messages_are_exactly, NULL, NULL, (void *)(uintptr_t)names[i]};
	return _cmocka_run_group_tests("errors of the assembler", tests, sizeof names / sizeof names[0], NULL, NULL);
}
