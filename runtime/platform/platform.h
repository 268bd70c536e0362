/*
 * The interface to the operating system: everything of it that VSP uses. Source files per platform,
 * chosen in CMake, implement this header (runtime/platform/posix.c, for example); no code above it
 * may include an operating system's header.
 */
#ifndef VSP_RUNTIME_PLATFORM_H
#define VSP_RUNTIME_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ---- address space ---- */

/* The size of a page of the machine's memory. */
size_t vsp_plat_page_size(void);
/*
 * Reserves inaccessible address space, aligned to a page. Null: there is not enough, or the
 * platform never has any.
 */
void *vsp_plat_reserve(uint64_t bytes);
/*
 * The same at an address that does not reveal where anything else lies. Not in compiled programs.
 */
void *vsp_plat_reserve_anywhere(uint64_t bytes);
/* Makes pages of a reservation accessible and zeroed. False: out of memory. */
bool vsp_plat_commit(void *address, uint64_t bytes);
/* Committed pages are about to be used as a whole: if the system has large pages, they are used. */
void vsp_plat_prefer_large_pages(void *address, uint64_t bytes);
/*
 * Makes pages inaccessible again and gives their memory back. False: the system refuses, and they
 * are as before.
 */
bool vsp_plat_decommit(void *address, uint64_t bytes);
/*
 * Makes committed pages zero, and gives their memory back; not those of an image (below). False:
 * the system refuses, as above.
 */
bool vsp_plat_discard(void *address, uint64_t bytes);
/*
 * Bytes that are mapped into many places, where a page is copied when it is first written. create
 * copies them; false: the system has no such thing, or no room. map puts them in place of committed
 * pages, as committed pages; false: no room, and the pages are as before. All zeros is no image.
 */
typedef struct vsp_plat_image {
	const uint8_t *bytes; /* to be read; null: there is no image */
	uint64_t size;
	int file; /* the platform's */
} vsp_plat_image;
bool vsp_plat_image_create(vsp_plat_image *image, const void *bytes, uint64_t size);
bool vsp_plat_image_map(const vsp_plat_image *image, void *address);
void vsp_plat_image_destroy(vsp_plat_image *image);
/*
 * Makes committed pages, whose code is complete, executable and no longer writable. False: that is
 * forbidden.
 */
bool vsp_plat_make_executable(void *address, uint64_t bytes);
/* Makes committed pages no longer writable. False: that is forbidden. */
bool vsp_plat_make_read_only(void *address, uint64_t bytes);
void vsp_plat_release(void *address, uint64_t bytes);

/* ---- protected calls: how guard faults and interrupts leave running code ---- */

/*
 * A protected call, which lives on the caller's stack. The caller fills base and size, the platform
 * the rest. Only the innermost call of a thread counts: between two there are always frames of the
 * host.
 */
enum { VSP_PLAT_FRAMES = 24 };
typedef struct vsp_plat_region {
	const uint8_t *base; /* faults in [base, base + size) belong to this call */
	uint64_t size;
	const void *fault; /* after VSP_PLAT_FAULT: the address that faulted */
	const void *pc;    /* after VSP_PLAT_FAULT: the machine's program counter, or null */
	/*
	 * Where the thread continues after a fault at pc, in the same machine state; null, or it
	 * returns null: the call is abandoned. Is called in signal handlers, on Linux on x86-64
	 * and AArch64, and on Windows, alone.
	 */
	const void *(*resume)(void *arg, const void *pc);
	void *resume_arg;
	/*
	 * Generated code. A stop by stopper that finds the thread in [code, code + code_size)
	 * abandons the call, with VSP_PLAT_STOPPED and pc.
	 */
	const uint8_t *code;
	uint64_t code_size;
	struct vsp_plat_stopper *stopper; /* null: none */
	const _Atomic uint32_t *wanted;   /* stops apply while this is not 0: one may come late, during a later run */
	/*
	 * For back traces through generated code that no loaded object contains: returns the unwind
	 * entry (an FDE of .eh_frame) for pc, or null. May be called in a signal handler.
	 */
	const uint8_t *(*find_unwind)(void *arg, const void *pc);
	void *find_arg;
	/*
	 * After FAULT, and after LEFT by a trap: the places in generated code of the frames that
	 * were left, innermost first; for a frame that was in a call, an address in that call. Only
	 * what is known: often nothing.
	 */
	const void *frames[VSP_PLAT_FRAMES];
	uint32_t frame_count;
	struct vsp_plat_region *outer;
	void *frame; /* the platform's: the frame to which the call is abandoned */
} vsp_plat_region;

