/*
 * Where programs compiled ahead of time cannot be opened: see outcome.h.
 */
#include "outcome.h"

#include <stdio.h>

bool run_ahead_of_time(
        const vsp_module *module, const char *folder, const char *const *options, size_t count, outcome *out)
{
	(void)module;
	(void)folder;
	(void)options;
	(void)count;
	(void)out;
	fprintf(stderr, "this platform cannot open shared objects\n");
	return false;
}
