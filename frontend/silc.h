/*
 * Reading and writing .silc 2.0 files.
 */
#ifndef VSP_FRONTEND_SILC_H
#define VSP_FRONTEND_SILC_H

#include "ir/module.h"

/*
 * Reads and verifies the bytes of a file (copied: they need not outlive the call). Returns a module the caller frees with
 * vsp_module_data_free, or null with *error filled (VSP_E_FORMAT with offset, VSP_E_MEMORY). Any bytes give one or the other; memory used
 * is proportional to size.
 */
vsp_module_data *vsp_silc_read(const uint8_t *bytes, size_t size, vsp_error *error);

/*
 * Serialises a module into malloc'd bytes (*size of them) that the caller frees; null with *error when out of memory or when a
 * field does not fit the format. Sections come out exactly as in m->sections, in their order.
 */
uint8_t *vsp_silc_write(const vsp_module_data *m, size_t *size, vsp_error *error);

/* FNV-1a 64; bytes skip_from .. skip_from + 8 are left out (the checksum field: 24). */
uint64_t vsp_silc_checksum(const uint8_t *bytes, size_t size);

#endif
