/*
 * A pool of threads, which all do the same task while its owner waits. A pool belongs to one
 * instance, whose thread alone calls the functions here, and its threads end when it is destroyed.
 *
 * The threads have the floating-point environment of programs, block all signals but those that
 * protected calls need, and have stacks with guard pages. A child of fork has none of them:
 * vsp_thread_pool_is_alive is false there, and the pool can only be destroyed.
 */
#ifndef VSP_RUNTIME_BACKENDS_POOL_H
#define VSP_RUNTIME_BACKENDS_POOL_H

#include "runtime/platform/platform.h"

typedef struct vsp_thread_pool vsp_thread_pool;

/* A task: do_it(arg, n) is called once in each thread n of the pool. */
typedef struct vsp_thread_pool_task {
	/* stopper stops the thread in generated code; null: there are none here. */
	void (*do_it)(void *arg, unsigned n, vsp_plat_stopper *stopper);
	/* Called by the waiting owner every few milliseconds. */
	void (*watch)(void *arg);
	void *arg;
} vsp_thread_pool_task;

/*
 * Starts up to count threads. Without signals they have no stoppers, and no signal is unblocked.
 * Null: none can be started.
 */
vsp_thread_pool *vsp_thread_pool_create(unsigned count, bool signals);
/* pool may be null. No task may be in progress, but for a child of fork. */
void vsp_thread_pool_destroy(vsp_thread_pool *pool);
/* Do its threads exist in this process? */
bool vsp_thread_pool_is_alive(const vsp_thread_pool *pool);
/* The number of its threads, at least 1. */
unsigned vsp_thread_pool_size(const vsp_thread_pool *pool);
/* Returns when all threads have done the task. */
void vsp_thread_pool_run(vsp_thread_pool *pool, const vsp_thread_pool_task *task);

#endif
