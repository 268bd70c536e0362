/*
 * The event trace of one instance, for --trace: runs of the program, compilations with their
 * phases, changes of tier, batch instructions and what devices do for them. Events come from the
 * instance's thread and from the compile thread. They are kept in the order in which they were
 * added, at most KNOB_TRACE_EVENTS of them; those dropped after that are counted. A null trace
 * records nothing, so callers need not ask whether there is one.
 */
#ifndef VSP_TIERS_TRACE_H
#define VSP_TIERS_TRACE_H

#include "ir/module.h"
#include "runtime/backends/observer.h"

typedef struct vsp_trace vsp_trace;

typedef enum vsp_trace_kind {
	VSP_TRACE_RUN,       /* program: a run or call, from start to end */
	VSP_TRACE_QUEUED,    /* program: a unit was asked for at a tier */
	VSP_TRACE_WITHDRAWN, /* program: the request was changed to another unit or tier before its compilation began */
	VSP_TRACE_LOAD,      /* program: a unit's code came from the code cache */
	VSP_TRACE_OPEN,      /* compiler: its shared object was opened */
	VSP_TRACE_COPY,      /* program: a function's baseline code was made, or could not be */
	VSP_TRACE_COMPILE,   /* compiler: a unit was compiled, or could not be */
	VSP_TRACE_PUBLISH,   /* compiler: the program can see its code */
	VSP_TRACE_ENTER,     /* program: code for a function's start ran for the first time */
	VSP_TRACE_OSR,       /* program: a running activation continued in better code for the first time */
	VSP_TRACE_GIVE_UP,   /* program: a unit stays below a tier */
	VSP_TRACE_BATCH,     /* tracks of their own: a batch instruction, or what a device did for it */
} vsp_trace_kind;

enum { VSP_TRACE_PHASES = 4 }; /* lower, optimise, emit, link */

typedef struct vsp_trace_event {
	vsp_trace_kind kind;
	uint32_t func, pc; /* of the unit; RUN: the function that was called, and where it ended */
	int tier, from;    /* from: for ENTER and OSR, the tier before */
	uint64_t start_ns, end_ns;
	const char *end;    /* RUN: how it ended; a constant */
	const char *reason; /* OPEN, COPY, COMPILE and GIVE_UP: why it failed, or null; a constant */
	uint64_t bytes;     /* COPY and COMPILE: of machine code */
	/* COMPILE */
	uint64_t phase_ns[VSP_TRACE_PHASES];
	uint32_t inlined;
	/* BATCH: func is the kernel of LAUNCH, start_ns and end_ns are the span's */
	vsp_batch_span span;
} vsp_trace_event;

/* Creates the trace of a program; module must outlive it. Null: out of memory. */
vsp_trace *vsp_trace_create(const vsp_module_data *module);
/* trace may be null. */
void vsp_trace_destroy(vsp_trace *trace);
/* The present time, to be passed to vsp_trace_add; 0 without a trace. */
uint64_t vsp_trace_clock(const vsp_trace *trace);
/*
 * Copies an event, which ends now. start_ns 0 means that it begins now too, or, for OPEN and
 * COMPILE, at the call of vsp_trace_begin. For any thread.
 */
void vsp_trace_add(vsp_trace *trace, const vsp_trace_event *event);
/* Adds a span of a batch instruction; for vsp_batch_observer, whose user is the trace. */
void vsp_trace_add_span(void *trace, const vsp_batch_span *span);
/*
 * OPEN or COMPILE begins; it is shown as unfinished until its event is added. For the compile
 * thread.
 */
void vsp_trace_begin(vsp_trace *trace, vsp_trace_kind kind, uint32_t func, uint32_t pc, int tier);
/*
 * All events as a Chrome trace (JSON), 0-terminated; to be freed with vsp_free_memory. Null: out of
 * memory. For any thread.
 */
char *vsp_trace_json(vsp_trace *trace, size_t *length);

#endif
