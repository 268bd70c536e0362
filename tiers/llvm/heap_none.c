/*
 * No heap of the compiler's own, see heap.h: LLVM is a shared library here, or the linker cannot rename calls, so all memory is the system's.
 *
 * Nor can LLVM's static objects be kept from being destroyed when the process ends (keep_statics.c). Compile threads that nobody has waited for
 * may still be inside then; so the end waits for them; not for ever, as in a forked process they are not there.
 */
#include "heap.h"

#include <llvm-c/Target.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "runtime/platform/platform.h"

static vsp_plat_mutex *lock; /* made when the shared object is loaded; null: there was no memory */
static unsigned inside;      /* threads, under the lock */
static _Thread_local unsigned depth;
enum { PATIENCE_S = 10 };

static void change(int by)
{
	if (!lock)
		return;
	vsp_plat_mutex_lock(lock);
	inside += (unsigned)by;
	vsp_plat_mutex_signal(lock);
	vsp_plat_mutex_unlock(lock);
}

/*
 * Behind LLVM's constructors, and so before its destructors. Objects that LLVM makes at first use are destroyed before what was registered earlier: so one that
 * all need is made first, and once a job has made the others this is registered again.
 */
static void wait_for_threads(void)
{
	uint64_t start = vsp_plat_clock_ns(), most = PATIENCE_S * UINT64_C(1000000000);
	vsp_plat_mutex_lock(lock);
	while (inside && vsp_plat_clock_ns() - start < most)
		vsp_plat_mutex_wait(lock, most);
	vsp_plat_mutex_unlock(lock);
}

static void load(void)
{
	LLVMInitializeNativeTarget(); /* makes the registry of passes */
	lock = vsp_plat_mutex_create();
	if (lock)
		atexit(wait_for_threads);
}

static void register_again(void)
{
	if (lock)
		atexit(wait_for_threads);
}

void vsp_heap_loaded(void)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	vsp_plat_call_once(&once, load);
}

bool vsp_heap_enter(void)
{
	if (!depth++)
		change(1);
	return true;
}

void vsp_heap_leave(void)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	if (!--depth) {
		vsp_plat_call_once(&once, register_again);
		change(-1);
	}
}

void vsp_heap_abandon(void)
{
	if (depth)
		change(-1);
	depth = 0;
}

void vsp_heap_trim(void) {}