typedef enum vsp_plat_outcome { VSP_PLAT_RETURNED, VSP_PLAT_FAULT, VSP_PLAT_LEFT, VSP_PLAT_STOPPED } vsp_plat_outcome;

/*
 * Calls fn(arg) on this thread. If the code that it runs makes a memory fault inside [region->base,
 * +size), the call is abandoned and returns VSP_PLAT_FAULT; vsp_plat_leave abandons the innermost
 * call and returns VSP_PLAT_LEFT. Abandoned frames must own nothing. Other faults go to the handler
 * that was installed before: the process-wide handler is installed at the first call, and chains. A
 * stopper that finds the call in generated code (below) abandons it with VSP_PLAT_STOPPED. On
 * platforms without fault handling only RETURNED and LEFT occur, and memories are never guarded
 * there.
 */
vsp_plat_outcome vsp_plat_protect(vsp_plat_region *region, void (*fn)(void *), void *arg);
_Noreturn void vsp_plat_leave(void);
/* Records the frames of the innermost call in its region, before leave. */
void vsp_plat_backtrace(void);
/*
 * Stoppers stop generated code that does not poll a flag. A stopper belongs to the thread that
 * created it. fire may be called from any thread and from signal handlers. From then until rest it
 * makes attempts, some milliseconds apart: each abandons the thread's innermost protected call if
 * that call names the stopper and the thread is in its generated code. The same holds in children
 * of fork, for the thread that exists there.
 */
typedef struct vsp_plat_stopper vsp_plat_stopper;
/* Are stoppers possible here? */
bool vsp_plat_has_stopper(void);
vsp_plat_stopper *vsp_plat_stopper_create(void); /* null: it cannot be created */
void vsp_plat_stopper_destroy(vsp_plat_stopper *stopper);
/* Did the calling thread create it? */
bool vsp_plat_stopper_is_mine(const vsp_plat_stopper *stopper);
void vsp_plat_stopper_fire(vsp_plat_stopper *stopper);
void vsp_plat_stopper_rest(vsp_plat_stopper *stopper);
/*
 * The signals that protected calls need, for guard faults and stoppers. Threads of servers often
 * block all signals, and a fault whose signal is blocked ends the process. open unblocks those that
 * the thread blocks and returns which they were (0: none); close blocks them again. Each is a
 * system call.
 */
unsigned vsp_plat_signals_open(void);
void vsp_plat_signals_close(unsigned blocked);
/*
 * Can guard faults be caught here? Reinstalls the handler if a host has restored the previous one.
 */
bool vsp_plat_has_guard(void);

/* ---- floating point environment ---- */

/*
 * Sets round-to-nearest, subnormals on and no trapping exceptions, and returns the host's modes.
 * Cheap when nothing changes.
 */
uint64_t vsp_plat_fp_enter(void);
/*
 * Restores the host's modes. If its modes were the same, exception flags raised since fp_enter stay
 * raised, as after any call.
 */
void vsp_plat_fp_restore(uint64_t saved);
/* Are the modes that fp_enter returned others than those that it has set? */
bool vsp_plat_fp_is_odd(uint64_t saved);
/*
 * The same around conversions between numbers and text, with all modes that the C library uses for
 * them.
 */
typedef struct vsp_plat_fp_text {
	uint64_t modes;
	uint16_t x87; /* on x86, otherwise 0 */
} vsp_plat_fp_text;
vsp_plat_fp_text vsp_plat_fp_text_enter(void);
void vsp_plat_fp_text_restore(vsp_plat_fp_text saved);

/* ---- time, randomness, threads, files ---- */

uint64_t vsp_plat_clock_ns(void);                /* monotonic */
bool vsp_plat_random(void *buffer, size_t size); /* cryptographic; false when the platform has none */

