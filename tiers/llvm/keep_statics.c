/*
 * The way to keep LLVM's static objects alive until the process ends: the linker gives this name to
 * the calls that register destructors at exit (--wrap), so nothing is destroyed. A compile thread
 * may still be inside LLVM when the host leaves main, because freeing an instance does not wait for
 * it (tiers/manager/manager.h). The shared object is never unloaded (-z nodelete).
 */
int __wrap___cxa_atexit(void (*destroy)(void *object), void *object, void *library);

int __wrap___cxa_atexit(void (*destroy)(void *object), void *object, void *library)
{
	(void)destroy;
	(void)object;
	(void)library;
	return 0;
}
