/*
 * Outputs (platform.h), between the file that writes them and the one that has another process write them.
 */
#ifndef VSP_RUNTIME_PLATFORM_POSIX_OUTPUT_H
#define VSP_RUNTIME_PLATFORM_POSIX_OUTPUT_H

#include "platform.h"

struct vsp_plat_output {
	int file;      /* written in place; -1: it is made in folder */
	bool truncate; /* file is to hold nothing but what is written */
	int folder;
	int request, answer; /* pipes to and from the process that writes it; -1: this one does */
	const char *name;    /* within folder */
	char path[];
};

/* Where what is written comes from: bytes of a block, or of a pipe. */
typedef struct vsp_posix_source {
	const void *data; /* null: from pipe */
	int pipe;
	uint64_t size;
} vsp_posix_source;

/* Writes the whole of source, or nothing. 0 or an errno. */
int vsp_posix_output_write(const vsp_plat_output *output, const vsp_posix_source *source);

#endif
