/*
 * Reading what wast2json writes, see spec_files.h.
 */
#include "spec_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint8_t *spec_read_file(const char *dir, const char *name, size_t *size)
{
	char path[4096];
	snprintf(path, sizeof path, "%s%s", dir, name);
	FILE *file = fopen(path, "rb");
	long length = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
	uint8_t *bytes = length >= 0 ? malloc((size_t)length + 1) : NULL;
	if (!bytes || fseek(file, 0, SEEK_SET) != 0 || fread(bytes, 1, (size_t)length, file) != (size_t)length) {
		fprintf(stderr, "cannot read %s\n", path);
		exit(2);
	}
	fclose(file);
	bytes[length] = 0;
	*size = (size_t)length;
	return bytes;
}

void spec_folder(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');
	snprintf(out, size, "%.*s", slash ? (int)(slash - path + 1) : 0, path);
}
