/* The page docs/sources.md: every source file with the first sentence of its opening comment. */
#ifndef TOOLS_GEN_SOURCES_H
#define TOOLS_GEN_SOURCES_H

#include <stdbool.h>
#include <stdio.h>

/* Writes the page; root is the top folder of the sources. */
void generate_sources(FILE *out, const char *root);

/* Does every source file begin with a sentence of its own? Names those that do not on stderr. */
bool sources_described(const char *root);

#endif
