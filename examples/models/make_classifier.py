#!/usr/bin/env python3
"""Makes classifier.onnx, which tells what the phase of a signal does: make_classifier.py OUT.onnx.

A signal is 16 ByteSil values, as 32 floats: rho 0..15, then theta 0..15. The score of "rising" is the slope of theta over the layers,
that of "falling" its negative, and "flat" has a constant one between them. The weights are computed, not trained, so that the file is
always the same.
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

slope = np.zeros(32, np.float32)
slope[16:] = (np.arange(16) - 7.5) / 100
weights = np.stack([slope, -slope, 0 * slope], axis=1).astype(np.float32)
bias = np.array([0, 0, 1.5], np.float32)
graph = helper.make_graph(
    [helper.make_node("Gemm", ["signal", "weights", "bias"], ["scores"]),
     helper.make_node("Softmax", ["scores"], ["probability"], axis=1),
     helper.make_node("ArgMax", ["scores"], ["class"], axis=1, keepdims=0)],
    "classifier",
    [helper.make_tensor_value_info("signal", TensorProto.FLOAT, ["N", 32])],
    [helper.make_tensor_value_info("class", TensorProto.INT64, ["N"]),
     helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["N", 3])],
    [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(bias, "bias")])
model = helper.make_model(graph, producer_name="make_classifier.py", opset_imports=[helper.make_opsetid("", 13)])
model.ir_version = 7
onnx.checker.check_model(model)
onnx.save(model, sys.argv[1])
