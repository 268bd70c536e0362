/*
 * The interpreter's loop by guaranteed tail calls: each handler is a function that ends in a jump to the next one, and the state
 * stays in the same machine registers throughout. preserve_none frees handlers from saving any.
 */
#include "handlers.h"

#define HANDLER_CALL __attribute__((preserve_none))
typedef HANDLER_CALL void handler_fn(const vsp_cell *ip, vsp_exec_frame *F, uint8_t *mem, vsp_exec *x);

#define GO(cell) \
	do { \
		const vsp_cell *go = (cell); \
		__attribute__((musttail)) return ((handler_fn *)go->run.function)(go, F, mem, x); \
	} while (0)
#define LEAVE(how) \
	do { \
		x->left = (how); \
		return; \
	} while (0)

#define HANDLER(NAME, ...) \
	static HANDLER_CALL void do_##NAME(const vsp_cell *ip, vsp_exec_frame *F, uint8_t *mem, vsp_exec *x) \
	{ \
		(void)ip, (void)F, (void)mem; \
		__VA_ARGS__; \
	}
#include "handlers.def"

static handler_fn *const functions[] = {
#define HANDLER(NAME, ...) [VSP_H_##NAME] = do_##NAME,
#include "handlers.def"
};

static void loop_run(vsp_exec *x, const vsp_cell *ip)
{
	((handler_fn *)ip->run.function)(ip, x->frame, x->rt->caller.memory, x);
}

static vsp_dispatch loop_target(unsigned handler)
{
	return (vsp_dispatch){.function = (void (*)(void))functions[handler]};
}

const vsp_loop vsp_exec_loop = {"tail", loop_run, loop_target};
