/*
 * One thread at a time in LLVM's generator of SPIR-V, which keeps the numbers of basic blocks in
 * variables of the process. A thread that LLVM does not let go keeps its turn for ever, and with it
 * an unknown state of those variables; then nobody has a turn again.
 */
#include "turn.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/platform/platform.h"
#include "tiers/llvm/fatal.h"

static struct {
	vsp_plat_mutex *lock;   /* null: no memory */
	_Atomic uint32_t forks; /* of the process that has made the lock new */
	bool taken, lost;       /* under the lock */
} turn;

static void create(void)
{
	turn.lock = vsp_plat_mutex_create();
	turn.forks = vsp_plat_forks();
}

/* A child has no thread but the one that forked, which was not here. */
static void begin_again(void)
{
	if (turn.forks == vsp_plat_forks())
		return;
	vsp_plat_mutex_renew(turn.lock);
	turn.forks = vsp_plat_forks();
	turn.lost |= turn.taken;
}

/* The thread that has the turn stays in LLVM. */
static void lose(void)
{
	vsp_plat_mutex_lock(turn.lock);
	turn.lost = true;
	vsp_plat_mutex_signal(turn.lock);
	vsp_plat_mutex_unlock(turn.lock);
	vsp_plat_fork_release();
}

bool vsp_gpu_turn_take(void)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	vsp_plat_call_once(&once, create);
	if (!turn.lock)
		return false;
	begin_again();
	vsp_plat_mutex_lock(turn.lock);
	while (turn.taken && !turn.lost)
		vsp_plat_mutex_wait(turn.lock, UINT64_MAX);
	bool have = !turn.lost;
	turn.taken = true;
	vsp_plat_mutex_unlock(turn.lock);
	if (have) {
		vsp_plat_fork_hold();
		vsp_fatal_before_stop(lose);
	}
	return have;
}

void vsp_gpu_turn_give(void)
{
	vsp_fatal_before_stop(NULL);
	vsp_plat_fork_release();
	vsp_plat_mutex_lock(turn.lock);
	turn.taken = false;
	vsp_plat_mutex_signal(turn.lock);
	vsp_plat_mutex_unlock(turn.lock);
}
