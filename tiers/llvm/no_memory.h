/*
 * What happens when LLVM gets no memory. It is C++ compiled without exceptions: operator new throws where nothing catches, and what LLVM takes from malloc it
 * gives up with a handler of its own; both end the process. So both are told here to go to the thread's guard (fatal.h) instead.
 */
#ifndef VSP_LLVM_NO_MEMORY_H
#define VSP_LLVM_NO_MEMORY_H

/* Once in a process. stop does not come back on threads with a guard; those without one fail as they did before. */
void vsp_no_memory_install(void (*stop)(void));

#endif