typedef struct vsp_plat_thread vsp_plat_thread;
/*
 * Starts a thread. fn runs in the modes of vsp_plat_fp_text_enter, whatever the modes of its
 * creator. Null: it cannot be started. The stack has VSP_PLAT_THREAD_STACK bytes with guard pages,
 * or as many as the system gives if it has fewer. Most threads are for LLVM, which in places
 * recurses along chains of a program's instructions, with up to some hundred bytes for each. The
 * largest function that the tiers compile (KNOB_COMPILE_SIZE) stays within the stack's size, and
 * untouched pages cost only address space.
 */
#define VSP_PLAT_THREAD_STACK ((size_t)(sizeof(void *) > 4 ? 256 : 16) << 20)
vsp_plat_thread *vsp_plat_thread_start(void (*fn)(void *), void *arg);
void vsp_plat_thread_join(vsp_plat_thread *thread); /* frees it */
/* The number of processors that the calling thread may use, at least 1. */
unsigned vsp_plat_processors(void);
/*
 * Offers the calling thread's processor to others: true if none has wanted it for longer than a
 * moment, so that work on this thread delays nobody. Takes some microseconds, or as long as the
 * others do. Where this cannot be found out, true.
 */
bool vsp_plat_processor_is_idle(void);
/*
 * The calling thread, which thread_start has started, sleeps until the process ends; its handle is
 * given to thread_leave, not to thread_join.
 */
void vsp_plat_thread_park(void);
void vsp_plat_thread_leave(vsp_plat_thread *thread);

/*
 * A number of the calling thread, from 1 on, that no other thread of this process has or had; it
 * stays the same in a child of fork. Cheap.
 */
uint64_t vsp_plat_thread_serial(void);
/*
 * The calling thread's own stack, whichever stack it is on: the lowest address and the one past the
 * highest. False: unknown. Slow, so remember the answer.
 */
bool vsp_plat_stack(const void **low, const void **high);
/*
 * Calls fn(arg) on a stack of the caller's that starts at top, a multiple of 16, and grows down.
 * Only where stacks can be changed.
 */
bool vsp_plat_changes_stacks(void);
void vsp_plat_call_on_stack(void *top, void (*fn)(void *), void *arg);

/*
 * fork. vsp_plat_forks is the number of forks behind this process since it first mattered: a child
 * has none of its parent's threads, timers and locks. A thread of the library's own is between hold
 * and release whenever it may hold a lock or is in the middle of work; a fork waits for release,
 * but at most a second. lost: a fork waited in vain, and the state of that work is unknown.
 */
uint32_t vsp_plat_forks(void);
void vsp_plat_fork_hold(void);
void vsp_plat_fork_release(void);
bool vsp_plat_fork_lost(void);

/*
 * Calls fn the first time only, on whichever thread comes first; the others wait for it. fn must
 * not call call_once.
 */
typedef struct vsp_plat_once {
	_Atomic int done;
} vsp_plat_once;
#define VSP_PLAT_ONCE_INIT {0}
void vsp_plat_call_once(vsp_plat_once *once, void (*fn)(void));

typedef struct vsp_plat_mutex vsp_plat_mutex; /* a mutex with a condition variable */
vsp_plat_mutex *vsp_plat_mutex_create(void);
void vsp_plat_mutex_destroy(vsp_plat_mutex *mutex);
/*
 * Makes the mutex new, whichever thread held it: for a child, in which that thread does not exist.
 */
void vsp_plat_mutex_renew(vsp_plat_mutex *mutex);
void vsp_plat_mutex_lock(vsp_plat_mutex *mutex);
void vsp_plat_mutex_unlock(vsp_plat_mutex *mutex);
/*
 * Waits for a signal or for timeout_ns (UINT64_MAX: for ever); the mutex is held before and after.
 * False: timed out.
 */
bool vsp_plat_mutex_wait(vsp_plat_mutex *mutex, uint64_t timeout_ns);
void vsp_plat_mutex_signal(vsp_plat_mutex *mutex); /* wakes all */

