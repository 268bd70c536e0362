/*
 * No heap of the compiler's own, see heap.h: LLVM is a shared library here, or the linker cannot rename calls, so all memory is the system's.
 */
#include "heap.h"

void vsp_heap_enter(void) {}
void vsp_heap_leave(void) {}
void vsp_heap_loaded(void) {}
void vsp_heap_trim(void) {}
