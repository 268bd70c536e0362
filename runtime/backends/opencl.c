/*
 * The OpenCL provider, for devices of version 1.2 to 3.0. The system's loader is opened when a
 * program first asks for the GPU. The first device is taken that takes SPIR-V, or SPIR if the
 * translator llvm-spirv is there: GPUs before accelerators before processors.
 *
 * There are two queues, one for copies and one for kernels, so that the next operation's bytes
 * travel while a kernel runs; a kernel waits for the events of the copies before it. Only what must
 * come after earlier kernels travels in their queue.
 */
#include "opencl_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/alloc.h"

static const char *failed(opencl_device *d, const char *what, cl_int code)
{
	snprintf(d->message, sizeof d->message, "%s: OpenCL error %d", what, (int)code);
	return d->message;
}

/* Runs a call; the function returns when it fails. */
#define TRY(d, call) \
	do { \
		cl_int code_ = (d)->api->call; \
		if (code_ != CL_SUCCESS) \
			return failed(d, #call, code_); \
	} while (0)

static void close_device(void *device)
{
	opencl_device *d = device;
	const opencl_api *cl = d->api; /* null if nothing was made */
	for (uint32_t i = 0; i < d->event_count; i++)
		cl->clReleaseEvent(d->events[i]);
	vsp_opencl_forget(d);
	for (uint32_t i = 0; i < d->object_count; i++) {
		cl->clReleaseKernel(d->objects[i].kernel);
		cl->clReleaseProgram(d->objects[i].program);
	}
	if (d->mirror)
		cl->clReleaseMemObject(d->mirror);
	if (d->record)
		cl->clReleaseMemObject(d->record);
	if (d->copies)
		cl->clReleaseCommandQueue(d->copies);
	if (d->kernels)
		cl->clReleaseCommandQueue(d->kernels);
	if (d->context)
		cl->clReleaseContext(d->context);
	vsp_free_memory(d->objects);
	vsp_free_memory(d);
}

static const char *clear(opencl_device *d, cl_object buffer, uint64_t at, uint64_t size)
{
	static const uint64_t nothing;
	TRY(d, clEnqueueFillBuffer(d->kernels, buffer, &nothing, sizeof nothing, at, size, 0, NULL, NULL));
	TRY(d, clFinish(d->kernels));
	return NULL;
}

static const char *make_buffer(opencl_device *d, uint64_t size, cl_object *buffer)
{
	cl_int code;
	*buffer = d->api->clCreateBuffer(d->context, CL_MEM_READ_WRITE, size, NULL, &code);
	if (!*buffer)
		return failed(d, "clCreateBuffer", code);
	return NULL;
}

static const char *make_context(opencl_device *d)
{
	cl_int code;
	d->context = d->api->clCreateContext(NULL, 1, &d->id, NULL, NULL, &code);
	if (!d->context)
		return failed(d, "clCreateContext", code);
	d->copies = d->api->clCreateCommandQueue(d->context, d->id, 0, &code);
	if (d->copies)
		d->kernels = d->api->clCreateCommandQueue(d->context, d->id, 0, &code);
	if (!d->kernels)
		return failed(d, "clCreateCommandQueue", code);
	const char *why = make_buffer(d, sizeof(vsp_device_record), &d->record);
	return why ? why : clear(d, d->record, 0, sizeof(vsp_device_record));
}

static const char *find_and_make(opencl_device *d)
{
	const char *why = vsp_opencl_enter();
	if (why)
		return why;
	why = vsp_opencl_find(d);
	if (!why)
		why = make_context(d);
	vsp_opencl_leave();
	return why;
}

static bool open_device(void **device, uint32_t *exact, char *reason, size_t reason_size)
{
	opencl_device *d = vsp_alloc(1, sizeof *d);
	const char *why = d ? find_and_make(d) : "out of memory";
	if (why) {
		snprintf(reason, reason_size, "%s", why);
		if (d)
			close_device(d);
		return false;
	}
	*exact = d->exact;
	*device = d;
	return true;
}

static const char *mirror(void *device, uint64_t size)
{
	opencl_device *d = device;
	if (d->mirror)
		d->api->clReleaseMemObject(d->mirror);
	d->mirror = NULL;
	if (size > d->most_memory) {
		snprintf(d->message, sizeof d->message,
		        "the device has no room for %llu bytes of linear memory in one piece (it has %llu)",
		        (unsigned long long)size, (unsigned long long)d->most_memory);
		return d->message;
	}
	return size ? make_buffer(d, size, &d->mirror) : NULL;
}

static const char *zero(void *device, uint64_t at, uint64_t size)
{
	opencl_device *d = device;
	return clear(d, d->mirror, at, size);
}

static const char *upload(void *device, uint64_t at, const void *bytes, uint64_t size, bool later)
{
	opencl_device *d = device;
	if (later) {
		TRY(d, clEnqueueWriteBuffer(d->kernels, d->mirror, CL_FALSE, at, size, bytes, 0, NULL,
		               vsp_opencl_time(d, VSP_STEP_BLOCK, size, 0)));
		return NULL;
	}
	if (d->event_count == OPENCL_EVENTS) { /* no room: what came before is then finished */
		TRY(d, clFinish(d->copies));
		while (d->event_count)
			d->api->clReleaseEvent(d->events[--d->event_count]);
	}
	cl_object event, *timed = vsp_opencl_time(d, VSP_STEP_UPLOAD, size, 0);
	TRY(d, clEnqueueWriteBuffer(d->copies, d->mirror, CL_FALSE, at, size, bytes, 0, NULL, &event));
	d->events[d->event_count++] = event;
	if (timed && d->api->clRetainEvent(event) == CL_SUCCESS)
		*timed = event;
	return NULL;
}

static const char *download(void *device, uint64_t at, void *bytes, uint64_t size)
{
	opencl_device *d = device;
	TRY(d, clEnqueueReadBuffer(d->kernels, d->mirror, CL_FALSE, at, size, bytes, 0, NULL,
	               vsp_opencl_time(d, VSP_STEP_DOWNLOAD, size, 0)));
	return NULL;
}

/* ---- kernels ---- */

static const char *set_arguments(opencl_device *d, cl_object kernel, const vsp_device_arguments *a)
{
	const struct {
		size_t size;
		const void *value;
	} all[] = {{sizeof(cl_object), &d->mirror}, {8, &a->size}, {8, &a->first}, {8, &a->count}, {8, &a->argument},
	        {8, &a->budget}, {sizeof(cl_object), &d->record}, {8, &a->operation}};
	for (cl_uint i = 0; i < sizeof all / sizeof all[0]; i++)
		TRY(d, clSetKernelArg(kernel, i, all[i].size, all[i].value));
	return NULL;
}

static const char *launch(void *device, void *kernel, const vsp_device_arguments *a)
{
	opencl_device *d = device;
	size_t items = a->count;
	const char *why = set_arguments(d, kernel, a);
	if (why)
		return why;
	TRY(d, clFlush(d->copies));
	TRY(d, clEnqueueNDRangeKernel(d->kernels, kernel, 1, NULL, &items, NULL, d->event_count,
	               d->event_count ? d->events : NULL, vsp_opencl_time(d, VSP_STEP_KERNEL, a->count, a->operation)));
	while (d->event_count) /* later kernels are behind this one */
		d->api->clReleaseEvent(d->events[--d->event_count]);
	TRY(d, clFlush(d->kernels));
	return NULL;
}

static const char *finish(void *device, vsp_device_record *record)
{
	opencl_device *d = device;
	TRY(d, clFinish(d->copies));
	while (d->event_count)
		d->api->clReleaseEvent(d->events[--d->event_count]);
	TRY(d, clEnqueueReadBuffer(d->kernels, d->record, CL_TRUE, 0, sizeof *record, record, 0, NULL, NULL));
	vsp_opencl_tell(d);
	return record->trap ? clear(d, d->record, 0, sizeof *record) : NULL;
}

static const char *load(void *device, const vsp_device_code *code, void **unit)
{
	opencl_device *d = device;
	cl_object program = NULL;
	const char *why = vsp_opencl_program(d, code, &program);
	*unit = program;
	return why;
}

static const char *entry(void *device, void *unit, const char *name, void **kernel)
{
	opencl_device *d = device;
	cl_int code;
	struct opencl_kernel *all = vsp_realloc(d->objects, d->object_count + 1, sizeof *all);
	cl_object made = all ? d->api->clCreateKernel(unit, name, &code) : NULL;
	d->objects = all ? all : d->objects;
	if (!made) {
		d->api->clReleaseProgram(unit);
		return all ? failed(d, "clCreateKernel", code) : "out of memory";
	}
	d->objects[d->object_count++] = (struct opencl_kernel){made, unit};
	*kernel = made;
	return NULL;
}

const vsp_device_driver vsp_opencl_driver = {.name = "opencl",
        .format = VSP_DEVICE_SPIRV,
        .open = open_device,
        .close = close_device,
        .mirror = mirror,
        .zero = zero,
        .upload = upload,
        .download = download,
        .load = load,
        .entry = entry,
        .launch = launch,
        .finish = finish,
        .observe = vsp_opencl_observe};

static bool probe(vsp_rt *rt, void **state, char *reason, size_t reason_size)
{
	return vsp_device_probe(&vsp_opencl_driver, rt, state, reason, reason_size);
}

static bool measure(void *state, vsp_rt *rt, const vsp_device_source *source, vsp_costs *costs)
{
	(void)state, (void)rt;
	return vsp_device_measure(&vsp_opencl_driver, source, costs);
}

const vsp_provider vsp_provider_opencl = {
        .name = "opencl", .describe = vsp_opencl_describe, .probe = probe, .measure = measure, VSP_DEVICE_PROVIDER};