/*
 * Reads a whole file or pipe, but no device, of at most limit bytes. On failure returns null and
 * sets *error to a constant or static message for a person ("No such file or directory"). To be
 * freed with vsp_plat_file_free.
 */
uint8_t *vsp_plat_file_read(const char *path, uint64_t limit, size_t *size, const char **error);
void vsp_plat_file_free(uint8_t *data, size_t size);
/*
 * The real path of a file, absolute and without links, to judge where the file is; null, or why
 * there is none. Where links are unknown it is the path itself, if that does not lead upwards.
 * real_read then reads that file if it is an ordinary one, and never a file that has since been put
 * in its place, or in the place of a folder on the way.
 */
enum { VSP_PLAT_PATH = 4096 };
const char *vsp_plat_real_path(const char *path, char *out, size_t size);
uint8_t *vsp_plat_real_read(const char *real, uint64_t limit, size_t *size, const char **error);
/*
 * Null when path names an ordinary file that may be written to, or nothing yet, so that another
 * file may be renamed to it; otherwise the reason why not.
 */
const char *vsp_plat_file_replaceable(const char *path);
/*
 * Do two paths lead to one file, which may not exist yet? Devices and pipes, which many processes
 * may use, do not count as files here.
 */
bool vsp_plat_same_file(const char *a, const char *b);

/* Creates a folder and those above it. True: it exists now. */
bool vsp_plat_make_folder(const char *path);
/* Creates a folder for this user alone, which must not exist yet. Null, or why it has failed. */
const char *vsp_plat_make_own_folder(const char *path);
/* Removes a folder and the files in it, if it exists. */
void vsp_plat_remove_folder(const char *path);

/* ---- paths and arguments ---- */

/*
 * Replaces main's arguments by the same in UTF-8, on systems whose C library gives them in another
 * encoding. To be called once; the words are needed until the process ends.
 */
void vsp_plat_arguments(int *count, char ***words);
/* Does a path mean the same wherever the process is? */
bool vsp_plat_path_is_absolute(const char *path);
/* The last name in a path: what is behind its last separator, perhaps nothing. */
const char *vsp_plat_path_name(const char *path);
/* The folder for temporary files, without a slash at its end. False: it is too long. */
bool vsp_plat_temporary_folder(char *folder, size_t size);

/* ---- outputs: files that appear whole or not at all ---- */

/* fopen for binary reading, or for writing, of a file that other programs do not inherit. */
FILE *vsp_plat_stream_open(const char *path, bool write);

/*
 * An output is opened before there is anything to write, so that a failure is found early. An
 * ordinary file is created beside its place and renamed when everything has been written, with
 * signals held back: readers see the old or the new file, and a process that ends in between leaves
 * nothing behind. The file keeps the permissions of the one that it replaces, which the process
 * must be allowed to write to. Devices, pipes, links and the files that the process has as stdout
 * or stderr are opened, not replaced.
 */
typedef struct vsp_plat_output vsp_plat_output;
vsp_plat_output *vsp_plat_output_open(const char *path, const char **why); /* null with *why */
/* Writes all data, once, and closes. Null, or the reason why it has failed. */
const char *vsp_plat_output_finish(vsp_plat_output *output, const void *data, size_t size);
/* Closes without writing; output may be null. */
void vsp_plat_output_cancel(vsp_plat_output *output);
/* Both at once. */
const char *vsp_plat_file_write(const char *path, const void *data, size_t size);

/*
 * ---- private files: files that only this user, or the system's administrator, can have written
 * ----
 */

/* The size, and the time of the last change in nanoseconds since 1970. */
typedef struct vsp_plat_stamp {
	uint64_t size;
	int64_t changed_ns;
	bool is_directory;
	bool is_regular; /* neither a directory nor a device, pipe or socket */
} vsp_plat_stamp;
/* False: there is no such file. Follows links. */
bool vsp_plat_file_stamp(const char *path, vsp_plat_stamp *stamp);
/*
 * Creates the directory, for this user alone, unless it exists. Null when it is private, otherwise
 * the reason why not.
 */
