/*
 * The globals that a file of tests reads: hosts have no call for them, so the program that all
 * modules of the file are linked to imports each, and exports a function that returns it.
 */
#ifndef VSP_TEST_SPEC_GLOBALS_H
#define VSP_TEST_SPEC_GLOBALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct spec_global {
	const char *module; /* as which it is preloaded */
	const char *field;
	const char *type; /* as wast2json spells it */
	bool variable;    /* it can be set, which imports must say */
} spec_global;

/* Writes a WebAssembly module that reads these globals, and returns its size; out may be null. */
size_t spec_globals_write(const spec_global *list, unsigned count, uint8_t *out);
/* The name of the exported function that reads a global; longer ones are cut. */
void spec_globals_reader(const char *module, const char *field, char *out, size_t size);

#endif
