/* What jobs that describe their code add to compiling; see describe.c. */
#ifndef VSP_LLVM_DESCRIBE_H
#define VSP_LLVM_DESCRIBE_H

#include <llvm-c/Core.h>
#include <stdbool.h>

#include "tiers/code_map.h"
#include "tiers/jit.h"

/*
 * Before code generation: gives each instruction that was inlined the line VSP_MAX_CODE + 1 + its site, and fills map->sites. False: out of
 * memory.
 */
bool vsp_describe_sites(LLVMModuleRef module, vsp_code_map *map);
/*
 * After linking: fills map->symbols from the object, and takes the sites out of the places, which then name code addresses, into
 * map->outer. False: out of memory.
 */
bool vsp_describe_code(LLVMMemoryBufferRef object, vsp_place *places, uint32_t place_count, vsp_code_map *map);
/* Frees what map owns. */
void vsp_describe_free(vsp_code_map *map);

#endif
