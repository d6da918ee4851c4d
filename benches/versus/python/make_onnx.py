"""Writes the ONNX models, node by node: make_onnx.py FOLDER."""

import sys
from pathlib import Path

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
    onnx.save(model, FOLDER / f"{name.replace(',', '_')}.onnx")


def conv(inputs, output, kernel, stride, padding):
    window = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [padding] * 4}
    return helper.make_node("Conv", inputs, [output], **window)


def pool(x, y):
    return helper.make_node("MaxPool", [x], [y], kernel_shape=[2, 2], strides=[2, 2])


def network(name, samples):
    shape, layers = NETWORKS[name]
    given, constants, nodes, x = parameters(name), {}, [], "x"
    for position, (kind, *sizes) in enumerate(layers):
        y = "y" if position == len(layers) - 1 else f"t{position}"
        inputs = [x]
        if position in given:
            inputs += [f"w{position}", f"b{position}"]
            constants |= dict(zip(inputs[1:], given[position], strict=True))
        match kind:
            case "conv":
                nodes.append(conv(inputs, y, sizes[2], 1, sizes[3]))
            case "dense":
                nodes.append(helper.make_node("Gemm", inputs, [y], transB=1))
            case "relu":
                nodes.append(helper.make_node("Relu", inputs, [y]))
            case "pool":
                nodes.append(pool(x, y))
            case "flatten":
                nodes.append(helper.make_node("Flatten", inputs, [y], axis=1))
        x = y
    save(f"{name}_{samples}", nodes, constants, [samples, *shape], [samples, 10])


FOLDER.mkdir(parents=True, exist_ok=True)
for size in CONVOLUTIONS:
    data = Convolution(size)
    node = conv(["x", "w", "b"], "y", data.kernel, data.stride, data.padding)
    save(f"conv_{size}", [node], {"w": data.weight, "b": data.bias}, data.x.shape, data.dy.shape)
for size in POOLS:
    samples, channels, rows, columns = pool_input(size).shape
    save(
        f"pool_{size}",
        [pool("x", "y")],
        {},
        [samples, channels, rows, columns],
        [samples, channels, rows // 2, columns // 2],
    )
for case in INFERENCES:
    name, samples = case.split(":")
    network(name, int(samples))
