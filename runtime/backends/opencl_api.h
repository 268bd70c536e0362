/*
 * The part of OpenCL's binary interface that is used here: types, constants and functions by the
 * names of the specification, for the loader's shared object (libOpenCL.so.1), which is opened at
 * run time. The interface has not changed since version 1.2.
 */
#ifndef VSP_RUNTIME_OPENCL_API_H
#define VSP_RUNTIME_OPENCL_API_H

#include <stddef.h>
#include <stdint.h>

typedef struct cl_object *cl_object; /* every kind of object */
typedef int32_t cl_int;
typedef uint32_t cl_uint;
typedef uint64_t cl_bitfield;

enum {
	CL_SUCCESS = 0,
	CL_FALSE = 0,
	CL_TRUE = 1,
	CL_DEVICE_TYPE = 0x1000,
	CL_DEVICE_ADDRESS_BITS = 0x100D,
	CL_DEVICE_MAX_MEM_ALLOC_SIZE = 0x1010,
	CL_DEVICE_SINGLE_FP_CONFIG = 0x101B,
	CL_DEVICE_ENDIAN_LITTLE = 0x1026,
	CL_DEVICE_AVAILABLE = 0x1027,
	CL_DEVICE_COMPILER_AVAILABLE = 0x1028,
	CL_DEVICE_GLOBAL_MEM_SIZE = 0x101F,
	CL_DEVICE_HOST_UNIFIED_MEMORY = 0x1035,
	CL_DEVICE_NAME = 0x102B,
	CL_DEVICE_VERSION = 0x102F,
	CL_DEVICE_EXTENSIONS = 0x1030,
	CL_DEVICE_DOUBLE_FP_CONFIG = 0x1032,
	CL_DEVICE_IL_VERSION = 0x105B,
	CL_DEVICE_TYPE_CPU = 1 << 1,
	CL_DEVICE_TYPE_GPU = 1 << 2,
	CL_DEVICE_TYPE_ACCELERATOR = 1 << 3,
	CL_FP_DENORM = 1 << 0,
	CL_FP_INF_NAN = 1 << 1,
	CL_FP_ROUND_TO_NEAREST = 1 << 2,
	CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT = 1 << 7,
	CL_MEM_READ_WRITE = 1 << 0,
	CL_QUEUE_PROFILING_ENABLE = 1 << 1,
	CL_PROFILING_COMMAND_QUEUED = 0x1280,
	CL_PROFILING_COMMAND_START = 0x1282,
	CL_PROFILING_COMMAND_END = 0x1283,
	CL_PROGRAM_BUILD_LOG = 0x1183
};

/* FUNCTION(name, result, parameters) */
#define OPENCL_FUNCTIONS(FUNCTION) \
	FUNCTION(clGetPlatformIDs, cl_int, (cl_uint, cl_object *, cl_uint *)) \
	FUNCTION(clGetDeviceIDs, cl_int, (cl_object, cl_bitfield, cl_uint, cl_object *, cl_uint *)) \
	FUNCTION(clGetDeviceInfo, cl_int, (cl_object, cl_uint, size_t, void *, size_t *)) \
	FUNCTION(clCreateContext, cl_object, \
	        (const intptr_t *, cl_uint, const cl_object *, void (*)(const char *, const void *, size_t, void *), \
	                void *, cl_int *)) \
	FUNCTION(clReleaseContext, cl_int, (cl_object)) \
	FUNCTION(clCreateCommandQueue, cl_object, (cl_object, cl_object, cl_bitfield, cl_int *)) \
	FUNCTION(clReleaseCommandQueue, cl_int, (cl_object)) \
	FUNCTION(clCreateBuffer, cl_object, (cl_object, cl_bitfield, size_t, void *, cl_int *)) \
	FUNCTION(clReleaseMemObject, cl_int, (cl_object)) \
	FUNCTION(clCreateProgramWithBinary, cl_object, \
	        (cl_object, cl_uint, const cl_object *, const size_t *, const unsigned char **, cl_int *, cl_int *)) \
	FUNCTION(clBuildProgram, cl_int, \
	        (cl_object, cl_uint, const cl_object *, const char *, void (*)(cl_object, void *), void *)) \
	FUNCTION(clGetProgramBuildInfo, cl_int, (cl_object, cl_object, cl_uint, size_t, void *, size_t *)) \
	FUNCTION(clReleaseProgram, cl_int, (cl_object)) \
	FUNCTION(clCreateKernel, cl_object, (cl_object, const char *, cl_int *)) \
	FUNCTION(clReleaseKernel, cl_int, (cl_object)) \
	FUNCTION(clSetKernelArg, cl_int, (cl_object, cl_uint, size_t, const void *)) \
	FUNCTION(clEnqueueNDRangeKernel, cl_int, \
	        (cl_object, cl_object, cl_uint, const size_t *, const size_t *, const size_t *, cl_uint, \
	                const cl_object *, cl_object *)) \
	FUNCTION(clEnqueueWriteBuffer, cl_int, \
	        (cl_object, cl_object, cl_uint, size_t, size_t, const void *, cl_uint, const cl_object *, \
	                cl_object *)) \
	FUNCTION(clEnqueueReadBuffer, cl_int, \
	        (cl_object, cl_object, cl_uint, size_t, size_t, void *, cl_uint, const cl_object *, cl_object *)) \
	FUNCTION(clEnqueueFillBuffer, cl_int, \
	        (cl_object, cl_object, const void *, size_t, size_t, size_t, cl_uint, const cl_object *, cl_object *)) \
	FUNCTION(clRetainEvent, cl_int, (cl_object)) \
	FUNCTION(clReleaseEvent, cl_int, (cl_object)) \
	FUNCTION(clGetEventProfilingInfo, cl_int, (cl_object, cl_uint, size_t, void *, size_t *)) \
	FUNCTION(clFlush, cl_int, (cl_object)) \
	FUNCTION(clFinish, cl_int, (cl_object))

/* Only from version 2.1 on; other devices take SPIR, an older language. */
typedef cl_object (*opencl_create_program_with_il)(cl_object, const void *, size_t, cl_int *);

#endif
