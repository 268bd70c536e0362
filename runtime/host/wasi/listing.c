/*
 * WASI: the entries of a folder. A cookie is the number of entries before; a folder is read on
 * where the last call ended, which is safe against entries that are removed meanwhile, and from the
 * start for any other cookie.
 */
#include <string.h>

#include "runtime/host/wasi/wasi.h"
#include "runtime/state.h"

enum { HEAD = 24, LOOK = 1024 /* entries between two looks at whether the run must end */ };

/* The next entry, in fd->waiting; its name is null at the end. */
static int look(vsp_wasi_fd *fd) { return fd->waiting.name ? 0 : vsp_file_list_next(fd->list, &fd->waiting); }

static void take(vsp_wasi_fd *fd)
{
	fd->waiting.name = NULL;
	fd->listed++;
}

static int go_to(const vsp_wasi_call *c, uint64_t cookie)
{
	vsp_wasi_fd *fd = c->fd;
	int wrong = fd->list ? 0 : vsp_file_list_open(fd->file, &fd->list);
	if (wrong || (cookie && cookie == fd->listed))
		return wrong;
	vsp_file_list_rewind(fd->list);
	fd->waiting.name = NULL;
	for (fd->listed = 0; fd->listed < cookie;) {
		if (fd->listed % LOOK == 0 && vsp_wasi_interrupted(c))
			return VSP_FILE_INTR;
		wrong = look(fd);
		if (wrong || !fd->waiting.name)
			return wrong;
		take(fd);
	}
	return 0;
}

/* Writes the entry, as much as there is room for. */
static uint32_t put_entry(const vsp_wasi_fd *fd, uint8_t *at, uint32_t room)
{
	const vsp_file_entry *e = &fd->waiting;
	size_t n = strlen(e->name), rest = room > HEAD ? room - HEAD : 0;
	uint8_t head[HEAD];
	bool parent = strcmp(e->name, "..") == 0; /* which may be outside */
	vsp_write_le(head, fd->listed + 1, 8);
	vsp_write_le(head + 8, parent ? 0 : e->inode, 8);
	vsp_write_le(head + 16, n, 4);
	vsp_write_le(head + 20, (uint64_t)e->kind, 4);
	memcpy(at, head, room < HEAD ? room : HEAD);
	memcpy(at + HEAD - (room < HEAD ? HEAD - room : 0), e->name, n < rest ? n : rest);
	return n + HEAD < room ? (uint32_t)n + HEAD : room;
}

int vsp_wasi_fd_readdir(const vsp_wasi_call *c)
{
	uint8_t *buffer = vsp_wasi_at(c, 1);
	uint32_t size = vsp_wasi_u32(c, 2), used = 0;
	int wrong = go_to(c, vsp_wasi_u64(c, 3));
	while (!wrong && used < size && !(wrong = look(c->fd)) && c->fd->waiting.name) {
		uint64_t whole = HEAD + strlen(c->fd->waiting.name);
		bool fits = whole <= size - used;
		used += put_entry(c->fd, buffer + used, size - used);
		if (!fits)
			break;
		take(c->fd);
	}
	if (!wrong)
		vsp_wasi_put32(c, 4, used);
	return wrong;
}
