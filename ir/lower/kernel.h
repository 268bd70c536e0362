/*
 * Kernels for devices: the form of a kernel that computes one iteration per work item, by the same
 * lowering as everywhere else (options->device and options->status).
 *
 * A work item has its run-time state in memory of its own, which no longer exists once everything
 * is inlined into the kernel. Linear memory is a mirror of the instance's in the device's memory,
 * at the same offsets, so an access is one comparison and one addition. A trap only notes which
 * iteration it was in: that iteration runs once more on the CPU, where its place is found.
 */
#ifndef VSP_LOWER_KERNEL_H
#define VSP_LOWER_KERNEL_H

#include "lower.h"
#include "runtime/backends/device_code.h"

/* The parameters of kernels, in order: PARAMETER(name, is it a pointer? otherwise 64 bits). */
#define VSP_KERNEL_PARAMETERS(PARAMETER) \
	PARAMETER(MEMORY, true)     /* the mirror */ \
	PARAMETER(SIZE, false)      /* its bytes; accesses beyond them trap */ \
	PARAMETER(FIRST, false)     /* the iteration of the first work item */ \
	PARAMETER(COUNT, false)     /* the number of work items with an iteration */ \
	PARAMETER(ARGUMENT, false)  /* R1 */ \
	PARAMETER(BUDGET, false)    /* the loop iterations that a work item may spend */ \
	PARAMETER(RECORD, true)     /* one 64-bit word for traps, 0 while there is none */ \
	PARAMETER(OPERATION, false) /* goes into the record as it is */

enum vsp_kernel_parameter {
#define PARAMETER(name, pointer) VSP_KERNEL_##name,
	VSP_KERNEL_PARAMETERS(PARAMETER)
#undef PARAMETER
	        VSP_KERNEL_PARAMETER_COUNT
};

/*
 * The record of a trap: its kind (a vsp_trap; FUEL when the budget is spent), the work item counted
 * from the first, and the operation. Work items that find a record do nothing.
 */
enum { VSP_KERNEL_KIND_BITS = 8, VSP_KERNEL_ITEM_BITS = 32 };

/*
 * Defines kernel func and everything it reaches, as a function called name that the device can
 * start. Not OK also when it uses what no device computes as the CPU does.
 */
vsp_lower_reason vsp_lower_kernel(vsp_lower *lower, uint32_t func, enum vsp_device_format format, const char *name);

/*
 * Defines a kernel called name whose work items each call a function that the module does not
 * define yet, with the number of the work item and then the kernel's parameters.
 */
void vsp_lower_item_kernel(vsp_lower *lower, enum vsp_device_format format, const char *name, const char *function);

#endif
