/*
 * LAUNCH on devices, and the wait for it; see device.h.
 */
#include "device_parts.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/helpers.h"
#include "runtime/platform/platform.h"

/*
 * The loop iterations that all work items of one call of the driver may spend together, and the
 * bounds of what one may spend. Between calls interrupts are seen.
 */
enum { ITEMS_AT_ONCE = 1 << 24, LOOPING_AT_ONCE = 1 << 16, LEAST_BUDGET = 1 << 12, MOST_BUDGET = 1 << 24 };
#define BUDGET_AT_ONCE ((uint64_t)1 << 31)

int vsp_device_decline(char *reason, size_t size, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(reason, size, format, args);
	va_end(args);
	return VSP_DECLINED;
}

/* ---- opening ---- */

bool vsp_device_probe(const vsp_device_driver *driver, vsp_rt *rt, void **state, char *reason, size_t reason_size)
{
	vsp_device *d = vsp_alloc(1, sizeof *d);
	if (!d) {
		vsp_device_decline(reason, reason_size, "out of memory");
		return false;
	}
	d->driver = driver;
	d->account = &rt->account;
	d->forks = vsp_plat_forks();
	if (driver->open(&d->handle, &d->exact, reason, reason_size)) {
		*state = d;
		return true;
	}
	vsp_free_memory(d);
	return false;
}

bool vsp_device_is_orphan(vsp_device *d)
{
	if (d->forks == vsp_plat_forks())
		return false;
	snprintf(d->broken, sizeof d->broken, "the device " VSP_DEVICE_FORKED);
	return true;
}

/* ---- the end of what was begun ---- */

/* The program may change anything from here on. */
static void end_batch(vsp_device *d)
{
	d->here.count = d->newer.count = 0;
	d->begun = 0;
	vsp_device_forget(d);
}

/*
 * Copies of argument blocks that a failed driver may still read. Nobody knows until when, so they
 * stay as long as the process, in the account too.
 */
static _Atomic(vsp_device_copy *) kept;

static void keep(vsp_device_copy *copies)
{
	while (copies) {
		vsp_device_copy *next = copies->next;
		copies->next = atomic_load(&kept);
		while (!atomic_compare_exchange_weak(&kept, &copies->next, copies))
			;
		copies = next;
	}
}

/* Waits for copies that are under way: they read and write memory that may go. */
static void settle(vsp_device *d)
{
	vsp_device_record record;
	if (!vsp_device_is_orphan(d) && d->driver->finish(d->handle, &record)) {
		keep(d->copies);
		d->copies = NULL;
	}
	end_batch(d);
}

void vsp_device_abandon(void *state)
{
	vsp_device *d = state;
	if (d->begun)
		settle(d);
	else
		end_batch(d);
}

void vsp_device_close(void *state)
{
	vsp_device *d = state;
	vsp_device_abandon(d);
	if (!vsp_device_is_orphan(d))
		d->driver->close(d->handle);
	vsp_account_give(d->account, d->mirror_size);
	vsp_device_forget_kernels(d);
	vsp_free_memory(d);
}

/* Brings results back. */
static const char *bring_back(vsp_device *d, vsp_rt *rt)
{
	const char *why = NULL;
	vsp_device_record record;
	for (uint32_t i = 0; i < d->newer.count && !why; i++) {
		const struct vsp_interval *v = &d->newer.list[i];
		why = d->driver->download(d->handle, v->from, rt->memory.base + v->from, v->to - v->from);
		d->bytes_down += v->to - v->from;
	}
	if (!why && d->newer.count)
		why = d->driver->finish(d->handle, &record);
	return why;
}

/* Nothing is known of the device any more: it is not used again. */
static void give_up(vsp_device *d, const char *why)
{
	snprintf(d->broken, sizeof d->broken, "the device failed: %.100s", why);
	settle(d);
}

static int device_failed(vsp_rt *rt, vsp_device *d, const char *why)
{
	give_up(d, why);
	return vsp_rt_fail(rt, VSP_TRAP_BACKEND, "%s", d->broken);
}

/*
 * Operation number (record's) has trapped in an iteration, which now runs on the CPU, where its
 * place is found. VSP_DECLINED: it does not trap there.
 */
static int trap_again(vsp_device *d, vsp_rt *rt, uint64_t record)
{
	uint64_t item = record >> 8 & UINT32_MAX;
	const vsp_device_begun *op = &d->operations[(record >> 40) % VSP_DEVICE_BEGUN_MAX];
	uint64_t regs[16] = {op->first + item, op->argument};
	int trap = rt->run_function(rt, op->index, regs);
	return trap ? trap : VSP_DECLINED;
}

