/*
 * The element types of tensors that INFER takes.
 */
#ifndef VSP_RUNTIME_BACKENDS_ONNX_ELEMENTS_H
#define VSP_RUNTIME_BACKENDS_ONNX_ELEMENTS_H

#include <stdint.h>

#include "ort.h"

/* Bytes of an element; 0: INFER does not take the type. */
static inline uint64_t vsp_ort_element_size(int element)
{
	switch (element) {
	case ORT_U8:
	case ORT_I8:
	case ORT_BOOL: return 1;
	case ORT_U16:
	case ORT_I16:
	case ORT_F16:
	case ORT_BF16: return 2;
	case ORT_F32:
	case ORT_I32:
	case ORT_U32: return 4;
	case ORT_F64:
	case ORT_I64:
	case ORT_U64: return 8;
	default: return 0;
	}
}

#endif
