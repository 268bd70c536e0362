/*
 * Programs compiled so that the compiler can be watched at it, by what lays out its code (tools/gen/order.c, tools/gen/profile.c).
 */
#ifndef VSP_TRAINING_H
#define VSP_TRAINING_H

/* Runs each program in tiers auto, 1 and 2, compiling while it waits; what becomes of the program is of no interest. Null, or what went wrong with one of them. */
const char *training_run(char *const *paths, int count);

#endif
