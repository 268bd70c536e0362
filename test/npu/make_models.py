#!/usr/bin/env python3
"""Makes the small models of test_models.sh in the current folder."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def save(name, nodes, inputs, outputs, weights=()):
    graph = helper.make_graph(nodes, name, [helper.make_tensor_value_info(*i) for i in inputs],
                              [helper.make_tensor_value_info(*o) for o in outputs], list(weights))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.save(model, name + ".onnx")


def add(name, shape, value, element=TensorProto.FLOAT, dtype=np.float32):
    weight = numpy_helper.from_array(np.array([value], dtype), "w")
    save(name, [helper.make_node("Add", ["x", "w"], ["y"])], [("x", element, shape)], [("y", element, shape)], [weight])


add("add1", ["N", 4], 1)
add("add2", ["N", 4], 2)
add("fixed", [2, 4], 1)
add("open", ["N", "M"], 1)
add("double", ["N"], 0.5, TensorProto.DOUBLE, np.float64)
add("emerge", [1, 32], 1)
# Two inputs of different types, and two outputs: the sum as a float, and the integer negated.
save("two", [helper.make_node("Cast", ["b"], ["f"], to=TensorProto.FLOAT), helper.make_node("Add", ["a", "f"], ["s"]),
             helper.make_node("Neg", ["b"], ["n"])],
     [("a", TensorProto.FLOAT, ["N"]), ("b", TensorProto.INT8, ["N"])], [("s", TensorProto.FLOAT, ["N"]), ("n", TensorProto.INT8, ["N"])])
# A weight in a file of its own.
outside = numpy_helper.from_array(np.array([1], np.float32), "w")
outside.ClearField("raw_data")
outside.data_location = TensorProto.EXTERNAL
entry = outside.external_data.add()
entry.key, entry.value = "location", "secret.bin"
save("external", [helper.make_node("Add", ["x", "w"], ["y"])], [("x", TensorProto.FLOAT, [1])], [("y", TensorProto.FLOAT, [1])], [outside])
# Much memory between a small input and a small output: computed at the run, and while the model is
# loaded.
save("spread", [helper.make_node("Expand", ["x", "s"], ["l"]), helper.make_node("Neg", ["l"], ["n"]), helper.make_node("ReduceSum", ["n", "a"], ["y"], keepdims=0)],
     [("x", TensorProto.FLOAT, [1])], [("y", TensorProto.FLOAT, [1])],
     [numpy_helper.from_array(np.array([1 << 28, 1], np.int64), "s"), numpy_helper.from_array(np.array([0], np.int64), "a")])
save("folded", [helper.make_node("ConstantOfShape", ["s"], ["l"]), helper.make_node("ReduceSum", ["l", "a"], ["r"], keepdims=1),
                helper.make_node("Add", ["x", "r"], ["y"])],
     [("x", TensorProto.FLOAT, [1])], [("y", TensorProto.FLOAT, [1])],
     [numpy_helper.from_array(np.array([1 << 28], np.int64), "s"), numpy_helper.from_array(np.array([0], np.int64), "a")])
# Work for minutes, which an interrupt must end: an endless loop of a matrix product.
body = helper.make_graph([helper.make_node("MatMul", ["v", "v"], ["m"]), helper.make_node("Clip", ["m", "lo", "hi"], ["w"]),
                          helper.make_node("Identity", ["c"], ["d"])], "body",
                         [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("c", TensorProto.BOOL, []),
                          helper.make_tensor_value_info("v", TensorProto.FLOAT, [64, 64])],
                         [helper.make_tensor_value_info("d", TensorProto.BOOL, []), helper.make_tensor_value_info("w", TensorProto.FLOAT, [64, 64])],
                         [numpy_helper.from_array(np.array(-1, np.float32), "lo"), numpy_helper.from_array(np.array(1, np.float32), "hi")])
save("endless", [helper.make_node("Loop", ["n", "t", "x"], ["y"], body=body)], [("x", TensorProto.FLOAT, [64, 64])],
     [("y", TensorProto.FLOAT, [64, 64])],
     [numpy_helper.from_array(np.array(1 << 40, np.int64), "n"), numpy_helper.from_array(np.array(True), "t")])
