/*
 * Files that grow, on POSIX. Not in compiled programs, which write none.
 */
#include "platform.h"
#include "posix_write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/base/alloc.h"

struct vsp_plat_log {
	int file;
	void *page; /* the announced page, or null */
};

/* In a folder to which others may write, a name may lead elsewhere, hence O_EXCL. */
static bool open_log(vsp_plat_log *log, const char *path, bool announce)
{
	unlink(path);
	log->file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (log->file < 0 || !announce)
		return log->file >= 0;
	log->page = mmap(NULL, vsp_plat_page_size(), PROT_READ | PROT_EXEC, MAP_PRIVATE, log->file, 0);
	if (log->page == MAP_FAILED)
		log->page = NULL;
	return log->page != NULL;
}

vsp_plat_log *vsp_plat_log_create(const char *path, bool announce, const char **why)
{
	vsp_plat_log *log = vsp_alloc(1, sizeof *log);
	*why = "out of memory";
	if (!log)
		return NULL;
	log->file = -1;
	if (open_log(log, path, announce))
		return log;
	*why = strerror(errno);
	vsp_plat_log_close(log);
	return NULL;
}

bool vsp_plat_log_append(vsp_plat_log *log, const void *data, size_t size)
{
	return vsp_posix_write_all(log->file, data, size);
}

void vsp_plat_log_close(vsp_plat_log *log)
{
	if (!log)
		return;
	if (log->page)
		munmap(log->page, vsp_plat_page_size());
	if (log->file >= 0)
		close(log->file);
	vsp_free_memory(log);
}

uint32_t vsp_plat_process_id(void) { return (uint32_t)getpid(); }
