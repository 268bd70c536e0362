/*
 * A job on a thread of its own, which stays inside LLVM when LLVM would end the process
 * (tiers/llvm/fatal.h), while the caller goes on with an error.
 */
#include "job.h"

#include <stdatomic.h>
#include <string.h>

#include "runtime/base/error.h"
#include "runtime/platform/platform.h"
#include "tiers/llvm/fatal.h"

typedef struct guarded_call {
	aot_job *job;
	void (*run)(void *user);
	void *user;
	vsp_plat_mutex *lock;
	bool done, failed; /* under the lock */
} guarded_call;

/*
 * LLVM has once got no memory. The thread that is still inside it may hold locks of the process's
 * LLVM, for which all later jobs would wait for ever.
 */
static atomic_bool exhausted;

static void finish(guarded_call *call, bool failed)
{
	vsp_plat_mutex_lock(call->lock);
	call->done = true;
	call->failed = failed;
	vsp_plat_mutex_signal(call->lock);
	vsp_plat_mutex_unlock(call->lock);
}

/* The call's data is not touched after finish. */
static void stop(void *opaque, const char *message)
{
	guarded_call *call = opaque;
	if (strcmp(message, VSP_FATAL_NO_MEMORY) == 0) {
		atomic_store(&exhausted, true);
		vsp_error_set(call->job->error, VSP_E_MEMORY, "out of memory while LLVM compiled the program");
	} else {
		vsp_error_set(call->job->error, VSP_E_UNSUPPORTED,
		        "LLVM failed: %s; if other options do not help, please report it with the program", message);
	}
	finish(call, true);
	vsp_plat_thread_park();
}

static void thread_main(void *opaque)
{
	guarded_call *call = opaque;
	vsp_fatal_guard(stop, call);
	call->run(call->user);
	finish(call, false);
}

static void wait_for(guarded_call *call, vsp_plat_thread *thread)
{
	vsp_plat_mutex_lock(call->lock);
	while (!call->done)
		vsp_plat_mutex_wait(call->lock, UINT64_MAX);
	vsp_plat_mutex_unlock(call->lock);
	if (call->failed)
		vsp_plat_thread_leave(thread);
	else
		vsp_plat_thread_join(thread);
}

void aot_run_guarded(aot_job *job, void (*run)(void *user), void *user)
{
	if (atomic_load(&exhausted)) {
		vsp_error_set(job->error, VSP_E_MEMORY,
		        "LLVM has run out of memory in this process, which cannot compile ahead of time any more");
		return;
	}
	guarded_call call = {.job = job, .run = run, .user = user, .lock = vsp_plat_mutex_create()};
	vsp_plat_thread *thread = call.lock ? vsp_plat_thread_start(thread_main, &call) : NULL;
	if (thread)
		wait_for(&call, thread);
	else
		vsp_error_set(job->error, VSP_E_MEMORY, "no thread for the compiler: out of memory");
	if (call.lock)
		vsp_plat_mutex_destroy(call.lock);
}
