/*
 * The errors after which LLVM would end the process. LLVM reports its own defects, and code that no
 * machine can have, to a handler that must not return. A library may not end its host, and LLVM's
 * frames cannot be left by a jump, so every compilation runs on a thread of its own, which can stay
 * where it is.
 */
#ifndef VSP_TIERS_LLVM_FATAL_H
#define VSP_TIERS_LLVM_FATAL_H

#include <stdbool.h>

/*
 * From now on such errors of the calling thread go to stop(user, message), see guard in
 * tiers/jit.h. Errors of threads without a guard end the process, as LLVM intends.
 */
void vsp_fatal_guard(void (*stop)(void *user, const char *message), void *user);

/* Does the calling thread have a guard? */
bool vsp_fatal_guarded(void);

/* The calling thread's guard calls fn, which returns, before stop; null: nothing. */
void vsp_fatal_before_stop(void (*fn)(void));

#define VSP_FATAL_NO_MEMORY "out of memory"
/*
 * Reports an error, such as a lack of memory (VSP_FATAL_NO_MEMORY), to the calling thread's guard,
 * which does not return. Without a guard this function returns.
 */
void vsp_fatal_stop(const char *message);

#endif
