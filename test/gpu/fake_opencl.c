/*
 * The OpenCL of tests, see fake_opencl.h. Its one device takes SPIR-V, which it does not read: what
 * an entry point computes follows from its name. The items of GRADB, DESCB, VMAP and VRED are done
 * by the functions of the CPU, and every kernel of LAUNCH squares its index, as
 * test/programs/kernel_square.sil.
 */
#include "fake_opencl.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/arith/bytesil.h"
#include "runtime/backends/device_code.h"
#include "runtime/backends/opencl_api.h"
#include "runtime/memory.h"
#include "runtime/trap.h"
#include "vsp/vsp.h"

enum { FAILED = -5, ARGUMENTS = 8, COMMANDS = 256, MIRROR = 0, RECORD = 6, MEMORY = 1 << 30 };

#define EXPORT __attribute__((visibility("default")))

EXPORT fake_opencl fake_opencl_control;
#define fake fake_opencl_control

/* ---- calls ---- */

static int number_in(const char *name) { return getenv(name) ? atoi(getenv(name)) : 0; }

__attribute__((constructor)) static void begin(void)
{
	fake.fail_at = number_in("FAKE_OPENCL_FAIL");
	fake.lost_at = number_in("FAKE_OPENCL_LOST");
}

__attribute__((destructor)) static void end(void)
{
	if (getenv("FAKE_OPENCL_FAIL") || getenv("FAKE_OPENCL_LOST"))
		fprintf(stderr, "fake OpenCL: %d calls, %d kernels, %d objects\n", fake.calls, fake.kernels,
		        fake.objects);
}

static bool fails(void)
{
	int call = ++fake.calls;
	return call == fake.fail_at || (fake.lost_at && call >= fake.lost_at);
}

static cl_int code(void) { return fails() ? FAILED : CL_SUCCESS; }

/* ---- objects ---- */

typedef struct command {
	bool is_kernel; /* otherwise a copy or a fill */
	uint32_t index; /* of the kernel */
	size_t items;
	cl_object buffers[2];          /* that it uses, or null */
	uint64_t arguments[ARGUMENTS]; /* as they were when it was enqueued */
	void *to;
	const void *from; /* null: zeros */
	size_t size;
} command;

struct cl_object {
	int references;
	uint8_t *bytes;    /* of a buffer */
	command next;      /* a kernel's */
	command *commands; /* a queue's */
	unsigned count;
	cl_object queue; /* an event's */
};

static cl_object make(cl_int *error)
{
	cl_object object = fails() ? NULL : calloc(1, sizeof *object);
	if (object)
		object->references = 1;
	fake.objects += object != NULL;
	*error = object ? CL_SUCCESS : FAILED;
	return object;
}

static void drop(cl_object object)
{
	if (!object || --object->references)
		return;
	free(object->bytes);
	free(object->commands);
	free(object);
	fake.objects--;
}

/* Also when it fails: nobody could do more. */
static cl_int release(cl_object object)
{
	drop(object);
	return code();
}

/* ---- what kernels compute ---- */

typedef struct work {
	uint8_t *memory;
	uint64_t first, count, argument, budget;
	uint64_t *record;
	uint64_t operation;
} work;

static void gradient(const work *w, uint64_t i)
{
	const uint8_t *src = w->memory + (w->argument >> 32);
	float f = i % 16 == 15 ? 0.0f : vsp_bytesil_distance(src[i], src[i + 1]);
	uint32_t bits;
	memcpy(&bits, &f, sizeof bits);
	vsp_write_le(w->memory + (uint32_t)w->argument + 4 * i, bits, sizeof bits);
}

static void descend(const work *w, uint64_t i)
{
	uint8_t *dst = w->memory + (uint32_t)w->argument;
	uint32_t bits = (uint32_t)w->budget,
	         gradient_bits = (uint32_t)vsp_read_le(w->memory + (w->argument >> 32) + 4 * i, 4);
	float rate, f;
	memcpy(&rate, &bits, sizeof rate);
	memcpy(&f, &gradient_bits, sizeof f);
	dst[i] = vsp_bytesil_descent(dst[i], rate, f);
}

