/*
 * Shared objects on POSIX: where they are, and opening those of VSP and of others. Folders are
 * absolute, never the current one.
 */
#include "library_folders.h"
#include "library_names.h"
#include "platform.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* From a program's folder to that of shared objects; compiled programs know no installation. */
#ifndef VSP_LIBRARIES_FROM_PROGRAMS
#define VSP_LIBRARIES_FROM_PROGRAMS "../lib/"
#endif

/* Static programs have no loader. */
#ifndef VSP_OPENS_LIBRARIES
#define VSP_OPENS_LIBRARIES true
#endif

/* An object in this shared object for dladdr, which takes no function pointers in ISO C. */
static const char anchor;

/*
 * The file mapped at an address, if the system tells: a line of its list is "low-high mode offset
 * device node path".
 */
static bool mapped_file(const void *address, char *path, size_t size)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4096 + 128];
	bool found = false;
	while (maps && !found && fgets(line, sizeof line, maps)) {
		unsigned long long low, high;
		const char *slash = strchr(line, '/');
		size_t n = slash ? strcspn(slash, "\n") : 0;
		if (sscanf(line, "%llx-%llx", &low, &high) != 2 || (uintptr_t)address < low ||
		        (uintptr_t)address >= high)
			continue;
		if (n == 0 || n >= size)
			break;
		memcpy(path, slash, n);
		path[n] = '\0';
		found = true;
	}
	if (maps)
		fclose(maps);
	return found;
}

/*
 * Programs and objects that were opened by a relative name are known by that name. Once the host
 * changes its folder, it means another file, which may be anybody's. Static programs know no names.
 */
bool vsp_plat_object_path(const void *address, char *path, size_t size)
{
	Dl_info info;
	if (!dladdr(address, &info) || !info.dli_fname || *info.dli_fname != '/')
		return mapped_file(address, path, size);
	size_t n = strlen(info.dli_fname);
	if (n < size)
		memcpy(path, info.dli_fname, n + 1);
	return n < size;
}

bool vsp_plat_own_folder(char *folder, size_t size)
{
	return vsp_plat_object_path(&anchor, folder, size) && vsp_cut_to_folder(folder);
}

/*
 * VSP_LIBRARY_DIR, for hosts that are somewhere else; ignored in programs with more rights than
 * their user.
 */
static const char *named_folder(void)
{
	const char *folder = getuid() == geteuid() && getgid() == getegid() ? getenv("VSP_LIBRARY_DIR") : NULL;
	return folder && *folder == '/' ? folder : NULL;
}

/*
 * The same for the program, which may have been found by a search for its name; if the system
 * tells.
 */
static bool program_folder(char *folder, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", folder, size);
	if (n <= 0 || (size_t)n >= size)
		return false;
	folder[n] = '\0';
	return vsp_cut_to_folder(folder);
}

/*
 * Searches from a program's folder, or that of libvsp beside it: where shared objects are
 * installed, and then where they are in a build tree.
 */
static bool visit_from(const vsp_library_visit *v, const char *folder)
{
	return vsp_library_visit_within(v, folder, VSP_LIBRARIES_FROM_PROGRAMS) ||
	       vsp_library_visit_within(v, folder, "../lib/");
}

/*
 * Programs have no run path for this: the loader would also look there for each of the C library's
 * objects, in a dozen folders.
 */
bool vsp_plat_library_paths(const char *name, bool (*fn)(void *user, const char *path), void *user)
{
	const vsp_library_visit v = {fn, user, name};
	char folder[2048];
	if (named_folder() && vsp_library_visit_within(&v, named_folder(), "/"))
		return true;
	if (vsp_plat_own_folder(folder, sizeof folder) &&
	        (vsp_library_visit_within(&v, folder, "") || visit_from(&v, folder)))
		return true;
	return program_folder(folder, sizeof folder) && visit_from(&v, folder);
}

bool vsp_plat_opens_libraries(void) { return VSP_OPENS_LIBRARIES; }

/* The loader would wait for ever at a FIFO. */
static bool is_ordinary(const char *path)
{
	struct stat s;
	return stat(path, &s) == 0 && S_ISREG(s.st_mode);
}

static bool open_library(void *library, const char *path)
{
	*(void **)library = is_ordinary(path) ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
	return *(void **)library != NULL;
}

void *vsp_plat_dlopen(const char *name)
{
	void *library = NULL;
	return vsp_plat_library_paths(name, open_library, &library) ? library : dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

void *vsp_plat_dlsym(void *library, const char *symbol) { return dlsym(library, symbol); }

/* ---- libraries of others ---- */

/* Ignored in programs with more rights than their user, as VSP_LIBRARY_DIR is. */
static const char *named_file(const char *variable)
{
	const char *path = getuid() == geteuid() && getgid() == getegid() ? getenv(variable) : NULL;
	return path && *path ? path : NULL;
}

static void *open_named(const char *variable, const char *path, char *why, size_t size)
{
	void *library = NULL;
	const char *problem = NULL;
	if (*path != '/')
		problem = "is no absolute path";
	else if (!is_ordinary(path))
		problem = "is no ordinary file";
	else if (!open_library(&library, path))
		problem = "is no shared object that can be loaded";
	if (problem)
		snprintf(why, size, "%s names '%.60s', which %s", variable, path, problem);
	return library;
}

void *vsp_plat_library_open(const char *variable, const char *name, const char *brings, char *why, size_t size)
{
	char below[64];
	void *library = NULL;
	const char *named = named_file(variable);
	if (!VSP_OPENS_LIBRARIES) {
		snprintf(why, size, "%s" VSP_LIBRARIES_NEVER, name);
		return NULL;
	}
	if (named)
		return open_named(variable, named, why, size);
	snprintf(below, sizeof below, "vsp/%s", name);
	if (!vsp_plat_library_paths(below, open_library, &library))
		library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		snprintf(why, size, "%s is not there: %s, or let %s name it", name, brings, variable);
	return library;
}

void vsp_plat_env_default(const char *name, const char *value) { setenv(name, value, 0); }
