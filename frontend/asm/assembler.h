/*
 * The interface of the .sil assembler.
 */
#ifndef VSP_FRONTEND_ASSEMBLER_H
#define VSP_FRONTEND_ASSEMBLER_H

#include "ir/module.h"

typedef enum vsp_severity { VSP_SEV_ERROR, VSP_SEV_WARNING, VSP_SEV_NOTE } vsp_severity;

/* One message about the source. Pointers are valid during the callback only. */
typedef struct vsp_diagnostic {
	vsp_severity severity;
	const char *file;
	uint32_t line, column; /* from 1 */
	uint32_t length;       /* columns to underline, at least 1 */
	const char *message;
	const char *source_line; /* without its newline; source_length bytes */
	size_t source_length;
	const char *suggestion; /* text that would replace the underlined part, or null */
} vsp_diagnostic;

/* A file that the source names, to be read. */
typedef struct vsp_named_file {
	/* From the folder of the file that names it; read_file may set where it found it, until the
	   end of the assembly. */
	const char *path;
	const char *given; /* as it is written */
	uint64_t limit;    /* most bytes that may be read */
	uint8_t *bytes;    /* the contents, from runtime/base/alloc.h, for the assembler to free; null with why */
	size_t size;
	const char *why;
	bool secret; /* it was not named as source: messages show none of its contents */
} vsp_named_file;

typedef struct vsp_assemble_options {
	const char *file; /* name for messages and the line table; include files are relative to its folder */
	void (*report)(void *user, const vsp_diagnostic *diagnostic); /* null: only *error */
	void *user;
	/* Reads an included file or a model. Null: files may not be included. */
	void (*read_file)(void *user, vsp_named_file *file);
	bool no_lines; /* leave the LINE section out */
} vsp_assemble_options;

/* Assembles and verifies source (size bytes, any bytes). Null on errors: all have been reported
   and *error holds the first. */
vsp_module_data *vsp_assemble_source(
        const char *source, size_t size, const vsp_assemble_options *options, vsp_error *error);

/* Formats a diagnostic as clang does (file:line:column: error: message, source, caret,
   suggestion) into out, always terminated; returns the length it needed. color: with ANSI
   colours. */
size_t vsp_diagnostic_format(const vsp_diagnostic *diagnostic, bool color, char *out, size_t size);

#endif
