/*
 * Grants as command lines write them, for those who run programs and those who compile them.
 */
#ifndef VSP_RUNTIME_WASI_GRANTS_H
#define VSP_RUNTIME_WASI_GRANTS_H

#include <stdbool.h>
#include <stddef.h>

/* The parts of HOST[::GUEST][:ro], inside that text. */
typedef struct vsp_wasi_dir {
	const char *host, *guest; /* guest is null: the same as host */
	size_t host_length, guest_length;
	bool read_only;
} vsp_wasi_dir;

/* False: text is not of that form. */
bool vsp_wasi_dir_read(const char *text, vsp_wasi_dir *dir);

#endif
