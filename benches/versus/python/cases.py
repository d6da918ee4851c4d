"""What is compared, case by case; the peers know cases by these names."""

from inputs import NETWORKS as SHAPES
from inputs import Convolution

CONVOLUTIONS = [
    "100,3,31,31,25,3,2,1",
    "64,3,32,32,32,5,1,2",
    "64,1,28,28,6,5,1,2",
    "32,64,28,28,64,3,1,1",
    "8,128,14,14,128,3,1,1",
    "1,3,32,32,32,5,1,2",
    "1,64,28,28,64,3,1,1",
    "32,64,28,28,128,3,2,1",
    "32,32,56,56,32,3,1,1,32",
    "32,32,56,56,32,3,2,1,32",
    "32,128,14,14,128,3,1,1,128",
    "32,128,14,14,128,3,2,1,128",
    "32,64,14,14,32,3,1/2,1",
    "32,64,14,14,32,4,1/2,1",
    "32,64,28,28,128,1,1,0",
    "32,64,1,256,64,5,1,2",
    "32,64,1,256,128,3,2,1",
]
POOLS = ["100,3,32,32", "64,32,32,32"]
NETWORKS = {"D1": "card net", "D2": "LeNet-5", "D3": "small VGG", "R20": "ResNet-20", "MN": "MobileNet"}
INFERENCES = [f"{name}:{samples}" for name in NETWORKS for samples in (1, 128)]
TRAININGS = [f"{name}:64" for name in NETWORKS]

# The ceiling, in operations on each thread: some 4 ms of fused multiply-adds.
PEAK_FLOPS = 1_000_000_000
PEAK = f"peak:{PEAK_FLOPS}"

TIMED = [
    PEAK,
    *[f"conv_fwd:{size}" for size in CONVOLUTIONS],
    *[f"conv_bwd:{size}" for size in CONVOLUTIONS],
    *[f"pool_fwd:{size}" for size in POOLS],
    *[f"pool_bwd:{size}" for size in POOLS],
    *[f"train:{case}" for case in TRAININGS],
    *[f"infer:{case}" for case in INFERENCES],
]

def checked(cases):
    """What is to be compared before these are timed: both directions of a layer at once."""
    names = (case.replace("_fwd", "").replace("_bwd", "") for case in cases if case != PEAK)
    return list(dict.fromkeys(names))


def flops(case, threads):
    """Floating-point operations of a case by the textbook, on all threads; None for a pool."""
    match case.split(":"):
        case ["peak", flops]:
            return int(flops) * threads
        case ["conv_fwd", size]:
            return 2 * Convolution(size).macs
        case ["conv_bwd", size]:
            # Backward is two products as large as that of forward: dx and dw.
            return 4 * Convolution(size).macs
        case ["infer", name, samples]:
            return 2 * int(samples) * sum(_macs(name))
        case ["train", name, samples]:
            first, *others = _macs(name)
            return int(samples) * (4 * first + 6 * sum(others))  # nobody needs the gradient of the input
    return None


def _macs(name):
    """Multiply-accumulates of each convolution and dense layer of a network, for a sample."""
    (_, size, _), layers = SHAPES[name]
    return [macs for macs, _ in _macs_of(layers, size)]


def _macs_of(layers, size):
    """The same, each with the size of the image behind it."""
    for kind, *sizes in layers:
        match kind:
            case "conv" | "conv_norm":
                channels, filters, kernel, padding, stride, groups = (*sizes, 1, 1)[:6]
                size = (size + 2 * padding - kernel) // stride + 1
                yield size**2 * filters * channels // groups * kernel**2, size
            case "residual":
                for macs, size in _macs_of(sizes[0], size):
                    yield macs, size
            case "dense":
                yield sizes[0] * sizes[1], size
            case "pool":
                size //= 2


def title(case):
    """The case in words."""
    kind, what = case.split(":", 1)
    if kind.startswith("conv"):
        samples, channels, rows, columns, filters, kernel, stride, _, *groups = what.split(",")
        by = f", stride {stride}" if stride != "1" else ""
        by += ", depthwise" if groups else ""
        size = columns if rows == "1" else f"{rows}×{columns}"
        kernel = kernel if rows == "1" else f"{kernel}×{kernel}"
        return f"{_name(kind)} {samples} × {channels}×{size} → {filters}, {kernel}{by}"
    if kind.startswith("pool"):
        samples, *sizes = what.split(",")
        return f"{_name(kind)} {samples} × {'×'.join(sizes)}"
    name, samples = what.split(":")
    return f"{kind} {NETWORKS[name]}, batch {samples}"


def _name(kind):
    layer, direction = kind.split("_")
    return f"{layer} {'forward' if direction == 'fwd' else 'backward'}"
