/*
 * Fuzz target: the verifier. Programs that are valid by construction must be accepted; with one to
 * three changes they are refused, or behave like any module.
 */
#include "checks.h"
#include "frontend/silc/silc.h"
#include "program.h"
#include "test/support/mutate.h"

enum { GROWTH = 600 };

static void check(const uint8_t *bytes, size_t size, bool is_valid)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module_data *m = vsp_silc_read(bytes, size, &error);
	if (is_valid && !m)
		fprintf(stderr, "offset %llu: %s\n", (unsigned long long)error.offset, error.message);
	CHECK(m ? error.code == VSP_OK : error.code == VSP_E_FORMAT && error.offset <= size);
	CHECK(m || !is_valid);
	if (m)
		check_accepted(m, bytes, size);
	vsp_module_data_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_input in = {data, data + size};
	unsigned seed = (unsigned)fuzz_number(&in, 2);
	silc_bytes file = fuzz_program(&in);
	check(file.data, file.size, true);
	uint8_t *mutant = malloc(file.size + GROWTH);
	CHECK(mutant);
	memcpy(mutant, file.data, file.size);
	check(mutant, mutate_silc(mutant, file.size, file.size + GROWTH, seed), false);
	free(mutant);
	silc_bytes_free(&file);
	return 0;
}
