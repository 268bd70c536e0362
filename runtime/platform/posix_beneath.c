/*
 * Paths beneath a folder on POSIX, see files.h. A path is taken apart into the folder of its last
 * name and that name. Only the folder is ever looked up by a path, either by the system in one call
 * that does not leave the root (linux_files.c), or here, one name at a time, without following
 * links: a link is read, and its target becomes part of the path. What is done in the end is done
 * to one name in an open folder, and never follows a link. So it does not matter who changes
 * folders meanwhile: a name may lead to another file beneath the root, but not out of it.
 *
 * A trailing slash is never given to the system, which would follow a link before it.
 */
#include "posix_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(O_PATH)
enum { FOLDER_ONLY = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
#else
enum { FOLDER_ONLY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
#endif

static atomic_bool by_hand;
void vsp_file_resolve_by_hand(bool yes) { atomic_store(&by_hand, yes); }

static int failure(void) { return vsp_posix_file_error(errno); }

/* ---- links ---- */

/*
 * Reads the link name in folder. 0 and a path in target: it is one, and *links counts it; INVAL: it
 * is none.
 */
static int read_link(int folder, const char *name, char target[VSP_FILE_PATH], unsigned *links)
{
	ssize_t n = readlinkat(folder, name, target, VSP_FILE_PATH);
	if (n < 0)
		return failure();
	if (n == VSP_FILE_PATH)
		return VSP_FILE_NAMETOOLONG;
	target[n] = 0;
	if (target[0] == '/')
		return VSP_FILE_NOTCAPABLE;
	return ++*links > VSP_FILE_LINKS ? VSP_FILE_LOOP : n ? 0 : VSP_FILE_NOENT;
}

/* Writes a and b with a slash between them to out, which may be neither of them. */
static int join(char out[VSP_FILE_PATH], const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	if (n + m + 2 > VSP_FILE_PATH)
		return VSP_FILE_NAMETOOLONG;
	memcpy(out, a, n);
	if (n && m)
		out[n++] = '/';
	memcpy(out + n, b, m + 1);
	return 0;
}

/* ---- folders, one name at a time ---- */

/*
 * The way from the root to where the walk is. The folders above are kept open for "..", since a
 * folder's own ".." may lead anywhere once somebody has moved it; of a deep way only the last ones
 * are.
 */
enum { KEPT = 64 };
typedef struct walk {
	int root, kept[KEPT];
	unsigned count, depth;
	unsigned *links;
	char rest[VSP_FILE_PATH]; /* what is still to be looked up */
} walk;

static int here(const walk *w) { return w->count ? w->kept[w->count - 1] : w->root; }

static void enter(walk *w, int folder)
{
	if (w->count == KEPT) {
		close(w->kept[0]);
		memmove(w->kept, w->kept + 1, (KEPT - 1) * sizeof *w->kept);
		w->count--;
	}
	w->kept[w->count++] = folder;
	w->depth++;
}

static int go_up(walk *w)
{
	if (w->depth == 0)
		return VSP_FILE_NOTCAPABLE;
	close(w->kept[--w->count]);
	return --w->depth && !w->count ? VSP_FILE_NAMETOOLONG : 0;
}

/* Cuts the first name off the rest. */
static int take_name(walk *w, char name[VSP_FILE_NAME])
{
	size_t n = strcspn(w->rest, "/"), skipped = n + strspn(w->rest + n, "/");
	if (n >= VSP_FILE_NAME)
		return VSP_FILE_NAMETOOLONG;
	memcpy(name, w->rest, n);
	name[n] = 0;
	memmove(w->rest, w->rest + skipped, strlen(w->rest + skipped) + 1);
	return 0;
}

/* name is no folder: if it is a link, its target is looked up before the rest. */
static int go_through_link(walk *w, const char *name)
{
	char target[VSP_FILE_PATH], rest[VSP_FILE_PATH];
	int wrong = read_link(here(w), name, target, w->links);
	if (wrong)
		return wrong == VSP_FILE_INVAL ? VSP_FILE_NOTDIR : wrong;
	strcpy(rest, w->rest);
	return join(w->rest, target, rest);
}

static int step(walk *w)
{
	char name[VSP_FILE_NAME];
	int wrong = take_name(w, name);
	if (wrong || !*name || strcmp(name, ".") == 0)
		return wrong;
	if (strcmp(name, "..") == 0)
		return go_up(w);
	int folder = openat(here(w), name, FOLDER_ONLY);
	if (folder >= 0)
		enter(w, folder);
	else if (errno == ENOENT || errno == EACCES || errno == EMFILE || errno == ENFILE)
		return failure();
	else
		return go_through_link(w, name);
	return 0;
}

/* *folder is root itself or a new descriptor. */
static int walk_to(int root, const char *path, unsigned *links, int *folder)
{
	walk w = {.root = root, .links = links};
	int wrong = join(w.rest, path, "");
	while (!wrong && *w.rest)
		wrong = step(&w);
	*folder = wrong ? root : here(&w); /* what is closed below must not be closed again */
	unsigned closed = wrong || !w.count ? w.count : w.count - 1;
	for (unsigned i = 0; i < closed; i++)
		close(w.kept[i]);
	return wrong;
}

/* ---- folders, in one call ---- */

static bool is_root(const char *path) { return !*path || strcmp(path, ".") == 0; }

static int open_beneath(int root, const char *path, unsigned *links, int *folder)
{
	enum { TRIES = 4 }; /* the call fails when something is renamed meanwhile */
	*folder = root;
	if (path[0] == '/')
		return VSP_FILE_NOTCAPABLE;
	if (is_root(path))
		return 0;
	int fd = -ENOSYS;
	for (int i = 0; i < TRIES && !atomic_load(&by_hand); i++)
		if ((fd = vsp_posix_open_beneath(root, path)) != -EAGAIN)
			break;
	if (fd == -ENOSYS || fd == -EPERM || fd == -EAGAIN) /* there is no such call, or it is forbidden */
		return walk_to(root, path, links, folder);
	if (fd >= 0)
		*folder = fd;
	return fd >= 0 ? 0 : fd == -EXDEV ? VSP_FILE_NOTCAPABLE : vsp_posix_file_error(-fd);
}

/* ---- the place of a path: a folder and a name in it ---- */

typedef struct place {
	int root, folder;
	unsigned links;
	bool slash; /* the path ended with one */
	char head[VSP_FILE_PATH], name[VSP_FILE_NAME];
} place;

static void leave(place *p)
{
	if (p->folder != p->root)
		close(p->folder);
	p->folder = p->root;
}

/*
 * Sets head and name. A path that ends with "." or "..", and, if whole, with a slash, is a folder's
 * and gets the name ".".
 */
static int split(place *p, const char *path, bool whole)
{
	size_t end = strlen(path), start;
	while (end && path[end - 1] == '/')
		end--;
	p->slash = path[end] != 0;
	for (start = end; start && path[start - 1] != '/';)
		start--;
	size_t n = end - start;
	bool dots = n && n <= 2 && path[start] == '.' && path[end - 1] == '.';
	if (dots || (p->slash && whole)) {
		strcpy(p->name, ".");
		return join(p->head, path, "");
	}
	if (n >= VSP_FILE_NAME)
		return VSP_FILE_NAMETOOLONG;
	memcpy(p->name, path + start, n);
	p->name[n] = 0;
	memcpy(p->head, path, start);
	p->head[start] = 0;
	return 0;
}

static int check_path(const char *path)
{
	return !*path                              ? VSP_FILE_NOENT
	       : path[0] == '/'                    ? VSP_FILE_NOTCAPABLE
	       : strlen(path) >= VSP_FILE_PATH - 1 ? VSP_FILE_NAMETOOLONG
	                                           : 0;
}

/* The place where a name is made, removed or renamed. */
static int find_name(place *p, int root, const char *path)
{
	p->root = p->folder = root;
	p->links = 0;
	int wrong = check_path(path);
	if (!wrong)
		wrong = split(p, path, false);
	return wrong ? wrong : open_beneath(root, p->head, &p->links, &p->folder);
}

/* If the place is a link, path becomes the path of its target, and *again is set. */
static int follow_link(place *p, char path[VSP_FILE_PATH], bool *again)
{
	char target[VSP_FILE_PATH];
	int wrong = read_link(p->folder, p->name, target, &p->links);
	*again = wrong == 0;
	if (wrong == VSP_FILE_INVAL || wrong == VSP_FILE_NOENT || wrong == VSP_FILE_ACCES)
		return 0; /* what is done next reports it */
	if (wrong)
		return wrong;
	leave(p);
	size_t n = strlen(p->head);
	while (n && p->head[n - 1] == '/')
		p->head[--n] = 0;
	return join(path, p->head, target);
}

/* The place of a file that exists, or will. p->links counts on. */
static int find_file(place *p, int root, const char *given, bool follow)
{
	char path[VSP_FILE_PATH];
	p->root = p->folder = root;
	int wrong = check_path(given);
	if (!wrong)
		strcpy(path, given);
	for (bool again = true; again && !wrong;) {
		again = false;
		wrong = split(p, path, true);
		if (!wrong)
			wrong = open_beneath(root, p->head, &p->links, &p->folder);
		if (!wrong && follow && strcmp(p->name, ".") != 0)
			wrong = follow_link(p, path, &again);
	}
	if (wrong)
		leave(p);
	return wrong;
}

/* ---- opening ---- */

static int open_flags(unsigned how)
{
	bool writes = how & (VSP_FILE_WRITE | VSP_FILE_TRUNCATE);
	int flags = !writes ? O_RDONLY : how & VSP_FILE_READ ? O_RDWR : O_WRONLY;
	static const struct {
		unsigned how;
		int flag;
	} map[] = {{VSP_FILE_CREATE, O_CREAT}, {VSP_FILE_ONLY_NEW, O_EXCL}, {VSP_FILE_TRUNCATE, O_TRUNC},
	        {VSP_FILE_ONLY_FOLDER, O_DIRECTORY}, {VSP_FILE_APPEND, O_APPEND}, {VSP_FILE_SYNC_DATA, O_DSYNC},
	        {VSP_FILE_SYNC, O_SYNC}};
	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		if (how & map[i].how)
			flags |= map[i].flag;
	return flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
}

/* Devices, pipes and sockets are not what a folder was granted for. */
static int check_opened(int file, vsp_file_info *info)
{
	int wrong = vsp_file_stat(file, info);
	if (!wrong && info->kind != VSP_FILE_REGULAR && info->kind != VSP_FILE_FOLDER)
		wrong = VSP_FILE_NOTCAPABLE;
	if (wrong)
		close(file);
	return wrong;
}

int vsp_file_open(int root, const char *path, bool follow, unsigned how, int *file, vsp_file_info *info)
{
	place p = {.links = 0};
	for (;;) {
		int wrong = find_file(&p, root, path, follow);
		if (wrong)
			return wrong;
		*file = openat(p.folder, p.name, open_flags(how), 0666);
		int why = *file < 0 ? errno : 0;
		leave(&p);
		if (why == ELOOP && follow && ++p.links <= VSP_FILE_LINKS)
			continue; /* it has become a link meanwhile */
		if (why == ENXIO) /* a pipe that nobody reads, or a socket */
			return VSP_FILE_NOTCAPABLE;
		return why ? vsp_posix_file_error(why) : check_opened(*file, info);
	}
}

/* ---- what describes a file ---- */

int vsp_file_path_stat(int root, const char *path, bool follow, vsp_file_info *info)
{
	place p = {.links = 0};
	struct stat st;
	int wrong = find_file(&p, root, path, follow);
	if (wrong)
		return wrong;
	wrong = fstatat(p.folder, p.name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : failure();
	if (!wrong)
		vsp_posix_file_info(&st, info);
	leave(&p);
	return wrong;
}

int vsp_file_path_set_times(int root, const char *path, bool follow, const vsp_file_times *times)
{
	place p = {.links = 0};
	struct timespec both[2];
	int wrong = find_file(&p, root, path, follow);
	if (wrong)
		return wrong;
	vsp_posix_file_times(times, both);
	wrong = utimensat(p.folder, p.name, both, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : failure();
	leave(&p);
	return wrong;
}

int vsp_file_readlink(int root, const char *path, char *target, size_t size, size_t *length)
{
	place p = {.links = 0};
	char none;
	int wrong = find_file(&p, root, path, false);
	if (wrong)
		return wrong;
	ssize_t n = readlinkat(p.folder, p.name, size ? target : &none, size ? size : 1);
	wrong = n < 0 ? failure() : 0;
	*length = n > 0 && size ? (size_t)n : 0;
	leave(&p);
	return wrong;
}

/* ---- names: made, removed and renamed ---- */

/* 0 if the place is a folder, otherwise NOTDIR or why it cannot be known. */
static int check_folder(const place *p)
{
	struct stat st;
	if (fstatat(p->folder, p->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return failure();
	return S_ISDIR(st.st_mode) ? 0 : VSP_FILE_NOTDIR;
}

/* A new name that is no folder's must not end with a slash. */
static int check_new(const place *p)
{
	int known = p->slash ? check_folder(p) : VSP_FILE_NOENT;
	return !p->slash ? 0 : known == 0 || known == VSP_FILE_NOTDIR ? VSP_FILE_EXIST : known;
}

int vsp_file_make_folder(int root, const char *path)
{
	place p;
	int wrong = find_name(&p, root, path);
	if (wrong)
		return wrong;
	wrong = mkdirat(p.folder, p.name, 0777) == 0 ? 0 : failure();
	leave(&p);
	return wrong;
}

static int remove_name(int root, const char *path, int flags)
{
	place p;
	int wrong = find_name(&p, root, path);
	if (wrong)
		return wrong;
	wrong = p.slash ? check_folder(&p) : 0;
	if (!wrong)
		wrong = unlinkat(p.folder, p.name, flags) == 0 ? 0 : failure();
	leave(&p);
	return wrong;
}

int vsp_file_remove_folder(int root, const char *path) { return remove_name(root, path, AT_REMOVEDIR); }
int vsp_file_unlink(int root, const char *path) { return remove_name(root, path, 0); }

int vsp_file_link(int root, const char *path, bool follow, int new_root, const char *new_path)
{
	place old = {.links = 0}, new;
	int wrong = find_file(&old, root, path, follow);
	if (wrong)
		return wrong;
	wrong = find_name(&new, new_root, new_path);
	if (!wrong) {
		wrong = check_new(&new);
		if (!wrong)
			wrong = linkat(old.folder, old.name, new.folder, new.name, 0) == 0 ? 0 : failure();
		leave(&new);
	}
	leave(&old);
	return wrong;
}

int vsp_file_rename(int root, const char *path, int new_root, const char *new_path)
{
	place old, new;
	int wrong = find_name(&old, root, path);
	if (wrong)
		return wrong;
	wrong = find_name(&new, new_root, new_path);
	if (!wrong) {
		wrong = old.slash || new.slash ? check_folder(&old) : 0;
		if (!wrong)
			wrong = renameat(old.folder, old.name, new.folder, new.name) == 0 ? 0 : failure();
		leave(&new);
	}
	leave(&old);
	return wrong;
}

int vsp_file_symlink(const char *target, int root, const char *path)
{
	place p;
	int wrong = find_name(&p, root, path);
	if (wrong)
		return wrong;
	wrong = check_new(&p);
	if (!wrong)
		wrong = symlinkat(target, p.folder, p.name) == 0 ? 0 : failure();
	leave(&p);
	return wrong;
}
