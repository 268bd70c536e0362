/*
 * The locks of the code inside the compiler's shared object. The linker renames the calls to these
 * functions (--wrap), which count how many locks the thread holds (heap.h). All kinds of locks
 * count alike: mutexes, read-write locks, and actions that are done once by the first thread that
 * needs them. Static objects of functions are of the last kind, which stays locked until the action
 * is done.
 */
#include <stdint.h>

#include "fatal.h"
#include "heap.h"

static void unlocked(void)
{
	if (vsp_heap_unlocked())
		vsp_fatal_stop(VSP_FATAL_NO_MEMORY);
}

/*
 * A call that locks or unlocks, and what follows when it has succeeded. The declarations are only
 * as exact as the calls need: C11 has no <pthread.h>, and the C++ functions have no header.
 */
#define CALL(name, then) \
	int __real_##name(void *lock); \
	int __wrap_##name(void *lock); \
	int __wrap_##name(void *lock) \
	{ \
		int failed = __real_##name(lock); \
		if (!failed) \
			then(); \
		return failed; \
	}
CALL(pthread_mutex_lock, vsp_heap_locked)
CALL(pthread_mutex_trylock, vsp_heap_locked)
CALL(pthread_rwlock_rdlock, vsp_heap_locked)
CALL(pthread_rwlock_tryrdlock, vsp_heap_locked)
CALL(pthread_rwlock_wrlock, vsp_heap_locked)
CALL(pthread_rwlock_trywrlock, vsp_heap_locked)

CALL(pthread_mutex_unlock, unlocked)
CALL(pthread_rwlock_unlock, unlocked)

int __real_pthread_once(void *once, void (*fn)(void));
int __wrap_pthread_once(void *once, void (*fn)(void));
int __wrap_pthread_once(void *once, void (*fn)(void))
{
	vsp_heap_locked();
	int failed = __real_pthread_once(once, fn);
	unlocked();
	return failed;
}

/* 1: the object must be constructed, and its guard is locked in the meantime. */
int __real___cxa_guard_acquire(uint64_t *guard);
int __wrap___cxa_guard_acquire(uint64_t *guard);
int __wrap___cxa_guard_acquire(uint64_t *guard)
{
	int locked = __real___cxa_guard_acquire(guard);
	if (locked)
		vsp_heap_locked();
	return locked;
}

#define GUARD_END(name) \
	void __real_##name(uint64_t *guard); \
	void __wrap_##name(uint64_t *guard); \
	void __wrap_##name(uint64_t *guard) \
	{ \
		__real_##name(guard); \
		unlocked(); \
	}
GUARD_END(__cxa_guard_release)
GUARD_END(__cxa_guard_abort)
