/*
 * The mutator of targets that take .silc files: half of the time libFuzzer's own, with a correct
 * checksum, and half of the time changes that know the format. Other inputs are changed by
 * libFuzzer alone.
 */
#include "fuzz.h"
#include "ir/module.h"
#include "test/support/mutate.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	bool is_file = size >= VSP_SILC_HEADER && memcmp(data, "SILC", 4) == 0;
	if (is_file && seed % 2)
		return mutate_silc(data, size, max_size, seed);
	size = LLVMFuzzerMutate(data, size, max_size);
	if (is_file)
		mutate_repair(data, size);
	return size;
}
