/*
 * The features of an AArch64 processor on Linux, which passes them to programs when they start.
 */
#include "platform.h"

#include <string.h>
#include <sys/auxv.h>

#define HWCAP2 26 /* AT_HWCAP2, for which some C libraries have no name */

static const struct feature {
	char name[14];
	uint8_t word, bit;
} features[] = {
#define FEATURE(name, word, bit, arm) {name, word, bit},
#include "features_aarch64.def"
};

bool vsp_plat_feature(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
		const struct feature *f = &features[i];
		if (strlen(f->name) == length && memcmp(f->name, name, length) == 0)
			return getauxval(f->word == 1 ? AT_HWCAP : HWCAP2) >> f->bit & 1;
	}
	return false;
}
