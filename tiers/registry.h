/*
 * The one process-wide registry of compiled code: gdb's list of files in memory, and the files perf reads. Everything here may be called
 * from any thread.
 */
#ifndef VSP_TIERS_REGISTRY_H
#define VSP_TIERS_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>

/* ---- gdb ---- */

typedef struct vsp_gdb_entry vsp_gdb_entry;
/* Tells a debugger of an ELF file in memory, which must stay until vsp_gdb_remove. Null: out of memory. */
vsp_gdb_entry *vsp_gdb_add(const char *image, size_t size);
/* Null is allowed. */
void vsp_gdb_remove(vsp_gdb_entry *entry);

#endif
