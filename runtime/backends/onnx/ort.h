/*
 * ONNX Runtime, reached by its C ABI without its headers: the library is opened when a program
 * first needs it, once in a process, and stays open. The registry of the open library (its
 * functions and its one environment) is process-wide, constant once it is there, and needs no lock:
 * threads that open it at the same time agree on one of them.
 */
#ifndef VSP_RUNTIME_BACKENDS_ONNX_ORT_H
#define VSP_RUNTIME_BACKENDS_ONNX_ORT_H

#include "runtime/backends/provider.h"

typedef struct ort_status ort_status;
typedef struct ort_env ort_env;
typedef struct ort_session ort_session;
typedef struct ort_options ort_options;
typedef struct ort_run_options ort_run_options;
typedef struct ort_value ort_value;
typedef struct ort_type ort_type;
typedef struct ort_shape ort_shape;
typedef struct ort_memory ort_memory;
typedef struct ort_allocator ort_allocator;
typedef void (*ort_log_fn)(
        void *user, int level, const char *category, const char *id, const char *place, const char *message);

/* The start of the library's struct of an allocator, as of version 14. */
struct ort_allocator {
	uint32_t version;
	void *(*alloc)(ort_allocator *, size_t);
	void (*release)(ort_allocator *, void *);
	const ort_memory *(*describe)(const ort_allocator *);
};

/* Values of the library's enums. */
enum { ORT_VERBOSE = 0, ORT_ERROR = 3, ORT_ALL_OPTIMIZATIONS = 99, ORT_TENSOR = 1 };
enum ort_element {
	ORT_F32 = 1,
	ORT_U8 = 2,
	ORT_I8 = 3,
	ORT_U16 = 4,
	ORT_I16 = 5,
	ORT_I32 = 6,
	ORT_I64 = 7,
	ORT_BOOL = 9,
	ORT_F16 = 10,
	ORT_F64 = 11,
	ORT_U32 = 12,
	ORT_U64 = 13,
	ORT_BF16 = 16
};

/* The open library. */
typedef struct ort_library {
#define ORT(slot, name, result, arguments) result(*name) arguments;
#include "ort_api.def"
	/* Slot 216, which only versions from 1.16 on have; else null. */
	ort_status *(*AppendExecutionProvider)(
	        ort_options *, const char *, const char *const *keys, const char *const *values, size_t);
	ort_env *env;
	char version[32];
} ort_library;

/* The library, opened if need be; null with why filled: what is missing, and what brings it. */
const ort_library *vsp_ort_open(char *why, size_t size);
/*
 * Releases a status. True: it was a success. Otherwise why gets what and the library's message, on
 * one line.
 */
bool vsp_ort_good(const ort_library *ort, ort_status *status, const char *what, char *why, size_t size);
/*
 * While a session is made on this thread, collects what the library says about the placement of
 * nodes into text; null ends that.
 */
void vsp_ort_collect(char *text, size_t size);

#endif
