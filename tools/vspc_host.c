/*
 * The command line's host: printing, port 0, sensor 0 and actuator 0 are bytes of stdin, stdout or the files asked for; channels are
 * queues in this process. Output goes through stdio's buffer; a failed write ends the run and is reported when the host closes.
 */
#include "vspc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/platform.h"

enum { BUFFER = 1 << 16, CHANNEL_LIMIT = 1 << 20 /* states waiting in one channel */ };

/* ---- output ---- */

static int write_bytes(vspc_host *host, const char *text, size_t n)
{
	if (n == 0)
		return 0;
	if (fwrite(text, 1, n, host->out) != n) {
		host->write_failed = true;
		host->write_error = errno;
		return -VSP_TRAP_HOST;
	}
	host->last = (unsigned char)text[n - 1];
	return 0;
}

static int host_print(void *user, const char *text, size_t length) { return write_bytes(user, text, length); }

static int host_out(void *user, uint32_t port, uint8_t value)
{
	vspc_host *host = user;
	if (port != 0)
		return -VSP_TRAP_UNSUPPORTED;
	if (putc(value, host->out) == EOF) {
		host->write_failed = true;
		host->write_error = errno;
		return -VSP_TRAP_HOST;
	}
	host->last = value;
	return 0;
}

/* ---- input ---- */

/* A person waits for what was printed before typing. */
static void show_before_reading(vspc_host *host)
{
	if (host->interactive)
		fflush(host->out);
}

static int host_in(void *user, uint32_t port, int32_t *value)
{
	vspc_host *host = user;
	if (port != 0)
		return -VSP_TRAP_UNSUPPORTED;
	show_before_reading(host);
	int c = getc(host->in);
	*value = c == EOF ? -1 : c;
	return 0;
}

static int host_read_line(void *user, char *buffer, size_t size, int64_t *length)
{
	vspc_host *host = user;
	size_t stored = 0;
	show_before_reading(host);
	int c = getc(host->in);
	bool at_end = c == EOF;
	for (; c != EOF && c != '\n'; c = getc(host->in))
		if (stored < size)
			buffer[stored++] = (char)c;
	*length = at_end ? -1 : (int64_t)stored;
	return 0;
}

/* ---- channels ---- */

/* A queue of states: count of them from first on. */
struct vspc_channel {
	vspc_channel *next;
	uint32_t id;
	size_t first, count, capacity;
	uint8_t (*states)[16];
};

static vspc_channel *find_channel(vspc_host *host, uint32_t id)
{
	for (vspc_channel *channel = host->channels; channel; channel = channel->next)
		if (channel->id == id)
			return channel;
	return NULL;
}

static vspc_channel *open_channel(vspc_host *host, uint32_t id)
{
	vspc_channel *channel = find_channel(host, id);
	if (channel || !(channel = calloc(1, sizeof *channel)))
		return channel;
	channel->id = id;
	channel->next = host->channels;
	host->channels = channel;
	return channel;
}

/* Room for one more state behind the last. */
static bool grow_channel(vspc_channel *channel)
{
	if (channel->first + channel->count < channel->capacity)
		return true;
	if (channel->first > channel->count) {
		memcpy(channel->states, channel->states + channel->first, channel->count * sizeof *channel->states);
		channel->first = 0;
		return true;
	}
	size_t capacity = channel->capacity ? channel->capacity * 2 : 16;
	uint8_t (*grown)[16] =
	        channel->count < CHANNEL_LIMIT ? realloc(channel->states, capacity * sizeof *grown) : NULL;
	if (!grown)
		return false;
	channel->states = grown;
	channel->capacity = capacity;
	return true;
}

static int host_broadcast(void *user, uint32_t id, const uint8_t state[16])
{
	vspc_channel *channel = open_channel(user, id);
	if (!channel || !grow_channel(channel))
		return -VSP_TRAP_HOST;
	memcpy(channel->states[channel->first + channel->count++], state, sizeof *channel->states);
	return 0;
}

static int host_receive(void *user, uint32_t id, uint8_t state[16], int *received)
{
	vspc_channel *channel = find_channel(user, id);
	*received = channel && channel->count;
	if (*received) {
		memcpy(state, channel->states[channel->first++], sizeof *channel->states);
		channel->count--;
	}
	return 0;
}

static int host_sync(void *user, uint32_t id)
{
	(void)user, (void)id;
	return 0;
}

static void close_channels(vspc_host *host)
{
	for (vspc_channel *next, *channel = host->channels; channel; channel = next) {
		next = channel->next;
		free(channel->states);
		free(channel);
	}
	host->channels = NULL;
}

/* ---- opening and closing ---- */

static int cannot(const char *what, const char *name, int why)
{
	return vspc_error("cannot %s '%s': %s", what, name, strerror(why));
}

static void fill_table(vspc_host *host, const vspc_options *options)
{
	bool to_program = !options->invoke;
	host->table = (vsp_host){.size = sizeof(vsp_host),
	        .user = host,
	        .in = host_in,
	        .out = host_out,
	        .sense = host_in,
	        .act = host_out,
	        .sync = host_sync,
	        .broadcast = host_broadcast,
	        .receive = host_receive,
	        .print = host_print,
	        .read_line = host_read_line,
	        .arg_count = to_program ? (uint32_t)options->arg_count : 0,
	        .args = to_program ? options->args : NULL};
}

int vspc_host_open(vspc_host *host, const vspc_options *options)
{
	*host = (vspc_host){.in = stdin, .out = stdout, .last = '\n'};
	if (options->input && !(host->in = fopen(options->input, "rb")))
		return cannot("read", options->input, errno);
	if (options->output && !(host->out = fopen(options->output, "wb"))) {
		int why = errno;
		if (host->in != stdin)
			fclose(host->in);
		return cannot("write", options->output, why);
	}
	if (options->output || !vsp_plat_is_terminal(1))
		setvbuf(host->out, NULL, _IOFBF, BUFFER);
	host->interactive = !options->input && vsp_plat_is_terminal(0);
	fill_table(host, options);
	return 0;
}

int vspc_host_close(vspc_host *host, const vspc_options *options)
{
	const char *name = options->output ? options->output : "standard output";
	close_channels(host);
	if (host->in != stdin)
		fclose(host->in);
	errno = 0;
	bool failed = (host->out == stdout ? fflush(stdout) : fclose(host->out)) != 0;
	if (failed && !host->write_failed)
		host->write_error = errno;
	host->out = NULL;
	return failed || host->write_failed ? cannot("write", name, host->write_error) : 0;
}
