/*
 * Text under construction, in a growing or a fixed buffer. Either it grows (by
 * runtime/base/alloc.h) or it fills a buffer of the caller, which drops and counts the bytes that
 * do not fit. Failure is sticky: callers check failed once at the end.
 */
#ifndef VSP_FRONTEND_TEXT_H
#define VSP_FRONTEND_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/error.h"
#include "runtime/base/escape.h"

typedef struct vsp_text {
	char *bytes;   /* not terminated until vsp_text_finish */
	size_t length; /* bytes added, those cut off counted */
	size_t capacity;
	bool growable;
	bool failed; /* out of memory */
} vsp_text;
#define VSP_TEXT_GROWING {NULL, 0, 0, true, false}

void vsp_text_add(vsp_text *text, const char *bytes, size_t n);
void vsp_text_string(vsp_text *text, const char *string);
/* One formatted piece of at most 255 bytes: numbers and short names. */
void vsp_text_format(vsp_text *text, const char *format, ...) VSP_PRINTF(2, 3);
/* Bytes, escaped so that they can be shown. */
void vsp_text_shown(vsp_text *text, const char *bytes, size_t n, vsp_escape_form form);
/* A string literal of the .sil language, quotes included, that stands for exactly these bytes. */
void vsp_text_quoted(vsp_text *text, const char *bytes, size_t n);
/* Adds the final 0 (not counted in length). Returns bytes, or null after a failure; a growing
   text is the caller's to free. */
char *vsp_text_finish(vsp_text *text);

#endif
