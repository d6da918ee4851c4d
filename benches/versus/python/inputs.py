"""Inputs, weights and labels from a hash of their position: the same as in ../peers/common/src/inputs.rs, to the bit."""

import numpy as np

MOMENTUM = 0.9
TIMED_RATE = 0.0001  # small enough that thousands of timed steps stay finite
CHECKED_STEPS = 6


def checked_rate(name):
    """Large enough that a wrong gradient shows in the losses, too small for chaos, which begins earlier with batch norms."""
    return 0.00001 if name in ("R20", "MN") else 0.001


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
    """A convolution `samples,channels,rows,columns,filters,kernel,stride,padding[,groups]` with its data.

    A stride of 1/2 is that of a transposed convolution, which makes an image twice as large. One row is a sequence, along which kernel,
    stride and padding lie.
    """

    def __init__(self, size):
        samples, channels, rows, columns, filters, kernel, stride, padding, *groups = size.split(",")
        samples, channels, rows, columns, filters = map(int, (samples, channels, rows, columns, filters))
        self.groups = int(groups[0]) if groups else 1
        self.transposed = "/" in stride
        kernel, stride, padding = int(kernel), int(stride.removeprefix("1/")), int(padding)
        along_rows = [1, 1, 0] if rows == 1 else [kernel, stride, padding]
        # Each along the rows and along the columns.
        self.kernel, self.stride, self.padding = map(list, zip(along_rows, [kernel, stride, padding]))
        self.output_padding = [stride + 2 * padding - kernel if self.transposed else 0] * 2
        outer, inner = (channels, filters) if self.transposed else (filters, channels // self.groups)
        output = [self._slid(axis, length) for axis, length in enumerate((rows, columns))]
        self.x = values(1, (samples, channels, rows, columns), 2.0)
        self.weight = weight(2, (outer, inner, *self.kernel))
        self.bias = bias(3, filters)
        self.dy = values(4, (samples, filters, *output), 2.0)

    def _slid(self, axis, length):
        if self.transposed:
            return length * self.stride[axis]
        return (length + 2 * self.padding[axis] - self.kernel[axis]) // self.stride[axis] + 1

    @property
    def macs(self):
        """Multiply-accumulates forward, padding included."""
        passes = self.x if self.transposed else self.dy
        return passes.size * int(np.prod(self.weight.shape[1:]))


def pool_input(size):
    """The input of a 2×2 max pool `samples,channels,rows,columns`."""
    return values(1, tuple(map(int, size.split(","))), 2.0)


# conv: input channels, filters, kernel, padding; conv_norm: the same, stride and groups, without a bias and with a batch
# norm; residual: the layers of a body, and channels and stride of a shortcut by subsampling; dense: inputs, outputs
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


def _block(channels, filters, stride):
    """Two convolutions with a shortcut around them (He et al., 2015)."""
    first = ("conv_norm", channels, filters, 3, 1, stride, 1)
    shortcut = None if stride == 1 else (filters, stride)
    return [("residual", [first, ("relu",), ("conv_norm", filters, filters, 3, 1, 1, 1)], shortcut), ("relu",)]


def _resnet20():
    yield from [("conv_norm", 3, 16, 3, 1, 1, 1), ("relu",)]
    for channels, filters in ((16, 16), (16, 32), (32, 64)):
        yield from _block(channels, filters, 1 if channels == filters else 2)
        yield from _block(filters, filters, 1) * 2
    yield from [("mean",), ("flatten",), ("dense", 64, 10)]


def _mobilenet():
    """A quarter of the width of Howard et al., 2017."""
    yield from [("conv_norm", 3, 8, 3, 1, 2, 1), ("relu",)]
    channels = 8
    strided = (16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), *[(128, 1)] * 5, (256, 2), (256, 1)
    for filters, stride in strided:
        yield from [("conv_norm", channels, channels, 3, 1, stride, channels), ("relu",)]
        yield from [("conv_norm", channels, filters, 1, 0, 1, 1), ("relu",)]
        channels = filters
    yield from [("mean",), ("flatten",), ("dense", 256, 10)]


NETWORKS |= {"R20": ((3, 32, 32), list(_resnet20())), "MN": ((3, 96, 96), list(_mobilenet()))}


def network_input(name, samples):
    return values(7, (samples, *NETWORKS[name][0]), 2.0)


def weighted(layers):
    """The layers with weights, those inside of others included."""
    for layer in layers:
        if layer[0] == "residual":
            yield from weighted(layer[1])
        elif layer[0] in ("conv", "conv_norm", "dense"):
            yield layer


def parameters(name):
    """Weight, bias and scale of each layer that has a weight; dense weights are (outputs, inputs)."""
    for index, layer in enumerate(weighted(NETWORKS[name][1])):
        match layer:
            case ["dense", inputs, outputs]:
                shape = (outputs, inputs)
            case [_, channels, filters, kernel, _, *more]:
                shape = (filters, channels // (more[1] if more else 1), kernel, kernel)
        seed = 100 + 3 * index
        scale = np.float32(1.0) + values(seed + 2, (shape[0],), 0.5)
        yield weight(seed, shape), bias(seed + 1, shape[0]), scale
