/*
 * The filter of system calls (seccomp(2)), made from confine_calls.def. Consecutive numbers with
 * the same rule form a run, and a search tree of the runs, with one comparison each, leads to the
 * rules. The filter is small, because the kernel translates it when it is installed, which takes
 * most of the time of confining a process.
 *
 * Of an argument only the lower half is checked if the kernel itself uses no more.
 */
#include "linux_confine.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define MACHINE AUDIT_ARCH_RISCV64
#else
#error "the calls of this machine are not known; build with runtime/platform/confine_none.c"
#endif

#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW (1UL << 2)
#endif

static const vsp_confine_call table[] = {
#define CALL(NAME, RULE, why) {SYS_##NAME, VSP_CONFINE_##RULE},
#include "confine_calls.def"
};
enum { CALLS = sizeof table / sizeof *table, RUNS = 2 * CALLS + 1, ROOM = RUNS + 128 };
static_assert(ROOM <= BPF_MAXINSNS, "the kernel takes so long a filter");

/* ---- instructions ---- */

typedef struct filter {
	struct sock_filter code[ROOM];
	unsigned length;
	unsigned rule_starts[VSP_CONFINE_RULES];
	bool far; /* a jump would be too long */
	const vsp_plat_confinement *asked;
} filter;

static void put(filter *f, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	if (f->length < ROOM)
		f->code[f->length++] = (struct sock_filter){code, yes, no, k};
}

static void load(filter *f, size_t offset) { put(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset); }
/* Loads the lower half of an argument, on little-endian machines. */
static void load_argument(filter *f, unsigned i) { load(f, offsetof(struct seccomp_data, args) + 8 * i); }
static void load_upper(filter *f, unsigned i) { load(f, offsetof(struct seccomp_data, args) + 8 * i + 4); }

/* If the comparison holds, the next instruction is executed, otherwise the one after it. */
static void when(filter *f, uint16_t comparison, uint32_t k) { put(f, BPF_JMP | comparison | BPF_K, 0, 1, k); }
/* The reverse. */
static void unless(filter *f, uint16_t comparison, uint32_t k) { put(f, BPF_JMP | comparison | BPF_K, 1, 0, k); }
static void mask(filter *f, uint32_t k) { put(f, BPF_ALU | BPF_AND | BPF_K, 0, 0, k); }

static void end(filter *f, uint32_t action) { put(f, BPF_RET | BPF_K, 0, 0, action); }
static void allow(filter *f) { end(f, SECCOMP_RET_ALLOW); }
static void fatal(filter *f) { end(f, SECCOMP_RET_TRAP); }
static void fail(filter *f, int why) { end(f, SECCOMP_RET_ERRNO | (uint32_t)why); }

/* Allows the values of argument i that are in the list; the call fails for others. */
static void allow_values(filter *f, unsigned i, const uint32_t *values, unsigned count, int why)
{
	load_argument(f, i);
	for (unsigned v = 0; v < count; v++) {
		when(f, BPF_JEQ, values[v]);
		allow(f);
	}
	fail(f, why);
}
#define ALLOW_VALUES(f, i, values, why) allow_values(f, i, values, sizeof values / sizeof *values, why)

/* ---- rules ---- */

static void check_pages(filter *f)
{
	load_argument(f, 2);
	mask(f, PROT_WRITE | PROT_EXEC);
	when(f, BPF_JEQ, PROT_WRITE | PROT_EXEC);
	fatal(f);
	when(f, BPF_JEQ, f->asked->library ? UINT32_MAX : PROT_EXEC);
	fail(f, EACCES);
	allow(f);
}

static void check_threads(filter *f)
{
	const uint32_t thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
	const uint32_t spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
	                        CLONE_NEWPID | CLONE_NEWNET;
	load_argument(f, 0);
	mask(f, thread | spaces);
	when(f, BPF_JEQ, thread);
	allow(f);
	fatal(f);
}

