/*
 * The machine's stack under runs. The program decides how deeply they nest (compiled code,
 * callbacks that call again, kernels), so code that nests asks how much room is left. The answer
 * must be right, because anything may lie below a stack.
 *
 * The bounds are known for the thread's own stack, and for a stack that the host has named. A host
 * may be on another one, such as that of a coroutine, about which nothing can be found out: the
 * system knows mappings, but not where a stack ends within one. In that case, and if too little
 * room is left, the outermost run or call uses a stack of the instance's own with guard pages, on
 * which callbacks are called too. A call that a callback makes from yet another unknown stack gets
 * such a stack for as long as it lasts. If the platform cannot change stacks, VSP_STACK_ASSUMED
 * bytes are assumed to be there.
 *
 * Nothing is remembered for an unknown stack. The thread's own stack is remembered together with
 * the thread's serial number, because threads and their stacks come and go.
 */
#ifndef VSP_RUNTIME_MACHINE_STACK_H
#define VSP_RUNTIME_MACHINE_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VSP_STACK_WANTED = 512 << 10, /* bytes: if less is left, the outermost run uses a stack of its own */
	VSP_STACK_OWN = 8 << 20,      /* the size of that stack */
	VSP_STACK_ASSUMED = 512 << 10
};

/* All zeros at first. */
typedef struct vsp_machine_stack {
	const char *low, *high;             /* of the stack on which the innermost run is */
	const char *named_low, *named_high; /* named by the host; null: none */
	const char *thread_low,
	        *thread_high; /* of the own stack of the thread with serial number thread; 0: none yet */
	uint64_t thread;
	char *own; /* the instance's own: VSP_STACK_OWN bytes between two guard pages; null until it is needed */
	bool own_used;
} vsp_machine_stack;

/*
 * Declares name, an address in the frame of this function. If there is a builtin, a local variable
 * must not be used, because sanitizers move those to the heap.
 */
#if defined(__GNUC__)
#define VSP_STACK_POINTER(name) const char *name = __builtin_frame_address(0)
#else
#define VSP_STACK_POINTER(name) \
	char name##_byte; \
	const char *name = &name##_byte
#endif

/*
 * The host names the stack on which it will run, and the next runs determine the bounds again. size
 * 0: no stack is named.
 */
void vsp_machine_stack_name(vsp_machine_stack *stack, void *low, size_t size);
/*
 * Runs fn(arg) on the caller's stack, or on the instance's own. outermost: no other run of the
 * instance is in progress. During the call stack->low and high describe the stack in use;
 * afterwards they have their old values.
 */
void vsp_machine_stack_run(vsp_machine_stack *stack, bool outermost, void (*fn)(void *), void *arg);
/*
 * For calls that must begin at once, after an outermost run of the same thread: size bytes from low
 * on, in the thread's own stack, below each of which there is as much room as a run wants. size 0:
 * there are none, or the host has named a stack. A caller that is there, and that thread, sets
 * stack->low and high to the thread's instead of using vsp_machine_stack_run, and to null after the
 * run.
 */
void vsp_machine_stack_room(const vsp_machine_stack *stack, const char **low, size_t *size);
/* The number of bytes below the caller's frame, within vsp_machine_stack_run. */
size_t vsp_machine_stack_left(const vsp_machine_stack *stack);
void vsp_machine_stack_free(vsp_machine_stack *stack);

#endif
