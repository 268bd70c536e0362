/*
 * See machine_stack.h. Stacks grow down on every machine VSP knows.
 */
#include "machine_stack.h"

#include "runtime/platform.h"

enum { ASSUMED = 512 << 10 };

/* An address in the caller's frame. A local variable will not do where there is a builtin: sanitizers move those to the heap. */
#if defined(__GNUC__)
#define STACK_POINTER(name) const char *name = __builtin_frame_address(0)
#else
#define STACK_POINTER(name) \
	char name##_byte; \
	const char *name = &name##_byte
#endif

size_t vsp_machine_stack_left(vsp_machine_stack *stack)
{
	STACK_POINTER(here);
	if (here < stack->low || here >= stack->high) {
		const void *low, *high;
		bool known = vsp_plat_stack(&low, &high);
		stack->low = known ? low : here - ASSUMED;
		stack->high = known ? high : here + 1;
	}
	return here > stack->low ? (size_t)(here - stack->low) : 0;
}