static void check_signals(filter *f)
{
	load_argument(f, 0);
	when(f, BPF_JEQ, SIGSYS);
	fatal(f);
	allow(f);
}

static void check_itself(filter *f)
{
	load_argument(f, 0);
	when(f, BPF_JEQ, (uint32_t)getpid());
	allow(f);
	fatal(f);
}

/* Allows only null as argument i; the call fails for other pointers. */
static void allow_null(filter *f, unsigned i)
{
	load_upper(f, i);
	unless(f, BPF_JEQ, 0);
	fail(f, EPERM);
	load_argument(f, i);
	unless(f, BPF_JEQ, 0);
	fail(f, EPERM);
	allow(f);
}

/* The argument is the pointer to new limits. */
static void check_limits(filter *f) { allow_null(f, 2); }

/* ---- granted folders ---- */

static bool has_grants(const filter *f) { return f->asked->grants && f->asked->grants->folder; }

static bool has_writable_grants(const filter *f)
{
	for (const vsp_plat_grant *g = f->asked->grants; g && g->folder; g++)
		if (!g->read_only)
			return true;
	return false;
}

static void check_links(filter *f)
{
	if (has_writable_grants(f))
		allow(f);
	else
		fatal(f);
}

/* The first argument is a descriptor. */
static void check_own(filter *f)
{
	load_argument(f, 0);
	when(f, BPF_JGT, has_writable_grants(f) ? STDERR_FILENO : UINT32_MAX);
	allow(f);
	fail(f, EPERM);
}

static void check_grants(filter *f)
{
	if (has_grants(f))
		allow(f);
	else
		fail(f, ENOSYS);
}

/* ---- other rules ---- */

static void check_names(filter *f)
{
	enum { SET_VMA = 0x53564d41 }; /* names a mapping; some headers do not have it */
	static const uint32_t values[] = {PR_SET_NAME, PR_GET_NAME, SET_VMA};
	ALLOW_VALUES(f, 0, values, EINVAL);
}

/* Of standard streams only the flags can be asked for; of files they can be set, too. */
static void check_descriptors_of_grants(filter *f)
{
	static const uint32_t of_files[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_SETFL, F_GETFD, F_SETFD, F_GETFL};
	enum { OF_STREAMS = 3 }; /* the last ones */
	load_argument(f, 1);
	for (unsigned i = sizeof of_files / sizeof *of_files - OF_STREAMS; i < sizeof of_files / sizeof *of_files;
	        i++) {
		when(f, BPF_JEQ, of_files[i]);
		allow(f);
	}
	load_argument(f, 0);
	unless(f, BPF_JGT, STDERR_FILENO);
	fail(f, EINVAL);
	ALLOW_VALUES(f, 1, of_files, EINVAL);
}

/* The first commands are those for descriptors themselves. */
static void check_descriptors(filter *f)
{
	static_assert(F_DUPFD == 0 && F_GETFD == 1 && F_SETFD == 2 && F_GETFL == 3 && F_SETFL == 4, "in order");
	if (has_writable_grants(f)) {
		check_descriptors_of_grants(f);
		return;
	}
	load_argument(f, 1);
	unless(f, BPF_JGT, F_GETFL); /* F_SETFL could turn appending to a stream into overwriting it */
	allow(f);
	when(f, BPF_JEQ, F_DUPFD_CLOEXEC);
	allow(f);
	fail(f, EINVAL);
}

static void check_terminals(filter *f)
{
	static const uint32_t values[] = {TCGETS, TIOCGWINSZ};
	ALLOW_VALUES(f, 1, values, ENOTTY);
}

static void check_advice(filter *f)
{
	static const uint32_t values[] = {
	        MADV_NORMAL, MADV_RANDOM, MADV_WILLNEED, MADV_DONTNEED, 8 /* MADV_FREE */, 14 /* MADV_HUGEPAGE */};
	ALLOW_VALUES(f, 2, values, EINVAL);
}