const char *vsp_plat_private_directory(const char *path);
/*
 * Reads a private regular file of at most limit bytes, and marks it as changed now if the last mark
 * is an hour old. Null with *error null: there is no such file; otherwise *error says why it cannot
 * be trusted or read. To be freed with vsp_plat_file_free.
 */
uint8_t *vsp_plat_private_read(const char *path, uint64_t limit, size_t *size, const char **error);
/*
 * Writes a file that only this user can read, through a temporary one (NAME.tmp) in its directory
 * and a rename. Null, or a message.
 */
const char *vsp_plat_private_write(const char *path, const void *data, size_t size);
/* Calls fn for each name in a directory except "." and "..". False: it cannot be read. */
bool vsp_plat_directory_list(const char *path, void (*fn)(void *user, const char *name), void *user);
/* Removes a file or an empty directory. */
bool vsp_plat_remove(const char *path);

typedef enum vsp_plat_run_result {
	VSP_PLAT_RUN_DONE,
	VSP_PLAT_RUN_MISSING, /* there is no such program */
	VSP_PLAT_RUN_FAILED   /* it could not be started, or did not end by itself */
} vsp_plat_run_result;
/*
 * Runs a program, looked up as a shell would, and waits for it. words: its name and arguments, and
 * null. Its output on both streams goes into output, cut to size bytes with the final 0; *status is
 * its exit status.
 */
vsp_plat_run_result vsp_plat_run(const char *const *words, char *output, size_t size, int *status);

/* ---- the end by a signal ---- */

/*
 * From now on fn is called, in a signal handler, at the first of SIGINT, SIGTERM and SIGHUP, unless
 * the process ignores that signal. System calls that wait are not restarted, and the next such
 * signal ends the process as usual. Null: fn is no longer called. On systems without signals
 * nothing happens.
 */
void vsp_plat_on_end(void (*fn)(int number));
/* Ends the process by a signal for which fn was called. */
void vsp_plat_end_by(int number);
/*
 * Calls work(arg) in a process of its own and waits for its result. If that process dies, or this
 * process is told to end by one of those signals, everything that work has started is ended and
 * clean(arg) is called, here. Then this process ends by the signal, or *died says what work died
 * of; otherwise *died is null. -1 with *died null: the process could not be started, and errno says
 * why. On systems without processes work is called here. There must be no other threads.
 */
int vsp_plat_supervise(int (*work)(void *arg), void (*clean)(void *arg), void *arg, const char **died);

/*
 * The largest amount of memory that this process has had resident, in bytes; 0: the system does not
 * tell.
 */
uint64_t vsp_plat_peak_memory(void);

/*
 * A file that grows while others may read it. create removes an old file of that name and creates a
 * new one, for its owner only. announce also maps its first page executable, so that profilers
 * which record mappings take note of it. Null with *why, a message. False: it could not be written,
 * and the file may end in the middle.
 */
typedef struct vsp_plat_log vsp_plat_log;
vsp_plat_log *vsp_plat_log_create(const char *path, bool announce, const char **why);
bool vsp_plat_log_append(vsp_plat_log *log, const void *data, size_t size);
void vsp_plat_log_close(vsp_plat_log *log); /* log may be null; the file stays */

/* The system's number of this process; 0: it has none. */
uint32_t vsp_plat_process_id(void);

/*
 * Reads at most size bytes of a stream that nothing else reads, bypassing its buffer, as soon as
 * there are any. 0: the end; -1: none came within timeout_ns (UINT64_MAX: for ever), or it is
 * unknown whether any would come; -2: an error, with errno. If the system cannot wait for a limited
 * time, this waits for ever, unless the time is 0.
 */
long vsp_plat_read_some(FILE *stream, void *buffer, size_t size, uint64_t timeout_ns);
/*
 * Writes some of size bytes as soon as the stream can take them, bypassing its buffer, which is
 * empty. Returns their number. With size 0: returns 0 as soon as some could be written. -1: none
 * within timeout_ns; -2: an error, with errno. If the system cannot wait for a limited time, this
 * writes all of them, however long that takes.
 */
long vsp_plat_write_some(FILE *stream, const void *data, size_t size, uint64_t timeout_ns);

