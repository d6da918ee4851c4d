"""PyTorch, eager, as a peer: it has every case, and is what the others are checked against."""

import torch
from torch import nn
from torch.nn import functional

from inputs import (
    CHECKED_RATE,
    CHECKED_STEPS,
    MOMENTUM,
    NETWORKS,
    TIMED_RATE,
    Convolution,
    labels,
    network_input,
    parameters,
    pool_input,
    values,
)
from protocol import THREADS, run, timed

torch.set_num_threads(THREADS)
torch.set_num_interop_threads(1)
tensor = torch.from_numpy


def convolution(size):
    """The forward and the backward pass, as functions."""
    data = Convolution(size)
    x, weight, bias, dy = map(tensor, (data.x, data.weight, data.bias, data.dy))
    stride, padding = [data.stride] * 2, [data.padding] * 2

    def forward():
        with torch.inference_mode():
            return functional.conv2d(x, weight, bias, stride, padding)

    def backward():
        return torch.ops.aten.convolution_backward(
            dy, x, weight, list(bias.shape), stride, padding, [1, 1], False, [0, 0], 1, [True, True, True]
        )

    return forward, backward


def pool(size):
    """The forward and the backward pass, as functions."""
    x = tensor(pool_input(size))
    y, indices = functional.max_pool2d(x, 2, return_indices=True)
    dy = tensor(values(4, tuple(y.shape), 2.0))

    def forward():
        with torch.inference_mode():
            return functional.max_pool2d(x, 2)

    def backward():
        return torch.ops.aten.max_pool2d_with_indices_backward(dy, x, [2, 2], [2, 2], [0, 0], [1, 1], False, indices)

    return forward, backward


def network(name):
    layers, given = [], parameters(name)
    for position, (kind, *sizes) in enumerate(NETWORKS[name][1]):
        match kind:
            case "conv":
                layer = nn.Conv2d(sizes[0], sizes[1], sizes[2], padding=sizes[3])
            case "dense":
                layer = nn.Linear(*sizes)
            case "relu":
                layer = nn.ReLU()
            case "pool":
                layer = nn.MaxPool2d(2)
            case "flatten":
                layer = nn.Flatten()
        if position in given:
            with torch.no_grad():
                layer.weight.copy_(tensor(given[position][0]))
                layer.bias.copy_(tensor(given[position][1]))
        layers.append(layer)
    return nn.Sequential(*layers)


def training(name, samples, rate):
    """One step of stochastic gradient descent; it returns the loss before."""
    model, x, y = network(name), tensor(network_input(name, samples)), tensor(labels(samples))
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=MOMENTUM)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def inference(name, samples):
    """The forward pass with its logits copied out."""
    model, x = network(name).eval(), tensor(network_input(name, samples))

    def logits():
        with torch.inference_mode():
            return model(x).numpy().copy()

    return logits


def prepare(case):
    match case.split(":"):
        case ["conv_fwd", size]:
            return timed(convolution(size)[0])
        case ["conv_bwd", size]:
            return timed(convolution(size)[1])
        case ["pool_fwd", size]:
            return timed(pool(size)[0])
        case ["pool_bwd", size]:
            return timed(pool(size)[1])
        case ["train", name, samples]:
            return timed(training(name, int(samples), TIMED_RATE))
        case ["infer", name, samples]:
            return timed(inference(name, int(samples)))


def check(case):
    match case.split(":"):
        case ["conv", size]:
            forward, backward = convolution(size)
            return {"y": forward()} | dict(zip(("dx", "dw", "db"), backward(), strict=True))
        case ["pool", size]:
            forward, backward = pool(size)
            return {"y": forward(), "dx": backward()}
        case ["train", name, samples]:
            step = training(name, int(samples), CHECKED_RATE)
            return {"loss": [step() for _ in range(CHECKED_STEPS)]}
        case ["infer", name, samples]:
            return {"logits": inference(name, int(samples))()}


run(prepare, check, inference, training)
