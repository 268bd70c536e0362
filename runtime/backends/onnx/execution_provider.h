/*
 * The execution providers of ONNX Runtime, by name and with options: "NAME[,KEY=VALUE]...[,strict]"
 * (--npu, vsp_config.npu). Without a text all that drive an NPU are tried, and the CPU's last.
 */
#ifndef VSP_RUNTIME_BACKENDS_ONNX_EXECUTION_PROVIDER_H
#define VSP_RUNTIME_BACKENDS_ONNX_EXECUTION_PROVIDER_H

#include "ort.h"

enum { ORT_OPTIONS_MAX = 16, ORT_TEXT = 512 };

/* One execution provider with its options. */
typedef struct ort_choice {
	char name[64]; /* the library's short name: "OpenVINO"; "" for its CPU provider */
	const char *keys[ORT_OPTIONS_MAX], *values[ORT_OPTIONS_MAX];
	size_t count;
	bool strict;         /* nodes must not fall back to the CPU */
	char text[ORT_TEXT]; /* what keys and values point into */
} ort_choice;

/* Reads a text; names are found among those of the library. False with why filled. */
bool vsp_ort_choose(const ort_library *ort, const char *text, ort_choice *choice, char *why, size_t size);
/* Execution provider number index of those that this library has and that drive an NPU, best
   first. */
bool vsp_ort_candidate(const ort_library *ort, unsigned index, ort_choice *choice);
/* The CPU's. */
void vsp_ort_choose_cpu(ort_choice *choice);
/* The names of all execution providers of the library, with commas between. */
void vsp_ort_names(const ort_library *ort, char *text, size_t size);

#endif