static void map(const work *w, uint64_t i, unsigned selector)
{
	uint8_t *dst = w->memory + (uint32_t)w->argument + i;
	uint8_t x = *dst, y = w->memory[(w->argument >> 32) + i];
	switch (selector) {
#define VMAP(name, number, value) \
	case number: *dst = (uint8_t)(value); break;
#include "runtime/arith/vmap.def"
	default: abort();
	}
}

static void fold(const work *w, uint64_t item)
{
	uint8_t all = 0;
	for (uint64_t n = item; n < w->budget; n += w->count)
		all ^= w->memory[(w->argument >> 32) + n];
	((uint8_t *)(w->record + 1))[item] = all;
}

static void square(const work *w, uint64_t item)
{
	uint64_t i = w->first + item;
	if (fake.traps && i + 1 == (uint64_t)fake.traps) {
		*w->record = w->operation << 40 | item << 8 | VSP_TRAP_DIV_BY_ZERO;
		return;
	}
	vsp_write_le(w->memory + vsp_read_le(w->memory + w->argument + 16, 4) + 4 * i, i * i, 4);
}

static void compute(const work *w, uint32_t index, uint64_t item)
{
	uint32_t of = UINT32_MAX - index; /* see VSP_DEVICE_ITEM */
	if (item >= w->count || *w->record)
		return;
	if (of == VSP_ITEM_GRADB)
		gradient(w, w->first + item);
	else if (of == VSP_ITEM_DESCB)
		descend(w, w->first + item);
	else if (of == VSP_ITEM_VRED_XOR)
		fold(w, item);
	else if (of < VSP_ITEM_WORK)
		map(w, w->first + item, of - VSP_ITEM_VMAP);
	else
		square(w, item);
}

static void run(const command *c)
{
	const work w = {c->buffers[0]->bytes, c->arguments[2], c->arguments[3], c->arguments[4], c->arguments[5],
	        (uint64_t *)(void *)c->buffers[1]->bytes, c->arguments[7]};
	for (uint64_t item = 0; item < c->items; item++)
		compute(&w, c->index, item);
	fake.kernels++;
}

/* ---- queues ---- */

static void perform(const command *c)
{
	if (c->is_kernel)
		run(c);
	else if (c->from)
		memcpy(c->to, c->from, c->size);
	else
		memset(c->to, 0, c->size);
}

static void drain(cl_object queue)
{
	for (unsigned i = 0; i < queue->count; i++) {
		if (!fake.lost_at || fake.calls < fake.lost_at)
			perform(&queue->commands[i]);
		drop(queue->commands[i].buffers[0]);
		drop(queue->commands[i].buffers[1]);
	}
	queue->count = 0;
}

static void hold(cl_object object)
{
	if (object)
		object->references++;
}

static cl_int enqueue(cl_object queue, command c, cl_object *event)
{
	cl_int error = CL_SUCCESS;
	if (event && !(*event = make(&error)))
		return error;
	if (!event && fails())
		return FAILED;
	if (event)
		(*event)->queue = queue; /* to be drained before what waits for the event */
	if (!queue->commands)
		queue->commands = calloc(COMMANDS, sizeof c);
	if (queue->count == COMMANDS)
		drain(queue);
	hold(c.buffers[0]);
	hold(c.buffers[1]);
	queue->commands[queue->count++] = c;
	return CL_SUCCESS;
}

/* ---- the functions ---- */

#define FUNCTION(name, result, parameters) EXPORT result name parameters;
OPENCL_FUNCTIONS(FUNCTION)
#undef FUNCTION
EXPORT cl_object clCreateProgramWithIL(cl_object context, const void *words, size_t size, cl_int *error);

static struct cl_object platform, device;

