/* Folders in which platforms look for shared objects. */
#ifndef VSP_RUNTIME_LIBRARY_FOLDERS_H
#define VSP_RUNTIME_LIBRARY_FOLDERS_H

#include <stdbool.h>

/* Cuts a path after its last slash. False: it has none. */
bool vsp_cut_to_folder(char *path);

/* The callback for a file that may be the library; true: stop the search. */
typedef struct vsp_library_visit {
	bool (*fn)(void *user, const char *path);
	void *user;
	const char *name;
} vsp_library_visit;

/* Calls it for the file folder + below + name. */
bool vsp_library_visit_within(const vsp_library_visit *v, const char *folder, const char *below);

#endif