static bool is_undeclared(uint64_t record) { return (record & 0xFF) == VSP_TRAP_OUT_OF_BOUNDS; }

/*
 * There is more memory than the mirror has, so the CPU finds the place by the ranges that were
 * declared. Compiled programs do not look at these; then the kind of trap is all that is known.
 */
static int trap_in_batch(vsp_device *d, vsp_rt *rt, uint64_t record)
{
	vsp_ranges *ranges = &rt->backends->ranges;
	ranges->count = 0;
	if (is_undeclared(record))
		vsp_device_ranges_of(d, (uint32_t)(record >> 40), ranges);
	rt->ranges = ranges->count ? ranges : NULL;
	int trap = trap_again(d, rt, record);
	rt->ranges = NULL;
	if (trap != VSP_DECLINED)
		return trap;
	if (is_undeclared(record))
		return vsp_trap_undeclared(rt);
	return vsp_rt_fail(rt, (vsp_trap)(record & 0xFF), "in a kernel on the device");
}

int vsp_device_wait(void *state, vsp_rt *rt)
{
	vsp_device *d = state;
	vsp_device_record record = {0};
	if (!d->begun)
		return 0;
	if (vsp_device_is_orphan(d)) { /* what was begun is the parent's */
		end_batch(d);
		return vsp_rt_fail(rt, VSP_TRAP_BACKEND, "%s", d->broken);
	}
	const char *why = d->driver->finish(d->handle, &record);
	if (!why)
		why = bring_back(d, rt);
	if (why)
		return device_failed(rt, d, why);
	int trap = record.trap ? trap_in_batch(d, rt, record.trap) : 0;
	end_batch(d);
	return trap;
}

/* ---- tasks ---- */

/* What a work item may spend, if the kernel has loops. */
static uint64_t budget_of(const vsp_device_task *t, uint64_t count)
{
	uint64_t share = BUDGET_AT_ONCE / count, most = share < MOST_BUDGET ? share : MOST_BUDGET;
	if (!(t->kernel->needs & VSP_DEVICE_LOOPS))
		return t->budget;
	return most > LEAST_BUDGET ? most : LEAST_BUDGET;
}

static const char *begin(vsp_device *d, vsp_rt *rt, const vsp_device_task *t, uint64_t first, uint64_t count)
{
	vsp_device_begun *b = &d->operations[d->begun % VSP_DEVICE_BEGUN_MAX];
	*b = (vsp_device_begun){.kind = t->kind, .index = t->index, .first = first, .argument = t->argument};
	vsp_device_arguments a = {.size = d->mirror_size < rt->memory.size ? d->mirror_size : rt->memory.size,
	        .first = first,
	        .count = count,
	        .argument = t->argument,
	        .budget = budget_of(t, count),
	        .operation = d->begun++};
	return d->driver->launch(d->handle, t->kernel->handle, &a);
}

/* In pieces, each of which ends well before the next begins. The record is that of one piece. */
static const char *run_pieces(vsp_device *d, vsp_rt *rt, const vsp_device_task *t, vsp_device_record *record, int *trap)
{
	const char *why = NULL;
	uint64_t most = t->kernel->needs & VSP_DEVICE_LOOPS ? LOOPING_AT_ONCE : ITEMS_AT_ONCE;
	for (uint64_t first = 0; first < t->items && !why && !record->trap && !*trap; first += most) {
		uint64_t left = t->items - first;
		why = begin(d, rt, t, first, left < most ? left : most);
		if (!why)
			why = d->driver->finish(d->handle, record);
		if (!why && !record->trap)
			*trap = vsp_rt_poll(rt);
	}
	return why;
}

/* All pieces have ended: brings results back, or finds the trap. */
static int end_whole(vsp_device *d, vsp_rt *rt, const vsp_device_record *record, int trap)
{
	unsigned kind = record->trap & 0xFF;
	const char *why = !trap && !kind ? bring_back(d, rt) : NULL;
	if (why)
		return device_failed(rt, d, why);
	if (kind && kind != VSP_TRAP_FUEL)
		trap = trap_again(d, rt, record->trap);
	end_batch(d);
	return trap;
}

