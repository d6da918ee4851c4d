"""The other half of tests/training/pytorch.rs: reads and writes the same networks with PyTorch.

python tests/training/pytorch.py FOLDER: each network of which there is a FOLDER/name.safetensors must load it with strict=True and give
FOLDER/name.sample.safetensors' y for its x; then FOLDER/name.torch.safetensors, FOLDER/name.half.safetensors and
FOLDER/name.torch.sample.safetensors are written.
"""

import sys
from collections import OrderedDict
from pathlib import Path

try:
    import torch
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file
    from torch import nn
    from torch.nn.functional import pad
except ImportError as missing:
    print("missing:", missing)
    sys.exit(77)


def named(stages):
    return OrderedDict(stage if isinstance(stage, tuple) else (str(index), stage) for index, stage in enumerate(stages))


def chain(*stages):
    """Stages by number, or by the label before them."""
    return nn.Sequential(named(stages))


class Residual(nn.Module):
    def __init__(self, *body, shortcut=None):
        super().__init__()
        self.body = list(named(body))
        for name, stage in named(body).items():
            self.add_module(name, stage)
        self.shortcut = shortcut or nn.Identity()

    def forward(self, x):
        y = x
        for name in self.body:
            y = self.get_submodule(name)(y)
        return y + self.shortcut(x)


class Concat(nn.ModuleList):
    def forward(self, x):
        return torch.cat([branch(x) for branch in self], 1)


class Subsample(nn.Module):
    """Every other pixel, and so many channels of zeros."""

    def __init__(self, more):
        super().__init__()
        self.more = more

    def forward(self, x):
        return pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.more))


def plain():
    return chain(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        ("fc1", nn.Linear(400, 120)), nn.ReLU(), ("fc2", nn.Linear(120, 84)), nn.ReLU(), nn.Linear(84, 10),
    )


def residual():
    block = lambda i, o, s: [
        nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(), nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o),
    ]
    return chain(
        nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        ("stage1", Residual(*block(16, 16, 1))), nn.ReLU(),
        Residual(*block(16, 32, 2), shortcut=chain(nn.Conv2d(16, 32, 1, 2, bias=False), nn.BatchNorm2d(32))), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10),
    )


def branches():
    return chain(
        Concat([
            chain(nn.Conv2d(4, 4, 1)), chain(nn.Conv2d(4, 4, 1), nn.ReLU(), nn.Conv2d(4, 6, 3, padding=1)),
            chain(nn.Conv2d(4, 4, 3, padding=1, groups=4)),
        ]),
        nn.PReLU(14), nn.GroupNorm(2, 14), nn.ConvTranspose2d(14, 6, 3, 2), nn.LayerNorm([6, 13, 13]), nn.PReLU(),
        nn.Flatten(), nn.Linear(6 * 13 * 13, 5, bias=False),
    )


def signals():
    return chain(
        nn.Conv1d(2, 8, 5, padding=2), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(8, 8, 3, dilation=2), nn.Tanh(),
        nn.Flatten(), nn.Linear(96, 16), nn.BatchNorm1d(16), nn.Sigmoid(), nn.Linear(16, 4),
    )


def one_convolution(channels, filters, kernel, padding, features):
    return chain(
        ("conv1", nn.Conv2d(channels, filters, kernel, padding=padding)), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        ("fc1", nn.Linear(features, 100)), nn.ReLU(), ("fc2", nn.Linear(100, 10)),
    )


def lenet_5():
    return chain(
        ("c1", nn.Conv2d(1, 6, 5)), nn.Tanh(), nn.AvgPool2d(2), ("c3", nn.Conv2d(6, 16, 5)), nn.Tanh(), nn.AvgPool2d(2),
        ("c5", nn.Conv2d(16, 120, 5)), nn.Tanh(), nn.Flatten(), ("f6", nn.Linear(120, 84)), nn.Tanh(), ("output", nn.Linear(84, 10)),
    )


