/*
 * Handlers for the case that LLVM gets no memory. LLVM is C++ compiled without exceptions: operator
 * new throws where nothing catches, and when malloc fails, LLVM calls a handler of its own. Both
 * end the process, so both are made to call the thread's guard (fatal.h) instead.
 */
#ifndef VSP_LLVM_NO_MEMORY_H
#define VSP_LLVM_NO_MEMORY_H

/*
 * To be called once per process. stop does not return on threads with a guard; threads without one
 * fail as before.
 */
void vsp_no_memory_install(void (*stop)(void));

#endif