/* Is standard stream 0, 1 or 2 a terminal? False also when that is unknown. */
bool vsp_plat_is_terminal(int stream);
/*
 * From now on the standard streams carry bytes unchanged. If one of them is closed, no file that is
 * opened later takes its place, and reading or writing it fails as before. To be called before the
 * first use of any. Writing to a closed pipe, or more than a file may have, fails as well, and does
 * not end the process. False: it has failed.
 */
bool vsp_plat_prepare_streams(void);

/*
 * The folder of the object that contains this code, with a slash at its end. False: unknown or too
 * long.
 */
bool vsp_plat_own_folder(char *folder, size_t size);
/*
 * Opens a shared object that is next to the library, where it is installed or built for programs,
 * or on the system's path. Null: there is none.
 */
void *vsp_plat_dlopen(const char *name);
void *vsp_plat_dlsym(void *library, const char *symbol);
/*
 * Opens a shared object of others: the file that an environment variable names, by its absolute
 * path; else the one in the folder vsp beside VSP's own shared objects; else, by its bare name,
 * that of the system. It stays open for ever. Null with why: what is wrong, or what brings it.
 */
void *vsp_plat_library_open(const char *variable, const char *name, const char *brings, char *why, size_t size);
/* Sets an environment variable for a library that reads it when it is opened, unless it is set. */
void vsp_plat_env_default(const char *name, const char *value);
/*
 * Calls fn for the files that dlopen would try for name, except on the system's path, until it
 * returns true. Returns whether it did.
 */
bool vsp_plat_library_paths(const char *name, bool (*fn)(void *user, const char *path), void *user);
/*
 * The absolute path of the shared object or program that contains an address. False: unknown, or
 * too long for size bytes.
 */
bool vsp_plat_object_path(const void *address, char *path, size_t size);

/* ---- giving up rights ---- */

/* A folder that a program was granted, with all below it. */
typedef struct vsp_plat_grant {
	const char *folder;
	bool read_only;
} vsp_plat_grant;
/* The things that the process still needs. */
typedef struct vsp_plat_confinement {
	const char *const
	        *folders; /* where files are made, written, read and removed by name, up to null; null: nowhere */
	const vsp_plat_grant *grants; /* up to one without a folder, or null: files are used by name there, too */
	const char *cleared;          /* where files and folders are listed and removed, or null */
	const char *scratch;          /* a folder to make for this user alone, new, and removed at the end; or null */
	vsp_plat_output *const *outputs; /* open, up to null, or null: each is written by its own process */
	const char *library; /* what vsp_plat_dlopen will still open; null: nothing, and no code is generated */
	bool library_alone;  /* everything that it needs is open already */
	bool careful;        /* keep the kernel's protection against speculative reads, though it slows code down */
} vsp_plat_confinement;
/* What is limited from now on: null, or the reason why it is not. */
typedef struct vsp_plat_confined {
	const char *calls, *files;
	const char *failed; /* why another process could not be started, and nothing is limited; otherwise null */
} vsp_plat_confined;
/*
 * Gives up, for good, what the process does not need: system calls, in all its threads, and files,
 * in this thread and those that it starts. A call that nothing here makes ends the process with a
 * message; others fail. Files that this process opened stay open; inherited descriptors above 2 are
 * closed. If the system has no such means, nothing happens, which is not an error. To be called
 * before there are other threads. Not in compiled programs.
 */
void vsp_plat_confine(const vsp_plat_confinement *c, vsp_plat_confined *result);

/* ---- the processor ---- */

/*
 * Writes everything that decides which instructions this processor can execute and how code is best
 * chosen for it. 0 bytes: unknown; otherwise the same in every process on the same kind of
 * processor.
 */
enum { VSP_PLAT_PROCESSOR = 256 };
size_t vsp_plat_processor(uint8_t out[VSP_PLAT_PROCESSOR]);

/* The processor's name for people, or "". Not in compiled programs. */
void vsp_plat_processor_name(char *out, size_t size);

/*
 * Does this processor have the feature whose LLVM name is the length bytes at name? False also when
 * the system does not tell. Only in compiled programs.
 */
bool vsp_plat_feature(const char *name, size_t length);

#endif
