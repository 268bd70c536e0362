/*
 * Runs programs with an instrumented compiler beside it, which counts its own execution and writes
 * the counts when the process ends (cmake/VspBolt.cmake): gen_profile PROGRAM...
 */
#include <stdio.h>

#include "training.h"

int main(int argc, char **argv)
{
	const char *why = argc > 1 ? training_run(argv + 1, argc - 1) : "usage: gen_profile PROGRAM...";
	if (why)
		fprintf(stderr, "gen_profile: %s\n", why);
	return why != NULL;
}
