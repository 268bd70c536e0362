/*
 * The runtime of compiled programs for this machine, as LLVM bitcode and as an object made by the
 * build; size 0 where the build had no clang.
 */
#ifndef VSP_AOT_RUNTIME_BITCODE_H
#define VSP_AOT_RUNTIME_BITCODE_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t vsp_aot_runtime_bitcode[];
extern const size_t vsp_aot_runtime_bitcode_size;
extern const uint8_t vsp_aot_runtime_object[];
extern const size_t vsp_aot_runtime_object_size;

#endif
