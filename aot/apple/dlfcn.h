/*
 * Shared objects on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_DLFCN_H
#define VSP_APPLE_DLFCN_H

#define RTLD_NOW 2
#define RTLD_LOCAL 4

typedef struct dl_info {
	const char *dli_fname;
	void *dli_fbase;
	const char *dli_sname;
	void *dli_saddr;
} Dl_info;

void *dlopen(const char *path, int mode);
void *dlsym(void *library, const char *symbol);
int dladdr(const void *address, Dl_info *info);

#endif
