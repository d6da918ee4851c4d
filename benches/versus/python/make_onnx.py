"""Writes the ONNX models, node by node: make_onnx.py FOLDER."""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cases import CONVOLUTIONS, INFERENCES, POOLS
from inputs import NETWORKS, Convolution, parameters, pool_input

FOLDER = Path(sys.argv[1])


def save(name, nodes, constants, x_shape, y_shape):
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x_shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, y_shape)],
        [numpy_helper.from_array(array, constant) for constant, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, FOLDER / f"{name.replace(',', '_').replace('/', 'th')}.onnx")


class Graph:
    """Nodes, made layer by layer."""

    def __init__(self, given):
        self.given, self.nodes, self.constants = given, [], {}

    def add(self, operation, inputs, **attributes):
        """Adds a node; the name of its output."""
        y = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, inputs, [y], **attributes))
        return y

    def constant(self, array):
        name = f"c{len(self.constants)}"
        self.constants[name] = array
        return name

    def chain(self, layers, x):
        """Adds the layers one after another."""
        for kind, *sizes in layers:
            x = self.layer(kind, sizes, x)
        return x

    def layer(self, kind, sizes, x):
        match kind:
            case "conv" | "conv_norm":
                _, filters, kernel, padding, stride, groups = (*sizes, 1, 1)[:6]
                weight, bias, scale = map(self.constant, next(self.given))
                window = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [padding] * 4, "group": groups}
                if kind == "conv":
                    return self.add("Conv", [x, weight, bias], **window)
                mean, variance = (self.constant(fill(filters, np.float32)) for fill in (np.zeros, np.ones))
                y = self.add("Conv", [x, weight], **window)
                return self.add("BatchNormalization", [y, scale, bias, mean, variance], epsilon=1e-5)
            case "residual":
                y = self.chain(sizes[0], x)
                return self.add("Add", [y, self.shortcut(*sizes[1], x) if sizes[1] else x])
            case "dense":
                weight, bias, _ = map(self.constant, next(self.given))
                return self.add("Gemm", [x, weight, bias], transB=1)
            case "relu":
                return self.add("Relu", [x])
            case "pool":
                return self.add("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])
            case "mean":
                return self.add("GlobalAveragePool", [x])
            case "flatten":
                return self.add("Flatten", [x], axis=1)

    def shortcut(self, filters, stride, x):
        """Every so many pixels, and twice as many channels, those behind the first half zeros."""
        ends = [np.array(values, np.int64) for values in ([0, 0], [2**31, 2**31], [2, 3], [stride, stride])]
        y = self.add("Slice", [x, *map(self.constant, ends)])
        return self.add("Pad", [y, self.constant(np.array([0, 0, 0, 0, 0, filters // 2, 0, 0], np.int64))])


def network(name, samples):
    shape, layers = NETWORKS[name]
    graph = Graph(iter(parameters(name)))
    graph.chain(layers, "x")
    graph.nodes[-1].output[0] = "y"
    save(f"{name}_{samples}", graph.nodes, graph.constants, [samples, *shape], [samples, 10])


FOLDER.mkdir(parents=True, exist_ok=True)
for size in CONVOLUTIONS:
    data = Convolution(size)
    window = {"kernel_shape": data.kernel, "strides": data.stride, "pads": data.padding * 2}
    window |= {"output_padding": data.output_padding} if data.transposed else {"group": data.groups}
    node = helper.make_node("ConvTranspose" if data.transposed else "Conv", ["x", "w", "b"], ["y"], **window)
    save(f"conv_{size}", [node], {"w": data.weight, "b": data.bias}, data.x.shape, data.dy.shape)
for size in POOLS:
    samples, channels, rows, columns = pool_input(size).shape
    save(
        f"pool_{size}",
        [helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2])],
        {},
        [samples, channels, rows, columns],
        [samples, channels, rows // 2, columns // 2],
    )
for case in INFERENCES:
    name, samples = case.split(":")
    network(name, int(samples))
