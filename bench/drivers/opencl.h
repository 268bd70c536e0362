/*
 * OpenCL for the benchmarks: the kernels of one file on the first device, in a process of its own.
 * Whatever fails ends the process with a message and status 77, since it is the device's or its
 * driver's fault.
 */
#ifndef VSP_BENCH_OPENCL_H
#define VSP_BENCH_OPENCL_H

#include <stddef.h>
#include <stdint.h>

typedef struct opencl_buffer opencl_buffer;

/* Builds OpenCL C, with floats as the source says: nothing contracted, division rounded
   correctly. */
void opencl_build(const char *source);
/* Memory of the device; bytes, if not null, are its first contents. */
opencl_buffer *opencl_make(size_t size, const void *bytes);
/* An argument of a kernel: a buffer if size is 0, else size bytes at value. */
typedef struct opencl_argument {
	const void *value;
	size_t size;
} opencl_argument;
#define OPENCL_BUFFER(b) ((opencl_argument){(b), 0})
#define OPENCL_VALUE(v) ((opencl_argument){&(v), sizeof(v)})
/* Begins items work items of a kernel, after all that was begun before. */
void opencl_run(const char *kernel, size_t items, const opencl_argument *arguments, unsigned count);
/* Waits, and reads size bytes at offset. */
void opencl_read(opencl_buffer *buffer, size_t offset, size_t size, void *to);

#endif
