/*
 * The handlers for a lack of memory. They are installed by the names that the C++ ABI gives
 * std::set_new_handler and llvm::install_bad_alloc_error_handler, because LLVM's C interface has
 * neither. The names are weak: if a C++ library or an LLVM does not have them, nothing is
 * installed.
 *
 * The new-handler belongs to the process, so for other threads it must do what would have happened
 * without it: call the previous handler, or throw.
 */
#include "no_memory.h"

#include <stdbool.h>
#include <stddef.h>

typedef void (*new_handler)(void);
__attribute__((weak)) new_handler cxx_set_new_handler(new_handler handler) __asm__("_ZSt15set_new_handlerPFvvE");
__attribute__((weak, noreturn)) void cxx_throw_bad_alloc(void) __asm__("_ZSt17__throw_bad_allocv");
__attribute__((weak)) void llvm_install_bad_alloc_handler(
        void (*handler)(void *user, const char *reason, bool diagnose),
        void *user) __asm__("_ZN4llvm31install_bad_alloc_error_handlerEPFvPvPKcbES0_");

static new_handler before;
static void (*stop_guarded)(void);

/* operator new tries again if this returns. */
static void handle_new(void)
{
	stop_guarded();
	if (before)
		before();
	else
		cxx_throw_bad_alloc();
}

/* LLVM must not continue after this. */
static void handle_malloc(void *user, const char *reason, bool diagnose)
{
	(void)user, (void)reason, (void)diagnose;
	handle_new();
	cxx_throw_bad_alloc();
}

void vsp_no_memory_install(void (*stop)(void))
{
	stop_guarded = stop;
	if (!cxx_throw_bad_alloc)
		return;
	if (cxx_set_new_handler)
		before = cxx_set_new_handler(handle_new);
	if (llvm_install_bad_alloc_handler)
		llvm_install_bad_alloc_handler(handle_malloc, NULL);
}
