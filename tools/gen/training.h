/*
 * Training programs, which are compiled to observe the compiler for the layout of its code
 * (tools/gen/order.c, tools/gen/profile.c).
 */
#ifndef VSP_TRAINING_H
#define VSP_TRAINING_H

/* Runs each program in tiers auto, 1 and 2, compiling synchronously; the results of the programs
   are ignored. Null, or the error of one of them. */
const char *training_run(char *const *paths, int count);

#endif
