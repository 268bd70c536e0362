/*
 * What a program gets from its host: arguments, environment, standard streams and folders.
 */
#include <errno.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/base/sized.h"
#include "runtime/host/wasi/wasi.h"

/* ---- texts ---- */

static vsp_status no_memory(vsp_error *error) { return vsp_error_set(error, VSP_E_MEMORY, "out of memory"); }

/* A program's addresses have 32 bits. */
static vsp_status copy_texts(
        vsp_wasi_texts *to, const char *const *from, uint32_t count, const char *what, vsp_error *error)
{
	uint64_t size = 0, at = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (!from || !from[i])
			return vsp_error_set(error, VSP_E_ARGUMENT, "%s %u is null", what, (unsigned)i);
		size += strlen(from[i]) + 1;
	}
	if (size > INT32_MAX || count > INT32_MAX / 4)
		return vsp_error_set(error, VSP_E_ARGUMENT, "the %ss are longer than a program's memory", what);
	to->text = vsp_alloc((size_t)size + 1, 1);
	if (!to->text)
		return no_memory(error);
	for (uint32_t i = 0; i < count; i++) {
		size_t n = strlen(from[i]) + 1;
		memcpy(to->text + at, from[i], n);
		at += n;
	}
	to->count = count;
	to->size = (uint32_t)size;
	return VSP_OK;
}

static vsp_status check_env(const vsp_wasi_config *config, vsp_error *error)
{
	for (uint32_t i = 0; i < config->env_count && config->env; i++)
		if (config->env[i] && (!strchr(config->env[i], '=') || config->env[i][0] == '='))
			return vsp_error_set(error, VSP_E_ARGUMENT, "the variable '%s' is not of the form NAME=VALUE",
			        config->env[i]);
	return VSP_OK;
}

/* ---- descriptors ---- */

static uint64_t standard_rights(unsigned number, const vsp_wasi_fd *fd)
{
	uint64_t rights = VSP_WASI_FD_FDSTAT_SET_FLAGS | VSP_WASI_FD_FILESTAT_GET | VSP_WASI_FD_ADVISE |
	                  VSP_WASI_POLL_FD_READWRITE;
	rights |= number == 0 ? VSP_WASI_FD_READ : VSP_WASI_FD_WRITE | VSP_WASI_FD_SYNC | VSP_WASI_FD_DATASYNC;
	/* Programs take characters without a place for a terminal. */
	if (!vsp_file_is_terminal(fd->file))
		rights |= VSP_WASI_FD_SEEK | VSP_WASI_FD_TELL;
	return rights;
}

/* A stream that is closed is no descriptor of the program's. */
static vsp_status add_standard(vsp_wasi *wasi, unsigned number, int file, vsp_error *error)
{
	vsp_file_info info;
	vsp_wasi_fd *fd;
	uint32_t given;
	if (file < 0 || vsp_file_stat(file, &info) != 0)
		return VSP_OK;
	if (vsp_wasi_entry_add(wasi, number, file, &given, &fd) != 0)
		return no_memory(error);
	fd->kind = (uint8_t)info.kind;
	fd->standard = true;
	fd->base = standard_rights(number, fd);
	return VSP_OK;
}

static char *copy_name(const char *name)
{
	size_t n = strlen(name) + 1;
	char *copy = vsp_alloc(n, 1);
	if (copy)
		memcpy(copy, name, n);
	return copy;
}

static vsp_status add_preopen(vsp_wasi *wasi, const vsp_wasi_preopen *p, vsp_error *error)
{
	enum { FIRST = 3 };
	const char *guest = p->guest ? p->guest : p->host;
	vsp_wasi_fd *fd;
	uint32_t number;
	int file = -1;
	if (!p->host || !*guest)
		return vsp_error_set(error, VSP_E_ARGUMENT, "a preopened folder has no name");
	errno = 0;
	int wrong = vsp_file_open_folder(p->host, &file);
	if (wrong == VSP_FILE_NOSYS)
		return vsp_error_set(error, VSP_E_UNSUPPORTED, "on this platform programs cannot be given folders");
	if (wrong)
		return vsp_error_set(error, VSP_E_IO, "cannot open the folder '%s': %s", p->host, strerror(errno));
	wrong = vsp_wasi_entry_add(wasi, FIRST, file, &number, &fd);
	if (wrong) {
		vsp_file_close(file);
		return wrong == VSP_FILE_NOMEM ? no_memory(error)
		                               : vsp_error_set(error, VSP_E_ARGUMENT, "there are too many folders");
	}
	fd->kind = VSP_FILE_FOLDER;
	fd->read_only = p->read_only != 0;
	fd->base = VSP_WASI_FOLDER_RIGHTS;
	fd->inheriting = VSP_WASI_FOLDER_RIGHTS | VSP_WASI_FILE_RIGHTS;
	fd->preopen = copy_name(guest);
	return fd->preopen ? VSP_OK : no_memory(error);
}

static vsp_status add_preopens(vsp_wasi *wasi, const vsp_wasi_config *config, vsp_error *error)
{
	const uint8_t *at = (const uint8_t *)config->preopens;
	if (config->preopen_count && (!at || !config->preopens->size))
		return vsp_error_set(error, VSP_E_ARGUMENT, "the preopened folders are null, or have no size");
	vsp_status status = VSP_OK;
	for (uint32_t i = 0; i < config->preopen_count && status == VSP_OK; i++) {
		vsp_wasi_preopen own = {.size = sizeof own};
		vsp_copy_sized(&own, sizeof own, at, config->preopens->size);
		status = add_preopen(wasi, &own, error);
		at += config->preopens->size;
	}
	return status;
}

/* ---- all of it ---- */

static vsp_status fill(vsp_wasi *wasi, const vsp_wasi_config *config, vsp_error *error)
{
	vsp_status status = check_env(config, error);
	wasi->capabilities = config->capabilities;
	if (status == VSP_OK)
		status = copy_texts(&wasi->args, config->args, config->arg_count, "argument", error);
	if (status == VSP_OK)
		status = copy_texts(&wasi->env, config->env, config->env_count, "variable", error);
	for (unsigned i = 0; i < 3 && status == VSP_OK; i++)
		status = add_standard(wasi, i, config->stdio[i], error);
	return status == VSP_OK ? add_preopens(wasi, config, error) : status;
}

vsp_wasi *vsp_wasi_create(const vsp_wasi_config *config, vsp_error *error)
{
	vsp_wasi_config own = VSP_WASI_CONFIG_INIT;
	vsp_error_clear(error);
	if (config)
		vsp_copy_sized(&own, sizeof own, config, config->size);
	vsp_wasi *wasi = vsp_alloc(1, sizeof *wasi);
	if (!wasi) {
		no_memory(error);
		return NULL;
	}
	if (fill(wasi, &own, error) == VSP_OK)
		return wasi;
	vsp_wasi_destroy(wasi);
	return NULL;
}

void vsp_wasi_destroy(vsp_wasi *wasi)
{
	if (!wasi)
		return;
	for (uint32_t i = 0; i < wasi->fd_count; i++)
		if (wasi->fds[i].file >= 0)
			vsp_wasi_entry_close(&wasi->fds[i]);
	vsp_free_memory(wasi->fds);
	vsp_free_memory(wasi->args.text);
	vsp_free_memory(wasi->env.text);
	vsp_free_memory(wasi);
}
