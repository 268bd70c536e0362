/*
 * The recorder of the trace's events, see trace.h. The list grows under a lock that is held only
 * for copying; writing works on a sorted copy.
 */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/grow.h"
#include "trace_parts.h"

enum {
#define KNOB(name, value, text) KNOB_##name = (value),
#include "tiers/knobs.def"
};

vsp_trace *vsp_trace_create(const vsp_module_data *module)
{
	vsp_trace *t = vsp_alloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->module = module;
	t->start_ns = vsp_plat_clock_ns();
	t->lock = vsp_plat_mutex_create();
	if (!t->lock) {
		vsp_free_memory(t);
		return NULL;
	}
	return t;
}

void vsp_trace_destroy(vsp_trace *t)
{
	if (!t)
		return;
	vsp_plat_mutex_destroy(t->lock);
	vsp_free_memory(t->events);
	vsp_free_memory(t);
}

uint64_t vsp_trace_clock(const vsp_trace *t) { return t ? vsp_plat_clock_ns() : 0; }

/* Makes room for one more event. False: the trace is full, or there is no memory. */
static bool make_room(vsp_trace *t)
{
	if (t->count >= KNOB_TRACE_EVENTS)
		return false;
	vsp_trace_event *grown = vsp_grow(t->events, t->count, &t->capacity, sizeof *grown, 256);
	if (!grown)
		return false;
	t->events = grown;
	return true;
}

void vsp_trace_add(vsp_trace *t, const vsp_trace_event *event)
{
	if (!t)
		return;
	vsp_trace_event e = *event;
	if (e.kind != VSP_TRACE_BATCH)
		e.end_ns = vsp_plat_clock_ns();
	if (!e.start_ns)
		e.start_ns = e.end_ns;
	vsp_plat_mutex_lock(t->lock);
	if (e.kind == VSP_TRACE_COMPILE || e.kind == VSP_TRACE_OPEN) {
		e.start_ns = t->current.start_ns;
		t->busy = false;
	}
	if (make_room(t))
		t->events[t->count++] = e;
	else
		t->dropped++;
	vsp_plat_mutex_unlock(t->lock);
}

void vsp_trace_add_span(void *trace, const vsp_batch_span *span)
{
	vsp_trace_add(trace, &(vsp_trace_event){.kind = VSP_TRACE_BATCH,
	                             .func = span->index,
	                             .start_ns = span->start_ns,
	                             .end_ns = span->end_ns,
	                             .span = *span});
}

void vsp_trace_begin(vsp_trace *t, vsp_trace_kind kind, uint32_t func, uint32_t pc, int tier)
{
	if (!t)
		return;
	vsp_plat_mutex_lock(t->lock);
	t->busy = true;
	t->current = (vsp_trace_event){.kind = kind,
	        .func = func,
	        .pc = pc,
	        .tier = tier,
	        .start_ns = vsp_plat_clock_ns(),
	        .reason = "unfinished when the trace was written"};
	vsp_plat_mutex_unlock(t->lock);
}

/*
 * Orders by start; if two events start together, the longer one contains the other and comes first.
 */
static int earlier(const void *a, const void *b)
{
	const vsp_trace_event *x = a, *y = b;
	if (x->start_ns != y->start_ns)
		return x->start_ns < y->start_ns ? -1 : 1;
	if (x->end_ns != y->end_ns)
		return x->end_ns > y->end_ns ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

/* A copy of the events, including the unfinished one. Null: out of memory. */
static vsp_trace_event *copy_events(vsp_trace *t, uint32_t *count, uint64_t *dropped)
{
	vsp_plat_mutex_lock(t->lock);
	vsp_trace_event *copy = vsp_alloc((size_t)t->count + 1, sizeof *copy);
	*count = t->count;
	*dropped = t->dropped;
	if (copy && t->count)
		memcpy(copy, t->events, t->count * sizeof *copy);
	if (copy && t->busy) {
		copy[*count] = t->current;
		copy[(*count)++].end_ns = vsp_plat_clock_ns();
	}
	vsp_plat_mutex_unlock(t->lock);
	return copy;
}

char *vsp_trace_json(vsp_trace *t, size_t *length)
{
	vsp_text out = VSP_TEXT_GROWING;
	uint32_t count;
	uint64_t dropped;
	vsp_trace_event *events = copy_events(t, &count, &dropped);
	if (!events)
		return NULL;
	qsort(events, count, sizeof *events, earlier);
	vsp_trace_write_json(&out, t, events, count, dropped);
	vsp_free_memory(events);
	char *text = vsp_text_finish(&out);
	*length = out.length;
	return text;
}
