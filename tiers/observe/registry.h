/*
 * The process-wide registry of compiled code, of which there is only one: gdb's list of files in
 * memory, and the files that perf reads. Everything here may be called from any thread.
 */
#ifndef VSP_TIERS_REGISTRY_H
#define VSP_TIERS_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- gdb ---- */

typedef struct vsp_gdb_entry vsp_gdb_entry;
/*
 * Tells a debugger about an ELF file in memory, which must stay until vsp_gdb_remove. Null: out of
 * memory.
 */
vsp_gdb_entry *vsp_gdb_add(const char *image, size_t size);
/* entry may be null. */
void vsp_gdb_remove(vsp_gdb_entry *entry);

/* ---- perf ---- */

/*
 * Counts one user more or less of the process's perf map and jitdump (/tmp/perf-PID.map,
 * /tmp/jit-PID.dump). The first user creates the files, the last one closes them. Null, or why it
 * has failed: a message that need not be freed, about the file *path.
 */
const char *vsp_perf_open(const char **path);
void vsp_perf_close(void);
/*
 * Adds to both files; between open and close. If a file cannot be written any more, it stays as it
 * is.
 */
void vsp_perf_add(const char *map, size_t map_size, const char *dump, size_t dump_size);
/* The first of count numbers that no code of the process has had. */
uint64_t vsp_perf_numbers(uint32_t count);

#endif
