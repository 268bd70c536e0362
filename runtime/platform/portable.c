/*
 * The platform in C11 alone, for hosts without an operating system that VSP knows
 * (-DVSP_PLATFORM=portable), and for WebAssembly. It has no guard pages, so memories have explicit
 * checks, and no threads of its own or shared objects, without which all callers can work. The rest
 * of this platform is in portable_calls.c or wasm.c.
 */
#include "library_names.h"
#include "platform.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "read_all.h"
#include "runtime/base/alloc.h"

/* ---- address space: none to reserve ---- */

size_t vsp_plat_page_size(void) { return 4096; }

void *vsp_plat_reserve(uint64_t bytes)
{
	(void)bytes;
	return NULL;
}

void *vsp_plat_reserve_anywhere(uint64_t bytes) { return vsp_plat_reserve(bytes); }

bool vsp_plat_commit(void *address, uint64_t bytes)
{
	(void)address;
	(void)bytes;
	return false;
}

void vsp_plat_prefer_large_pages(void *address, uint64_t bytes)
{
	(void)address;
	(void)bytes;
}

bool vsp_plat_decommit(void *address, uint64_t bytes)
{
	(void)address;
	(void)bytes;
	return false;
}

bool vsp_plat_discard(void *address, uint64_t bytes)
{
	(void)address;
	(void)bytes;
	return false;
}

bool vsp_plat_make_executable(void *address, uint64_t bytes)
{
	(void)address;
	(void)bytes;
	return false;
}

bool vsp_plat_make_read_only(void *address, uint64_t bytes)
{
	(void)address;
	(void)bytes;
	return false;
}

void vsp_plat_release(void *address, uint64_t bytes)
{
	(void)address;
	(void)bytes;
}

bool vsp_plat_has_guard(void) { return false; }

/* ---- threads: only those of the host ---- */

vsp_plat_thread *vsp_plat_thread_start(void (*fn)(void *), void *arg)
{
	(void)fn;
	(void)arg;
	return NULL;
}

unsigned vsp_plat_processors(void) { return 1; }
bool vsp_plat_processor_is_idle(void) { return true; }
void vsp_plat_thread_join(vsp_plat_thread *thread) { (void)thread; }
void vsp_plat_thread_leave(vsp_plat_thread *thread) { (void)thread; }

/* For threads that thread_start has started, of which there are none. */
void vsp_plat_thread_park(void)
{
	for (;;)
		;
}

void vsp_plat_call_once(vsp_plat_once *once, void (*fn)(void))
{
	static atomic_flag held = ATOMIC_FLAG_INIT;
	while (atomic_flag_test_and_set(&held))
		;
	if (!atomic_load(&once->done)) {
		fn();
		atomic_store(&once->done, 1);
	}
	atomic_flag_clear(&held);
}

/* A spin lock, because the host may have threads; waiting counts the signals seen. */
struct vsp_plat_mutex {
	atomic_flag held;
	_Atomic uint32_t signals;
};

vsp_plat_mutex *vsp_plat_mutex_create(void)
{
	vsp_plat_mutex *m = vsp_alloc(1, sizeof *m);
	if (m)
		atomic_flag_clear(&m->held);
	return m;
}

void vsp_plat_mutex_destroy(vsp_plat_mutex *mutex) { vsp_free_memory(mutex); }

void vsp_plat_mutex_renew(vsp_plat_mutex *mutex) { atomic_flag_clear(&mutex->held); }

void vsp_plat_mutex_lock(vsp_plat_mutex *mutex)
{
	while (atomic_flag_test_and_set_explicit(&mutex->held, memory_order_acquire))
		;
}

void vsp_plat_mutex_unlock(vsp_plat_mutex *mutex) { atomic_flag_clear_explicit(&mutex->held, memory_order_release); }

void vsp_plat_mutex_signal(vsp_plat_mutex *mutex) { atomic_fetch_add(&mutex->signals, 1); }

bool vsp_plat_mutex_wait(vsp_plat_mutex *mutex, uint64_t timeout_ns)
{
	uint32_t seen = atomic_load(&mutex->signals);
	uint64_t start = vsp_plat_clock_ns();
	vsp_plat_mutex_unlock(mutex);
	while (atomic_load(&mutex->signals) == seen)
		if (timeout_ns != UINT64_MAX && vsp_plat_clock_ns() - start >= timeout_ns)
			break;
	vsp_plat_mutex_lock(mutex);
	return atomic_load(&mutex->signals) != seen;
}