def lenet():
    return chain(
        ("conv1", nn.Conv2d(1, 6, 5, padding=2)), nn.ReLU(), nn.MaxPool2d(2),
        ("conv2", nn.Conv2d(6, 16, 5)), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        ("fc1", nn.Linear(400, 120)), nn.ReLU(), ("fc2", nn.Linear(120, 84)), nn.ReLU(), ("fc3", nn.Linear(84, 10)),
    )


def resnet_block(i, o, shortcut=None):
    return Residual(
        ("conv1", nn.Conv2d(i, o, 3, o // i, 1, bias=False)), ("bn1", nn.BatchNorm2d(o)), nn.ReLU(),
        ("conv2", nn.Conv2d(o, o, 3, 1, 1, bias=False)), ("bn2", nn.BatchNorm2d(o)), shortcut=shortcut,
    )


def resnet_18():
    project = lambda i, o: chain(nn.Conv2d(i, o, 1, 2, bias=False), nn.BatchNorm2d(o)) if i < o else None
    layer = lambda i, o: chain(resnet_block(i, o, project(i, o)), nn.ReLU(), resnet_block(o, o), nn.ReLU())
    return chain(
        ("conv1", nn.Conv2d(3, 64, 7, 2, 3, bias=False)), ("bn1", nn.BatchNorm2d(64)), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
        ("layer1", layer(64, 64)), ("layer2", layer(64, 128)), ("layer3", layer(128, 256)), ("layer4", layer(256, 512)),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), ("fc", nn.Linear(512, 1000)),
    )


def resnet_20():
    first = lambda i, o: resnet_block(i, o, Subsample(o - i) if i < o else None)
    layer = lambda i, o: chain(first(i, o), nn.ReLU(), resnet_block(o, o), nn.ReLU(), resnet_block(o, o), nn.ReLU())
    return chain(
        ("conv1", nn.Conv2d(3, 16, 3, 1, 1, bias=False)), ("bn1", nn.BatchNorm2d(16)), nn.ReLU(),
        ("layer1", layer(16, 16)), ("layer2", layer(16, 32)), ("layer3", layer(32, 64)),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), ("fc", nn.Linear(64, 10)),
    )


def mobilenet(w, classes):
    def block(i, o, s=1):
        return chain(
            nn.Conv2d(i, i, 3, s, 1, groups=i, bias=False), nn.BatchNorm2d(i), nn.ReLU(),
            nn.Conv2d(i, o, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
        )

    return chain(
        ("conv1", chain(nn.Conv2d(3, w, 3, 2, 1, bias=False), nn.BatchNorm2d(w), nn.ReLU())),
        ("block1", block(w, 2 * w)), ("block2", block(2 * w, 4 * w, 2)), ("block3", block(4 * w, 4 * w)),
        ("block4", block(4 * w, 8 * w, 2)), ("block5", block(8 * w, 8 * w)), ("block6", block(8 * w, 16 * w, 2)),
        ("blocks7to11", chain(*[block(16 * w, 16 * w) for _ in range(5)])),
        ("block12", block(16 * w, 32 * w, 2)), ("block13", block(32 * w, 32 * w)),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), ("fc", nn.Linear(32 * w, classes)),
    )


def inception_3a():
    return chain(("inception3a", Concat([
        chain(nn.Conv2d(192, 64, 1), nn.ReLU()),
        chain(nn.Conv2d(192, 96, 1), nn.ReLU(), nn.Conv2d(96, 128, 3, padding=1), nn.ReLU()),
        chain(nn.Conv2d(192, 16, 1), nn.ReLU(), nn.Conv2d(16, 32, 5, padding=2), nn.ReLU()),
        chain(nn.MaxPool2d(3, 1, 1), nn.Conv2d(192, 32, 1), nn.ReLU()),
    ])))


