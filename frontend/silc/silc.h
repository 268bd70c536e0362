/*
 * Reading and writing .silc files of versions 2.0 and 2.1.
 */
#ifndef VSP_FRONTEND_SILC_H
#define VSP_FRONTEND_SILC_H

#include "ir/module.h"

/*
 * Reads and verifies the bytes of a file (copied: they need not outlive the call). Returns a module
 * the caller frees with vsp_module_data_free, or null with *error filled (VSP_E_FORMAT with offset,
 * VSP_E_MEMORY). Any bytes give one or the other; memory used is proportional to size.
 */
vsp_module_data *vsp_silc_read(const uint8_t *bytes, size_t size, vsp_error *error);

/*
 * Serialises a module into bytes (*size of them) that the caller frees with vsp_free_memory; null
 * with *error when out of memory or when a field does not fit the format. Sections come out exactly
 * as in m->sections, in their order.
 */
uint8_t *vsp_silc_write(const vsp_module_data *m, size_t *size, vsp_error *error);

/* FNV-1a 64 of a file of at least VSP_SILC_HEADER bytes without its checksum field, bytes
   24..31. */
uint64_t vsp_silc_checksum(const uint8_t *bytes, size_t size);

/*
 * The known sections, encoded from the module's tables, for producers to put into m->sections. The
 * payload is in arena. VSP_OK, VSP_E_MEMORY, or VSP_E_FORMAT when something does not fit the format
 * (names, 4 GiB). Encodings are minimal, so a section whose stored payload is encoded differently
 * (LEB128 with padding) can only be kept raw.
 */
vsp_status vsp_silc_build_func(const vsp_module_data *m, vsp_arena *arena, vsp_section *section, vsp_error *error);
vsp_status vsp_silc_build_memo(const vsp_module_data *m, vsp_arena *arena, vsp_section *section, vsp_error *error);
vsp_status vsp_silc_build_impt(const vsp_module_data *m, vsp_arena *arena, vsp_section *section, vsp_error *error);
vsp_status vsp_silc_build_line(const vsp_module_data *m, vsp_arena *arena, vsp_section *section, vsp_error *error);
vsp_status vsp_silc_build_modl(const vsp_module_data *m, vsp_arena *arena, vsp_section *section, vsp_error *error);
/* Is this the tag of a known section? */
bool vsp_silc_known(const char tag[4]);
/* Fills the module's tables from one known section's payload, as the reader does; place is the
   payload's offset in the file, for errors. For producers of raw sections (.section "FUNC").
   VSP_OK, VSP_E_MEMORY or VSP_E_FORMAT. */
vsp_status vsp_silc_parse_section(vsp_module_data *m, const vsp_section *section, uint64_t place, vsp_error *error);

#endif
