/*
 * Calls of WASI functions, and the checks before them. An error is the function's result and never
 * a trap.
 */
#include <string.h>

#include "runtime/host/host.h"
#include "runtime/host/wasi/wasi.h"

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

/* A C library asks for folders from the first free descriptor on, until there is none. */
static void remember(vsp_wasi *wasi, unsigned function, uint32_t first, int result)
{
	enum { FIRST_FOLDER = 3 };
	if (result == VSP_FILE_NOTCAPABLE)
		wasi->refused |= UINT64_C(1) << function;
	if (result == VSP_FILE_BADF && function == VSP_WASI_INDEX_fd_prestat_get && first == FIRST_FOLDER)
		wasi->no_folders = true;
}

static int call(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	const vsp_wasi_binding *binding = user;
	const vsp_wasi_function *f = &vsp_wasi_functions[binding->function];
	vsp_wasi_call c = {.wasi = binding->wasi, .caller = caller, .args = args};
	int wrong = check_pointers(c.wasi, f, caller, args);
	if (!wrong)
		wrong = check_access(&c, f);
	int result = wrong ? wrong : functions[binding->function](&c);
	if (result)
		remember(c.wasi, binding->function, f->param_count ? (uint32_t)args[0] : 0, result);
	results[0] = result;
	return 0;
}

vsp_import_fn vsp_wasi_import(vsp_wasi *wasi, unsigned index, void **user)
{
	wasi->bindings[index] = (vsp_wasi_binding){wasi, index};
	*user = &wasi->bindings[index];
	return index == VSP_WASI_INDEX_proc_exit ? vsp_host_exit : call;
}