def unet():
    two = lambda i, o: [nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), nn.Conv2d(o, o, 3, padding=1), nn.ReLU()]
    skip2 = Concat([nn.Identity(), chain(nn.MaxPool2d(2), *two(32, 64), ("up", nn.ConvTranspose2d(64, 32, 2, 2)))])
    skip1 = Concat([nn.Identity(), chain(
        nn.MaxPool2d(2), ("down2", chain(*two(16, 32))), ("skip2", skip2), ("up2", chain(*two(64, 32))),
        ("up", nn.ConvTranspose2d(32, 16, 2, 2)),
    )])
    return chain(("down1", chain(*two(1, 16))), ("skip1", skip1), ("up1", chain(*two(32, 16))), ("classes", nn.Conv2d(16, 2, 1)))


def tc_resnet_8():
    def block(i, o):
        return Residual(
            ("conv1", nn.Conv1d(i, o, 9, 2, 4, bias=False)), ("bn1", nn.BatchNorm1d(o)), nn.ReLU(),
            ("conv2", nn.Conv1d(o, o, 9, 1, 4, bias=False)), ("bn2", nn.BatchNorm1d(o)),
            shortcut=chain(nn.Conv1d(i, o, 1, 2, bias=False), nn.BatchNorm1d(o), nn.ReLU()),
        )

    return chain(
        ("conv1", nn.Conv1d(40, 16, 3, padding=1, bias=False)), ("bn1", nn.BatchNorm1d(16)), nn.ReLU(),
        ("block1", block(16, 24)), nn.ReLU(), ("block2", block(24, 32)), nn.ReLU(), ("block3", block(32, 48)), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Dropout(0.5), ("fc", nn.Linear(48, 12, bias=False)),
    )


NETWORKS = {
    "Plain": plain, "Residual": residual, "Branches": branches, "Signals": signals,
    "SimpleConvNet": lambda: one_convolution(1, 30, 5, 0, 4320), "ThreeLayerConvNet": lambda: one_convolution(3, 32, 7, 3, 8192),
    "LeNet5": lenet_5, "LeNet": lenet, "ResNet18": resnet_18, "ResNet20": resnet_20,
    "MobileNetV1": lambda: mobilenet(32, 1000), "MobileNetV1Quarter": lambda: mobilenet(8, 2),
    "Inception3a": inception_3a, "UNet": unet, "TcResNet8": tc_resnet_8,
}


def main(folder):
    torch.set_num_threads(1)
    for name, build in NETWORKS.items():
        if not Path(f"{folder}/{name}.safetensors").exists():
            continue
        sample = load_file(f"{folder}/{name}.sample.safetensors")
        x, y = sample["x"], sample["y"]
        tolerance = 1e-4 if x.dtype == torch.float32 else 1e-9
        torch.manual_seed(1)
        net = build().to(x.dtype).eval()
        said = net.load_state_dict(load_file(f"{folder}/{name}.safetensors"), strict=True)
        with safe_open(f"{folder}/{name}.safetensors", "pt") as file:
            metadata = file.metadata()
            assert metadata["format"] == "pt" and (y.dim() > 2 or metadata["classes"].startswith('["class 0", ')), metadata
        with torch.no_grad():
            scale = y.abs().max()
            difference = ((net(x) - y).abs().max() / scale).item()
            parameters = sum(parameter.numel() for parameter in net.parameters())
            print(f"{name} to PyTorch: {said}, {parameters} parameters, largest difference {difference:.1e} of {scale:.1e}")
            assert difference <= tolerance

            net = build().to(x.dtype).train()
            for _ in range(3):
                net(torch.randn(8, *x.shape[1:], dtype=x.dtype) * 2 + 1)
            net.eval()
            x = torch.randn(5, *x.shape[1:], dtype=x.dtype)
            save_file(net.state_dict(), f"{folder}/{name}.torch.safetensors", {"format": "pt"})
            save_file({"x": x, "y": net(x)}, f"{folder}/{name}.torch.sample.safetensors")
            half = {key: value.bfloat16() if value.dim() > 1 else value.half() for key, value in net.state_dict().items()}
            save_file(half, f"{folder}/{name}.half.safetensors")


main(sys.argv[1])
