/*
 * Memory for code that is made while a program runs, with its data beside it: first writable, then
 * executable, never both for one thread. Everything else about memory is in platform.h.
 */
#ifndef VSP_RUNTIME_PLATFORM_CODE_MEMORY_H
#define VSP_RUNTIME_PLATFORM_CODE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reserves address space for code and data, aligned to a page, at an address that does not reveal
 * where anything else lies. Null: there is none. vsp_plat_release gives it back.
 */
void *vsp_code_reserve(uint64_t bytes);
/*
 * Makes pages of it, bytes at code and as many at data, writable for this thread, and zero. Until
 * it calls vsp_code_seal or vsp_code_decommit for them, which it must, the thread runs no code of
 * any such reservation. False: out of memory.
 */
bool vsp_code_commit(void *code, void *data, uint64_t bytes);
/* Makes the code executable, and neither it nor the data writable. False: that is forbidden. */
bool vsp_code_seal(void *code, void *data, uint64_t bytes);
/*
 * Makes pages inaccessible, or where the system cannot, all zeros, which is no code; and gives
 * their memory back. False: the system refuses, and they are as before.
 */
bool vsp_code_decommit(void *code, void *data, uint64_t bytes);

#endif
