/*
 * WASI: reading and writing, and places in files. Vectors are copied before anything is read, since
 * what is read may overwrite them. Files that are not regular are waited for in short periods, so
 * that an interrupt ends the wait.
 */
#include "runtime/host/wasi/wasi.h"
#include "runtime/state.h"

/* What is left of the vectors of a call. */
typedef struct transfer {
	vsp_file_part parts[VSP_FILE_PARTS];
	unsigned first, count;
	uint32_t done;
} transfer;

/* Vectors at parameter i; as many bytes as the result can tell. */
static void take_vectors(const vsp_wasi_call *c, unsigned i, transfer *t)
{
	const uint8_t *vectors = vsp_wasi_at(c, i);
	uint32_t room = UINT32_MAX;
	t->first = t->done = 0;
	t->count = vsp_wasi_u32(c, i + 1);
	for (unsigned k = 0; k < t->count; k++, vectors += 8) {
		uint32_t size = (uint32_t)vsp_read_le(vectors + 4, 4);
		size = size < room ? size : room;
		room -= size;
		t->parts[k] = (vsp_file_part){vsp_wasm_at(c->caller, (uint32_t)vsp_read_le(vectors, 4), size), size};
	}
}

/* n bytes more have been moved. False: nothing is left. */
static bool advance(transfer *t, size_t n)
{
	t->done += (uint32_t)n;
	while (t->first < t->count && n >= t->parts[t->first].size)
		n -= t->parts[t->first++].size;
	if (t->first == t->count)
		return false;
	t->parts[t->first].data = (uint8_t *)t->parts[t->first].data + n;
	t->parts[t->first].size -= n;
	return true;
}

static int move_once(const vsp_wasi_call *c, transfer *t, bool write, size_t *n)
{
	const vsp_file_part *parts = t->parts + t->first;
	unsigned count = t->count - t->first;
	return write ? vsp_file_write(c->fd->file, c->fd->kind == VSP_FILE_REGULAR, parts, count, n)
	             : vsp_file_read(c->fd->file, parts, count, n);
}

/*
 * Writes go on until everything is written, and so do reads of regular files; another read returns
 * with what there is. A failure counts if nothing was moved before it.
 */
static int move(const vsp_wasi_call *c, transfer *t, bool write)
{
	bool more = advance(t, 0), all = write || c->fd->kind == VSP_FILE_REGULAR;
	while (more) {
		size_t n = 0;
		int wrong = vsp_wasi_wait(c, c->fd, write);
		if (!wrong)
			wrong = move_once(c, t, write, &n);
		if ((wrong == VSP_FILE_AGAIN && !(c->fd->flags & VSP_WASI_NONBLOCK)) ||
		        (wrong == VSP_FILE_INTR && !vsp_wasi_interrupted(c)))
			continue;
		if (wrong)
			return t->done ? 0 : wrong;
		more = n && advance(t, n) && all;
	}
	return 0;
}

static int move_all(const vsp_wasi_call *c, bool write)
{
	transfer t;
	if (c->fd->standard)
		vsp_wasi_flush(c);
	take_vectors(c, 1, &t);
	int wrong = move(c, &t, write);
	if (!wrong)
		vsp_wasi_put32(c, 3, t.done);
	return wrong;
}

int vsp_wasi_fd_read(const vsp_wasi_call *c) { return move_all(c, false); }
int vsp_wasi_fd_write(const vsp_wasi_call *c) { return move_all(c, true); }

/* ---- at a place ---- */

typedef int (*move_at_fn)(int file, const vsp_file_part *parts, unsigned count, uint64_t place, size_t *done);

static int move_at(const vsp_wasi_call *c, move_at_fn fn)
{
	transfer t;
	size_t done = 0;
	take_vectors(c, 1, &t);
	int wrong = fn(c->fd->file, t.parts, t.count, vsp_wasi_u64(c, 3), &done);
	if (!wrong)
		vsp_wasi_put32(c, 4, (uint32_t)done);
	return wrong;
}

int vsp_wasi_fd_pread(const vsp_wasi_call *c) { return move_at(c, vsp_file_read_at); }
int vsp_wasi_fd_pwrite(const vsp_wasi_call *c) { return move_at(c, vsp_file_write_at); }

/* ---- places ---- */

static int seek(const vsp_wasi_call *c, int64_t distance, enum vsp_file_origin origin, unsigned result)
{
	uint64_t place;
	int wrong = vsp_file_seek(c->fd->file, distance, origin, &place);
	if (!wrong)
		vsp_wasi_put64(c, result, place);
	return wrong;
}

int vsp_wasi_fd_seek(const vsp_wasi_call *c)
{
	static const enum vsp_file_origin origins[] = {VSP_FILE_FROM_START, VSP_FILE_FROM_PLACE, VSP_FILE_FROM_END};
	uint32_t whence = vsp_wasi_u32(c, 2);
	if (whence >= sizeof origins / sizeof *origins)
		return VSP_FILE_INVAL;
	return seek(c, (int64_t)vsp_wasi_u64(c, 1), origins[whence], 3);
}

int vsp_wasi_fd_tell(const vsp_wasi_call *c) { return seek(c, 0, VSP_FILE_FROM_PLACE, 1); }

/* ---- data on its way to the disk ---- */

int vsp_wasi_fd_sync(const vsp_wasi_call *c) { return vsp_file_sync(c->fd->file, false); }
int vsp_wasi_fd_datasync(const vsp_wasi_call *c) { return vsp_file_sync(c->fd->file, true); }

int vsp_wasi_fd_advise(const vsp_wasi_call *c)
{
	return vsp_file_advise(c->fd->file, vsp_wasi_u64(c, 1), vsp_wasi_u64(c, 2), vsp_wasi_u32(c, 3));
}

int vsp_wasi_fd_allocate(const vsp_wasi_call *c)
{
	return vsp_file_allocate(c->fd->file, vsp_wasi_u64(c, 1), vsp_wasi_u64(c, 2));
}
