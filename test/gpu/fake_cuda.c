/*
 * The CUDA driver of tests, see fake_cuda.h.
 */
#include "fake_cuda.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, FAILED = 999, RECORD_BYTES = 1024 };

#define EXPORT __attribute__((visibility("default")))

EXPORT fake_cuda fake_cuda_control = {.devices = 1};
#define fake fake_cuda_control

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the name */

static bool fails(void) { return ++fake.calls == fake.fail_at; }

static int make(void **object)
{
	if (fails())
		return FAILED;
	*object = malloc(1);
	fake.objects++;
	return OK;
}

static int drop(void *object)
{
	free(object);
	fake.objects--;
	return fails() ? FAILED : OK;
}

EXPORT int cuInit(unsigned flags) { return flags || fails() ? FAILED : OK; }
EXPORT int cuGetErrorName(int code, const char **name)
{
	*name = code == FAILED ? "FAKE_FAILURE" : "FAKE_SUCCESS";
	return OK;
}
EXPORT int cuDeviceGetCount(int *count)
{
	*count = fake.devices;
	return fails() ? FAILED : OK;
}
EXPORT int cuDeviceGet(int *device, int index)
{
	*device = index;
	return fails() ? FAILED : OK;
}
EXPORT int cuDeviceGetName(char *name, int size, int device)
{
	(void)device;
	strncpy(name, "Fake device", (size_t)size);
	return fails() ? FAILED : OK;
}
EXPORT int cuDriverGetVersion(int *version)
{
	*version = 12040;
	return fails() ? FAILED : OK;
}
EXPORT int cuDeviceTotalMem_v2(size_t *size, int device)
{
	(void)device;
	*size = (size_t)1 << 30;
	return fails() ? FAILED : OK;
}
EXPORT int cuDevicePrimaryCtxRetain(void **context, int device)
{
	static char only;
	(void)device;
	if (fails())
		return FAILED;
	*context = &only;
	fake.objects++;
	return OK;
}
EXPORT int cuDevicePrimaryCtxRelease_v2(int device)
{
	(void)device;
	fake.objects--;
	return fails() ? FAILED : OK;
}
EXPORT int cuCtxPushCurrent_v2(void *context) { return !context || fails() ? FAILED : OK; }
EXPORT int cuCtxPopCurrent_v2(void **context)
{
	*context = NULL;
	return fails() ? FAILED : OK;
}
EXPORT int cuStreamCreate(void **stream, unsigned flags)
{
	(void)flags;
	return make(stream);
}
EXPORT int cuStreamDestroy_v2(void *stream) { return drop(stream); }
EXPORT int cuStreamWaitEvent(void *stream, void *event, unsigned flags)
{
	return !stream || !event || flags || fails() ? FAILED : OK;
}
EXPORT int cuStreamSynchronize(void *stream) { return !stream || fails() ? FAILED : OK; }
EXPORT int cuEventCreate(void **event, unsigned flags)
{
	(void)flags;
	return make(event);
}
EXPORT int cuEventDestroy_v2(void *event) { return drop(event); }
EXPORT int cuEventRecord(void *event, void *stream) { return !stream || !event || fails() ? FAILED : OK; }
/* A microsecond passes with each question. */
EXPORT int cuEventElapsedTime(float *ms, void *from, void *to)
{
	*ms = (float)++fake.asked / 1000;
	return !from || !to || fails() ? FAILED : OK;
}
EXPORT int cuMemAlloc_v2(uint64_t *address, size_t size)
{
	void *block;
	if (fails())
		return FAILED;
	block = malloc(size);
	memset(block, 0xEE, size); /* nothing is zero by itself */
	fake.objects++;
	*address = (uint64_t)(uintptr_t)block;
	return OK;
}
EXPORT int cuMemFree_v2(uint64_t address)
{
	free((void *)(uintptr_t)address);
	fake.objects--;
	return fails() ? FAILED : OK;
}
EXPORT int cuMemsetD8Async(uint64_t address, unsigned char byte, size_t size, void *stream)
{
	(void)stream;
	if (fails())
		return FAILED;
	memset((void *)(uintptr_t)address, byte, size);
	return OK;
}
EXPORT int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t size, void *stream)
{
	(void)stream;
	if (fails())
		return FAILED;
	memcpy((void *)(uintptr_t)to, from, size);
	fake.up += size;
	return OK;
}
EXPORT int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t size, void *stream)
{
	(void)stream;
	if (fails())
		return FAILED;
	memcpy(to, (void *)(uintptr_t)from, size);
	fake.down += size == RECORD_BYTES ? 0 : size;
	return OK;
}
EXPORT int cuModuleLoadDataEx(void **module, const void *code, unsigned count, const int *options, void **values)
{
	(void)options;
	(void)values;
	fake.code = code;
	return !code || count != 2 ? FAILED : make(module);
}
EXPORT int cuModuleUnload(void *module) { return drop(module); }
EXPORT int cuModuleGetFunction(void **function, void *module, const char *name)
{
	if (fails())
		return FAILED;
	pthread_mutex_lock(&lock);
	strncpy(fake.name, name, sizeof fake.name - 1);
	pthread_mutex_unlock(&lock);
	*function = module;
	return OK;
}
EXPORT int cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
        unsigned shared, void *stream, void **arguments, void **extra)
{
	(void)shared, (void)stream;
	if (!function || gy != 1 || gz != 1 || by != 1 || bz != 1 || extra || fails())
		return FAILED;
	for (uint64_t item = 0; item < (uint64_t)gx * bx; item++)
		fake.kernel(item, arguments);
	fake.launches++;
	return OK;
}
