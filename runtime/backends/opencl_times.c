/*
 * The times of what an OpenCL device does, for observers: each copy and kernel has an event, whose
 * times the driver takes in its own clock. The device's clock is set by the first event since the
 * last wait: it was queued when the call was made.
 */
#include "opencl_parts.h"

#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

/* Steps between two waits that are told; the others are not. */
enum { MOST_STEPS = 4096 };

typedef struct opencl_step {
	cl_object event; /* null: its call failed */
	vsp_batch_span span;
} opencl_step;

struct opencl_times {
	vsp_batch_observer observer;
	uint64_t called_ns; /* when the first step's call was made */
	uint32_t count;
	opencl_step steps[MOST_STEPS];
};

static void replace_queue(opencl_device *d, cl_object *queue, cl_object by)
{
	d->api->clReleaseCommandQueue(*queue);
	*queue = by;
}

const char *vsp_opencl_observe(void *device, vsp_batch_observer observer)
{
	opencl_device *d = device;
	cl_int code;
	cl_object copies = d->api->clCreateCommandQueue(d->context, d->id, CL_QUEUE_PROFILING_ENABLE, &code);
	cl_object kernels = d->api->clCreateCommandQueue(d->context, d->id, CL_QUEUE_PROFILING_ENABLE, &code);
	struct opencl_times *times = copies && kernels ? vsp_alloc(1, sizeof *times) : NULL;
	if (!times) {
		if (copies)
			d->api->clReleaseCommandQueue(copies);
		if (kernels)
			d->api->clReleaseCommandQueue(kernels);
		return "the device takes no times";
	}
	replace_queue(d, &d->copies, copies);
	replace_queue(d, &d->kernels, kernels);
	times->observer = observer;
	d->times = times;
	return NULL;
}

cl_object *vsp_opencl_time(opencl_device *d, enum vsp_batch_step step, uint64_t amount, uint64_t operation)
{
	struct opencl_times *t = d->times;
	if (!t || t->count == MOST_STEPS)
		return NULL;
	if (!t->count)
		t->called_ns = vsp_plat_clock_ns();
	opencl_step *s = &t->steps[t->count++];
	*s = (opencl_step){NULL, {.step = (uint8_t)step, .index = (uint32_t)operation, .amount = amount}};
	return &s->event;
}

/* A time of an event, in the device's clock; 0: unknown. */
static uint64_t time_of(const opencl_device *d, cl_object event, cl_uint what)
{
	uint64_t ns = 0;
	return d->api->clGetEventProfilingInfo(event, what, sizeof ns, &ns, NULL) == CL_SUCCESS ? ns : 0;
}

static void tell_step(const opencl_device *d, opencl_step *s, uint64_t queued)
{
	uint64_t start = time_of(d, s->event, CL_PROFILING_COMMAND_START);
	uint64_t end = time_of(d, s->event, CL_PROFILING_COMMAND_END);
	if (start < queued || end < start)
		return;
	s->span.start_ns = d->times->called_ns + (start - queued);
	s->span.end_ns = d->times->called_ns + (end - queued);
	d->times->observer.tell(d->times->observer.user, &s->span);
}

static void release_events(opencl_device *d)
{
	struct opencl_times *t = d->times;
	for (uint32_t i = 0; i < t->count; i++)
		if (t->steps[i].event)
			d->api->clReleaseEvent(t->steps[i].event);
	t->count = 0;
}

void vsp_opencl_tell(opencl_device *d)
{
	struct opencl_times *t = d->times;
	if (!t || !t->count)
		return;
	uint64_t queued = t->steps[0].event ? time_of(d, t->steps[0].event, CL_PROFILING_COMMAND_QUEUED) : 0;
	for (uint32_t i = 0; i < t->count && queued; i++)
		if (t->steps[i].event)
			tell_step(d, &t->steps[i], queued);
	release_events(d);
}

void vsp_opencl_forget(opencl_device *d)
{
	if (!d->times)
		return;
	release_events(d);
	vsp_free_memory(d->times);
	d->times = NULL;
}
