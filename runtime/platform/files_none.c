/*
 * The version of files.h for platforms whose files VSP does not know: there are the three standard
 * streams and clocks, and nothing else.
 */
#include "files.h"

#include "platform.h"

/* ---- the standard streams ---- */

void vsp_file_close(int file) { (void)file; }
bool vsp_file_is_terminal(int file) { return vsp_plat_is_terminal(file); }

int vsp_file_of_stream(FILE *stream) { return stream == stdin ? 0 : stream == stdout ? 1 : stream == stderr ? 2 : -1; }

int vsp_file_stat(int file, vsp_file_info *info)
{
	*info = (vsp_file_info){.kind = VSP_FILE_UNKNOWN};
	return file >= 0 && file <= 2 ? 0 : VSP_FILE_BADF;
}

static const vsp_file_part *first_part(const vsp_file_part *parts, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (parts[i].size)
			return &parts[i];
	return NULL;
}

/* Where waiting can be limited, callers look now and then whether they are to stop. */
enum { PAUSE_NS = 10000000 };

int vsp_file_read(int file, const vsp_file_part *parts, unsigned count, size_t *done)
{
	const vsp_file_part *part = first_part(parts, count);
	*done = 0;
	if (file != 0)
		return VSP_FILE_BADF;
	if (!part)
		return 0;
	long n = vsp_plat_read_some(stdin, part->data, part->size, PAUSE_NS);
	*done = n > 0 ? (size_t)n : 0;
	return n >= 0 ? 0 : n == -1 ? VSP_FILE_INTR : VSP_FILE_IO;
}

int vsp_file_write(int file, bool regular, const vsp_file_part *parts, unsigned count, size_t *done)
{
	const vsp_file_part *part = first_part(parts, count);
	(void)regular;
	*done = 0;
	if (file != 1 && file != 2)
		return VSP_FILE_BADF;
	if (!part)
		return 0;
	long n = vsp_plat_write_some(file == 1 ? stdout : stderr, part->data, part->size, UINT64_MAX);
	*done = n > 0 ? (size_t)n : 0;
	return n >= 0 ? 0 : n == -1 ? VSP_FILE_INTR : VSP_FILE_IO;
}

/* It is unknown whether there is anything, so whoever asks is let go on, and may wait. */
int vsp_file_wait(vsp_file_wish *wishes, unsigned count, uint64_t timeout_ns, unsigned *ready)
{
	(void)timeout_ns;
	*ready = count;
	for (unsigned i = 0; i < count; i++)
		wishes[i].ready = true;
	return count ? 0 : VSP_FILE_NOSYS;
}

/* ---- clocks ---- */

int vsp_clock_time(enum vsp_file_clock clock, uint64_t *ns)
{
	if (clock == VSP_CLOCK_REAL)
		return vsp_clock_real(ns);
	if (clock != VSP_CLOCK_MONOTONIC)
		return VSP_FILE_NOTSUP;
	*ns = vsp_plat_clock_ns();
	return 0;
}

/* C11 does not tell; no system here has a finer one. */
int vsp_clock_resolution(enum vsp_file_clock clock, uint64_t *ns)
{
	*ns = 1;
	return clock == VSP_CLOCK_MONOTONIC || clock == VSP_CLOCK_REAL ? 0 : VSP_FILE_NOTSUP;
}

void vsp_clock_yield(void) {}

/* ---- files: none ---- */

void vsp_file_resolve_by_hand(bool by_hand) { (void)by_hand; }
void vsp_file_list_rewind(vsp_file_list *list) { (void)list; }
void vsp_file_list_close(vsp_file_list *list) { (void)list; }

/* NONE(name and params, their use): a call that does not exist here. */
#define NONE(declaration, ...) \
	int declaration \
	{ \
		(void)(__VA_ARGS__); \
		return VSP_FILE_NOSYS; \
	}
NONE(vsp_file_open_folder(const char *path, int *file), (void)path, file)
NONE(vsp_file_read_at(int file, const vsp_file_part *parts, unsigned count, uint64_t place, size_t *done), (void)file,
        (void)parts, (void)count, (void)place, done)
NONE(vsp_file_write_at(int file, const vsp_file_part *parts, unsigned count, uint64_t place, size_t *done), (void)file,
        (void)parts, (void)count, (void)place, done)
NONE(vsp_file_seek(int file, int64_t distance, enum vsp_file_origin origin, uint64_t *place), (void)file,
        (void)distance, (void)origin, place)
NONE(vsp_file_sync(int file, bool only_data), (void)file, only_data)
NONE(vsp_file_advise(int file, uint64_t place, uint64_t size, unsigned advice), (void)file, (void)place, (void)size,
        advice)
NONE(vsp_file_allocate(int file, uint64_t place, uint64_t size), (void)file, (void)place, size)
NONE(vsp_file_set_size(int file, uint64_t size), (void)file, size)
NONE(vsp_file_set_append(int file, bool append), (void)file, append)
NONE(vsp_file_set_times(int file, const vsp_file_times *times), (void)file, times)
NONE(vsp_file_list_open(int folder, vsp_file_list **list), (void)folder, list)
NONE(vsp_file_list_next(vsp_file_list *list, vsp_file_entry *entry), (void)list, entry)
NONE(vsp_file_open(int root, const char *path, bool follow, unsigned how, int *file, vsp_file_info *info), (void)root,
        (void)path, (void)follow, (void)how, (void)file, info)
NONE(vsp_file_path_stat(int root, const char *path, bool follow, vsp_file_info *info), (void)root, (void)path,
        (void)follow, info)
NONE(vsp_file_path_set_times(int root, const char *path, bool follow, const vsp_file_times *times), (void)root,
        (void)path, (void)follow, times)
NONE(vsp_file_make_folder(int root, const char *path), (void)root, path)
NONE(vsp_file_remove_folder(int root, const char *path), (void)root, path)
NONE(vsp_file_unlink(int root, const char *path), (void)root, path)
NONE(vsp_file_link(int root, const char *path, bool follow, int new_root, const char *new_path), (void)root, (void)path,
        (void)follow, (void)new_root, new_path)
NONE(vsp_file_rename(int root, const char *path, int new_root, const char *new_path), (void)root, (void)path,
        (void)new_root, new_path)
NONE(vsp_file_symlink(const char *target, int root, const char *path), (void)target, (void)root, path)
NONE(vsp_file_readlink(int root, const char *path, char *target, size_t size, size_t *length), (void)root, (void)path,
        (void)target, (void)size, length)
