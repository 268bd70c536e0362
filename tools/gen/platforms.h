/* The table of platforms in README.md, made of platforms.def. */
#ifndef TOOLS_GEN_PLATFORMS_H
#define TOOLS_GEN_PLATFORMS_H

#include <stdbool.h>
#include <stdio.h>

/* Writes README.md as it is, with the table between its two marks made again. */
void generate_readme(FILE *out, const char *root);

/* Is every preset of the table one that tools/test_all.sh runs? Names those that are not on
   stderr. */
bool platforms_tested(const char *root);

#endif
