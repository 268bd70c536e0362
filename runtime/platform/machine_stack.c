/*
 * The room left on the machine's stack, and runs on stacks of the instance's own; see
 * machine_stack.h. Stacks grow down on every machine that VSP supports.
 */
#include "machine_stack.h"

#include "platform.h"

static bool holds(const char *low, const char *high, const char *here) { return here >= low && here < high; }

void vsp_machine_stack_name(vsp_machine_stack *stack, void *low, size_t size)
{
	stack->named_low = size ? low : NULL;
	stack->named_high = size ? (const char *)low + size : NULL;
}

/* The bounds of the thread's own stack; the first call on each thread is slow. */
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

/* The bounds of the stack that contains here. False: unknown. */
static bool find(vsp_machine_stack *stack, const char *here)
{
	const char *own = stack->own_used ? stack->own : NULL;
	find_thread(stack);
	if (own && holds(own, own + VSP_STACK_OWN, here)) {
		stack->low = own;
		stack->high = own + VSP_STACK_OWN;
	} else if (holds(stack->low, stack->high, here)) {
		return true; /* the outer run is on it, and waits */
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

/*
 * VSP_STACK_OWN bytes between guard pages. Null: no room for them, or the platform cannot change
 * stacks.
 */
static char *make_stack(void)
{
	size_t page = vsp_plat_page_size();
	char *reserved = vsp_plat_changes_stacks() ? vsp_plat_reserve(VSP_STACK_OWN + 2 * (uint64_t)page) : NULL;
	if (reserved && vsp_plat_commit(reserved + page, VSP_STACK_OWN))
		return reserved + page;
	if (reserved)
		vsp_plat_release(reserved, VSP_STACK_OWN + 2 * (uint64_t)page);
	return NULL;
}

static void free_stack(char *low)
{
	size_t page = vsp_plat_page_size();
	if (low)
		vsp_plat_release(low - page, VSP_STACK_OWN + 2 * (uint64_t)page);
}

static void run_on(vsp_machine_stack *stack, char *low, void (*fn)(void *), void *arg)
{
	stack->low = low;
	stack->high = low + VSP_STACK_OWN;
	vsp_plat_call_on_stack(low + VSP_STACK_OWN, fn, arg);
}

static bool run_on_own(vsp_machine_stack *stack, void (*fn)(void *), void *arg)
{
	if (!stack->own)
		stack->own = make_stack();
	if (!stack->own)
		return false;
	stack->own_used = true;
	run_on(stack, stack->own, fn, arg);
	stack->own_used = false;
	return true;
}

/*
 * For use while an outer run is on the instance's own stack: it is unknown how much of it that run
 * will need, so it cannot be shared.
 */
static bool run_on_another(vsp_machine_stack *stack, void (*fn)(void *), void *arg)
{
	char *low = make_stack();
	if (low)
		run_on(stack, low, fn, arg);
	free_stack(low);
	return low != NULL;
}

/*
 * If a stack of our own is possible and only memory for it is lacking, no room may be assumed here:
 * the run then finds none.
 */
static void run_here(vsp_machine_stack *stack, const char *here, bool known, void (*fn)(void *), void *arg)
{
	if (!known) {
		stack->low = vsp_plat_changes_stacks() ? here : here - VSP_STACK_ASSUMED;
		stack->high = here + 1;
	}
	fn(arg);
}

void vsp_machine_stack_run(vsp_machine_stack *stack, bool outermost, void (*fn)(void *), void *arg)
{
	VSP_STACK_POINTER(here);
	const char *low = stack->low, *high = stack->high;
	bool known = find(stack, here);
	bool other = !known || (outermost && here - stack->low < VSP_STACK_WANTED);
	bool done = other && (stack->own_used ? run_on_another(stack, fn, arg) : run_on_own(stack, fn, arg));
	if (!done)
		run_here(stack, here, known, fn, arg);
	stack->low = low;
	stack->high = high;
}

void vsp_machine_stack_room(const vsp_machine_stack *stack, const char **low, size_t *size)
{
	bool any = !stack->named_low && stack->thread_low && stack->thread_high - stack->thread_low > VSP_STACK_WANTED;
	*low = any ? stack->thread_low + VSP_STACK_WANTED : NULL;
	*size = any ? (size_t)(stack->thread_high - *low) : 0;
}

size_t vsp_machine_stack_left(const vsp_machine_stack *stack)
{
	VSP_STACK_POINTER(here);
	return holds(stack->low, stack->high, here) ? (size_t)(here - stack->low) : 0;
}

void vsp_machine_stack_free(vsp_machine_stack *stack)
{
	free_stack(stack->own);
	stack->own = NULL;
}
