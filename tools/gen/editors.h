/*
 * Grammars for editors, see editors.c. Each writes one file; root is the top folder of the sources.
 */
#ifndef VSP_GEN_EDITORS_H
#define VSP_GEN_EDITORS_H

#include <stdio.h>

void editors_vim(FILE *out, const char *root);
void editors_textmate(FILE *out, const char *root);
void editors_javascript(FILE *out, const char *root);

#endif
