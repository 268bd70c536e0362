/*
 * A host over stdio: printing, port 0, sensor 0 and actuator 0 are bytes of two streams; channels
 * are queues in this process. Output goes through stdio's buffer. Input goes through the host's own
 * buffer, so that the host knows when a read would wait: a person, or a program at the other end of
 * a pipe, can answer only after seeing everything printed so far. A failed write or read traps HOST
 * and is remembered.
 */
#include "stdio_host.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

enum { CHANNEL_LIMIT = 1 << 20 /* largest number of states waiting in one channel */ };

enum { PAUSE_NS = 10000000 /* time between two polls of stop */ };

static bool is_stopped(const vsp_stdio_host *host) { return host->stop && atomic_load(host->stop); }

/* ---- output ---- */

static int fail_write(vsp_stdio_host *host)
{
	host->write_failed = true;
	host->write_error = errno;
	return -VSP_TRAP_HOST;
}

/* Writes the contents of the host's own buffer in small parts. */
static int drain(vsp_stdio_host *host)
{
	size_t at = 0, end = host->output_end;
	host->output_end = 0;
	while (at < end) {
		bool stopped = is_stopped(host);
		long n = vsp_plat_write_some(host->out, host->output + at, end - at, stopped ? 0 : PAUSE_NS);
		if (n == -2)
			return fail_write(host);
		host->stuck |= n == -1 && stopped;
		if (host->stuck)
			return -VSP_TRAP_INTERRUPTED;
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int buffer_bytes(vsp_stdio_host *host, const char *text, size_t n)
{
	while (n && !host->stuck) {
		size_t room = sizeof host->output - host->output_end, part = n < room ? n : room;
		memcpy(host->output + host->output_end, text, part);
		host->output_end += part;
		text += part;
		n -= part;
		int failed = n || host->eager ? drain(host) : 0;
		if (failed)
			return failed;
	}
	return n ? -VSP_TRAP_INTERRUPTED : 0;
}

static int write_bytes(vsp_stdio_host *host, const char *text, size_t n)
{
	if (n == 0)
		return 0;
	host->last = (unsigned char)text[n - 1];
	if (host->stop)
		return buffer_bytes(host, text, n);
	return fwrite(text, 1, n, host->out) == n ? 0 : fail_write(host);
}

static int host_print(void *user, const char *text, size_t length) { return write_bytes(user, text, length); }

static int host_out(void *user, uint32_t port, uint8_t value)
{
	vsp_stdio_host *host = user;
	if (port != 0)
		return -VSP_TRAP_UNSUPPORTED;
	return write_bytes(host, &(char){(char)value}, 1);
}

static int host_flush(void *user)
{
	vsp_stdio_host *host = user;
	int failed = host->stop ? drain(host) : 0;
	return failed ? failed : fflush(host->out) == 0 ? 0 : fail_write(host);
}

/* ---- input ---- */

/* Results besides bytes and EOF. */
enum { INTERRUPTED = -2, FAILED = -3 };
static_assert(EOF == -1, "the others can stand for something else");

/* A failed read traps HOST, and is remembered. A stream that is not open has no input. */
static int fail_read(vsp_stdio_host *host, int why)
{
	if (why == EBADF)
		return EOF;
	host->read_error = why ? why : EIO;
	return FAILED;
}

static long read_some(vsp_stdio_host *host, uint64_t timeout_ns)
{
	return vsp_plat_read_some(host->in, host->input, sizeof host->input, timeout_ns);
}

/*
 * Waits for input, in short periods if the run may be stopped. Returns the number of bytes, 0 at
 * the end, or INTERRUPTED or FAILED.
 */
static long wait_for_input(vsp_stdio_host *host)
{
	int failed = host_flush(host);
	if (failed)
		return failed == -VSP_TRAP_INTERRUPTED ? INTERRUPTED : FAILED;
	while (!is_stopped(host)) {
		long n = read_some(host, host->stop ? PAUSE_NS : UINT64_MAX);
		if (n != -1)
			return n == -2 ? fail_read(host, errno) : n;
	}
	return INTERRUPTED;
}

/* After the end there is no more input, even on a terminal, which could continue. */
static int fill_input(vsp_stdio_host *host)
{
	if (host->stop && atomic_load(host->stop)) /* endless input must not keep a run from ending */
		return INTERRUPTED;
	long n = host->input_ended ? 0 : read_some(host, 0);
	if (n == -1)
		n = wait_for_input(host);
	else if (n == -2)
		n = fail_read(host, errno);
	host->input_ended |= n == 0 || n == EOF;
	host->input_at = 0;
	host->input_end = n > 0 ? (size_t)n : 0;
	return n > 0 ? 0 : n == 0 ? EOF : (int)n;
}

/* The next byte, EOF, INTERRUPTED or FAILED. */
static int next_byte(vsp_stdio_host *host)
{
	int c = host->input_at < host->input_end ? 0 : fill_input(host);
	return c ? c : host->input[host->input_at++];
}

/* The result of a callback that has read c. */
static int status_of(int c) { return c == INTERRUPTED ? -VSP_TRAP_INTERRUPTED : c == FAILED ? -VSP_TRAP_HOST : 0; }

static int host_in(void *user, uint32_t port, int32_t *value)
{
	vsp_stdio_host *host = user;
	if (port != 0)
		return -VSP_TRAP_UNSUPPORTED;
	int c = next_byte(host);
	*value = c < 0 ? -1 : c;
	return status_of(c);
}

static int host_read_line(void *user, char *buffer, size_t size, int64_t *length)
{
	vsp_stdio_host *host = user;
	size_t stored = 0;
	int c = next_byte(host);
	bool at_end = c == EOF;
	for (; c >= 0 && c != '\n'; c = next_byte(host))
		if (stored < size)
			buffer[stored++] = (char)c;
	*length = at_end ? -1 : (int64_t)stored;
	return status_of(c);
}

/* ---- channels ---- */

/* A queue of states: count of them, starting at first. */
struct vsp_channel {
	vsp_channel *next;
	uint32_t id;
	size_t first, count, capacity;
	uint8_t (*states)[16];
};

static vsp_channel *find_channel(vsp_stdio_host *host, uint32_t id)
{
	for (vsp_channel *channel = host->channels; channel; channel = channel->next)
		if (channel->id == id)
			return channel;
	return NULL;
}

static vsp_channel *open_channel(vsp_stdio_host *host, uint32_t id)
{
	vsp_channel *channel = find_channel(host, id);
	if (channel || !vsp_account_take(host->account, sizeof *channel))
		return channel;
	if (!(channel = vsp_alloc(1, sizeof *channel)))
		return NULL;
	channel->id = id;
	channel->next = host->channels;
	host->channels = channel;
	return channel;
}

/* Room for one more state behind the last. */
static bool grow_channel(vsp_stdio_host *host, vsp_channel *channel)
{
	if (channel->first + channel->count < channel->capacity)
		return true;
	if (channel->first > channel->count) {
		memcpy(channel->states, channel->states + channel->first, channel->count * sizeof *channel->states);
		channel->first = 0;
		return true;
	}
	size_t capacity = channel->capacity ? channel->capacity * 2 : 16;
	uint64_t more = (capacity - channel->capacity) * sizeof *channel->states;
	if (channel->count >= CHANNEL_LIMIT || !vsp_account_take(host->account, more))
		return false;
	uint8_t (*grown)[16] = vsp_realloc(channel->states, capacity, sizeof *grown);
	if (!grown) {
		vsp_account_give(host->account, more);
		return false;
	}
	channel->states = grown;
	channel->capacity = capacity;
	return true;
}

static int host_broadcast(void *user, uint32_t id, const uint8_t state[16])
{
	vsp_channel *channel = open_channel(user, id);
	if (!channel || !grow_channel(user, channel))
		return -VSP_TRAP_HOST;
	memcpy(channel->states[channel->first + channel->count++], state, sizeof *channel->states);
	return 0;
}

static int host_receive(void *user, uint32_t id, uint8_t state[16], int *received)
{
	vsp_channel *channel = find_channel(user, id);
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

void vsp_stdio_host_close(vsp_stdio_host *host)
{
	for (vsp_channel *next, *channel = host->channels; channel; channel = next) {
		next = channel->next;
		vsp_free_memory(channel->states);
		vsp_free_memory(channel);
	}
	host->channels = NULL;
}

void vsp_stdio_host_open(vsp_stdio_host *host, FILE *in, FILE *out, uint32_t arg_count, const char *const *args)
{
	*host = (vsp_stdio_host){.in = in, .out = out, .last = '\n'};
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
	        .arg_count = arg_count,
	        .args = args,
	        .flush = host_flush};
}
