/*
 * Escaping text so that it can be shown. Names, messages and paths come from programs and from whoever names
 * files: they may hold what moves a terminal's cursor, ends a line of a log or a string of JSON, or
 * looks like other text. All that is shown goes through here, whatever it is shown by: a message, a
 * table, a trace, perf's map, a debugger. What cannot be seen, or not as what it is, is written as
 * its bytes, <1B>, and in JSON as an escape.
 */
#ifndef VSP_RUNTIME_ESCAPE_H
#define VSP_RUNTIME_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

typedef enum vsp_escape_form {
	VSP_ESCAPE_TEXT, /* <1B> for each byte */
	VSP_ESCAPE_JSON  /* inside a string: \u001b for the character, \ufffd for a byte that is no UTF-8 */
} vsp_escape_form;

enum { VSP_ESCAPED_MAX = 24 };
/* One character as it is shown. */
typedef struct vsp_escaped {
	size_t bytes;               /* of the text that it stands for: at least 1 */
	size_t length, width;       /* of shown: bytes, and columns on a terminal */
	char text[VSP_ESCAPED_MAX]; /* 0-terminated */
} vsp_escaped;
/* The first character of size bytes, at least 1, at text. */
void vsp_escape_char(vsp_escaped *out, const char *text, size_t size, vsp_escape_form form);
/*
 * n bytes of text into out, cut behind a whole character to size bytes with the final 0. Returns
 * what all of it takes, without the 0.
 */
size_t vsp_escape(char *out, size_t size, const char *text, size_t n, vsp_escape_form form);
void vsp_escape_print(FILE *to, const char *text, vsp_escape_form form);

#endif
