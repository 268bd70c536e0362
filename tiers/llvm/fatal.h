/*
 * Errors after which LLVM would end the process: it reports those that it takes for its own defects, or for code no machine can have, to a
 * handler that must not come back. A library may not end its host, nor can LLVM's frames be left by a jump, so whoever compiles does so on a
 * thread of its own that can stay where it is.
 */
#ifndef VSP_TIERS_LLVM_FATAL_H
#define VSP_TIERS_LLVM_FATAL_H

#include <stdbool.h>

/* Such errors of the calling thread go to stop(user, message) from now on, see guard in tiers/jit.h. Those of threads without a guard end the process, as
   LLVM has it. */
void vsp_fatal_guard(void (*stop)(void *user, const char *message), void *user);

/* Has the calling thread a guard? */
bool vsp_fatal_guarded(void);

#define VSP_FATAL_NO_MEMORY "out of memory"
/* Memory has run out (VSP_FATAL_NO_MEMORY), say: goes to the calling thread's guard, from where nothing comes back; returns where there is none. */
void vsp_fatal_stop(const char *message);

#endif
