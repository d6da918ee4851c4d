"""Inputs, weights and labels from a hash of their position: the same as in ../peers/common/src/inputs.rs, to the bit."""

import numpy as np

MOMENTUM = 0.9
TIMED_RATE = 0.0001  # small enough that thousands of timed steps stay finite
CHECKED_RATE = 0.001  # large enough that a wrong gradient shows in the losses, too small for chaos
CHECKED_STEPS = 6


def hashed(seed, length):
    """32 bits for each position."""
    with np.errstate(over="ignore"):
        x = np.arange(length, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(seed * 0x85EBCA6B & 0xFFFFFFFF)
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x7FEB352D)
        x ^= x >> np.uint32(15)
        x *= np.uint32(0x846CA68B)
        x ^= x >> np.uint32(16)
    return x


def values(seed, shape, scale):
    """Values in [-scale/2, scale/2)."""
    bits = hashed(seed, int(np.prod(shape))) >> np.uint32(8)
    unit = bits.astype(np.float32) / np.float32(16777216.0) - np.float32(0.5)
    return (unit * np.float32(scale)).reshape(shape)


def weight(seed, shape):
    """A weight whose first dimension is the outputs: uniform, He's variance."""
    fan_in = int(np.prod(shape[1:]))
    return values(seed, shape, np.float32(2.0) * np.float32((6.0 / fan_in) ** 0.5))


def bias(seed, length):
    return values(seed, (length,), 0.1)


def labels(samples):
    """Classes below 10."""
    return (hashed(99, samples) % np.uint32(10)).astype(np.int64)


class Convolution:
    """A convolution `samples,channels,rows,columns,filters,kernel,stride,padding` with its data."""

    def __init__(self, size):
        samples, channels, rows, columns, filters, kernel, self.stride, self.padding = map(int, size.split(","))
        output = [(length + 2 * self.padding - kernel) // self.stride + 1 for length in (rows, columns)]
        self.kernel = kernel
        self.x = values(1, (samples, channels, rows, columns), 2.0)
        self.weight = weight(2, (filters, channels, kernel, kernel))
        self.bias = bias(3, filters)
        self.dy = values(4, (samples, filters, *output), 2.0)


def pool_input(size):
    """The input of a 2×2 max pool `samples,channels,rows,columns`."""
    return values(1, tuple(map(int, size.split(","))), 2.0)


# conv: input channels, filters, kernel, padding; dense: inputs, outputs
NETWORKS = {
    "D1": (
        (3, 32, 32),
        [("conv", 3, 32, 5, 2), ("relu",), ("pool",), ("flatten",), ("dense", 8192, 10)],
    ),
    "D2": (
        (1, 28, 28),
        [
            *[("conv", 1, 6, 5, 2), ("relu",), ("pool",), ("conv", 6, 16, 5, 0), ("relu",), ("pool",), ("flatten",)],
            *[("dense", 400, 120), ("relu",), ("dense", 120, 84), ("relu",), ("dense", 84, 10)],
        ],
    ),
    "D3": (
        (3, 32, 32),
        [
            *[("conv", 3, 32, 3, 1), ("relu",), ("conv", 32, 32, 3, 1), ("relu",), ("pool",)],
            *[("conv", 32, 64, 3, 1), ("relu",), ("conv", 64, 64, 3, 1), ("relu",), ("pool",), ("flatten",)],
            *[("dense", 4096, 128), ("relu",), ("dense", 128, 10)],
        ],
    ),
}


def network_input(name, samples):
    return values(7, (samples, *NETWORKS[name][0]), 2.0)


def parameters(name):
    """Weight and bias by the position of their layer; dense weights are (outputs, inputs)."""
    found = {}
    for position, layer in enumerate(NETWORKS[name][1]):
        if layer[0] == "conv":
            _, channels, filters, kernel, _ = layer
            shape = (filters, channels, kernel, kernel)
        elif layer[0] == "dense":
            shape = (layer[2], layer[1])
        else:
            continue
        found[position] = weight(100 + 2 * position, shape), bias(101 + 2 * position, shape[0])
    return found
