/*
 * OpenCL for the benchmarks, see opencl.h; by the loader's shared object, as VSP uses it.
 */
#include "opencl.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/backends/opencl_api.h"

enum { MOST_KERNELS = 8, NAME = 32 };

typedef cl_object (*create_from_source)(cl_object, cl_uint, const char **, const size_t *, cl_int *);

struct opencl_buffer {
	cl_object memory;
};

static struct {
#define FUNCTION(name, result, parameters) result(*name) parameters;
	OPENCL_FUNCTIONS(FUNCTION)
#undef FUNCTION
	create_from_source clCreateProgramWithSource;
} cl;

static cl_object device, context, queue, program;
static struct {
	char name[NAME];
	cl_object kernel;
} kernels[MOST_KERNELS];

static _Noreturn void fail(const char *what, cl_int code)
{
	fprintf(stderr, "OpenCL: %s failed with %d\n", what, (int)code);
	exit(77);
}

static void try(const char *what, cl_int code)
{
	if (code != CL_SUCCESS)
		fail(what, code);
}

static void find_symbol(void *library, const char *name, void *to)
{
	void *symbol = dlsym(library, name); /* ISO C has no conversion to a function's pointer */
	if (!symbol)
		fail(name, 0);
	memcpy(to, &symbol, sizeof symbol);
}

static void open_loader(void)
{
	void *library = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		fail("opening libOpenCL.so.1", 0);
#define FUNCTION(name, result, parameters) find_symbol(library, #name, &cl.name);
	OPENCL_FUNCTIONS(FUNCTION)
#undef FUNCTION
	find_symbol(library, "clCreateProgramWithSource", &cl.clCreateProgramWithSource);
}

static void open_device(void)
{
	const cl_bitfield every = 0xFFFFFFFF;
	cl_object platform;
	cl_int code;
	try("clGetPlatformIDs", cl.clGetPlatformIDs(1, &platform, NULL));
	try("clGetDeviceIDs", cl.clGetDeviceIDs(platform, every, 1, &device, NULL));
	context = cl.clCreateContext(NULL, 1, &device, NULL, NULL, &code);
	try("clCreateContext", code);
	queue = cl.clCreateCommandQueue(context, device, 0, &code);
	try("clCreateCommandQueue", code);
}

void opencl_build(const char *source)
{
	cl_int code;
	if (program)
		return;
	open_loader();
	open_device();
	program = cl.clCreateProgramWithSource(context, 1, &source, NULL, &code);
	try("clCreateProgramWithSource", code);
	try("clBuildProgram",
	        cl.clBuildProgram(program, 1, &device, "-cl-fp32-correctly-rounded-divide-sqrt", NULL, NULL));
}

static void enqueue_write(cl_object memory, size_t size, const void *bytes)
{
	try("clEnqueueWriteBuffer", cl.clEnqueueWriteBuffer(queue, memory, CL_TRUE, 0, size, bytes, 0, NULL, NULL));
}

opencl_buffer *opencl_make(size_t size, const void *bytes)
{
	cl_int code;
	opencl_buffer *b = malloc(sizeof *b);
	if (!b)
		fail("malloc", 0);
	b->memory = cl.clCreateBuffer(context, CL_MEM_READ_WRITE, size, NULL, &code);
	try("clCreateBuffer", code);
	if (bytes)
		enqueue_write(b->memory, size, bytes);
	return b;
}

static cl_object find_kernel(const char *name)
{
	unsigned i = 0;
	cl_int code;
	while (i < MOST_KERNELS - 1 && kernels[i].kernel && strcmp(kernels[i].name, name) != 0)
		i++;
	if (!kernels[i].kernel) {
		snprintf(kernels[i].name, NAME, "%s", name);
		kernels[i].kernel = cl.clCreateKernel(program, name, &code);
		try("clCreateKernel", code);
	}
	return kernels[i].kernel;
}

void opencl_run(const char *name, size_t items, const opencl_argument *arguments, unsigned count)
{
	cl_object kernel = find_kernel(name);
	for (unsigned i = 0; i < count; i++) {
		const opencl_argument *a = &arguments[i];
		const void *value = a->size ? a->value : &((const opencl_buffer *)a->value)->memory;
		try("clSetKernelArg", cl.clSetKernelArg(kernel, i, a->size ? a->size : sizeof(cl_object), value));
	}
	try("clEnqueueNDRangeKernel", cl.clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &items, NULL, 0, NULL, NULL));
}

void opencl_read(opencl_buffer *buffer, size_t offset, size_t size, void *to)
{
	try("clEnqueueReadBuffer",
	        cl.clEnqueueReadBuffer(queue, buffer->memory, CL_TRUE, offset, size, to, 0, NULL, NULL));
}
