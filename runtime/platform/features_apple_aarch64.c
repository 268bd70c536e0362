/*
 * The features of an AArch64 processor on macOS, which has a number for each, 1 or 0; a missing
 * number means 0.
 */
#include "platform.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysctl.h>

static const struct feature {
	char name[14], arm[18];
} features[] = {
#define FEATURE(name, word, bit, arm) {name, arm},
#include "features_aarch64.def"
};

bool vsp_plat_feature(const char *name, size_t length)
{
	char path[64];
	int there = 0;
	size_t size = sizeof there;
	for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
		const struct feature *f = &features[i];
		if (strlen(f->name) != length || memcmp(f->name, name, length) != 0)
			continue;
		snprintf(path, sizeof path, "hw.optional.arm.%s", f->arm);
		return sysctlbyname(path, &there, &size, NULL, 0) == 0 && there;
	}
	return false;
}
