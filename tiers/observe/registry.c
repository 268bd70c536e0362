/*
 * The registry, see registry.h. The part for gdb is its JIT interface (gdb manual, "JIT Compilation
 * Interface"): a descriptor that gdb reads and a function on which it has a breakpoint, both found
 * by name. If several libraries of a process have such a pair, gdb looks at each; ours must never
 * be merged with another's, hence its visibility.
 */
#include "registry.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#include "perf.h"
#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

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

/*
 * Held for a few instructions, or while files are created or closed; writes to them have a mutex of
 * their own.
 */
static atomic_flag lock = ATOMIC_FLAG_INIT;

static void take_lock(void)
{
	vsp_plat_fork_hold();
	while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
		;
}

static void give_lock(void)
{
	atomic_flag_clear_explicit(&lock, memory_order_release);
	vsp_plat_fork_release();
}

/* ---- gdb; it defines the layouts and names ---- */

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
	/* gdb stops here; without a side effect calls would be removed. */
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

/* ---- perf ---- */

static struct perf_files {
	uint32_t users;
	vsp_plat_mutex *mutex; /* while there are users: for writing */
	vsp_plat_log *map, *dump;
	char map_path[40], dump_path[40];
} perf;
static _Atomic uint64_t perf_number;

/* Under the lock, for the first user. Null, or why it has failed. */
static const char *create_files(const char **path)
{
	const char *why = "out of memory";
	unsigned process = (unsigned)vsp_plat_process_id();
	snprintf(perf.map_path, sizeof perf.map_path, "/tmp/perf-%u.map", process);
	snprintf(perf.dump_path, sizeof perf.dump_path, "/tmp/jit-%u.dump", process);
	*path = perf.map_path;
	perf.mutex = vsp_plat_mutex_create();
	perf.map = perf.mutex ? vsp_plat_log_create(perf.map_path, false, &why) : NULL;
	if (!perf.map)
		return why;
	*path = perf.dump_path;
	perf.dump = vsp_plat_log_create(perf.dump_path, true, &why);
	if (!perf.dump)
		return why;
	char header[VSP_JITDUMP_HEADER];
	vsp_jitdump_header(header);
	return vsp_plat_log_append(perf.dump, header, sizeof header) ? NULL : "it cannot be written";
}

static void close_files(void)
{
	vsp_plat_log_close(perf.map);
	vsp_plat_log_close(perf.dump);
	if (perf.mutex)
		vsp_plat_mutex_destroy(perf.mutex);
	perf.map = perf.dump = NULL;
	perf.mutex = NULL;
}

const char *vsp_perf_open(const char **path)
{
	take_lock();
	const char *why = perf.users ? NULL : create_files(path);
	if (why)
		close_files();
	else
		perf.users++;
	give_lock();
	return why;
}

void vsp_perf_close(void)
{
	char end[VSP_JITDUMP_END];
	take_lock();
	if (!--perf.users) {
		vsp_jitdump_end(end);
		vsp_plat_log_append(perf.dump, end, sizeof end);
		close_files();
	}
	give_lock();
}

void vsp_perf_add(const char *map, size_t map_size, const char *dump, size_t dump_size)
{
	vsp_plat_mutex_lock(perf.mutex);
	vsp_plat_log_append(perf.map, map, map_size);
	vsp_plat_log_append(perf.dump, dump, dump_size);
	vsp_plat_mutex_unlock(perf.mutex);
}

uint64_t vsp_perf_numbers(uint32_t count) { return atomic_fetch_add(&perf_number, count); }
