/*
 * The files that line tables of DWARF name: those of each unit, and all of a module together, each
 * once.
 */
#ifndef VSP_FRONTEND_WASM_DEBUG_FILES_H
#define VSP_FRONTEND_WASM_DEBUG_FILES_H

#include "reader.h"

/* A file or folder of a unit. */
typedef struct debug_entry {
	wasm_name name;
	uint32_t folder; /* of a file: a number of a folder */
	uint32_t global; /* of a file: its number in the module, or WASM_NO_INDEX: not asked for yet */
} debug_entry;

/* The table of a unit; numbers are as its line program uses them. */
typedef struct debug_unit {
	const wasm_module *m;
	debug_entry *entries; /* folders and then files */
	uint32_t folders, count, room;
	unsigned version;
	bool wide; /* offsets have 8 bytes */
	bool no_memory;
} debug_unit;

/* Reads the folders and files of a unit's header. False: they are faulty, or there is no memory. */
bool debug_unit_read(debug_unit *u, wasm_reader *r);
void debug_unit_free(debug_unit *u);

/* All files of a module. */
typedef struct debug_files {
	vsp_arena *arena;
	const char **names;
	uint32_t *slots; /* a hash table of numbers + 1 */
	uint64_t seed;   /* of hashes, so that nobody can choose names of one hash */
	uint32_t count;
	bool no_memory;
} debug_files;

bool debug_files_create(debug_files *f, vsp_arena *arena);
void debug_files_free(debug_files *f);
/* The module's number of a file of the unit, or WASM_NO_INDEX. */
uint32_t debug_files_find(debug_files *f, debug_unit *u, uint64_t file);

#endif
