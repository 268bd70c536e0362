/*
 * Attacks the machine stack: attack_frames PROGRAM.so calls the exported f(1) of a program compiled
 * ahead of time on stacks of several sizes, each with a guard page below it, and bytes below that
 * which must not be written. f has a frame larger than the smaller stacks: there it must trap, or
 * run on a stack of the instance's own; where it fits it must return.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <vsp/vsp_aot.h>

enum { BELOW = 2 << 20, GUARD = 4096, CANARY = 0xA5 };

typedef vsp_status exported(vsp_aot_instance *, const int64_t *, int64_t *);

static exported *f;
static vsp_aot_instance *instance;
static vsp_status status;
static int64_t result;

static void *call(void *unused)
{
	int64_t arg = 1;
	status = f(instance, &arg, &result);
	return unused;
}

/* Are the bytes below the guard page unchanged after f has run on a stack of size bytes? Sets
   status. */
static int stays_within(size_t size)
{
	unsigned char *below =
	        mmap(NULL, BELOW + GUARD + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attributes;
	pthread_t thread;
	size_t n = 0;
	if (below == MAP_FAILED)
		return 0;
	memset(below, CANARY, BELOW);
	mprotect(below + BELOW, GUARD, PROT_NONE);
	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, below + BELOW + GUARD, size);
	if (pthread_create(&thread, &attributes, call, NULL))
		return 0;
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attributes);
	while (n < BELOW && below[n] == CANARY)
		n++;
	munmap(below, BELOW + GUARD + size);
	return n == BELOW;
}

static int attack(size_t size, int fits)
{
	int within = stays_within(size),
	    good = within && ((status == VSP_OK && result == 1) || (!fits && status == VSP_TRAPPED));
	if (!good)
		printf("FAILED: stack of %zu KiB: status %d, %s\n", size >> 10, status,
		        within ? "nothing overwritten" : "bytes below the stack overwritten");
	return good;
}

int main(int argc, char **argv)
{
	void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
	vsp_aot_instance *(*make)(const vsp_aot_config *, vsp_error *);
	if (!library)
		return puts(argc > 1 ? dlerror() : "usage: attack_frames PROGRAM.so"), 2;
	*(void **)(void *)&make = dlsym(library, "vsp_aot_instantiate");
	*(void **)(void *)&f = dlsym(library, "f");
	vsp_error error = VSP_ERROR_INIT;
	instance = make && f ? make(NULL, &error) : NULL;
	if (!instance)
		return printf("no instance: %s\n", error.message), 2;
	int good = attack(512 << 10, 0) & attack(640 << 10, 0) & attack(256 << 10, 0) & attack(16 << 20, 1);
	return !good;
}
