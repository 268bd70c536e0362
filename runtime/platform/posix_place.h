/*
 * Where a new thread begins. Linux may put it on its maker's processor, behind its maker, and look at what stands idle only milliseconds later;
 * that is how long a short program runs in all. So a thread begins on any other processor that its maker may use, and may go anywhere from then
 * on. In a file of its own for each kind of system, as few let a program choose.
 */
#ifndef VSP_PLATFORM_POSIX_PLACE_H
#define VSP_PLATFORM_POSIX_PLACE_H

#include <pthread.h>
#include <stdbool.h>

/* The processors that a thread may use once it runs; 1,024 of them, as many as the C library's own sets hold. */
typedef struct vsp_posix_place {
	unsigned long processors[1024 / (8 * sizeof(unsigned long))];
	bool chosen; /* it begins on some of them only */
} vsp_posix_place;

/* The maker: the thread to be made with attributes begins elsewhere, if there is any other place. place->chosen is false before. */
void vsp_posix_place_elsewhere(vsp_posix_place *place, pthread_attr_t *attributes);
/* The new thread: from now on it runs wherever its maker may. */
void vsp_posix_place_anywhere(const vsp_posix_place *place);

#endif
