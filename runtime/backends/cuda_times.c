/*
 * The times of what a CUDA device does, for observers: an event before and one behind each copy and
 * kernel. The device's clock is set by the first event since the last wait, when its stream was
 * idle.
 */
#include "cuda_parts.h"

#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

/* Steps between two waits that are told; the others are not. */
enum { MOST_STEPS = 4096 };

typedef struct cuda_step {
	cu_object before, behind; /* null: the step is not told */
	vsp_batch_span span;
} cuda_step;

struct cuda_times {
	vsp_batch_observer observer;
	uint64_t called_ns; /* when the first step was begun */
	uint32_t count;
	bool open; /* the last step's work is still to come */
	cuda_step steps[MOST_STEPS];
};

const char *vsp_cuda_observe(void *device, vsp_batch_observer observer)
{
	cuda_device *d = device;
	d->times = vsp_alloc(1, sizeof *d->times);
	if (!d->times)
		return "out of memory";
	d->times->observer = observer;
	return NULL;
}

/* An event at this place of a stream, or null. */
static cu_object mark(const cuda_device *d, cu_object stream)
{
	cu_object event = NULL;
	if (d->api->event_create(&event, 0) != CU_SUCCESS)
		return NULL;
	if (d->api->event_record(event, stream) == CU_SUCCESS)
		return event;
	d->api->event_destroy(event);
	return NULL;
}

void vsp_cuda_step(cuda_device *d, cu_object stream, enum vsp_batch_step step, uint64_t amount, uint64_t operation)
{
	struct cuda_times *t = d->times;
	if (!t || t->count == MOST_STEPS)
		return;
	if (!t->count)
		t->called_ns = vsp_plat_clock_ns();
	t->steps[t->count++] = (cuda_step){
	        mark(d, stream), NULL, {.step = (uint8_t)step, .index = (uint32_t)operation, .amount = amount}};
	t->open = true;
}

void vsp_cuda_step_done(cuda_device *d, cu_object stream)
{
	struct cuda_times *t = d->times;
	if (t && t->open)
		t->steps[t->count - 1].behind = mark(d, stream);
	if (t)
		t->open = false;
}

/* Nanoseconds from the first event to this one. False: unknown. */
static bool since_first(const cuda_device *d, cu_object event, uint64_t *ns)
{
	float ms = 0;
	if (!event || d->api->event_elapsed(&ms, d->times->steps[0].before, event) != CU_SUCCESS || !(ms >= 0))
		return false;
	*ns = (uint64_t)((double)ms * 1e6);
	return true;
}

static void tell_step(const cuda_device *d, cuda_step *s)
{
	const struct cuda_times *t = d->times;
	uint64_t start, end;
	if (!since_first(d, s->before, &start) || !since_first(d, s->behind, &end) || end < start)
		return;
	s->span.start_ns = t->called_ns + start;
	s->span.end_ns = t->called_ns + end;
	t->observer.tell(t->observer.user, &s->span);
}

static void destroy_events(cuda_device *d)
{
	struct cuda_times *t = d->times;
	for (uint32_t i = 0; i < t->count; i++) {
		if (t->steps[i].before)
			d->api->event_destroy(t->steps[i].before);
		if (t->steps[i].behind)
			d->api->event_destroy(t->steps[i].behind);
	}
	t->count = 0;
	t->open = false;
}

void vsp_cuda_tell(cuda_device *d)
{
	struct cuda_times *t = d->times;
	if (!t)
		return;
	for (uint32_t i = 0; i < t->count && t->steps[0].before; i++)
		tell_step(d, &t->steps[i]);
	destroy_events(d);
}

void vsp_cuda_forget(cuda_device *d)
{
	if (!d->times)
		return;
	destroy_events(d);
	vsp_free_memory(d->times);
	d->times = NULL;
}