/* ---- files ---- */

/* errno's message, or a general one where the library sets none. */
static const char *reason(const char *otherwise) { return errno ? strerror(errno) : otherwise; }

/* A part of a stream; a short one means its end or an error. */
static long read_some(void *source, uint8_t *to, size_t room, const char **error)
{
	size_t n = fread(to, 1, room, source);
	if (n || !ferror((FILE *)source))
		return (long)n;
	*error = reason("Input/output error");
	return -1;
}

uint8_t *vsp_plat_file_read(const char *path, uint64_t limit, size_t *size, const char **error)
{
	errno = 0;
	FILE *f = fopen(path, "rb");
	if (!f) {
		*error = reason("Cannot open the file");
		return NULL;
	}
	uint8_t *data = vsp_read_all(read_some, f, 65536, limit, size, error);
	fclose(f);
	return data;
}

void vsp_plat_file_free(uint8_t *data, size_t size)
{
	(void)size;
	vsp_free_memory(data);
}

const char *vsp_plat_real_path(const char *path, char *out, size_t size)
{
	for (const char *part = path; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
		if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || !part[2]))
			return "it is in a folder further up";
	if (strlen(path) >= size)
		return "its name is too long";
	strcpy(out, path);
	return NULL;
}

uint8_t *vsp_plat_real_read(const char *real, uint64_t limit, size_t *size, const char **error)
{
	return vsp_plat_file_read(real, limit, size, error);
}

/*
 * Creates name, which must not exist, with the data. Returns null, or a message, and then name does
 * not exist.
 */
static const char *create_file(const char *name, const void *data, size_t size)
{
	errno = 0;
	FILE *f = fopen(name, "wbx");
	if (!f)
		return reason("Cannot create the file");
	bool good = fwrite(data, 1, size, f) == size;
	good = fclose(f) == 0 && good;
	if (good)
		return NULL;
	const char *why = reason("Cannot write the file");
	remove(name);
	return why;
}

/*
 * Overwrites the existing file in place: C11 cannot tell a file from a device, which must not be
 * replaced, and knows nothing of permissions. Returns null or a message.
 */
static const char *overwrite_file(const char *name, const void *data, size_t size)
{
	errno = 0;
	FILE *f = fopen(name, "wb");
	if (!f)
		return reason("Cannot open the file");
	bool good = fwrite(data, 1, size, f) == size;
	good = fclose(f) == 0 && good;
	return good ? NULL : reason("Cannot write the file");
}

/* Is there a file that can be written to? If not, a new file is created. */
static bool can_overwrite(const char *path)
{
	FILE *f = fopen(path, "r+b");
	return f && fclose(f) == 0;
}

/* A new file appears whole, by renaming one created beside it. */
struct vsp_plat_output {
	char *temporary;
	char path[];
};

/* If no file can be created there, the output cannot be written. */
static const char *try_output(const vsp_plat_output *o)
{
	if (!*o->path)
		return "No such file or directory";
	if (can_overwrite(o->path))
		return NULL;
	const char *why = create_file(o->temporary, "", 0);
	if (!why)
		remove(o->temporary);
	return why;
}

vsp_plat_output *vsp_plat_output_open(const char *path, const char **why)
{
	size_t n = strlen(path) + 1;
	vsp_plat_output *o = vsp_alloc(sizeof *o + n, 1);
	*why = "Cannot allocate memory";
	if (!o)
		return NULL;
	memcpy(o->path, path, n);
	o->temporary = vsp_alloc(n + 4, 1);
	if (o->temporary) {
		sprintf(o->temporary, "%s.tmp", path);
		*why = try_output(o);
	}
	if (!*why)
		return o;
	vsp_plat_output_cancel(o);
	return NULL;
}

const char *vsp_plat_output_finish(vsp_plat_output *o, const void *data, size_t size)
{
	if (can_overwrite(o->path)) {
		const char *failed = overwrite_file(o->path, data, size);
		vsp_plat_output_cancel(o);
		return failed;
	}
	const char *why = create_file(o->temporary, data, size);
	errno = 0;
	if (!why && rename(o->temporary, o->path) != 0) {
		why = reason("Cannot rename the file");
		remove(o->temporary);
	}
	vsp_plat_output_cancel(o);
	return why;
}

void vsp_plat_output_cancel(vsp_plat_output *o)
{
	if (!o)
		return;
	vsp_free_memory(o->temporary);
	vsp_free_memory(o);
}

