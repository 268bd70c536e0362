/* Gives the results of a SPIR-V module numbers of their own; see spirv_numbers.c. */
#ifndef VSP_GPU_SPIRV_NUMBERS_H
#define VSP_GPU_SPIRV_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

enum vsp_spirv_numbers {
	VSP_SPIRV_NUMBERED,
	VSP_SPIRV_MIXED, /* two basic blocks of one function have the same number */
	VSP_SPIRV_WRONG, /* not SPIR-V that kernels are made of */
	VSP_SPIRV_NO_MEMORY
};

/*
 * Leaves out the first `leave` basic blocks of each function, each of which does nothing but go to
 * the next one, and all names, and numbers what is left from 1 in the order of the definitions, in
 * place. *count is the number of words; *blocks becomes the largest number of blocks of a function,
 * with those left out. The words are of no use unless VSP_SPIRV_NUMBERED is returned.
 */
enum vsp_spirv_numbers vsp_spirv_number(uint32_t *words, size_t *count, uint32_t leave, uint32_t *blocks);

#endif