static void check_refused(filter *f) { fail(f, EPERM); }

/* The null name means that the file is an open one. */
static void check_times(filter *f)
{
	if (has_writable_grants(f))
		allow(f);
	else
		allow_null(f, 1);
}

static bool has_folders(const filter *f)
{
	return f->asked->scratch || (f->asked->folders && *f->asked->folders) || has_writable_grants(f);
}

/*
 * File modes other than for reading and writing could outlive the process: in a writable folder, a
 * program with another user's rights. Landlock before its third version cannot tell truncating from
 * reading.
 */
static void check_opened_at(filter *f, unsigned argument)
{
	if (!has_folders(f) && !f->asked->library && !has_grants(f)) {
		fail(f, EACCES);
		return;
	}
	load_argument(f, argument);
	when(f, BPF_JSET, has_folders(f) ? 0 : O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY));
	fail(f, EACCES);
	mask(f, O_ACCMODE | O_TRUNC);
	when(f, BPF_JEQ, O_RDONLY | O_TRUNC);
	fail(f, EACCES);
	load_argument(f, argument);
	unless(f, BPF_JSET, O_CREAT | (O_TMPFILE & ~O_DIRECTORY));
	allow(f);
	load_argument(f, argument + 1);
	when(f, BPF_JSET, ~(uint32_t)0666);
	fail(f, EACCES);
	allow(f);
}

static void check_opened(filter *f) { check_opened_at(f, 2); }
static void check_opened_old(filter *f) { check_opened_at(f, 1); }

static void check_changed(filter *f)
{
	if (has_folders(f))
		allow(f);
	else
		fail(f, EACCES);
}

static void check_missing(filter *f) { fail(f, ENOSYS); }

static void (*const checks[VSP_CONFINE_RULES])(filter *f) = {
        [VSP_CONFINE_ALLOWED] = allow,
        [VSP_CONFINE_FATAL] = fatal,
        [VSP_CONFINE_MISSING] = check_missing,
        [VSP_CONFINE_PAGES] = check_pages,
        [VSP_CONFINE_THREADS] = check_threads,
        [VSP_CONFINE_SIGNALS] = check_signals,
        [VSP_CONFINE_ITSELF] = check_itself,
        [VSP_CONFINE_LIMITS_READ] = check_limits,
        [VSP_CONFINE_ADVICE] = check_advice,
        [VSP_CONFINE_REFUSED] = check_refused,
        [VSP_CONFINE_TIMES] = check_times,
        [VSP_CONFINE_NAMES] = check_names,
        [VSP_CONFINE_DESCRIPTORS] = check_descriptors,
        [VSP_CONFINE_TERMINALS] = check_terminals,
        [VSP_CONFINE_OPENED] = check_opened,
        [VSP_CONFINE_OPENED_OLD] = check_opened_old,
        [VSP_CONFINE_CHANGED] = check_changed,
        [VSP_CONFINE_LINKS] = check_links,
        [VSP_CONFINE_OWN] = check_own,
        [VSP_CONFINE_GRANTS] = check_grants,
};

/* ---- the tree ---- */

/* The calls from one number up to the start of the next run. */
typedef struct run {
	uint16_t first;
	uint8_t rule;
} run;

static void sort(vsp_confine_call *calls, unsigned count)
{
	for (unsigned i = 1; i < count; i++) {
		vsp_confine_call one = calls[i];
		unsigned at = i;
		for (; at > 0 && calls[at - 1].number > one.number; at--)
			calls[at] = calls[at - 1];
		calls[at] = one;
	}
}

static unsigned add_run(run *runs, unsigned count, unsigned first, unsigned rule)
{
	if (count && runs[count - 1].rule == rule)
		return count;
	runs[count] = (run){(uint16_t)first, (uint8_t)rule};
	return count + 1;
}

