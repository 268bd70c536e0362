/*
 * A host over stdio, for vspc and for executables compiled ahead of time. The streams belong to the
 * caller, who flushes and closes them. Nobody else may read from in.
 */
#ifndef VSP_RUNTIME_STDIO_HOST_H
#define VSP_RUNTIME_STDIO_HOST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include <vsp/vsp_aot.h>

#include "runtime/account.h"

typedef struct vsp_channel vsp_channel;

/* The state of one host. It must not move while table is in use. */
typedef struct vsp_stdio_host {
	FILE *in, *out;
	bool write_failed; /* errno of the failure is in write_error */
	int write_error;
	int read_error; /* errno of a failed read; 0: none failed */
	int last;       /* the last byte written, or '\n' */
	/*
	 * When it becomes true, a wait for input or for room for output ends with INTERRUPTED;
	 * null: nothing ends a wait. With it, output goes through the host's own buffer, and output
	 * that cannot be written at once when it has become true is lost: the host is then stuck.
	 */
	const atomic_bool *stop;
	bool eager, stuck; /* eager: output is written at once, for a person */
	unsigned char output[1 << 14];
	size_t output_end;
	unsigned char input[4096]; /* bytes [input_at, input_end) are still to be read */
	size_t input_at, input_end;
	bool input_ended;
	vsp_channel *channels;
	vsp_account *account; /* is charged for the channels; null: no account */
	vsp_host table;
} vsp_stdio_host;

void vsp_stdio_host_open(vsp_stdio_host *host, FILE *in, FILE *out, uint32_t arg_count, const char *const *args);
/* Frees the contents of the channels. */
void vsp_stdio_host_close(vsp_stdio_host *host);

#endif
