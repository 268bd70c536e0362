/*
 * See machine_stack.h. Stacks grow down on every machine VSP knows.
 */
#include "machine_stack.h"

#include "platform.h"

/* An address in the caller's frame. A local variable will not do where there is a builtin: sanitizers move those to the heap. */
#if defined(__GNUC__)
#define STACK_POINTER(name) const char *name = __builtin_frame_address(0)
#else
#define STACK_POINTER(name) \
	char name##_byte; \
	const char *name = &name##_byte
#endif

static bool holds(const char *low, const char *high, const char *here) { return here >= low && here < high; }

void vsp_machine_stack_name(vsp_machine_stack *stack, void *low, size_t size)
{
	stack->named_low = size ? low : NULL;
	stack->named_high = size ? (const char *)low + size : NULL;
}

/* The thread's own; slow the first time on each thread. */
static void find_thread(vsp_machine_stack *stack)
{
	const void *low, *high;
	if (stack->thread == vsp_plat_thread_serial())
		return;
	bool known = vsp_plat_stack(&low, &high);
	stack->thread = vsp_plat_thread_serial();
	stack->thread_low = known ? low : NULL;
	stack->thread_high = known ? high : NULL;
}

/* Bounds of the stack with here on it; false: it is not known. */
static bool find(vsp_machine_stack *stack, const char *here)
{
	const char *own = stack->own_used ? stack->own : NULL;
	find_thread(stack);
	if (own && holds(own, own + VSP_STACK_OWN, here)) {
		stack->low = own;
		stack->high = own + VSP_STACK_OWN;
	} else if (holds(stack->named_low, stack->named_high, here)) {
		stack->low = stack->named_low;
		stack->high = stack->named_high;
	} else if (holds(stack->thread_low, stack->thread_high, here)) {
		stack->low = stack->thread_low;
		stack->high = stack->thread_high;
	} else {
		return false;
	}
	return true;
}

/* Between guard pages; false: no room for it, or the platform cannot change stacks. */
static bool have_own(vsp_machine_stack *stack)
{
	size_t page = vsp_plat_page_size();
	if (stack->own || !vsp_plat_changes_stacks())
		return stack->own != NULL;
	char *reserved = vsp_plat_reserve(VSP_STACK_OWN + 2 * (uint64_t)page);
	if (reserved && vsp_plat_commit(reserved + page, VSP_STACK_OWN))
		stack->own = reserved + page;
	else if (reserved)
		vsp_plat_release(reserved, VSP_STACK_OWN + 2 * (uint64_t)page);
	return stack->own != NULL;
}

static void run_on_own(vsp_machine_stack *stack, void (*fn)(void *), void *arg)
{
	stack->own_used = true;
	stack->low = stack->own;
	stack->high = stack->own + VSP_STACK_OWN;
	vsp_plat_call_on_stack(stack->own + VSP_STACK_OWN, fn, arg);
	stack->own_used = false;
}

void vsp_machine_stack_run(vsp_machine_stack *stack, bool outermost, void (*fn)(void *), void *arg)
{
	STACK_POINTER(here);
	const char *low = stack->low, *high = stack->high;
	bool known = find(stack, here);
	bool other = !known || (outermost && here - stack->low < VSP_STACK_WANTED);
	if (other && !stack->own_used && have_own(stack)) {
		run_on_own(stack, fn, arg);
	} else {
		if (!known) {
			stack->low = here - VSP_STACK_ASSUMED;
			stack->high = here + 1;
		}
		fn(arg);
	}
	stack->low = low;
	stack->high = high;
}

size_t vsp_machine_stack_left(const vsp_machine_stack *stack)
{
	STACK_POINTER(here);
	return holds(stack->low, stack->high, here) ? (size_t)(here - stack->low) : 0;
}

void vsp_machine_stack_free(vsp_machine_stack *stack)
{
	size_t page = vsp_plat_page_size();
	if (stack->own)
		vsp_plat_release(stack->own - page, VSP_STACK_OWN + 2 * (uint64_t)page);
	stack->own = NULL;
}
