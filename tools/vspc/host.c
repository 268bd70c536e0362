/*
 * The command line's host: stdin and stdout, or the files that options name. A failed write ends
 * the run and is reported when the host closes.
 */
#include "vspc.h"

#include <errno.h>
#include <string.h>

#include "runtime/platform/platform.h"

enum { BUFFER = 1 << 16 };

static int cannot(const char *what, const char *name, int why)
{
	return vspc_error("cannot %s '%s': %s", what, name, strerror(why));
}

int vspc_host_open(vsp_stdio_host *host, const vspc_options *options)
{
	bool to_program = !options->invoke;
	vsp_stdio_host_open(
	        host, stdin, stdout, to_program ? (uint32_t)options->arg_count : 0, to_program ? options->args : NULL);
	vsp_plat_stamp stamp;
	if (options->input && vsp_plat_file_stamp(options->input, &stamp) && stamp.is_directory)
		return cannot("read", options->input, EISDIR);
	if (options->input && !(host->in = vsp_plat_stream_open(options->input, false)))
		return cannot("read", options->input, errno);
	if (options->output && !(host->out = vsp_plat_stream_open(options->output, true))) {
		int why = errno;
		if (host->in != stdin)
			fclose(host->in);
		return cannot("write", options->output, why);
	}
	host->eager = !options->output && vsp_plat_is_terminal(1);
	if (!host->eager)
		setvbuf(host->out, NULL, _IOFBF, BUFFER);
	return 0;
}

int vspc_host_close(vsp_stdio_host *host, const vspc_options *options)
{
	const char *name = options->output ? options->output : "standard output";
	host->table.flush(host);
	vsp_stdio_host_close(host);
	if (host->in != stdin)
		fclose(host->in);
	errno = 0;
	bool failed = (host->out == stdout ? fflush(stdout) : fclose(host->out)) != 0;
	if (failed && !host->write_failed)
		host->write_error = errno;
	host->out = NULL;
	if (host->read_error)
		return cannot("read", options->input ? options->input : "standard input", host->read_error);
	return failed || host->write_failed ? cannot("write", name, host->write_error) : 0;
}
