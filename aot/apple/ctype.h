/*
 * Kinds of characters on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_CTYPE_H
#define VSP_APPLE_CTYPE_H

int isalpha(int c);
int isupper(int c);
int toupper(int c);
int isdigit(int c);
int isspace(int c);
int isxdigit(int c);

#endif
