/*
 * Fuzz target: any text given to the assembler. The result is a module, which must survive writing
 * and reading, or errors, which are all reported with a place.
 */
#include "frontend/asm/assembler.h"
#include "frontend/silc/silc.h"
#include "fuzz.h"
#include "runtime/base/alloc.h"

static void report(void *user, const vsp_diagnostic *diagnostic)
{
	char text[512];
	CHECK(diagnostic->message && diagnostic->line > 0 && diagnostic->column > 0 && diagnostic->length > 0);
	vsp_diagnostic_format(diagnostic, diagnostic->line & 1, text, sizeof text);
	*(unsigned *)user += diagnostic->severity == VSP_SEV_ERROR;
}

static void check_module(const vsp_module_data *m)
{
	size_t size, again_size;
	vsp_error error = VSP_ERROR_INIT;
	uint8_t *bytes = vsp_silc_write(m, &size, &error);
	CHECK(bytes);
	vsp_module_data *read = vsp_silc_read(bytes, size, &error);
	if (!read)
		fprintf(stderr, "offset %llu: %s\n", (unsigned long long)error.offset, error.message);
	CHECK(read);
	uint8_t *again = vsp_silc_write(read, &again_size, &error);
	CHECK(again && again_size == size && memcmp(again, bytes, size) == 0);
	vsp_free_memory(again);
	vsp_module_data_free(read);
	vsp_free_memory(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned errors = 0;
	vsp_error error = VSP_ERROR_INIT;
	vsp_assemble_options options = {.file = "fuzz.sil", .report = report, .user = &errors};
	vsp_module_data *m = vsp_assemble_source(size ? (const char *)data : "", size, &options, &error);
	CHECK(m ? errors == 0 && error.code == VSP_OK : errors > 0 && error.message[0]);
	if (m)
		check_module(m);
	vsp_module_data_free(m);
	return 0;
}
