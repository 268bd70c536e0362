/*
 * The escaping of text so that it can be shown. Names, messages and paths come from programs and
 * from people who name files. They may contain characters that move a terminal's cursor, end a line
 * of a log or a string of JSON, or look like other text. All text that is shown is escaped here
 * first, whatever shows it: a message, a table, a trace, perf's map, a debugger. Characters that
 * cannot be seen, or that would be mistaken for others, are written as their bytes, <1B>, and in
 * JSON as an escape.
 */
#ifndef VSP_RUNTIME_ESCAPE_H
#define VSP_RUNTIME_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

typedef enum vsp_escape_form {
	VSP_ESCAPE_TEXT, /* <1B> for each byte */
	VSP_ESCAPE_JSON  /* inside a string: \u001b for the character, \ufffd for a byte that is not UTF-8 */
} vsp_escape_form;

enum { VSP_ESCAPED_MAX = 24 };
/* One character in the form in which it is shown. */
typedef struct vsp_escaped {
	size_t bytes;               /* of the original text: at least 1 */
	size_t length, width;       /* of the escaped text: bytes, and columns on a terminal */
	char text[VSP_ESCAPED_MAX]; /* 0-terminated */
} vsp_escaped;
/* The first character of size bytes, at least 1, at text. */
void vsp_escape_char(vsp_escaped *out, const char *text, size_t size, vsp_escape_form form);
/*
 * Escapes n bytes of text into out, cut after a whole character to size bytes with the final 0.
 * Returns the length that the whole result needs, without the 0.
 */
size_t vsp_escape(char *out, size_t size, const char *text, size_t n, vsp_escape_form form);
void vsp_escape_print(FILE *to, const char *text, vsp_escape_form form);

#endif
