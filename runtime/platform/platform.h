/*
 * The interface to the operating system: everything that VSP uses of it. One source file per platform implements this header (runtime/platform/posix.c; others are
 * chosen in CMake); nothing above it may include an operating system's header.
 */
#ifndef VSP_RUNTIME_PLATFORM_H
#define VSP_RUNTIME_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ---- address space ---- */

/* Bytes of a page of the machine's memory. */
size_t vsp_plat_page_size(void);
/* Reserves inaccessible address space, aligned to a page; null when there is not enough, or never on this platform. */
void *vsp_plat_reserve(uint64_t bytes);
/* The same at an address that cannot be told from where anything else lies. Not in compiled programs. */
void *vsp_plat_reserve_anywhere(uint64_t bytes);
/* Makes pages of a reservation accessible and zeroed; false when out of memory. */
bool vsp_plat_commit(void *address, uint64_t bytes);
/* Committed pages are about to be used as a whole: where the system has large pages, they come from those. */
void vsp_plat_prefer_large_pages(void *address, uint64_t bytes);
/* Makes pages inaccessible again and gives their memory back; false where the system refuses, and they are as before. */
bool vsp_plat_decommit(void *address, uint64_t bytes);
/* Makes committed pages, whose code is complete, executable and no longer writable; false where that is forbidden. */
bool vsp_plat_make_executable(void *address, uint64_t bytes);
/* Makes committed pages no longer writable; false where that is forbidden. */
bool vsp_plat_make_read_only(void *address, uint64_t bytes);
void vsp_plat_release(void *address, uint64_t bytes);

/* ---- protected calls: how guard faults and interrupts leave running code ---- */

/* A protected call; lives on the caller's stack. The caller fills base and size, the platform the rest. Only the innermost one
   of a thread counts: between two there are always frames of the host. */
enum { VSP_PLAT_FRAMES = 24 };
typedef struct vsp_plat_region {
	const uint8_t *base; /* faults in [base, base + size) belong to this call */
	uint64_t size;
	const void *fault;   /* after VSP_PLAT_FAULT: the address that faulted */
	const void *pc;      /* after VSP_PLAT_FAULT: the machine's program counter, or null */
	const uint8_t *code; /* generated code: a stop by stopper that finds the thread in [code, code + code_size) */
	uint64_t code_size;  /* abandons the call, with VSP_PLAT_STOPPED and pc; null: none */
	struct vsp_plat_stopper *stopper;
	const _Atomic uint32_t
	        *wanted; /* a stop is heeded while this is not 0: it may come late, when another run has begun */
	/* For back traces through generated code that no loaded object holds: the unwind entry (an FDE of .eh_frame) for pc, or null.
	   May be called in a signal handler. */
	const uint8_t *(*find_unwind)(void *arg, const void *pc);
	void *find_arg;
	/* After FAULT and after LEFT by a trap: where the frames that were left were in generated code, innermost first; where they called,
	   an address in the call. As far as is known: often none. */
	const void *frames[VSP_PLAT_FRAMES];
	uint32_t frame_count;
	struct vsp_plat_region *outer;
	void *frame; /* the platform's: where the call is abandoned to */
} vsp_plat_region;

typedef enum vsp_plat_outcome { VSP_PLAT_RETURNED, VSP_PLAT_FAULT, VSP_PLAT_LEFT, VSP_PLAT_STOPPED } vsp_plat_outcome;

/*
 * Calls fn(arg) on this thread. A memory fault inside [region->base, +size) by the code it runs
 * abandons the call and returns VSP_PLAT_FAULT; vsp_plat_leave abandons the innermost call and
 * returns VSP_PLAT_LEFT. Abandoned frames must own nothing. Other faults go to the handler that was
 * installed before. The process-wide handler is installed at the first call and chains. A stopper
 * that finds it in generated code (below) abandons it with VSP_PLAT_STOPPED. On platforms without
 * fault handling only RETURNED and LEFT occur, and memories are never guarded there.
 */
