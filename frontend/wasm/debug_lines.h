/*
 * The line table of a WebAssembly module: section .debug_line, as DWARF 2 to 5 specify it, for
 * addresses in section code. Lines are for people: what is faulty gives fewer of them and no error.
 */
#ifndef VSP_FRONTEND_WASM_DEBUG_LINES_H
#define VSP_FRONTEND_WASM_DEBUG_LINES_H

#include "wasm.h"

/* Code from address on, up to the next row's address. */
typedef struct wasm_line {
	uint32_t address; /* in section code's contents */
	uint32_t file;    /* of wasm_lines.files; line 0: none, the code has no line */
	uint32_t line, column;
} wasm_line;

typedef struct wasm_lines {
	wasm_line *rows; /* by address, which may be equal: the last one counts */
	const char **files;
	uint32_t count, file_count;
	uint32_t at;                        /* where wasm_lines_find goes on */
	uint32_t rows_before, files_before; /* of the program's modules before this one */
} wasm_lines;

/*
 * Reads the table. All of it is in arena, and its memory and time are proportional to the section's
 * size, but for sorting. False: there is no memory.
 */
bool wasm_lines_read(wasm_lines *lines, const wasm_module *m, vsp_arena *arena);
/* The number of the row of a place in the file, or WASM_NO_INDEX. Places are asked in ascending
   order. */
uint32_t wasm_lines_find(wasm_lines *lines, const wasm_module *m, const uint8_t *place);

#endif
