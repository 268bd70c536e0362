/*
 * How much of the thread's own stack is left. Runs that nest - callbacks that call again, kernels, compiled code - need it, and the
 * program decides how deep they nest, so whoever nests asks first.
 */
#ifndef VSP_TIERS_MACHINE_STACK_H
#define VSP_TIERS_MACHINE_STACK_H

#include <stddef.h>

/* Bounds of the stack asked about last; all zeros at first. */
typedef struct vsp_machine_stack {
	const char *low, *high;
} vsp_machine_stack;

/* Bytes below the caller's frame. Keeps the bounds of the calling thread's stack in *stack; where the platform does not tell them, 512 KiB
   from the first call on are assumed. */
size_t vsp_machine_stack_left(vsp_machine_stack *stack);

#endif
