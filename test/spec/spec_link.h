/*
 * The modules of a file of tests that import from one another, or whose globals are read, as one
 * program: each is a preloaded module of it, and the program itself only reads their globals.
 */
#ifndef VSP_TEST_SPEC_LINK_H
#define VSP_TEST_SPEC_LINK_H

#include <stdbool.h>

#include <vsp/vsp.h>

#include "json.h"
#include "spec_globals.h"

/* A module of a command, by which program it is in and how its exports are called there. */
typedef struct spec_linked {
	const json *command;
	char *name; /* of the preloaded module */
	uint8_t *bytes;
	size_t size;
	bool linked; /* it is in the program; otherwise error says why not */
	vsp_error error;
} spec_linked;

typedef struct spec_program {
	spec_linked *list;
	unsigned count;
	spec_global *globals; /* that tests read */
	unsigned global_count;
	vsp_module *module; /* of all that are linked */
} spec_program;

/* Does the file register modules, so that others can import from them, or read globals? */
bool spec_links(const json *commands);
/* Links the modules of the commands, which are in folder. */
void spec_program_make(spec_program *p, const json *commands, const char *folder);
void spec_program_free(spec_program *p);
/* The module of a command. */
const spec_linked *spec_program_find(const spec_program *p, const json *command);
/* A module alone, with what it imports of spectest. */
vsp_module *spec_load(const uint8_t *bytes, size_t size, const char *folder, vsp_error *error);

#endif
