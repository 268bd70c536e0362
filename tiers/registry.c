/*
 * The registry, see registry.h. gdb's part is its JIT interface (gdb manual, "JIT Compilation Interface"): a descriptor gdb reads and a function
 * on which it has a breakpoint, both found by name. Where several libraries of a process have a pair of their own, gdb looks at each; ours is
 * never another's, hence its visibility.
 */
#include "registry.h"

#include <stdatomic.h>
#include <stdint.h>

#include "runtime/alloc.h"

#if defined(__GNUC__) && defined(__ELF__)
#define VSP_FOUND_BY_NAME __attribute__((visibility("protected"), used, noinline))
#define VSP_FOUND_DATA __attribute__((visibility("protected"), used))
#elif defined(__GNUC__)
#define VSP_FOUND_BY_NAME __attribute__((visibility("default"), used, noinline))
#define VSP_FOUND_DATA __attribute__((visibility("default"), used))
#else
#define VSP_FOUND_BY_NAME
#define VSP_FOUND_DATA
#endif

/* Held for a few instructions. */
static atomic_flag lock = ATOMIC_FLAG_INIT;

static void take_lock(void)
{
	while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
		;
}

static void give_lock(void) { atomic_flag_clear_explicit(&lock, memory_order_release); }

/* ---- gdb; layouts and names are its own ---- */

enum { JIT_NO_ACTION, JIT_REGISTER, JIT_UNREGISTER };

struct vsp_gdb_entry {
	vsp_gdb_entry *next, *previous;
	const char *image;
	uint64_t size;
};

struct jit_descriptor {
	uint32_t version, action;
	vsp_gdb_entry *relevant, *first;
};

extern struct jit_descriptor __jit_debug_descriptor;
void __jit_debug_register_code(void);

VSP_FOUND_DATA struct jit_descriptor __jit_debug_descriptor = {1, JIT_NO_ACTION, NULL, NULL};

VSP_FOUND_BY_NAME void __jit_debug_register_code(void)
{
	/* gdb stops here; without a side effect calls would be dropped. */
	atomic_signal_fence(memory_order_seq_cst);
}

/* Under the lock. */
static void tell(vsp_gdb_entry *entry, uint32_t action)
{
	__jit_debug_descriptor.relevant = entry;
	__jit_debug_descriptor.action = action;
	__jit_debug_register_code();
	__jit_debug_descriptor.relevant = NULL;
	__jit_debug_descriptor.action = JIT_NO_ACTION;
}

vsp_gdb_entry *vsp_gdb_add(const char *image, size_t size)
{
	vsp_gdb_entry *entry = vsp_alloc(1, sizeof *entry);
	if (!entry)
		return NULL;
	entry->image = image;
	entry->size = size;
	take_lock();
	entry->next = __jit_debug_descriptor.first;
	if (entry->next)
		entry->next->previous = entry;
	__jit_debug_descriptor.first = entry;
	tell(entry, JIT_REGISTER);
	give_lock();
	return entry;
}

void vsp_gdb_remove(vsp_gdb_entry *entry)
{
	if (!entry)
		return;
	take_lock();
	if (entry->next)
		entry->next->previous = entry->previous;
	if (entry->previous)
		entry->previous->next = entry->next;
	else
		__jit_debug_descriptor.first = entry->next;
	tell(entry, JIT_UNREGISTER);
	give_lock();
	vsp_free_memory(entry);
}
