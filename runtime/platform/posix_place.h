/*
 * The processor on which a new thread begins. Linux may put the thread behind its creator on the
 * same processor, and look for an idle processor only milliseconds later, which is the whole run
 * time of a short program. So a thread begins on any other processor that its creator may use, and
 * may then move anywhere. Each kind of system has a file of its own, since few let a program
 * choose.
 */
#ifndef VSP_PLATFORM_POSIX_PLACE_H
#define VSP_PLATFORM_POSIX_PLACE_H

#include <pthread.h>
#include <stdbool.h>

/*
 * The processors that a thread may use once it runs: up to 1,024, the size of the C library's own
 * sets.
 */
typedef struct vsp_posix_place {
	unsigned long processors[1024 / (8 * sizeof(unsigned long))];
	bool chosen; /* it begins on only some of them */
} vsp_posix_place;

/*
 * Called by the creator: the thread to be created with attributes will begin elsewhere, if there is
 * any other place. place->chosen is false before.
 */
void vsp_posix_place_elsewhere(vsp_posix_place *place, pthread_attr_t *attributes);
/* Called by the new thread: from now on it runs wherever its creator may. */
void vsp_posix_place_anywhere(const vsp_posix_place *place);

#endif
