/*
 * The one process-wide registry of compiled code: gdb's list of files in memory, and the files perf reads. Everything here may be called
 * from any thread.
 */
#ifndef VSP_TIERS_REGISTRY_H
#define VSP_TIERS_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- gdb ---- */

typedef struct vsp_gdb_entry vsp_gdb_entry;
/* Tells a debugger of an ELF file in memory, which must stay until vsp_gdb_remove. Null: out of memory. */
vsp_gdb_entry *vsp_gdb_add(const char *image, size_t size);
/* Null is allowed. */
void vsp_gdb_remove(vsp_gdb_entry *entry);

/* ---- perf ---- */

/*
 * One more or one less user of the process's perf map and jitdump (/tmp/perf-PID.map, /tmp/jit-PID.dump). The first one creates the files, the
 * last one closes them. Null, or why not: a message that need not be freed; *path is then the file it is about.
 */
const char *vsp_perf_open(const char **path);
void vsp_perf_close(void);
/* Adds to both files; between open and close. When a file cannot be written any more it stays as it is. */
void vsp_perf_add(const char *map, size_t map_size, const char *dump, size_t dump_size);
/* The first of count numbers that no code of the process has had. */
uint64_t vsp_perf_numbers(uint32_t count);

#endif
