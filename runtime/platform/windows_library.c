/*
 * Shared objects on Windows: where they are, and opening those of VSP and of others. Only absolute
 * paths and the system's own folder are searched, never the current one.
 */
#include "library_folders.h"
#include "library_names.h"
#include "platform.h"
#include "windows_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/alloc.h"

/* An object in this module. */
static const char anchor;

static bool path_of_module(HMODULE module, char *path, size_t size)
{
	enum { MOST = 4096 };
	wchar_t *wide = vsp_alloc(MOST, sizeof *wide);
	DWORD n = wide ? GetModuleFileNameW(module, wide, MOST) : 0;
	bool good = n && n < MOST && vsp_windows_path_out(wide, path, size);
	vsp_free_memory(wide);
	return good;
}

bool vsp_plat_object_path(const void *address, char *path, size_t size)
{
	enum { HOW = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT };
	HMODULE module;
	return GetModuleHandleExW(HOW, (const wchar_t *)address, &module) && path_of_module(module, path, size);
}

bool vsp_plat_own_folder(char *folder, size_t size)
{
	return vsp_plat_object_path(&anchor, folder, size) && vsp_cut_to_folder(folder);
}

/* An environment variable in UTF-8, to be freed; null: it is not set, or is empty. */
static char *variable_of(const char *name)
{
	wchar_t *wide = vsp_windows_wide(name);
	DWORD n = wide ? GetEnvironmentVariableW(wide, NULL, 0) : 0;
	wchar_t *value = n > 1 ? vsp_alloc(n, sizeof *value) : NULL;
	char *text = value && GetEnvironmentVariableW(wide, value, n) ? vsp_windows_utf8(value) : NULL;
	vsp_free_memory(value);
	vsp_free_memory(wide);
	return text;
}

/* A drive and a slash: a path that means the same wherever the process is. */
static bool is_fixed(const char *path) { return path[0] && path[1] == ':' && (path[2] == '/' || path[2] == '\\'); }

/* Beside this code, and beside the program: DLLs are in the folder of programs. */
bool vsp_plat_library_paths(const char *name, bool (*fn)(void *user, const char *path), void *user)
{
	const vsp_library_visit v = {fn, user, name};
	char folder[2048], *named = variable_of("VSP_LIBRARY_DIR");
	bool found = named && is_fixed(named) && vsp_library_visit_within(&v, named, "/");
	vsp_free_memory(named);
	if (found || (vsp_plat_own_folder(folder, sizeof folder) && vsp_library_visit_within(&v, folder, "")))
		return true;
	return path_of_module(NULL, folder, sizeof folder) && vsp_cut_to_folder(folder) &&
	       vsp_library_visit_within(&v, folder, "");
}

/* What it needs itself may be beside it. */
static HMODULE open_path(const char *path)
{
	wchar_t *wide = vsp_windows_path(path);
	for (wchar_t *c = wide; c && (c = wcschr(c, '/')) != NULL;)
		*c = '\\'; /* the loader takes no others in absolute paths */
	DWORD how = LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS;
	HMODULE library = wide ? LoadLibraryExW(wide, NULL, how) : NULL;
	vsp_free_memory(wide);
	return library;
}

static bool open_library(void *library, const char *path)
{
	*(void **)library = open_path(path);
	return *(void **)library != NULL;
}

static void *open_of_system(const char *name)
{
	wchar_t *wide = vsp_windows_wide(name);
	HMODULE library = wide ? LoadLibraryExW(wide, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32) : NULL;
	vsp_free_memory(wide);
	return library;
}

void *vsp_plat_dlopen(const char *name)
{
	void *library = NULL;
	return vsp_plat_library_paths(name, open_library, &library) ? library : open_of_system(name);
}

void *vsp_plat_dlsym(void *library, const char *symbol) { return (void *)(uintptr_t)GetProcAddress(library, symbol); }

/* ---- libraries of others ---- */

bool vsp_plat_opens_libraries(void) { return true; }

static void *open_named(const char *variable, const char *path, char *why, size_t size)
{
	void *library = is_fixed(path) ? open_path(path) : NULL;
	if (!library)
		snprintf(why, size, "%s names '%.60s', which %s", variable, path,
		        is_fixed(path) ? "cannot be opened" : "is no absolute path");
	return library;
}

void *vsp_plat_library_open(const char *variable, const char *name, const char *brings, char *why, size_t size)
{
	char below[64], *named = variable_of(variable);
	void *library = NULL;
	if (named) {
		library = open_named(variable, named, why, size);
		vsp_free_memory(named);
		return library;
	}
	snprintf(below, sizeof below, "vsp/%s", name);
	if (!vsp_plat_library_paths(below, open_library, &library))
		library = open_of_system(name);
	if (!library)
		snprintf(why, size, "%s is not there: %s, or let %s name it", name, brings, variable);
	return library;
}

/* The C library has a copy of its own, which such libraries may or may not read. */
void vsp_plat_env_default(const char *name, const char *value)
{
	if (getenv(name))
		return;
	SetEnvironmentVariableA(name, value);
	_putenv_s(name, value);
}
