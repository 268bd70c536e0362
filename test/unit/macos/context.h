/* What machine_context.h does on macOS, for test_macos.c. */
#ifndef VSP_TEST_MACOS_CONTEXT_H
#define VSP_TEST_MACOS_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

/* The program counter that is read of a context that has pc. */
uintptr_t macos_pc(uintptr_t pc);
/* Can interrupted code be continued elsewhere? */
bool macos_sets_pc(void);
bool macos_faults_are_exact(void);

#endif
