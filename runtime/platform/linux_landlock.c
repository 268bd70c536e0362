/*
 * The limits on files (landlock(7)): files that are not named are refused. Systems may have the
 * call without its header, so the definitions needed are here. Rights that the running kernel does
 * not know are left out; the oldest kernel with Landlock knows the first thirteen.
 */
#include "linux_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset /* the same on every machine */
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

/* ---- the kernel's names and layouts ---- */

enum { VERSION_ASKED = 1, RULE_PATH = 1 };

enum {
	WRITE_FILE = 1 << 1,
	READ_FILE = 1 << 2,
	READ_DIR = 1 << 3,
	REMOVE_DIR = 1 << 4,
	REMOVE_FILE = 1 << 5,
	MAKE_DIR = 1 << 7,
	MAKE_REG = 1 << 8,
	MAKE_LINK = 1 << 12,
	MOVE = 1 << 13, /* from one folder to another, and links between them */
	TRUNCATE = 1 << 14,
};

typedef struct ruleset {
	uint64_t files, network, scoped;
} ruleset;

typedef struct path_rule {
	uint64_t rights;
	int32_t path;
} __attribute__((packed)) path_rule;

/* Everything that a version of Landlock can limit; all of it is limited. */
static ruleset everything(long version)
{
	static const unsigned char file_rights[] = {0, 13, 14, 15, 15, 16};
	unsigned last = sizeof file_rights - 1, v = version < (long)last ? (unsigned)version : last;
	return (ruleset){.files = (UINT64_C(1) << file_rights[v]) - 1,
	        .network = version >= 4 ? 3 : 0, /* binding and connecting by TCP */
	        .scoped = version >= 6 ? 3 : 0}; /* sockets without a name, signals */
}

/* ---- rules ---- */

typedef struct rules {
	int set;
	uint64_t known; /* the rights that the kernel knows */
} rules;

static bool allow(const rules *r, const char *path, uint64_t rights)
{
	path_rule rule = {.path = open(path, O_PATH | O_CLOEXEC)};
	struct stat st;
	if (rule.path < 0) /* it does not exist, or does not concern us */
		return false;
	if (fstat(rule.path, &st) == 0 && !S_ISDIR(st.st_mode))
		rights &= WRITE_FILE | READ_FILE | TRUNCATE;
	rule.rights = rights & r->known;
	syscall(SYS_landlock_add_rule, r->set, RULE_PATH, &rule, 0);
	close(rule.path);
	return true;
}

/* The first file that exists is the one that will be opened. */
static bool allow_read(void *user, const char *path) { return allow(user, path, READ_FILE); }

/* The place where the loader looks first. */
static void allow_loader_path(const rules *r)
{
	char folder[4096];
	const char *list = getenv("LD_LIBRARY_PATH");
	while (list && *list) {
		size_t n = strcspn(list, ":;");
		if (n && n < sizeof folder) {
			memcpy(folder, list, n);
			folder[n] = 0;
			allow(r, folder, READ_FILE);
		}
		list += n + (list[n] != 0);
	}
}

/*
 * Allows what a library needs that is not open yet, and the library itself if only the loader knows
 * it.
 */
static void allow_loader(const rules *r)
{
	static const char *const paths[] = {
#define PATH(path, why) path,
#include "confine_paths.def"
	};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		allow(r, paths[i], READ_FILE);
	allow_loader_path(r);
}

/* After code has been compiled, the extent of the first thread's stack is asked for. */
static void allow_library(rules *r, const vsp_plat_confinement *c)
{
	allow(r, "/proc/self/maps", READ_FILE);
	if (!vsp_plat_library_paths(c->library, allow_read, r) || !c->library_alone)
		allow_loader(r);
}

static void allow_all(rules *r, const vsp_plat_confinement *c)
{
	const uint64_t whole =
	        WRITE_FILE | READ_FILE | READ_DIR | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | TRUNCATE;
	for (const char *const *folder = c->folders; folder && *folder; folder++)
		allow(r, *folder, whole);
	for (const vsp_plat_grant *g = c->grants; g && g->folder; g++)
		allow(r, g->folder, g->read_only ? READ_FILE | READ_DIR : whole | MAKE_LINK | MOVE);
	if (c->scratch)
		allow(r, c->scratch, whole);
	if (c->cleared)
		allow(r, c->cleared, READ_DIR | REMOVE_DIR | REMOVE_FILE);
	if (c->library)
		allow_library(r, c);
}

const char *vsp_linux_limit_files(const vsp_plat_confinement *c)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_ASKED);
	if (version < 1)
		return strerror(version < 0 ? errno : ENOSYS);
	ruleset all = everything(version);
	rules r = {.set = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0), .known = all.files};
	if (r.set < 0)
		return strerror(errno);
	allow_all(&r, c);
	const char *why = syscall(SYS_landlock_restrict_self, r.set, 0) == 0 ? NULL : strerror(errno);
	close(r.set);
	return why;
}
