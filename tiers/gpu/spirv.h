/* Makes SPIR-V readable for older translators; see spirv.c. */
#ifndef VSP_GPU_SPIRV_H
#define VSP_GPU_SPIRV_H

#include <stddef.h>
#include <stdint.h>

/*
 * A copy of a SPIR-V module, vsp_alloc'd, in words of this machine; *count is its number of words.
 * Null: out of memory.
 */
uint32_t *vsp_spirv_plain(const uint32_t *words, size_t *count);

#endif
