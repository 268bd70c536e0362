/*
 * Threads on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_PTHREAD_H
#define VSP_APPLE_PTHREAD_H

#include <stddef.h>

#include "signal.h"
#include "time.h"

typedef struct _opaque_pthread_t *pthread_t;
typedef struct _opaque_pthread_once_t {
	long signature;
	char opaque[8];
} pthread_once_t;
#define PTHREAD_ONCE_INIT {0x30B1BCBA, {0}}
typedef struct _opaque_pthread_attr_t {
	long signature;
	char opaque[56];
} pthread_attr_t;
typedef struct _opaque_pthread_mutex_t {
	long signature;
	char opaque[56];
} pthread_mutex_t;
#define PTHREAD_MUTEX_INITIALIZER {0x32AAABA7, {0}}
typedef struct _opaque_pthread_cond_t {
	long signature;
	char opaque[40];
} pthread_cond_t;

pthread_t pthread_self(void);
int pthread_once(pthread_once_t *once, void (*fn)(void));
int pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *), void *argument);
int pthread_join(pthread_t thread, void **result);
int pthread_detach(pthread_t thread);
int pthread_attr_init(pthread_attr_t *attributes);
int pthread_attr_destroy(pthread_attr_t *attributes);
int pthread_attr_setstacksize(pthread_attr_t *attributes, size_t size);
int pthread_attr_setguardsize(pthread_attr_t *attributes, size_t size);
/* The attributes of mutexes and conditions are null here. */
int pthread_mutex_init(pthread_mutex_t *mutex, const void *attributes);
int pthread_mutex_destroy(pthread_mutex_t *mutex);
int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_mutex_unlock(pthread_mutex_t *mutex);
int pthread_cond_init(pthread_cond_t *condition, const void *attributes);
int pthread_cond_destroy(pthread_cond_t *condition);
int pthread_cond_broadcast(pthread_cond_t *condition);
int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
/* The time is relative to now. */
int pthread_cond_timedwait_relative_np(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *time);
/* May this thread write to memory that was mapped with MAP_JIT, or else run it? */
int pthread_jit_write_protect_supported_np(void);
void pthread_jit_write_protect_np(int protect);
/* The end of the thread's stack, from which it grows down, and its bytes. */
void *pthread_get_stackaddr_np(pthread_t thread);
size_t pthread_get_stacksize_np(pthread_t thread);

_Static_assert(sizeof(pthread_mutex_t) == 64 && sizeof(pthread_cond_t) == 48, "the system's layout");
_Static_assert(sizeof(pthread_attr_t) == 64, "the system's layout");

#endif