vsp_plat_outcome vsp_plat_protect(vsp_plat_region *region, void (*fn)(void *), void *arg);
_Noreturn void vsp_plat_leave(void);
/* Notes the frames of the innermost call in its region, before leave. */
void vsp_plat_trace(void);
/*
 * Around every call of host code from within a protected call: a fault in the host's frames belongs to the host, and leaving
 * over them is forbidden. host_enter ends the protection and returns what host_leave takes to resume it; null stays null.
 */
vsp_plat_region *vsp_plat_host_enter(void);
void vsp_plat_host_leave(vsp_plat_region *region);
/*
 * Stopping generated code that does not look at a flag. A stopper belongs to the thread that created it. fire, which may be called from any thread and
 * from signal handlers, makes attempts from now on, some milliseconds apart, until rest: each abandons the thread's innermost protected call if
 * that names the stopper and the thread is in its generated code. The same holds in children of fork, for the thread that came along.
 */
typedef struct vsp_plat_stopper vsp_plat_stopper;
/* Can there be stoppers here? */
bool vsp_plat_has_stopper(void);
vsp_plat_stopper *vsp_plat_stopper_create(void); /* null: none to be had */
void vsp_plat_stopper_destroy(vsp_plat_stopper *stopper);
/* Did the calling thread create it? */
bool vsp_plat_stopper_is_mine(const vsp_plat_stopper *stopper);
void vsp_plat_stopper_fire(vsp_plat_stopper *stopper);
void vsp_plat_stopper_rest(vsp_plat_stopper *stopper);
/*
 * The signals that protected calls need, for guard faults and stoppers. Threads of servers often block all signals, and a fault whose signal is blocked
 * ends the process. open unblocks those that the thread blocks and returns which they were, 0: none; close blocks them again.
 * Each is a system call.
 */
unsigned vsp_plat_signals_open(void);
void vsp_plat_signals_close(unsigned blocked);
/* Can guard faults be caught here? Puts the handler back where a host has restored the one from before. */
bool vsp_plat_has_guard(void);

/* ---- floating point environment ---- */

/* Sets round-to-nearest, subnormals on and no trapping exceptions, and returns what the host had, cheap when nothing changes. */
uint64_t vsp_plat_fp_enter(void);
/* Gives the host's modes back. Exception flags raised since fp_enter stay raised when its modes were the same, as after any call. */
void vsp_plat_fp_restore(uint64_t saved);
/* The same around what makes text of numbers or numbers of text, with all that the C library looks at for that. */
typedef struct vsp_plat_fp_text {
	uint64_t modes;
	uint16_t x87; /* on x86, else 0 */
} vsp_plat_fp_text;
vsp_plat_fp_text vsp_plat_fp_text_enter(void);
void vsp_plat_fp_text_restore(vsp_plat_fp_text saved);

/* ---- time, randomness, threads, files ---- */

uint64_t vsp_plat_clock_ns(void);                /* monotonic */
bool vsp_plat_random(void *buffer, size_t size); /* cryptographic; false when the platform has none */

typedef struct vsp_plat_thread vsp_plat_thread;
/*
 * fn runs in the modes of vsp_plat_fp_text_enter, whatever those of its maker. Null: none to be had. The stack has VSP_PLAT_THREAD_STACK bytes behind pages that
 * guard it, or as many as the system gives where it has less: LLVM, for which most threads are, recurses along chains of a program's instructions here and
 * there, up to some hundred bytes for each. The largest function the tiers compile (KNOB_COMPILE_SIZE) so stays within it, and what is not touched
 * costs address space alone.
 */
#define VSP_PLAT_THREAD_STACK ((size_t)(sizeof(void *) > 4 ? 256 : 16) << 20)
vsp_plat_thread *vsp_plat_thread_start(void (*fn)(void *), void *arg);
void vsp_plat_thread_join(vsp_plat_thread *thread); /* frees it */
/* The calling thread, one that thread_start made, sleeps until the process ends; its handle goes to thread_leave, not to thread_join. */
void vsp_plat_thread_park(void);
void vsp_plat_thread_leave(vsp_plat_thread *thread);

