/*
 * Fuzz target: any bytes given to the reader, and accepted modules to all code that reads modules.
 * The checksum is made right first, or the fuzzer would never get past it.
 */
#include "checks.h"
#include "frontend/silc/silc.h"
#include "fuzz.h"
#include "test/support/mutate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size + 1); /* no null pointer for no bytes */
	CHECK(bytes);
	if (size)
		memcpy(bytes, data, size);
	mutate_repair(bytes, size);
	vsp_error error = VSP_ERROR_INIT;
	vsp_module_data *m = vsp_silc_read(bytes, size, &error);
	CHECK(m ? error.code == VSP_OK : error.code == VSP_E_FORMAT);
	if (m)
		check_accepted(m, bytes, size);
	else
		CHECK(error.message[0] && error.offset <= size);
	vsp_module_data_free(m);
	free(bytes);
	return 0;
}
