/*
 * Outputs (platform.h): the interface between the file that writes them and the one that makes
 * another process write them.
 */
#ifndef VSP_RUNTIME_PLATFORM_POSIX_OUTPUT_H
#define VSP_RUNTIME_PLATFORM_POSIX_OUTPUT_H

#include "platform.h"

struct vsp_plat_output {
	int file;      /* written in place; -1: the output is created in folder */
	bool truncate; /* file must contain nothing but the data */
	int folder;
	int request, answer; /* pipes to and from the process that writes it; -1: this process does */
	const char *name;    /* within folder */
	char path[];
};

/* The source of the data: a block of bytes, or a pipe. */
typedef struct vsp_posix_source {
	const void *data; /* null: the source is pipe */
	int pipe;
	uint64_t size;
} vsp_posix_source;

/* Writes the whole of source, or nothing. Returns 0 or an errno. */
int vsp_posix_output_write(const vsp_plat_output *output, const vsp_posix_source *source);

#endif
