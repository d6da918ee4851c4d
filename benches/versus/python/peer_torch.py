"""PyTorch, eager, as a peer: it has every case, and is what the others are checked against."""

import torch
from torch import nn
from torch.nn import functional

from inputs import (
    CHECKED_STEPS,
    MOMENTUM,
    NETWORKS,
    TIMED_RATE,
    Convolution,
    checked_rate,
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
    stride, padding, output_padding = data.stride, data.padding, data.output_padding

    def forward():
        with torch.inference_mode():
            if data.transposed:
                return functional.conv_transpose2d(x, weight, bias, stride, padding, output_padding)
            return functional.conv2d(x, weight, bias, stride, padding, groups=data.groups)

    def backward():
        window = (stride, padding, [1, 1], data.transposed, output_padding, data.groups)
        return torch.ops.aten.convolution_backward(dy, x, weight, list(bias.shape), *window, [True, True, True])

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


class Residual(nn.Module):
    """A body, and around it every so many pixels, with channels of zeros appended."""

    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x):
        y = self.body(x)
        if self.shortcut:
            filters, stride = self.shortcut
            x = functional.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, filters - x.shape[1]))
        return y + x


def chain(layers, given):
    """The layers one after another, with parameters as they are given in turn."""
    return nn.Sequential(*(layer(kind, sizes, given) for kind, *sizes in layers))


@torch.no_grad()
def layer(kind, sizes, given):
    match kind:
        case "conv" | "conv_norm":
            channels, filters, kernel, padding, stride, groups = (*sizes, 1, 1)[:6]
            weight, bias, scale = map(tensor, next(given))
            normed = kind == "conv_norm"
            conv = nn.Conv2d(channels, filters, kernel, stride, padding, groups=groups, bias=not normed)
            norm = nn.BatchNorm2d(filters)
            conv.weight.copy_(weight)
            (norm if normed else conv).bias.copy_(bias)
            norm.weight.copy_(scale)
            return nn.Sequential(conv, norm) if normed else conv
        case "dense":
            dense = nn.Linear(*sizes)
            weight, bias, _ = map(tensor, next(given))
            dense.weight.copy_(weight)
            dense.bias.copy_(bias)
            return dense
        case "residual":
            return Residual(chain(sizes[0], given), sizes[1])
        case "relu":
            return nn.ReLU()
        case "pool":
            return nn.MaxPool2d(2)
        case "mean":
            return nn.AdaptiveAvgPool2d(1)
        case "flatten":
            return nn.Flatten()


def network(name):
    return chain(NETWORKS[name][1], iter(parameters(name)))


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
            step = training(name, int(samples), checked_rate(name))
            return {"loss": [step() for _ in range(CHECKED_STEPS)]}
        case ["infer", name, samples]:
            return {"logits": inference(name, int(samples))()}


run(prepare, check, inference, training)