bool vsp_plat_same_file(const char *a, const char *b) { return strcmp(a, b) == 0; }

const char *vsp_plat_make_own_folder(const char *path)
{
	(void)path;
	return "this platform makes no folders";
}

void vsp_plat_remove_folder(const char *path) { (void)path; }

/* ---- no signals, and no other processes ---- */

void vsp_plat_on_end(void (*fn)(int number)) { (void)fn; }
void vsp_plat_end_by(int number) { (void)number; }
uint64_t vsp_plat_peak_memory(void) { return 0; }

int vsp_plat_supervise(int (*work)(void *arg), void (*clean)(void *arg), void *arg, const char **died)
{
	(void)clean;
	*died = NULL;
	return work(arg);
}

bool vsp_plat_make_folder(const char *path)
{
	(void)path;
	return false;
}

const char *vsp_plat_file_replaceable(const char *path)
{
	(void)path;
	return NULL;
}

/* ---- shared objects: none ---- */

bool vsp_plat_own_folder(char *folder, size_t size)
{
	(void)folder, (void)size;
	return false;
}

bool vsp_plat_library_paths(const char *name, bool (*fn)(void *user, const char *path), void *user)
{
	(void)name, (void)fn, (void)user;
	return false;
}

bool vsp_plat_opens_libraries(void) { return false; }

void *vsp_plat_dlopen(const char *name)
{
	(void)name;
	return NULL;
}

void *vsp_plat_dlsym(void *library, const char *symbol)
{
	(void)library;
	(void)symbol;
	return NULL;
}

void *vsp_plat_library_open(const char *variable, const char *name, const char *brings, char *why, size_t size)
{
	(void)variable, (void)brings;
	snprintf(why, size, "%s" VSP_LIBRARIES_NEVER, name);
	return NULL;
}

void vsp_plat_env_default(const char *name, const char *value) { (void)name, (void)value; }

bool vsp_plat_object_path(const void *address, char *path, size_t size)
{
	(void)address, (void)path, (void)size;
	return false;
}

/* ---- more of files that C11 does not tell ---- */

bool vsp_plat_file_stamp(const char *path, vsp_plat_stamp *stamp)
{
	(void)path, (void)stamp;
	return false;
}

bool vsp_plat_directory_list(const char *path, void (*fn)(void *user, const char *name), void *user)
{
	(void)path, (void)fn, (void)user;
	return false;
}

bool vsp_plat_remove(const char *path) { return remove(path) == 0; }

/* ---- no way to stop a thread ---- */

bool vsp_plat_has_stopper(void) { return false; }
vsp_plat_stopper *vsp_plat_stopper_create(void) { return NULL; }
void vsp_plat_stopper_destroy(vsp_plat_stopper *stopper) { (void)stopper; }
bool vsp_plat_stopper_is_mine(const vsp_plat_stopper *stopper) { return stopper == NULL; }
void vsp_plat_stopper_fire(vsp_plat_stopper *stopper) { (void)stopper; }
void vsp_plat_stopper_rest(vsp_plat_stopper *stopper) { (void)stopper; }

/* ---- programs: none can be started ---- */

vsp_plat_log *vsp_plat_log_create(const char *path, bool announce, const char **why)
{
	(void)path, (void)announce;
	*why = "this build has no files that grow";
	return NULL;
}

bool vsp_plat_log_append(vsp_plat_log *log, const void *data, size_t size)
{
	(void)log, (void)data, (void)size;
	return false;
}

void vsp_plat_log_close(vsp_plat_log *log) { (void)log; }

uint32_t vsp_plat_process_id(void) { return 0; }

vsp_plat_run_result vsp_plat_run(const char *const *words, char *output, size_t size, int *status)
{
	(void)words, (void)status;
	if (size)
		output[0] = 0;
	return VSP_PLAT_RUN_FAILED;
}

/* ---- no signals, and only one stack ---- */

unsigned vsp_plat_signals_open(void) { return 0; }
void vsp_plat_signals_close(unsigned blocked) { (void)blocked; }

bool vsp_plat_changes_stacks(void) { return false; }

void vsp_plat_call_on_stack(void *top, void (*fn)(void *), void *arg)
{
	(void)top;
	fn(arg);
}

/* ---- no fork ---- */

void vsp_plat_fork_hold(void) {}
void vsp_plat_fork_release(void) {}
bool vsp_plat_fork_lost(void) { return false; }

FILE *vsp_plat_stream_open(const char *path, bool write) { return fopen(path, write ? "wb" : "rb"); }