EXPORT cl_int clGetPlatformIDs(cl_uint most, cl_object *all, cl_uint *count)
{
	if (most)
		all[0] = &platform;
	*count = 1;
	return code();
}
EXPORT cl_int clGetDeviceIDs(cl_object of, cl_bitfield type, cl_uint most, cl_object *all, cl_uint *count)
{
	if (of != &platform || !(type & CL_DEVICE_TYPE_GPU) || !most)
		return FAILED;
	all[0] = &device;
	*count = 1;
	return code();
}

static cl_int give_text(void *to, size_t size, const char *text)
{
	if (strlen(text) >= size)
		return FAILED;
	memcpy(to, text, strlen(text) + 1);
	return CL_SUCCESS;
}

static cl_int give(void *to, size_t size, uint64_t value)
{
	memcpy(to, &value, size < sizeof value ? size : sizeof value);
	return CL_SUCCESS;
}

EXPORT cl_int clGetDeviceInfo(cl_object of, cl_uint what, size_t size, void *to, size_t *needed)
{
	(void)of, (void)needed;
	if (fails())
		return FAILED;
	switch (what) {
	case CL_DEVICE_NAME:
	case CL_DEVICE_VERSION: return give_text(to, size, "OpenCL 3.0 of tests");
	case CL_DEVICE_IL_VERSION: return give_text(to, size, "SPIR-V_1.0");
	case CL_DEVICE_EXTENSIONS: return give_text(to, size, "");
	case CL_DEVICE_ADDRESS_BITS: return give(to, size, 64);
	case CL_DEVICE_MAX_MEM_ALLOC_SIZE:
	case CL_DEVICE_GLOBAL_MEM_SIZE: return give(to, size, MEMORY);
	case CL_DEVICE_SINGLE_FP_CONFIG:
	case CL_DEVICE_DOUBLE_FP_CONFIG: return give(to, size, 0xFF);
	case CL_DEVICE_HOST_UNIFIED_MEMORY: return give(to, size, 0);
	default: return give(to, size, 1);
	}
}
EXPORT cl_object clCreateContext(const intptr_t *properties, cl_uint count, const cl_object *devices,
        void (*notify)(const char *, const void *, size_t, void *), void *user, cl_int *error)
{
	(void)properties, (void)count, (void)devices, (void)notify, (void)user;
	return make(error);
}
EXPORT cl_int clReleaseContext(cl_object context) { return release(context); }
EXPORT cl_object clCreateCommandQueue(cl_object context, cl_object of, cl_bitfield properties, cl_int *error)
{
	(void)context, (void)of, (void)properties;
	return make(error);
}
/* What was enqueued is still done. */
EXPORT cl_int clReleaseCommandQueue(cl_object queue)
{
	drain(queue);
	return release(queue);
}
EXPORT cl_object clCreateBuffer(cl_object context, cl_bitfield flags, size_t size, void *host, cl_int *error)
{
	(void)context, (void)flags, (void)host;
	cl_object buffer = make(error);
	if (buffer && (buffer->bytes = malloc(size)))
		memset(buffer->bytes, 0xEE, size); /* nothing is zero by itself */
	return buffer;
}
EXPORT cl_int clReleaseMemObject(cl_object buffer) { return release(buffer); }
EXPORT cl_object clCreateProgramWithIL(cl_object context, const void *words, size_t size, cl_int *error)
{
	(void)context, (void)words, (void)size;
	return make(error);
}
EXPORT cl_object clCreateProgramWithBinary(cl_object context, cl_uint count, const cl_object *devices,
        const size_t *sizes, const unsigned char **binaries, cl_int *status, cl_int *error)
{
	(void)context, (void)count, (void)devices, (void)sizes, (void)binaries, (void)status;
	*error = FAILED; /* the device takes SPIR-V */
	return NULL;
}
EXPORT cl_int clBuildProgram(cl_object program, cl_uint count, const cl_object *devices, const char *options,
        void (*notify)(cl_object, void *), void *user)
{
	(void)program, (void)count, (void)devices, (void)options, (void)notify, (void)user;
	return code();
}
EXPORT cl_int clGetProgramBuildInfo(
        cl_object program, cl_object of, cl_uint what, size_t size, void *to, size_t *needed)
{
	(void)program, (void)of, (void)what, (void)needed;
	return fails() ? FAILED : give_text(to, size, "no reason");
}
EXPORT cl_int clReleaseProgram(cl_object program) { return release(program); }
EXPORT cl_object clCreateKernel(cl_object program, const char *name, cl_int *error)
{
	(void)program;
	cl_object kernel = make(error);
	unsigned index;
	if (kernel && sscanf(name, VSP_DEVICE_KERNEL, &index) == 1)
		kernel->next.index = index;
	return kernel;
}
EXPORT cl_int clReleaseKernel(cl_object kernel) { return release(kernel); }
EXPORT cl_int clSetKernelArg(cl_object kernel, cl_uint argument, size_t size, const void *value)
{
	if (argument >= ARGUMENTS || size > sizeof(uint64_t))
		return FAILED;
	memcpy(&kernel->next.arguments[argument], value, size);
	return code();
}
EXPORT cl_int clEnqueueNDRangeKernel(cl_object queue, cl_object kernel, cl_uint dimensions, const size_t *offset,
        const size_t *items, const size_t *local, cl_uint count, const cl_object *events, cl_object *event)
{
	(void)local;
	command c = kernel->next;
	if (dimensions != 1 || offset)
		return FAILED;
	c.is_kernel = true;
	c.items = items[0];
	memcpy(&c.buffers[0], &c.arguments[MIRROR], sizeof c.buffers[0]);
	memcpy(&c.buffers[1], &c.arguments[RECORD], sizeof c.buffers[1]);
	for (cl_uint i = 0; i < count; i++)
		drain(events[i]->queue);
	return enqueue(queue, c, event);
}
EXPORT cl_int clEnqueueWriteBuffer(cl_object queue, cl_object buffer, cl_uint wait, size_t at, size_t size,
        const void *from, cl_uint count, const cl_object *events, cl_object *event)
{
	(void)wait, (void)count, (void)events;
	return enqueue(
	        queue, (command){.buffers = {buffer}, .to = buffer->bytes + at, .from = from, .size = size}, event);
}
EXPORT cl_int clEnqueueReadBuffer(cl_object queue, cl_object buffer, cl_uint wait, size_t at, size_t size, void *to,
        cl_uint count, const cl_object *events, cl_object *event)
{
	(void)count, (void)events;
	cl_int error = enqueue(
	        queue, (command){.buffers = {buffer}, .to = to, .from = buffer->bytes + at, .size = size}, event);
	if (error == CL_SUCCESS && wait)
		drain(queue);
	return error;
}
EXPORT cl_int clEnqueueFillBuffer(cl_object queue, cl_object buffer, const void *pattern, size_t pattern_size,
        size_t at, size_t size, cl_uint count, const cl_object *events, cl_object *event)
{
	(void)pattern, (void)pattern_size, (void)count, (void)events; /* zeros are all that is asked for */
	return enqueue(queue, (command){.buffers = {buffer}, .to = buffer->bytes + at, .size = size}, event);
}
EXPORT cl_int clRetainEvent(cl_object event)
{
	if (fails())
		return FAILED;
	event->references++;
	return CL_SUCCESS;
}
EXPORT cl_int clReleaseEvent(cl_object event) { return release(event); }
/* A microsecond passes with each question. */
EXPORT cl_int clGetEventProfilingInfo(cl_object event, cl_uint what, size_t size, void *to, size_t *needed)
{
	static uint64_t now = 1;
	(void)event, (void)what, (void)needed;
	return fails() ? FAILED : give(to, size, now += 1000);
}
EXPORT cl_int clFlush(cl_object queue)
{
	(void)queue;
	return code();
}
EXPORT cl_int clFinish(cl_object queue)
{
	if (fails())
		return FAILED;
	drain(queue);
	return CL_SUCCESS;
}
