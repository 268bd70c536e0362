/*
 * Calls of WASI functions: the checks before them, and what they share. An error is the function's
 * result and never a trap.
 */
#include <assert.h>
#include <string.h>

#include "runtime/host/host.h"
#include "runtime/host/wasi/wasi.h"

enum { SLICE_NS = 10000000 /* time between two looks at whether the run must end */ };

static_assert(offsetof(vsp_rt, caller) == 0, "a callback's caller is the beginning of the run-time state");
static vsp_rt *rt_of(const vsp_wasi_call *c) { return (vsp_rt *)c->caller; }

/* ---- pointers ---- */

/* Vectors: they, and what each of them points to. */
static int check_vectors(const vsp_caller *caller, uint32_t at, uint32_t count)
{
	if (count > VSP_FILE_PARTS)
		return VSP_FILE_INVAL;
	const uint8_t *vectors = vsp_wasm_at(caller, at, (uint64_t)count * 8);
	if (!vectors)
		return VSP_FILE_FAULT;
	for (uint32_t i = 0; i < count; i++, vectors += 8)
		if (!vsp_wasm_at(caller, (uint32_t)vsp_read_le(vectors, 4), vsp_read_le(vectors + 4, 4)))
			return VSP_FILE_FAULT;
	return 0;
}

/* The bytes that pointer i of f points to. */
static uint64_t bytes_at(const vsp_wasi *wasi, const vsp_wasi_function *f, const int64_t *args, unsigned i)
{
	int count = vsp_wasi_count_of(f, i);
	switch (f->params[i]) {
	case 'a': return (uint64_t)wasi->args.count * 4;
	case 'A': return wasi->args.size;
	case 'g': return (uint64_t)wasi->env.count * 4;
	case 'G': return wasi->env.size;
	default: return vsp_wasi_param_bytes(f->params[i]) * (count < 0 ? 1 : (uint64_t)(uint32_t)args[count]);
	}
}

static int check_pointer(
        const vsp_wasi *wasi, const vsp_wasi_function *f, const vsp_caller *caller, const int64_t *args, unsigned i)
{
	char letter = f->params[i];
	if (letter == 'v')
		return check_vectors(caller, (uint32_t)args[i], (uint32_t)args[vsp_wasi_count_of(f, i)]);
	if (!vsp_wasi_param_bytes(letter) && !strchr("aAgG", letter))
		return 0;
	return vsp_wasm_at(caller, (uint32_t)args[i], bytes_at(wasi, f, args, i)) ? 0 : VSP_FILE_FAULT;
}

static int check_pointers(
        const vsp_wasi *wasi, const vsp_wasi_function *f, const vsp_caller *caller, const int64_t *args)
{
	int wrong = 0;
	for (unsigned i = 0; i < f->param_count && !wrong; i++)
		wrong = check_pointer(wasi, f, caller, args, i);
	return wrong;
}

/* ---- access ---- */

int vsp_wasi_need(const vsp_wasi_call *c, unsigned i, uint32_t right, vsp_wasi_fd **fd)
{
	*fd = vsp_wasi_entry_at(c->wasi, vsp_wasi_u32(c, i));
	if (!*fd)
		return VSP_FILE_BADF;
	if ((*fd)->standard && !(c->wasi->capabilities & VSP_CAP_STDIO))
		return VSP_FILE_NOTCAPABLE;
	return ((*fd)->base & right) == right ? 0 : VSP_FILE_NOTCAPABLE;
}

static int check_access(vsp_wasi_call *c, const vsp_wasi_function *f)
{
	static const uint32_t capabilities[] = {[VSP_WASI_ARGS] = VSP_CAP_ARGS,
	        [VSP_WASI_CLOCK] = VSP_CAP_CLOCK,
	        [VSP_WASI_RANDOM] = VSP_CAP_RANDOM,
	        [VSP_WASI_FILE] = 0};
	uint32_t needed = capabilities[f->access];
	if ((c->wasi->capabilities & needed) != needed)
		return VSP_FILE_NOTCAPABLE;
	if (f->access != VSP_WASI_FILE)
		return 0;
	return vsp_wasi_need(c, (unsigned)(strchr(f->params, 'd') - f->params), f->right, &c->fd);
}

/* ---- calls ---- */

static int (*const functions[VSP_WASI_FUNCTIONS])(const vsp_wasi_call *c) = {
#define WASI(NAME, ...) vsp_wasi_##NAME,
#include "runtime/wasi.def"
};

static int call(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	const vsp_wasi_binding *binding = user;
	const vsp_wasi_function *f = &vsp_wasi_functions[binding->function];
	vsp_wasi_call c = {.wasi = binding->wasi, .caller = caller, .args = args};
	int wrong = check_pointers(c.wasi, f, caller, args);
	if (!wrong)
		wrong = check_access(&c, f);
	results[0] = wrong ? wrong : functions[binding->function](&c);
	return 0;
}

vsp_import_fn vsp_wasi_import(vsp_wasi *wasi, unsigned index, void **user)
{
	wasi->bindings[index] = (vsp_wasi_binding){wasi, index};
	*user = &wasi->bindings[index];
	return index == VSP_WASI_INDEX_proc_exit ? vsp_host_exit : call;
}

/* ---- what functions share ---- */

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
