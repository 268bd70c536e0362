/*
 * A look at the bytes of an ONNX model before they go to the library. Models are the program's, so
 * they may be anything; what they must not do is name files.
 */
#ifndef VSP_RUNTIME_BACKENDS_ONNX_CHECK_H
#define VSP_RUNTIME_BACKENDS_ONNX_CHECK_H

#include <stddef.h>
#include <stdint.h>

/*
 * Null: the bytes are messages inside one another as in an ONNX file, none of which refers to a
 * file for its data. Otherwise the reason, a constant.
 */
const char *vsp_onnx_check(const uint8_t *data, size_t size);

#endif