/* A number of the calling thread, from 1, that no other thread of this process has or had; its own in a child of fork too. Cheap. */
uint64_t vsp_plat_thread_serial(void);
/* The calling thread's own stack, whatever stack it is on: lowest and one past the highest address. False: unknown. Slow; remember the answer. */
bool vsp_plat_stack(const void **low, const void **high);
/* Calls fn(arg) on a stack of the caller's, from top down, a multiple of 16; only where stacks can be changed. */
bool vsp_plat_changes_stacks(void);
void vsp_plat_call_on_stack(void *top, void (*fn)(void *), void *arg);

/*
 * fork. How many lie behind this process since it first mattered: threads, timers and other processes' locks are not in a child. A thread of
 * the library's own is between hold and release whenever it may hold a lock or be in the middle of something; a fork waits for that,
 * a second at most. lost: one waited in vain, and nobody knows what was going on.
 */
uint32_t vsp_plat_forks(void);
void vsp_plat_fork_hold(void);
void vsp_plat_fork_release(void);
bool vsp_plat_fork_lost(void);

/* Calls fn the first time only, whichever thread comes first; the others wait for it. fn calls no call_once. */
typedef struct vsp_plat_once {
	_Atomic int done;
} vsp_plat_once;
#define VSP_PLAT_ONCE_INIT {0}
void vsp_plat_call_once(vsp_plat_once *once, void (*fn)(void));

typedef struct vsp_plat_mutex vsp_plat_mutex; /* a mutex with a condition variable */
vsp_plat_mutex *vsp_plat_mutex_create(void);
void vsp_plat_mutex_destroy(vsp_plat_mutex *mutex);
/* As new, whoever held it: in a child, where that thread is not. */
void vsp_plat_mutex_renew(vsp_plat_mutex *mutex);
void vsp_plat_mutex_lock(vsp_plat_mutex *mutex);
void vsp_plat_mutex_unlock(vsp_plat_mutex *mutex);
/* Waits for a signal or timeout_ns (UINT64_MAX: for ever); the mutex is held before and after. False: timed out. */
bool vsp_plat_mutex_wait(vsp_plat_mutex *mutex, uint64_t timeout_ns);
void vsp_plat_mutex_signal(vsp_plat_mutex *mutex); /* wakes all */

/*
 * Reads a whole file or pipe, but no device, at most limit bytes. On failure null and *error = a
 * constant or static message for a person ("No such file or directory"). Free with
 * vsp_plat_file_free.
 */
uint8_t *vsp_plat_file_read(const char *path, uint64_t limit, size_t *size, const char **error);
void vsp_plat_file_free(uint8_t *data, size_t size);
/*
 * A path's other name, absolute and without links, for judging where a file is; null, or why there
 * is none. Where links are unknown it is the path itself, if that does not lead upwards. real_read
 * then reads that file, if it is an ordinary one, and never what has been put in its place, or in a
 * folder's on the way, since.
 */
enum { VSP_PLAT_PATH = 4096 };
const char *vsp_plat_real_path(const char *path, char *out, size_t size);
uint8_t *vsp_plat_real_read(const char *real, uint64_t limit, size_t *size, const char **error);
/*
 * Null when path names an ordinary file that may be written to, or nothing yet, so that another
 * file may be renamed to it; else why not.
 */
const char *vsp_plat_file_replaceable(const char *path);
/*
 * Do two paths lead to one file, which may yet have to be made? Devices and pipes, which many may
 * use, are no files here.
 */
bool vsp_plat_same_file(const char *a, const char *b);

/* Makes a folder and those above it; true when it is there. */
bool vsp_plat_make_folder(const char *path);
/* Makes a folder that is for this user alone and was not there. Null, or why not. */
const char *vsp_plat_make_own_folder(const char *path);
/* Removes a folder and the files in it; not there is as good. */
void vsp_plat_remove_folder(const char *path);

/* ---- outputs: files that are there whole or not at all ---- */

/* fopen for binary reading, or for writing, of a file that other programs do not inherit. */
FILE *vsp_plat_stream_open(const char *path, bool write);

/*
 * An output is opened before there is anything to write, so that one that cannot be had is found
 * out then. An ordinary file is made beside its place and renamed when all is written, with signals
 * held back: whoever looks sees the old or the new one, and a process that ends in between leaves
 * nothing. It keeps the permissions of what it replaces, which it must be allowed to write to.
 * Devices, pipes, links and what the process has as stdout or stderr are opened, not replaced.
 */
