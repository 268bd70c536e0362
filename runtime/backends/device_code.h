/*
 * Device code as providers get it: a unit of PTX or SPIR-V with some entry points, and what a
 * device must be able to compute exactly to run it. It comes from the compiler, from the code
 * cache, or from the compiled program itself.
 */
#ifndef VSP_RUNTIME_DEVICE_CODE_H
#define VSP_RUNTIME_DEVICE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The two formats. */
enum vsp_device_format { VSP_DEVICE_SPIRV, VSP_DEVICE_PTX, VSP_DEVICE_FORMATS };

/* What a unit needs beyond integers of 64 bits, and whether it spends its budget. */
enum { VSP_DEVICE_F64 = 1, VSP_DEVICE_F32 = 2, VSP_DEVICE_LOOPS = 4 };

/* The deepest calls within a kernel; ir/lower refuses deeper ones. */
enum { VSP_KERNEL_DEPTH = 64 };

typedef struct vsp_device_code {
	uint8_t *bytes; /* PTX: text with a 0 behind it, which size does not count; null: nothing */
	size_t size;
	uint32_t needs; /* VSP_DEVICE_* */
} vsp_device_code;

/*
 * What is computed of batch instructions, as kernels whose indices no function has: item n is
 * kernel VSP_DEVICE_ITEM(n). VMAP has one for each selector.
 */
enum vsp_device_item {
	VSP_ITEM_GRADB,
	VSP_ITEM_DESCB,
	VSP_ITEM_VRED_XOR,
	VSP_ITEM_VMAP,
	VSP_ITEM_WORK = VSP_ITEM_VMAP + 10, /* for the cost model (runtime/arith/device_work.h) */
	VSP_DEVICE_ITEMS
};
#define VSP_DEVICE_ITEM(item) (UINT32_MAX - (item))

/* The name of the entry point of a kernel, as a format of its index. */
#define VSP_DEVICE_KERNEL "vsp_kernel_%u"

#endif
