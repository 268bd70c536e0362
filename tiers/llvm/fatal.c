/*
 * LLVM's fatal errors, see fatal.h. LLVM has one handler per process, or per shared object with an
 * LLVM of its own; ours is installed once, and looks for a guard of the thread. If a host with the
 * same LLVM installs a handler of its own later, that one replaces ours.
 */
#include "fatal.h"

#include <llvm-c/ErrorHandling.h>
#include <stddef.h>
#include <stdio.h>

#include "no_memory.h"
#include "runtime/platform/platform.h"

static _Thread_local struct {
	void (*stop)(void *user, const char *message);
	void *user;
	void (*before)(void); /* null: nothing */
} guard;

static void stop_thread(const char *message)
{
	if (!guard.stop)
		return;
	if (guard.before)
		guard.before();
	guard.stop(guard.user, message);
}

/*
 * LLVM ends the process when this function returns, and relies on its handler to print the reason.
 */
static void handle(const char *message)
{
	stop_thread(message);
	fprintf(stderr, "LLVM ERROR: %s\n", message);
}

void vsp_fatal_stop(const char *message) { stop_thread(message); }

void vsp_fatal_before_stop(void (*fn)(void)) { guard.before = fn; }

bool vsp_fatal_guarded(void) { return guard.stop; }

static void stop_without_memory(void) { vsp_fatal_stop(VSP_FATAL_NO_MEMORY); }

static void install(void)
{
	LLVMInstallFatalErrorHandler(handle);
	vsp_no_memory_install(stop_without_memory);
}

void vsp_fatal_guard(void (*stop)(void *user, const char *message), void *user)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	vsp_plat_call_once(&once, install);
	guard.stop = stop;
	guard.user = user;
}