typedef struct vsp_plat_output vsp_plat_output;
vsp_plat_output *vsp_plat_output_open(const char *path, const char **why); /* null with *why */
/* Writes all there is, once, and closes. Null, or why not. */
const char *vsp_plat_output_finish(vsp_plat_output *output, const void *data, size_t size);
/* Closes without writing; null is allowed. */
void vsp_plat_output_cancel(vsp_plat_output *output);
/* Both at once. */
const char *vsp_plat_file_write(const char *path, const void *data, size_t size);

/* ---- private files: what nobody but this user, or the system's administrator, can have written ---- */

/* Size and time of the last change, in nanoseconds since 1970. */
typedef struct vsp_plat_stamp {
	uint64_t size;
	int64_t changed_ns;
	bool is_directory;
} vsp_plat_stamp;
/* False: there is no such file. Follows links. */
bool vsp_plat_file_stamp(const char *path, vsp_plat_stamp *stamp);
/* Makes the directory, for this user alone, unless it is there. Null when it is private, else why not. */
const char *vsp_plat_private_directory(const char *path);
/*
 * Reads a private regular file of at most limit bytes, and marks it as changed now when the last mark is an hour old. Null with *error null:
 * there is none; or why it cannot be trusted or read. Free with vsp_plat_file_free.
 */
uint8_t *vsp_plat_private_read(const char *path, uint64_t limit, size_t *size, const char **error);
/* Writes a file that only this user can read, through a temporary one (NAME.tmp) in its directory and a rename. Null, or a message. */
const char *vsp_plat_private_write(const char *path, const void *data, size_t size);
/* Calls fn for each name in a directory but "." and "..". False: it cannot be read. */
bool vsp_plat_directory_list(const char *path, void (*fn)(void *user, const char *name), void *user);
/* Removes a file, or a directory that is empty. */
bool vsp_plat_remove(const char *path);

typedef enum vsp_plat_run_result {
	VSP_PLAT_RUN_DONE,
	VSP_PLAT_RUN_MISSING, /* there is no such program */
	VSP_PLAT_RUN_FAILED   /* it could not be started, or did not end by itself */
} vsp_plat_run_result;
/*
 * Runs a program, looked up as a shell would, and waits for it. words: its name and arguments, and null. What it prints to either stream goes
 * into output, cut to size bytes with the final 0; *status is its exit status.
 */
vsp_plat_run_result vsp_plat_run(const char *const *words, char *output, size_t size, int *status);

/* ---- the end by a signal ---- */

/*
 * From now on fn is called, in a signal handler, at the first of SIGINT, SIGTERM and SIGHUP, unless
 * the process ignores it; system calls that wait are not taken up again, and the next one ends the
 * process as ever. Null: no longer. Where there are no signals nothing happens.
 */
void vsp_plat_on_end(void (*fn)(int number));
/* Ends the process by a signal that fn was called for. */
void vsp_plat_end_by(int number);
/*
 * Calls work(arg) in a process of its own and waits for what it returns. When it dies, or this
 * process is told to end by one of those signals, all that it has started is ended and clean(arg)
 * is called, here; then this process ends by the signal, or *died says what work died of, else
 * null. Where processes cannot be made work is called here. There must be no other threads.
 */
int vsp_plat_supervise(int (*work)(void *arg), void (*clean)(void *arg), void *arg, const char **died);

/* The most memory that this process has had resident, in bytes; 0: the system does not tell. */
uint64_t vsp_plat_peak_memory(void);

/*
 * A file that grows while others may read it. create removes an old file of that name and makes a new one, for its owner only; announce also maps its
 * first page executable, which makes profilers that record mappings take note of it. Null with *why, a message. False: it could
 * not be written, and the file may end in the middle.
 */
typedef struct vsp_plat_log vsp_plat_log;
vsp_plat_log *vsp_plat_log_create(const char *path, bool announce, const char **why);
bool vsp_plat_log_append(vsp_plat_log *log, const void *data, size_t size);
void vsp_plat_log_close(vsp_plat_log *log); /* null is allowed; the file stays */

