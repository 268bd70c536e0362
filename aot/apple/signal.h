/*
 * Signals on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_SIGNAL_H
#define VSP_APPLE_SIGNAL_H

#include <stddef.h>
#include <stdint.h>

#define SIGHUP 1
#define SIGINT 2
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGFPE 8
#define SIGKILL 9
#define SIGBUS 10
#define SIGSEGV 11
#define SIGPIPE 13
#define SIGTERM 15
#define SIGCHLD 20
#define SIGTTOU 22
#define SIGXFSZ 25
#define SIGPROF 27

#define SIG_DFL ((void (*)(int))0)
#define SIG_IGN ((void (*)(int))1)
#define SIG_BLOCK 1
#define SIG_UNBLOCK 2
#define SIG_SETMASK 3
#define SA_ONSTACK 0x01
#define SA_RESETHAND 0x04
#define SA_NODEFER 0x10
#define SA_SIGINFO 0x40

typedef uint32_t sigset_t;
union sigval {
	int sival_int;
	void *sival_ptr;
};
typedef struct __siginfo {
	int si_signo, si_errno, si_code;
	int32_t si_pid;
	uint32_t si_uid;
	int si_status;
	void *si_addr;
	union sigval si_value;
	long si_band;
	unsigned long reserved[7];
} siginfo_t;

struct sigaction {
	union {
		void (*plain)(int number);
		void (*informed)(int number, siginfo_t *info, void *context);
	} handler;
	sigset_t sa_mask;
	int sa_flags;
};
#define sa_handler handler.plain
#define sa_sigaction handler.informed

void (*signal(int number, void (*handler)(int)))(int);
int sigaction(int number, const struct sigaction *action, struct sigaction *old);
int sigemptyset(sigset_t *set);
int sigfillset(sigset_t *set);
int sigaddset(sigset_t *set, int number);
int sigdelset(sigset_t *set, int number);
int sigismember(const sigset_t *set, int number);
int sigprocmask(int how, const sigset_t *set, sigset_t *old);
int sigwait(const sigset_t *set, int *number);
int kill(int32_t process, int number);
int pthread_sigmask(int how, const sigset_t *set, sigset_t *old);
int raise(int number);

/* The registers at the time of the signal: after those of the exception, 16 bytes on both
   processors. */
struct __darwin_mcontext64 {
	uint64_t exception[2];
	struct {
#if defined(__aarch64__)
		uint64_t __x[29], __fp, __lr, __sp, __pc;
		uint32_t __cpsr, __flags;
#else
		uint64_t __rax, __rbx, __rcx, __rdx, __rdi, __rsi, __rbp, __rsp, __r8, __r9, __r10, __r11, __r12, __r13,
		        __r14, __r15, __rip, __rflags, __cs, __fs, __gs;
#endif
	} __ss;
};
typedef struct __darwin_ucontext {
	int uc_onstack;
	sigset_t uc_sigmask;
	struct {
		void *ss_sp;
		size_t ss_size;
		int ss_flags;
	} uc_stack;
	struct __darwin_ucontext *uc_link;
	size_t uc_mcsize;
	struct __darwin_mcontext64 *uc_mcontext;
} ucontext_t;

_Static_assert(sizeof(siginfo_t) == 104 && offsetof(siginfo_t, si_addr) == 24, "the system's layout");
_Static_assert(sizeof(struct sigaction) == 16, "the system's layout");
_Static_assert(offsetof(ucontext_t, uc_mcontext) == 48, "the system's layout");

#endif
