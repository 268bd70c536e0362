/*
 * Does this x86 processor have the features the program was compiled for? The compiler's own check goes by the same names as LLVM's and knows
 * what the operating system enables.
 */
#include "program.h"

#include <string.h>

#include "runtime/error.h"

/* Bit n: this processor has feature n of the list. */
static uint32_t machine_features(void)
{
	uint32_t bits = 0;
	unsigned n = 0;
	__builtin_cpu_init();
#define FEATURE(name) bits |= (uint32_t)(__builtin_cpu_supports(name) != 0) << n++;
#include "features.def"
	return bits;
}

/* Number of the feature whose name is the length bytes at name; at least FEATURES: no such name. */
static unsigned find_feature(const char *name, size_t length)
{
	static const char *const names[] = {
#define FEATURE(name) name,
#include "features.def"
	};
	enum { FEATURES = sizeof names / sizeof names[0] };
	static_assert(FEATURES < 32, "features are bits of a word");
	for (unsigned i = 0; i < FEATURES; i++)
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return i;
	return 31; /* never set */
}

vsp_status vsp_aot_check_features(const char *list, vsp_error *error)
{
	uint32_t have = *list ? machine_features() : 0;
	while (*list) {
		size_t length = strcspn(list, ",");
		if (!(have >> find_feature(list, length) & 1))
			return vsp_error_set(error, VSP_E_UNSUPPORTED,
			        "the program was compiled for processors with %.*s, which this one lacks; compile it "
			        "without --mcpu and --mattr, or with --mcpu=native on this machine",
			        (int)length, list);
		list += length + (list[length] == ',');
	}
	return VSP_OK;
}
