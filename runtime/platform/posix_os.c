/*
 * Large pages, threads and shared objects on POSIX. Not in compiled programs, which need
 * none of them.
 */
#include "platform.h"
#include "posix_place.h"
#include "local.h"
#include "posix_signals.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/alloc.h"

#define NS_PER_S UINT64_C(1000000000)

/* ---- memory ---- */

#if !defined(MAP_NORESERVE)
#define MAP_NORESERVE 0 /* a hint that some systems lack */
#endif

#ifndef MADV_HUGEPAGE
#define MADV_HUGEPAGE MADV_NORMAL /* there are no large pages to ask for */
#endif

/*
 * A page below the one at high, in the upper three quarters of the space below it; null: no
 * randomness is available.
 */
static void *choose_page(uintptr_t high, uint64_t bytes)
{
	uint64_t page = vsp_plat_page_size(), low = high / 4, pages = (high - low) / page, random;
	if (pages <= bytes / page || !vsp_plat_random(&random, sizeof random))
		return NULL;
	return (void *)(uintptr_t)((low / page + random % (pages - bytes / page)) * page);
}

/*
 * The system puts mappings next to one another, starting from one end of the address space. The
 * chosen address is anywhere in the rest of it.
 */
void *vsp_plat_reserve_anywhere(uint64_t bytes)
{
	enum { ATTEMPTS = 4, FLAGS = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE };
	void *usual = vsp_plat_reserve(bytes);
	for (int i = 0; usual && i < ATTEMPTS; i++) {
		void *wanted = choose_page((uintptr_t)usual, bytes);
		void *p = wanted ? mmap(wanted, (size_t)bytes, PROT_NONE, FLAGS, -1, 0) : MAP_FAILED;
		if (p == wanted && wanted) {
			vsp_plat_release(usual, bytes);
			return p;
		}
		if (p != MAP_FAILED) /* the place is taken */
			vsp_plat_release(p, bytes);
	}
	return usual;
}

void vsp_plat_prefer_large_pages(void *address, uint64_t bytes) { madvise(address, (size_t)bytes, MADV_HUGEPAGE); }

/* ---- threads ---- */

struct vsp_plat_thread {
	pthread_t handle;
	void (*fn)(void *);
	void *arg;
	vsp_posix_place place;
};

static void *thread_main(void *opaque)
{
	vsp_plat_thread *t = opaque;
	vsp_posix_place_anywhere(&t->place);
	vsp_plat_fp_text_enter(); /* for the rest of the thread's life: new threads inherit their creator's modes */
	t->fn(t->arg);
	return NULL;
}

/* 0, or an error number. */
static int create(vsp_plat_thread *t, bool elsewhere, bool deep)
{
	enum { GUARD = 64 << 10 };
	pthread_attr_t attributes;
	sigset_t saved;
	int failed = pthread_attr_init(&attributes);
	if (failed)
		return failed;
	if (deep) {
		pthread_attr_setstacksize(&attributes, VSP_PLAT_THREAD_STACK);
		pthread_attr_setguardsize(&attributes, GUARD);
	}
	t->place.chosen = false;
	if (elsewhere)
		vsp_posix_place_elsewhere(&t->place, &attributes);
	vsp_posix_hold_signals(&saved);
	failed = pthread_create(&t->handle, &attributes, thread_main, t);
	pthread_sigmask(SIG_SETMASK, &saved, NULL);
	pthread_attr_destroy(&attributes);
	return failed;
}

vsp_plat_thread *vsp_plat_thread_start(void (*fn)(void *), void *arg)
{
	vsp_plat_thread *t = vsp_alloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->fn = fn;
	t->arg = arg;
	vsp_posix_listen_to_forks();
	/* A processor may have gone in the meantime, or there may be less address space. */
	if (create(t, true, true) == 0 || create(t, false, true) == 0 || create(t, false, false) == 0)
		return t;
	vsp_free_memory(t);
	return NULL;
}

void vsp_plat_thread_join(vsp_plat_thread *thread)
{
	pthread_join(thread->handle, NULL);
	vsp_free_memory(thread);
}

void vsp_plat_thread_park(void)
{
	for (;;)
		pause();
}

void vsp_plat_thread_leave(vsp_plat_thread *thread)
{
	pthread_detach(thread->handle);
	vsp_free_memory(thread);
}

void vsp_plat_call_once(vsp_plat_once *once, void (*fn)(void))
{
	static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
	if (atomic_load_explicit(&once->done, memory_order_acquire))
		return;
	vsp_plat_fork_hold(); /* a child of fork could wait for ever */
	pthread_mutex_lock(&one_at_a_time);
	if (!atomic_load(&once->done)) {
		fn();
		atomic_store(&once->done, 1);
	}
	pthread_mutex_unlock(&one_at_a_time);
	vsp_plat_fork_release();
}

