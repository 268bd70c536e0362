/*
 * A host over stdio, for vspc and for executables compiled ahead of time. The streams are the
 * caller's, who also flushes and closes them; from in nobody else may read.
 */
#ifndef VSP_RUNTIME_STDIO_HOST_H
#define VSP_RUNTIME_STDIO_HOST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include <vsp/vsp_aot.h>

#include "runtime/account.h"

typedef struct vsp_channel vsp_channel;

/* The program's side of the world. It must not move while table is in use. */
typedef struct vsp_stdio_host {
	FILE *in, *out;
	bool write_failed; /* errno as of then is in write_error */
	int write_error;
	int read_error; /* errno of a failed read; 0: none failed */
	int last;       /* the last byte written, or '\n' */
	/*
	 * Ends a wait for input, or for room for output, by INTERRUPTED when it becomes true; null: nothing does. With it, output goes through the host's own buffer,
	 * and what cannot be written at once when it has become true is lost: the host is stuck then.
	 */
	const atomic_bool *stop;
	bool eager, stuck; /* eager: what is printed is written at once, for a person */
	unsigned char output[1 << 14];
	size_t output_end;
	unsigned char input[4096]; /* bytes [input_at, input_end) are to come */
	size_t input_at, input_end;
	bool input_ended;
	vsp_channel *channels;
	vsp_account *account; /* whose channels take room; null: nobody's */
	vsp_host table;
} vsp_stdio_host;

void vsp_stdio_host_open(vsp_stdio_host *host, FILE *in, FILE *out, uint32_t arg_count, const char *const *args);
/* Frees what is in the channels. */
void vsp_stdio_host_close(vsp_stdio_host *host);

#endif
