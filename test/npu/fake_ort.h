/*
 * Control of the ONNX Runtime that tests put in the place of the library (VSP_ONNXRUNTIME): it
 * counts calls, can make any of them fail, and has one model, y = x + 1 for float32 of [batch, 2].
 */
#ifndef VSP_TEST_FAKE_ORT_H
#define VSP_TEST_FAKE_ORT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct fake_ort {
	int fail_at; /* call number n from now on fails once; 0: none */
	int calls;
	int objects;   /* of the library's that exist, but for the environment */
	int cpu_nodes; /* of the model's three nodes that only the CPU takes */
	bool wrong;    /* the execution provider "Fake" adds 2 */
	size_t within; /* bytes that a run takes for tensors within the model */
	int runs, device_runs;
	char key[32], value[32]; /* the first option of the execution provider */
} fake_ort;

/* The library's symbol with the control: fake_ort. */
#define FAKE_ORT_SYMBOL "fake_ort_control"
/* The message of a failure. */
#define FAKE_ORT_FAILURE "fake failure"

#endif
