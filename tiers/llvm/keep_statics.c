/*
 * LLVM's static objects live until the process ends: the linker gives the calls by which the shared object's code asks for destructors at exit
 * this name (--wrap), and nothing is destroyed. A compile thread may still be inside LLVM when the host leaves main, since freeing an
 * instance does not wait for it (tiers/manager/manager.h). The shared object is never unloaded (-z nodelete).
 */
int __wrap___cxa_atexit(void (*destroy)(void *object), void *object, void *library);

int __wrap___cxa_atexit(void (*destroy)(void *object), void *object, void *library)
{
	(void)destroy;
	(void)object;
	(void)library;
	return 0;
}
