/*
 * Threads on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_PTHREAD_H
#define VSP_APPLE_PTHREAD_H

#include <stddef.h>

typedef struct _opaque_pthread_t *pthread_t;
typedef struct _opaque_pthread_once_t {
	long signature;
	char opaque[8];
} pthread_once_t;
#define PTHREAD_ONCE_INIT {0x30B1BCBA, {0}}

pthread_t pthread_self(void);
int pthread_once(pthread_once_t *once, void (*fn)(void));
/* The end of the thread's stack, from which it grows down, and its bytes. */
void *pthread_get_stackaddr_np(pthread_t thread);
size_t pthread_get_stacksize_np(pthread_t thread);

#endif