/* Runs a task to its end while nothing else is begun. */
static int run_whole(vsp_device *d, vsp_rt *rt, const vsp_device_task *t, char *reason, size_t reason_size)
{
	vsp_device_record record = {0};
	int trap = 0;
	const char *why = run_pieces(d, rt, t, &record, &trap);
	if (why) { /* linear memory is as it was */
		give_up(d, why);
		return vsp_device_decline(reason, reason_size, "%s", d->broken);
	}
	trap = end_whole(d, rt, &record, trap);
	if ((record.trap & 0xFF) == VSP_TRAP_FUEL)
		return vsp_device_decline(
		        reason, reason_size, "an iteration loops for longer than a device may be held");
	if (trap == VSP_DECLINED)
		return vsp_device_decline(reason, reason_size, "%s",
		        is_undeclared(record.trap)
		                ? "an access outside the ranges that the kernel declares; --check-kernels "
		                  "shows where"
		                : "an iteration traps on the device, and not on the CPU");
	for (uint64_t i = 0; !trap && t->partial && i < t->items; i++)
		t->partial[i] = record.partial[i];
	return trap;
}

/* ---- observers ---- */

/* The driver knows operations by their numbers. */
static void tell(void *user, const vsp_batch_span *span)
{
	const vsp_device *d = user;
	const vsp_device_begun *begun = &d->operations[span->index % VSP_DEVICE_BEGUN_MAX];
	vsp_batch_span whole = *span;
	whole.provider = d->driver->name;
	whole.kind = begun->kind;
	whole.index = begun->index;
	d->told.tell(d->told.user, &whole);
}

/* Before the first operation; a device without times is used all the same. */
static void observe(vsp_device *d, const vsp_rt *rt)
{
	if (d->told.tell || !rt->backends->observer.tell)
		return;
	d->told = rt->backends->observer;
	d->driver->observe(d->handle, (vsp_batch_observer){tell, d});
}

/* ---- running ---- */

/* Begins the journeys of a task's ranges. 0, a trap or VSP_DECLINED. */
static int send(vsp_device *d, vsp_rt *rt, const vsp_device_task *t, char *reason, size_t reason_size)
{
	const char *why = vsp_device_room(d, rt, t->ranges);
	if (why)
		return vsp_device_decline(reason, reason_size, "%s", why);
	why = vsp_device_send(d, rt, t->ranges);
	if (why && d->begun)
		return device_failed(rt, d, why);
	if (why) {
		give_up(d, why);
		return vsp_device_decline(reason, reason_size, "%s", d->broken);
	}
	return 0;
}

int vsp_device_run(vsp_device *d, vsp_rt *rt, const vsp_device_task *t, char *reason, size_t reason_size)
{
	bool waits = !rt->batch || rt->deterministic || t->kernel->needs & VSP_DEVICE_LOOPS || t->partial ||
	             t->items > ITEMS_AT_ONCE;
	if (vsp_device_is_orphan(d) && d->begun)
		return vsp_device_wait(d, rt);
	if (d->broken[0])
		return vsp_device_decline(reason, reason_size, "%s", d->broken);
	observe(d, rt);
	int trap = 0;
	if (d->begun && (waits || d->begun == VSP_DEVICE_BEGUN_MAX || !vsp_device_fits(d, t->ranges)))
		trap = vsp_device_wait(d, rt);
	if (!trap)
		trap = send(d, rt, t, reason, reason_size);
	if (trap)
		return trap;
	if (waits)
		return run_whole(d, rt, t, reason, reason_size);
	const char *why = begin(d, rt, t, 0, t->items);
	return why ? device_failed(rt, d, why) : 0;
}

/* ---- LAUNCH ---- */

/* Is there anything that a device does not know of? */
static const char *unsuitable(const vsp_rt *rt, const vsp_batch_op *op)
{
	if (op->count > UINT32_MAX)
		return "more iterations than a device can number";
	if (rt->check_kernels)
		return "ranges are checked (--check-kernels)";
	if (rt->depth_exact && rt->max_depth - rt->depth <= VSP_KERNEL_DEPTH)
		return "the maximum depth of calls is near";
	return NULL;
}

int vsp_device_launch(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	vsp_device *d = state;
	const char *why = unsuitable(rt, op);
	if (why)
		return vsp_device_decline(reason, reason_size, "%s", why);
	vsp_device_task task = {.kernel = &d->kernels[op->index],
	        .ranges = op->ranges,
	        .items = op->count,
	        .argument = op->argument,
	        .kind = op->kind,
	        .index = op->index};
	return vsp_device_run(d, rt, &task, reason, reason_size);
}
