/*
 * What the WASI functions share: results, paths, waits, and the run's wish to end.
 */
#include <assert.h>
#include <string.h>

#include "runtime/host/wasi/wasi.h"
#include "runtime/state.h"

enum { SLICE_NS = 10000000 /* time between two looks at whether the run must end */ };

static_assert(offsetof(vsp_rt, caller) == 0, "a callback's caller is the beginning of the run-time state");
static vsp_rt *rt_of(const vsp_wasi_call *c) { return (vsp_rt *)c->caller; }

int vsp_wasi_need(const vsp_wasi_call *c, unsigned i, uint32_t right, vsp_wasi_fd **fd)
{
	*fd = vsp_wasi_entry_at(c->wasi, vsp_wasi_u32(c, i));
	if (!*fd)
		return VSP_FILE_BADF;
	if ((*fd)->standard && !(c->wasi->capabilities & VSP_CAP_STDIO))
		return VSP_FILE_NOTCAPABLE;
	return ((*fd)->base & right) == right ? 0 : VSP_FILE_NOTCAPABLE;
}

void vsp_wasi_put32(const vsp_wasi_call *c, unsigned i, uint32_t value) { vsp_write_le(vsp_wasi_at(c, i), value, 4); }
void vsp_wasi_put64(const vsp_wasi_call *c, unsigned i, uint64_t value) { vsp_write_le(vsp_wasi_at(c, i), value, 8); }

void vsp_wasi_put_info(const vsp_wasi_call *c, unsigned i, const vsp_file_info *info)
{
	uint8_t *at = vsp_wasi_at(c, i);
	vsp_write_le(at, info->device, 8);
	vsp_write_le(at + 8, info->inode, 8);
	vsp_write_le(at + 16, (uint64_t)info->kind, 8);
	vsp_write_le(at + 24, info->links, 8);
	vsp_write_le(at + 32, info->size, 8);
	vsp_write_le(at + 40, info->accessed_ns, 8);
	vsp_write_le(at + 48, info->modified_ns, 8);
	vsp_write_le(at + 56, info->changed_ns, 8);
}

bool vsp_wasi_interrupted(const vsp_wasi_call *c)
{
	return atomic_load_explicit(&rt_of(c)->interrupt, memory_order_relaxed) != 0;
}

/* A failure is remembered and reported by the host. */
void vsp_wasi_flush(const vsp_wasi_call *c)
{
	const vsp_host *host = &rt_of(c)->host;
	if (host->flush)
		host->flush(host->user);
}

int vsp_wasi_path(const vsp_wasi_call *c, unsigned i, char path[VSP_FILE_PATH])
{
	uint32_t length = vsp_wasi_u32(c, i + 1);
	if (length >= VSP_FILE_PATH)
		return VSP_FILE_NAMETOOLONG;
	memcpy(path, vsp_wasi_at(c, i), length);
	path[length] = 0;
	return strlen(path) == length ? 0 : VSP_FILE_INVAL;
}

int vsp_wasi_wait(const vsp_wasi_call *c, const vsp_wasi_fd *fd, bool write)
{
	if (fd->kind == VSP_FILE_REGULAR || fd->kind == VSP_FILE_FOLDER)
		return vsp_wasi_interrupted(c) ? VSP_FILE_INTR : 0;
	bool waits = !(fd->flags & VSP_WASI_NONBLOCK);
	for (;;) {
		vsp_file_wish wish = {.file = fd->file, .write = write};
		unsigned ready = 0;
		if (vsp_wasi_interrupted(c))
			return VSP_FILE_INTR;
		int wrong = vsp_file_wait(&wish, 1, waits ? SLICE_NS : 0, &ready);
		if (ready || (wrong && wrong != VSP_FILE_INTR))
			return ready ? 0 : wrong;
		if (!waits)
			return VSP_FILE_AGAIN;
	}
}

int vsp_wasi_times(uint64_t accessed, uint64_t modified, uint32_t flags, vsp_file_times *times)
{
	enum { ACCESSED = 1, ACCESSED_NOW = 2, MODIFIED = 4, MODIFIED_NOW = 8, ALL = 15 };
	if (flags & ~(uint32_t)ALL || (flags & ACCESSED && flags & ACCESSED_NOW) ||
	        (flags & MODIFIED && flags & MODIFIED_NOW) || (flags & ACCESSED && accessed >= VSP_FILE_NOW) ||
	        (flags & MODIFIED && modified >= VSP_FILE_NOW))
		return VSP_FILE_INVAL;
	times->accessed_ns = flags & ACCESSED ? (int64_t)accessed : flags & ACCESSED_NOW ? VSP_FILE_NOW : VSP_FILE_KEEP;
	times->modified_ns = flags & MODIFIED ? (int64_t)modified : flags & MODIFIED_NOW ? VSP_FILE_NOW : VSP_FILE_KEEP;
	return 0;
}
