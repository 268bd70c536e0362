/*
 * The extra steps of jobs that describe their code for debuggers and profilers; see describe.c.
 */
#ifndef VSP_LLVM_DESCRIBE_H
#define VSP_LLVM_DESCRIBE_H

#include <llvm-c/Core.h>
#include <stdbool.h>

#include "tiers/code_map.h"
#include "tiers/jit.h"

/*
 * To be called before code generation: gives each inlined instruction the line VSP_MAX_CODE + 1 +
 * its site, and fills map->sites. False: out of memory.
 */
bool vsp_describe_sites(LLVMModuleRef module, vsp_code_map *map);
/*
 * To be called after linking: fills map->symbols from the object, and moves the sites from the
 * places into map->outer, so that the places name code addresses. False: out of memory.
 */
bool vsp_describe_code(LLVMMemoryBufferRef object, vsp_place *places, uint32_t place_count, vsp_code_map *map);
/* Frees what map owns. */
void vsp_describe_free(vsp_code_map *map);

#endif