struct vsp_plat_mutex {
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

/*
 * Waits end by the monotonic clock. macOS has no condition variables for that, but waits relative
 * to now.
 */
#if defined(__APPLE__)
static int changed_init(pthread_cond_t *changed) { return pthread_cond_init(changed, NULL); }
static int changed_wait(vsp_plat_mutex *m, uint64_t timeout_ns)
{
	struct timespec t = {(time_t)(timeout_ns / NS_PER_S), (long)(timeout_ns % NS_PER_S)};
	return pthread_cond_timedwait_relative_np(&m->changed, &m->lock, &t);
}
#else
static int changed_init(pthread_cond_t *changed)
{
	pthread_condattr_t attributes;
	if (pthread_condattr_init(&attributes) != 0)
		return -1;
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	int failed = pthread_cond_init(changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return failed;
}
static int changed_wait(vsp_plat_mutex *m, uint64_t timeout_ns)
{
	uint64_t now = vsp_plat_clock_ns(), end = now + timeout_ns;
	if (end < now || end / NS_PER_S > INT32_MAX) /* beyond the range of every time_t: for ever */
		return pthread_cond_wait(&m->changed, &m->lock);
	struct timespec t = {(time_t)(end / NS_PER_S), (long)(end % NS_PER_S)};
	return pthread_cond_timedwait(&m->changed, &m->lock, &t);
}
#endif

vsp_plat_mutex *vsp_plat_mutex_create(void)
{
	vsp_plat_mutex *m = vsp_alloc(1, sizeof *m);
	if (!m)
		return NULL;
	if (pthread_mutex_init(&m->lock, NULL) == 0) {
		if (changed_init(&m->changed) == 0)
			return m;
		pthread_mutex_destroy(&m->lock);
	}
	vsp_free_memory(m);
	return NULL;
}

void vsp_plat_mutex_destroy(vsp_plat_mutex *mutex)
{
	if (!mutex)
		return;
	pthread_cond_destroy(&mutex->changed);
	pthread_mutex_destroy(&mutex->lock);
	vsp_free_memory(mutex);
}

void vsp_plat_mutex_renew(vsp_plat_mutex *mutex)
{
	pthread_mutex_init(&mutex->lock, NULL);
	changed_init(&mutex->changed);
}

void vsp_plat_mutex_lock(vsp_plat_mutex *mutex) { pthread_mutex_lock(&mutex->lock); }
void vsp_plat_mutex_unlock(vsp_plat_mutex *mutex) { pthread_mutex_unlock(&mutex->lock); }
void vsp_plat_mutex_signal(vsp_plat_mutex *mutex) { pthread_cond_broadcast(&mutex->changed); }

bool vsp_plat_mutex_wait(vsp_plat_mutex *mutex, uint64_t timeout_ns)
{
	if (timeout_ns == UINT64_MAX)
		return pthread_cond_wait(&mutex->changed, &mutex->lock) == 0;
	return changed_wait(mutex, timeout_ns) != ETIMEDOUT;
}

/* ---- shared objects ---- */

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
 * changes its folder, it means another file, which may be anybody's.
 */
bool vsp_plat_object_path(const void *address, char *path, size_t size)
{
	Dl_info info;
	if (!dladdr(address, &info) || !info.dli_fname)
		return false;
	if (*info.dli_fname != '/')
		return mapped_file(address, path, size);
	size_t n = strlen(info.dli_fname);
	if (n < size)
		memcpy(path, info.dli_fname, n + 1);
	return n < size;
}

/* Cuts a path after its last slash. */
static bool cut_to_folder(char *path)
{
	char *slash = strrchr(path, '/');
	if (slash)
		slash[1] = '\0';
	return slash != NULL;
}

bool vsp_plat_own_folder(char *folder, size_t size)
{
	return vsp_plat_object_path(&anchor, folder, size) && cut_to_folder(folder);
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
	return cut_to_folder(folder);
}

/* The callback for a file that may be the library; true: stop the search. */
typedef struct library_visit {
	bool (*fn)(void *user, const char *path);
	void *user;
	const char *name;
} library_visit;

static bool visit_within(const library_visit *v, const char *folder, const char *below)
{
	char path[4096];
	int n = snprintf(path, sizeof path, "%s%s%s", folder, below, v->name);
	return n > 0 && (size_t)n < sizeof path && v->fn(v->user, path);
}

/*
 * Searches from a program's folder, or that of libvsp beside it: where shared objects are
 * installed, and then where they are in a build tree.
 */
static bool visit_from(const library_visit *v, const char *folder)
{
	return visit_within(v, folder, VSP_LIBRARIES_FROM_PROGRAMS) || visit_within(v, folder, "../lib/");
}

/*
 * Programs have no run path for this: the loader would also look there for each of the C library's
 * objects, in a dozen folders.
 */
bool vsp_plat_library_paths(const char *name, bool (*fn)(void *user, const char *path), void *user)
{
	const library_visit v = {fn, user, name};
	char folder[2048];
	if (named_folder() && visit_within(&v, named_folder(), "/"))
		return true;
	if (vsp_plat_own_folder(folder, sizeof folder) && (visit_within(&v, folder, "") || visit_from(&v, folder)))
		return true;
	return program_folder(folder, sizeof folder) && visit_from(&v, folder);
}

static bool open_library(void *library, const char *path)
{
	*(void **)library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	return *(void **)library != NULL;
}

void *vsp_plat_dlopen(const char *name)
{
	void *library = NULL;
	return vsp_plat_library_paths(name, open_library, &library) ? library : dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

void *vsp_plat_dlsym(void *library, const char *symbol) { return dlsym(library, symbol); }
