/*
 * Work beside the program, on a thread of its own, which only works while its processor is wanted
 * by nobody else. Work is a number; each is done at most once at a time, in the order in which it
 * was asked for. All functions are for the owner's thread, of which there is one.
 */
#ifndef VSP_TIERS_BACKGROUND_H
#define VSP_TIERS_BACKGROUND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct vsp_background vsp_background;

/* Does the work; stop becomes non-zero when nobody waits for it any more. */
typedef void (*vsp_background_work)(void *arg, uint32_t item, const _Atomic uint32_t *stop);

/*
 * Nothing runs yet. Items are numbers below count. The thread asks is_idle before each, and again
 * after some milliseconds when that is false (as vsp_plat_processor_is_idle). Null: no memory.
 */
vsp_background *vsp_background_create(uint32_t count, vsp_background_work work, void *arg, bool (*is_idle)(void *arg));
/* Waits for what is being done; what is asked for besides is not done. background may be null. */
void vsp_background_destroy(vsp_background *background);
/* Asks for an item; it may be asked for already. The first request starts the thread. False: there
   is none. */
bool vsp_background_ask(vsp_background *background, uint32_t item);
/* Takes a request back, if there is one. False: the item is being worked at. */
bool vsp_background_withdraw(vsp_background *background, uint32_t item);
/* Has work been asked for? Then destroying waits for the thread. background may be null. */
bool vsp_background_has_thread(const vsp_background *background);
/*
 * True if the process was forked since the last call, and the thread stayed behind. What was asked
 * for is forgotten, and so is the state of what was being done, if the fork has not waited for its
 * end.
 */
bool vsp_background_was_forked(vsp_background *background);

#endif
