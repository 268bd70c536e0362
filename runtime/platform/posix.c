/*
 * Protected calls on POSIX. A process-wide handler for SIGSEGV and SIGBUS is installed at the first
 * protected call and stays. It looks at the innermost protected call of the thread on which it
 * runs. A fault within that call's region jumps out of the handler into vsp_plat_protect; every
 * other fault goes on to the previous handler, which is called as the system would have called it.
 * The handler sets the signal mask of the faulting code before it leaves, so that entering needs no
 * system call; frame.h enters and leaves.
 *
 * The only mutable globals of the library are the previous handlers and the flag which says that
 * they are known.
 */
#include "frame.h"
#include "local.h"
#include "machine_context.h"
#include "posix_stop.h"
#include "backtrace.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

static const int fault_signals[] = {VSP_FAULT_SIGNALS};
enum { FAULT_SIGNALS = sizeof fault_signals / sizeof *fault_signals };
static struct sigaction previous[FAULT_SIGNALS];
static atomic_bool used_up[FAULT_SIGNALS]; /* previous handlers that asked to be called only once */
static atomic_bool installed;
static pthread_once_t install_once = PTHREAD_ONCE_INIT;

/* Restores the signal mask and modes of the interrupted code, before that code is left for good. */
static void restore_modes(const ucontext_t *context)
{
	pthread_sigmask(SIG_SETMASK, &context->uc_sigmask, NULL);
	vsp_context_restore_fp(context);
}

/*
 * Default and ignored faults end the process, as the system intends. With the default action
 * restored, a fault happens again on return from the handler; a signal that was sent is sent again.
 */
static void chain_to_default(int number, const siginfo_t *info, const struct sigaction *old)
{
	bool sent = info->si_code <= 0;
	if (sent && old->sa_handler == SIG_IGN)
		return;
	struct sigaction fallback = {.sa_handler = SIG_DFL};
	sigemptyset(&fallback.sa_mask);
	sigaction(number, &fallback, NULL);
	if (sent)
		raise(number);
}

/* Calls the previously installed handler with the mask that it asked for. */
static void chain_to_handler(int number, siginfo_t *info, void *context, const struct sigaction *old)
{
	sigset_t mask = old->sa_mask, saved;
	if (!(old->sa_flags & SA_NODEFER))
		sigaddset(&mask, number);
	pthread_sigmask(SIG_BLOCK, &mask, &saved);
	if (old->sa_flags & SA_SIGINFO)
		old->sa_sigaction(number, info, context);
	else
		old->sa_handler(number);
	pthread_sigmask(SIG_SETMASK, &saved, NULL);
}

static void chain(int number, siginfo_t *info, void *context)
{
	for (int i = 0; i < FAULT_SIGNALS; i++) {
		const struct sigaction *old = &previous[i];
		if (fault_signals[i] != number)
			continue;
		bool plain = !(old->sa_flags & SA_SIGINFO);
		bool once = old->sa_flags & SA_RESETHAND; /* the system would have restored the default action */
		if (once && atomic_exchange(&used_up[i], true))
			chain_to_default(number, info, &(struct sigaction){.sa_handler = SIG_DFL});
		else if (plain && (old->sa_handler == SIG_DFL || old->sa_handler == SIG_IGN))
			chain_to_default(number, info, old);
		else
			chain_to_handler(number, info, context, old);
	}
}

/* Jumps back into the vsp_plat_protect of the call. */
static _Noreturn void region_leave(vsp_plat_region *region, vsp_plat_outcome outcome)
{
	vsp_frame_leave(region->frame, outcome);
}

static void handle_fault(int number, siginfo_t *info, void *context)
{
	vsp_plat_region *region = vsp_plat_innermost;
	uintptr_t at = (uintptr_t)info->si_addr, base = region ? (uintptr_t)region->base : 0;
	bool sent = info->si_code <= 0; /* by a process, so there is no address */
	if (!region || sent || at < base || at - base >= region->size) {
		chain(number, info, context);
		return;
	}
	const void *next = region->resume ? region->resume(region->resume_arg, vsp_context_pc(context)) : NULL;
	if (next && vsp_context_set_pc(context, next))
		return;
	region->fault = info->si_addr;
	region->pc = vsp_context_pc(context);
	/*
	 * The kernel has changed nothing, thanks to SA_NODEFER, but code that wraps handlers, such
	 * as a sanitizer, may have.
	 */
	vsp_backtrace_signal(region, context);
	restore_modes(context);
	region_leave(region, VSP_PLAT_FAULT);
}

void vsp_plat_handle_stop(const void *stopper, const void *context)
{
	vsp_plat_region *region = vsp_plat_innermost;
	uintptr_t pc = (uintptr_t)vsp_context_pc(context), code = region ? (uintptr_t)region->code : 0;
	if (!region || !region->code || region->stopper != stopper || pc < code || pc - code >= region->code_size)
		return;
	if (!atomic_load(region->wanted))
		return;
	region->pc = (const void *)pc;
	vsp_backtrace_signal(region, context);
	restore_modes(context);
	region_leave(region, VSP_PLAT_STOPPED);
}

static bool install_one(int number)
{
	struct sigaction action = {.sa_sigaction = handle_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
	sigemptyset(&action.sa_mask);
	return sigaction(number, &action, NULL) == 0;
}

/* Reads the old handlers before the new one can run. */
static void install(void)
{
	bool good = true;
	for (int i = 0; i < FAULT_SIGNALS; i++)
		good = good && sigaction(fault_signals[i], NULL, &previous[i]) == 0;
	for (int i = 0; i < FAULT_SIGNALS; i++)
		good = good && install_one(fault_signals[i]);
	atomic_store_explicit(&installed, good, memory_order_release);
}

/* A single load once the handler is installed. */
static bool ensure_installed(void)
{
	if (!atomic_load_explicit(&installed, memory_order_acquire))
		pthread_once(&install_once, install);
	return atomic_load_explicit(&installed, memory_order_relaxed);
}

/*
 * If a host has restored the previous handler, ours is installed in front of it again. A handler
 * that we have not seen before was installed over ours and must be left alone: it may chain to
 * ours, and chaining to it would never end.
 */
static void reinstall(void)
{
	for (int i = 0; i < FAULT_SIGNALS; i++) {
		struct sigaction now;
		if (sigaction(fault_signals[i], NULL, &now) != 0 || (now.sa_flags & SA_SIGINFO))
			continue;
		if (!(previous[i].sa_flags & SA_SIGINFO) && now.sa_handler == previous[i].sa_handler)
			install_one(fault_signals[i]);
	}
}

bool vsp_plat_has_guard(void)
{
	if (!VSP_CONTEXT_EXACT_FAULTS || !ensure_installed())
		return false;
	reinstall();
	return true;
}

vsp_plat_outcome vsp_plat_protect(vsp_plat_region *region, void (*fn)(void *), void *arg)
{
	if (region->size) /* otherwise no fault is its own, and programs may ask for no handlers */
		ensure_installed();
	vsp_plat_region_open(region);
	int outcome = vsp_frame_call(&region->frame, fn, arg);
	vsp_plat_region_close(region);
	return (vsp_plat_outcome)outcome;
}

void vsp_plat_leave(void) { region_leave(vsp_plat_innermost, VSP_PLAT_LEFT); }

void vsp_plat_backtrace(void) { vsp_backtrace_here(vsp_plat_innermost); }

bool vsp_plat_changes_stacks(void) { return VSP_FRAME_STACKS; }
void vsp_plat_call_on_stack(void *top, void (*fn)(void *), void *arg) { vsp_frame_on(top, fn, arg); }
