/*
 * The functions of libvsp-gpu. Each compilation has a thread of its own, with a stack of its own,
 * which stays inside LLVM when LLVM would end the process; nothing is compiled after that.
 */
#include "compile.h"
#include "tiers/gpu.h"

#include <stdatomic.h>
#include <stdio.h>

#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"
#include "tiers/llvm/fatal.h"

/* Once LLVM has failed its locks may be held for ever. */
static atomic_bool broken, said;
static char last_words[160]; /* written by the thread that sets broken, read once said is set */

static const char *words(void) { return atomic_load(&said) ? last_words : "LLVM failed"; }

/* A parked thread does not touch it after finish. */
typedef struct compilation {
	const vsp_gpu_request *request;
	const char **why;
	vsp_device_code *code;
	const char *result;
	vsp_plat_mutex *lock;
	bool done, failed; /* under the lock */
} compilation;

static void finish(compilation *c, bool failed)
{
	vsp_plat_mutex_lock(c->lock);
	c->done = true;
	c->failed = failed;
	vsp_plat_mutex_signal(c->lock);
	vsp_plat_mutex_unlock(c->lock);
}

static void stop(void *opaque, const char *message)
{
	compilation *c = opaque;
	if (!atomic_exchange(&broken, true)) {
		snprintf(last_words, sizeof last_words, "LLVM failed: %s", message);
		atomic_store(&said, true);
	}
	c->result = words();
	finish(c, true);
	vsp_plat_thread_park();
}

static void thread_main(void *opaque)
{
	compilation *c = opaque;
	vsp_fatal_guard(stop, c);
	c->result = vsp_gpu_compile(c->request, c->why, c->code);
	finish(c, false);
}

static const char *wait_for(compilation *c, vsp_plat_thread *thread)
{
	vsp_plat_mutex_lock(c->lock);
	while (!c->done)
		vsp_plat_mutex_wait(c->lock, UINT64_MAX);
	vsp_plat_mutex_unlock(c->lock);
	if (c->failed)
		vsp_plat_thread_leave(thread);
	else
		vsp_plat_thread_join(thread);
	return c->result;
}

static const char *compile(const vsp_gpu_request *request, const char **why, vsp_device_code *code)
{
	static const char no_thread[] = "no thread for the compiler: out of memory";
	*code = (vsp_device_code){0};
	if (atomic_load(&broken))
		return words();
	compilation c = {.request = request, .why = why, .code = code, .lock = vsp_plat_mutex_create()};
	vsp_plat_thread *thread = c.lock ? vsp_plat_thread_start(thread_main, &c) : NULL;
	const char *result = thread ? wait_for(&c, thread) : no_thread;
	if (c.lock)
		vsp_plat_mutex_destroy(c.lock);
	return result;
}

const vsp_gpu_api *vsp_gpu_provider(void);

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const vsp_gpu_api *vsp_gpu_provider(void)
{
	static const vsp_gpu_api api = {.version = VSP_GPU_VERSION, .compile = compile, .free = vsp_gpu_free};
	return &api;
}
