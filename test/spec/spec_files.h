/*
 * Reading what wast2json writes: whole files, and the folder that a .json file's modules are in.
 */
#ifndef VSP_TEST_SPEC_FILES_H
#define VSP_TEST_SPEC_FILES_H

#include <stddef.h>
#include <stdint.h>

/* The bytes of dir/name (dir "" : name), followed by a 0, which are the caller's to free; the
   program ends with a message when there is no such file. */
uint8_t *spec_read_file(const char *dir, const char *name, size_t *size);
/* The folder of path with its last slash, or "", in a buffer of the given size. */
void spec_folder(const char *path, char *out, size_t size);

#endif