/* The system's number of this process; 0: it has none. */
uint32_t vsp_plat_process_id(void);

/*
 * Reads at most size bytes of a stream that nothing else reads, past its own buffer, as soon as
 * there are any. 0: the end; -1: none came within timeout_ns (UINT64_MAX: for ever), or whether any
 * would is not known; -2: an error, with errno. Where the system cannot wait for a time it waits
 * for ever, unless the time is 0.
 */
long vsp_plat_read_some(FILE *stream, void *buffer, size_t size, uint64_t timeout_ns);
/*
 * Writes some of size bytes past the stream's own buffer, which is empty, as soon as they can be taken: how many. With size 0: 0 as soon as some could be.
 * -1: none within timeout_ns; -2: an error, with errno. Where the system cannot wait for a time it writes all, however long that takes.
 */
long vsp_plat_write_some(FILE *stream, const void *data, size_t size, uint64_t timeout_ns);

/* Is standard stream 0, 1 or 2 a terminal? False when that cannot be known. */
bool vsp_plat_is_terminal(int stream);
/*
 * From now on the standard streams carry bytes as they are, and no file that is opened takes the
 * place of one that is closed: reading or writing that one fails, as it did. Before the first use
 * of any. False: it cannot be had.
 */
bool vsp_plat_prepare_streams(void);

/* The folder of the object this code is in, with the slash at its end; false when unknown or too long. */
bool vsp_plat_own_folder(char *folder, size_t size);
/* Opens a shared object next to the library, where it is installed or built for programs, or on the system's path; null when there is none. */
void *vsp_plat_dlopen(const char *name);
void *vsp_plat_dlsym(void *library, const char *symbol);
/* Calls fn for the files that dlopen would try for name, except on the system's path, until it says true; was it so? */
bool vsp_plat_library_paths(const char *name, bool (*fn)(void *user, const char *path), void *user);
/* The file of the shared object or program that holds an address, absolute; false: unknown, or too long for size bytes. */
bool vsp_plat_object_path(const void *address, char *path, size_t size);

/* ---- giving up rights ---- */

/* What the process still needs. */
typedef struct vsp_plat_confinement {
	const char *const
	        *folders;    /* where files are made, written, read and removed by name, up to null; null: nowhere */
	const char *cleared; /* where files and folders are listed and removed, or null */
	const char *scratch; /* a folder to make for this user alone, which goes when the process ends, or null */
	vsp_plat_output *const *outputs; /* open, up to null, or null: each will be written by a process of its own */
	const char *library; /* what vsp_plat_dlopen will still open; null: nothing, and no code comes into being */
	bool library_alone;  /* all that it needs is open already */
	bool careful;        /* keep what the kernel does against reading by speculation, though it slows code down */
} vsp_plat_confinement;
/* What is limited from now on: null, or why it is not. */
typedef struct vsp_plat_confined {
	const char *calls, *files;
	const char *failed; /* why another process could not be started, and nothing is limited; else null */
} vsp_plat_confined;
/*
 * Gives up, for good, what the process does not need: system calls, in all its threads, and files, in this thread and those that it starts.
 * A call that nothing here makes ends the process with a message; others fail. What this process opened stays open; descriptors above 2 that it inherited are closed. Where the system has no means
 * nothing happens, which is no error. Call it before there are other threads. Not in compiled programs.
 */
void vsp_plat_confine(const vsp_plat_confinement *c, vsp_plat_confined *result);

/* ---- the processor ---- */

/*
 * Writes all that decides which instructions this processor can execute and how code is best chosen for it: 0 bytes where that is not known,
 * else the same in every process on the same kind of processor.
 */
enum { VSP_PLAT_PROCESSOR = 256 };
size_t vsp_plat_processor(uint8_t out[VSP_PLAT_PROCESSOR]);

/*
 * Has this processor the feature whose name, LLVM's, is the length bytes at name? False also when the system does not tell. In compiled programs
 * alone.
 */
bool vsp_plat_feature(const char *name, size_t length);

#endif
