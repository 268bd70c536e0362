#!/usr/bin/env python3
"""The node tests of ONNX through INFER: node_tests.py LIBVSP MINIMUM.

Each model whose inputs and outputs are tensors of the types that INFER takes is given to an instance of a small program, with the
suite's inputs in linear memory; the outputs must be the suite's within its own tolerance (rtol 1e-3, atol 1e-7). The last line counts
them. Status 1: fewer than MINIMUM pass; 77: something that the test needs is not here.
"""
import ctypes
import glob
import os
import sys

SUITE = "/usr/share/libonnx-testdata/data/node"
try:
    import numpy as np
    import onnx
    from onnx import TensorProto, numpy_helper
except ImportError:
    print("skipped: python3-onnx is not installed")
    sys.exit(77)
if not os.path.isdir(SUITE):
    print("skipped: libonnx-testdata is not installed")
    sys.exit(77)

TAKEN = {TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.BOOL, TensorProto.INT8,
         TensorProto.UINT8, TensorProto.INT16, TensorProto.UINT16, TensorProto.INT32, TensorProto.UINT32, TensorProto.INT64,
         TensorProto.UINT64}
CAP_MODELS = 1 << 4
RTOL, ATOL = 1e-3, 1e-7
INPUT, OUTPUT, PAGES = 0x40000, 0x2000000, 1024
PROGRAM = (".memory %d, %d\n.func main(4) -> 0\nINFER R0, R1, R2, R3\nRET\n.end\n.export main\n" % (PAGES, PAGES)).encode()


class Config(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("tier", ctypes.c_int), ("bounds", ctypes.c_int), ("capabilities", ctypes.c_uint32)]


class Error(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("code", ctypes.c_int), ("message", ctypes.c_char * 512), ("rest", ctypes.c_char * 4096)]


def open_library(path):
    vsp = ctypes.CDLL(path)
    vsp.vsp_assemble.restype = vsp.vsp_instantiate.restype = ctypes.c_void_p
    vsp.vsp_assemble.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p]
    vsp.vsp_instantiate.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    vsp.vsp_define_model.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]
    vsp.vsp_backends_prepare.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    vsp.vsp_call.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    vsp.vsp_memory.restype = ctypes.c_void_p
    vsp.vsp_memory.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    vsp.vsp_free.argtypes = [ctypes.c_void_p]
    return vsp


def new_error():
    return Error(size=4096)


def is_taken(value):
    return value.type.HasField("tensor_type") and value.type.tensor_type.elem_type in TAKEN


def tensor(path):
    proto = TensorProto()
    with open(path, "rb") as file:
        proto.ParseFromString(file.read())
    return numpy_helper.to_array(proto)


def run(vsp, module, model, inputs, wanted):
    """Null, or why it failed."""
    config, error = Config(ctypes.sizeof(Config), -1, 0, CAP_MODELS), new_error()
    instance = vsp.vsp_instantiate(module, ctypes.byref(config), ctypes.byref(error))
    try:
        if vsp.vsp_define_model(instance, b"model", model, len(model), ctypes.byref(error)) or \
                vsp.vsp_backends_prepare(instance, ctypes.byref(error)):
            return error.message.decode()
        base = vsp.vsp_memory(instance, None)
        data = b"".join(np.ascontiguousarray(i).tobytes() for i in inputs)
        ctypes.memmove(base + INPUT, data, len(data))
        batch = inputs[0].shape[0] if inputs and inputs[0].ndim else 1
        args = (ctypes.c_int64 * 4)(0, INPUT, OUTPUT, batch)
        if vsp.vsp_call(instance, b"main", args, None, ctypes.byref(error)):
            return error.message.decode()
        at = base + OUTPUT
        for want in wanted:
            got = np.frombuffer(ctypes.string_at(at, want.nbytes), want.dtype).reshape(want.shape)
            at += want.nbytes
            if not np.allclose(got.astype(np.float64), want.astype(np.float64), RTOL, ATOL, equal_nan=True):
                return "another result"
        return None
    finally:
        vsp.vsp_free(instance)


def main(library, minimum):
    vsp, error = open_library(library), new_error()
    module = vsp.vsp_assemble(PROGRAM, len(PROGRAM), None, ctypes.byref(error))
    if not module:
        raise SystemExit(error.message.decode())
    taken = passed = 0
    for folder in sorted(glob.glob(SUITE + "/*/test_data_set_0")):
        name = folder.split("/")[-2]
        with open(os.path.dirname(folder) + "/model.onnx", "rb") as file:
            model = file.read()
        graph = onnx.load_from_string(model).graph
        if not all(map(is_taken, list(graph.input) + list(graph.output))):
            continue
        taken += 1
        inputs = [tensor("%s/input_%d.pb" % (folder, i)) for i in range(len(graph.input))]
        wanted = [tensor("%s/output_%d.pb" % (folder, i)) for i in range(len(graph.output))]
        why = run(vsp, module, model, inputs, wanted)
        if why and "libonnxruntime.so.1 is not there" in why:
            print("skipped: " + why)
            return 77
        passed += not why
        if why:
            print("%s: %s" % (name, why))
    print("%d of %d node tests pass; %d must" % (passed, taken, minimum))
    return 0 if passed >= minimum else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
