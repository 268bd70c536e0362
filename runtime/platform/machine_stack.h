/*
 * The machine's stack under runs. The program decides how deep they nest - compiled code, callbacks that call again, kernels - so whoever
 * nests asks how much is left, and the answer must be right: below a stack may lie anything.
 *
 * Known are the bounds of the thread's own stack, and of one that the host has named. A host may be on another one, a coroutine's, of which nothing
 * can be found out: the system knows mappings, not where a stack ends in one. Then, and where too little is left, the outermost run or call has
 * a stack of the instance's own, with guard pages, on which callbacks are called too; a call that a callback makes from yet another stack that is not
 * known has one for as long as it lasts. Where the platform cannot
 * change stacks, VSP_STACK_ASSUMED bytes are taken to be there.
 *
 * Nothing of this is remembered for a place that is not known, and the thread's own only together with its serial number, since threads and
 * their stacks come and go.
 */
#ifndef VSP_RUNTIME_MACHINE_STACK_H
#define VSP_RUNTIME_MACHINE_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VSP_STACK_WANTED = 512 << 10, /* bytes: where less is left the outermost run has its own stack */
	VSP_STACK_OWN = 8 << 20,      /* that one's */
	VSP_STACK_ASSUMED = 512 << 10
};

/* All zeros at first. */
typedef struct vsp_machine_stack {
	const char *low, *high;             /* of the stack that the innermost run is on */
	const char *named_low, *named_high; /* by the host; null: none */
	const char *thread_low,
	        *thread_high; /* of the thread's own, which thread is the serial number of; 0: none yet */
	uint64_t thread;
	char *own; /* the instance's: VSP_STACK_OWN bytes between two guard pages; null until it is needed */
	bool own_used;
} vsp_machine_stack;

/* The host's word for where it will be: the next runs find out anew. size 0: nothing is named. */
void vsp_machine_stack_name(vsp_machine_stack *stack, void *low, size_t size);
/* Runs fn(arg) on the stack that the caller is on, or on the instance's own; outermost: no other run of the instance is under way. stack->low and high are then
   that one's, and afterwards what they were before. */
void vsp_machine_stack_run(vsp_machine_stack *stack, bool outermost, void (*fn)(void *), void *arg);
/* Bytes below the caller's frame, within vsp_machine_stack_run. */
size_t vsp_machine_stack_left(const vsp_machine_stack *stack);
void vsp_machine_stack_free(vsp_machine_stack *stack);

#endif