/* All numbers from 0 on, in order; numbers that the table lacks are missing calls. */
static unsigned find_runs(run runs[RUNS])
{
	vsp_confine_call sorted[CALLS];
	unsigned count = 0, next = 0;
	memcpy(sorted, table, sizeof table);
	sort(sorted, CALLS);
	for (unsigned i = 0; i < CALLS; i++) {
		if (sorted[i].number > next)
			count = add_run(runs, count, next, VSP_CONFINE_MISSING);
		count = add_run(runs, count, sorted[i].number, sorted[i].rule);
		next = sorted[i].number + 1u;
	}
	return add_run(runs, count, next, VSP_CONFINE_MISSING);
}

/* The distance of a jump from the instruction at one place to another. */
static uint8_t distance(filter *f, unsigned from, unsigned to)
{
	unsigned n = to - from - 1;
	f->far = f->far || n > UINT8_MAX;
	return (uint8_t)n;
}

/*
 * A tree of n runs takes n - 1 comparisons: the left half follows its root, and the right half
 * follows that. A single run is its rule.
 */
static unsigned tree_start(const filter *f, const run *runs, unsigned count, unsigned at)
{
	return count == 1 ? f->rule_starts[runs->rule] : at;
}

static void put_tree(filter *f, const run *runs, unsigned count)
{
	unsigned left = count / 2, right = count - left, at = f->length;
	if (count == 1)
		return;
	unsigned no = tree_start(f, runs, left, at + 1), yes = tree_start(f, runs + left, right, at + left);
	put(f, BPF_JMP | BPF_JGE | BPF_K, distance(f, at, yes), distance(f, at, no), runs[left].first);
	put_tree(f, runs, left);
	put_tree(f, runs + left, right);
}

/* Determines the places of the rules, the first of which begins at start. */
static void place_rules(filter *f, unsigned start)
{
	filter trial;
	trial.asked = f->asked;
	trial.length = 0;
	for (unsigned rule = 0; rule < VSP_CONFINE_RULES; rule++) {
		f->rule_starts[rule] = start + trial.length;
		checks[rule](&trial);
	}
}

/*
 * Calls by another table of numbers, such as those of 32-bit programs, are always fatal. The
 * argument is loaded first only to end a search that the kernel makes on installing, for numbers
 * that are always allowed: that search takes longer than the filter takes for a thousand calls.
 */
static void check_machine(filter *f)
{
	load_argument(f, 0);
	load(f, offsetof(struct seccomp_data, arch));
	unless(f, BPF_JEQ, MACHINE);
	fatal(f);
	load(f, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
	enum { OTHER_NUMBERS = 0x40000000 };
	when(f, BPF_JGE, OTHER_NUMBERS);
	fatal(f);
#endif
}

static void build(filter *f)
{
	run runs[RUNS];
	unsigned count = find_runs(runs);
	check_machine(f);
	place_rules(f, f->length + count - 1);
	put_tree(f, runs, count);
	for (unsigned rule = 0; rule < VSP_CONFINE_RULES; rule++)
		checks[rule](f);
}

/* ---- installing it ---- */

static long install(const filter *f, unsigned long flags)
{
	struct sock_fprog program = {(unsigned short)f->length, (struct sock_filter *)(uintptr_t)f->code};
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

const char *vsp_linux_filter_calls(const vsp_plat_confinement *c)
{
	filter f;
	f.length = 0;
	f.far = false;
	f.asked = c;
	build(&f);
	if (f.far) /* as a test would have found */
		return "the filter of system calls is too long";
	unsigned long speculation = c->careful ? 0 : SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	long result = install(&f, SECCOMP_FILTER_FLAG_TSYNC | speculation);
	if (result < 0 && errno == EINVAL &&
	        speculation) /* for a kernel that does not know the flag, and so does nothing of the kind */
		result = install(&f, SECCOMP_FILTER_FLAG_TSYNC);
	return result == 0 ? NULL : result > 0 ? "another thread is confined otherwise" : strerror(errno);
}
