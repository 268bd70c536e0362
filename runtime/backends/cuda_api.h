/*
 * The part of the CUDA driver's binary interface that is used here, by the names of its shared
 * object (libcuda.so.1), which is opened at run time. Functions with _v2 have that form since CUDA
 * 3.2; none has changed since.
 */
#ifndef VSP_RUNTIME_CUDA_API_H
#define VSP_RUNTIME_CUDA_API_H

#include <stddef.h>
#include <stdint.h>

typedef int cu_result, cu_device;
typedef struct cu_object *cu_object; /* contexts, modules, functions, streams and events */
typedef uint64_t cu_address;         /* in the device's memory */

enum {
	CU_SUCCESS = 0,
	CU_STREAM_NON_BLOCKING = 1,
	CU_EVENT_DISABLE_TIMING = 2,
	CU_JIT_ERROR_LOG_BUFFER = 5,
	CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6
};

/* FUNCTION(name, symbol, parameters); all return a cu_result. */
#define CUDA_FUNCTIONS(FUNCTION) \
	FUNCTION(init, "cuInit", (unsigned)) \
	FUNCTION(error_name, "cuGetErrorName", (cu_result, const char **)) \
	FUNCTION(device_count, "cuDeviceGetCount", (int *)) \
	FUNCTION(device_get, "cuDeviceGet", (cu_device *, int)) \
	FUNCTION(device_name, "cuDeviceGetName", (char *, int, cu_device)) \
	FUNCTION(driver_version, "cuDriverGetVersion", (int *)) \
	FUNCTION(device_memory, "cuDeviceTotalMem_v2", (size_t *, cu_device)) \
	FUNCTION(context_retain, "cuDevicePrimaryCtxRetain", (cu_object *, cu_device)) \
	FUNCTION(context_release, "cuDevicePrimaryCtxRelease_v2", (cu_device)) \
	FUNCTION(context_push, "cuCtxPushCurrent_v2", (cu_object)) \
	FUNCTION(context_pop, "cuCtxPopCurrent_v2", (cu_object *)) \
	FUNCTION(stream_create, "cuStreamCreate", (cu_object *, unsigned)) \
	FUNCTION(stream_destroy, "cuStreamDestroy_v2", (cu_object)) \
	FUNCTION(stream_wait, "cuStreamWaitEvent", (cu_object, cu_object, unsigned)) \
	FUNCTION(stream_finish, "cuStreamSynchronize", (cu_object)) \
	FUNCTION(event_create, "cuEventCreate", (cu_object *, unsigned)) \
	FUNCTION(event_destroy, "cuEventDestroy_v2", (cu_object)) \
	FUNCTION(event_record, "cuEventRecord", (cu_object, cu_object)) \
	FUNCTION(event_elapsed, "cuEventElapsedTime", (float *, cu_object, cu_object)) \
	FUNCTION(memory_alloc, "cuMemAlloc_v2", (cu_address *, size_t)) \
	FUNCTION(memory_free, "cuMemFree_v2", (cu_address)) \
	FUNCTION(memory_zero, "cuMemsetD8Async", (cu_address, unsigned char, size_t, cu_object)) \
	FUNCTION(copy_to, "cuMemcpyHtoDAsync_v2", (cu_address, const void *, size_t, cu_object)) \
	FUNCTION(copy_from, "cuMemcpyDtoHAsync_v2", (void *, cu_address, size_t, cu_object)) \
	FUNCTION(module_load, "cuModuleLoadDataEx", (cu_object *, const void *, unsigned, const int *, void **)) \
	FUNCTION(module_unload, "cuModuleUnload", (cu_object)) \
	FUNCTION(module_function, "cuModuleGetFunction", (cu_object *, cu_object, const char *)) \
	FUNCTION(launch, "cuLaunchKernel", \
	        (cu_object, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, cu_object, void **, \
	                void **))

#endif
