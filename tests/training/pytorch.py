"""The other half of tests/training/pytorch.rs: reads and writes the same networks with PyTorch.

python tests/training/pytorch.py FOLDER: for each network, FOLDER/name.safetensors must load with strict=True and give FOLDER/name.sample.safetensors' y
for its x; then FOLDER/name.torch.safetensors, FOLDER/name.half.safetensors and FOLDER/name.torch.sample.safetensors are written.
"""

import sys
from collections import OrderedDict

try:
    import torch
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file
    from torch import nn
except ImportError as missing:
    print("missing:", missing)
    sys.exit(77)


class Residual(nn.Sequential):
    def __init__(self, *body, shortcut=None):
        super().__init__(*body)
        self.body = range(len(body))
        if shortcut:
            self.shortcut = nn.Sequential(*shortcut)

    def forward(self, x):
        y = x
        for index in self.body:
            y = self[index](y)
        return y + (self.shortcut(x) if hasattr(self, "shortcut") else x)


class Concat(nn.ModuleList):
    def forward(self, x):
        return torch.cat([branch(x) for branch in self], 1)


def lenet():
    return [
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        ("fc1", nn.Linear(400, 120)), nn.ReLU(), ("fc2", nn.Linear(120, 84)), nn.ReLU(), nn.Linear(84, 10),
    ]


def residual():
    block = lambda i, o, s: [
        nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(), nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o),
    ]
    return [
        nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        ("stage1", Residual(*block(16, 16, 1))), nn.ReLU(),
        Residual(*block(16, 32, 2), shortcut=[nn.Conv2d(16, 32, 1, 2, bias=False), nn.BatchNorm2d(32)]), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10),
    ]


def branches():
    return [
        Concat([
            nn.Sequential(nn.Conv2d(4, 4, 1)),
            nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU(), nn.Conv2d(4, 6, 3, padding=1)),
            nn.Sequential(nn.Conv2d(4, 4, 3, padding=1, groups=4)),
        ]),
        nn.PReLU(14), nn.GroupNorm(2, 14), nn.ConvTranspose2d(14, 6, 3, 2), nn.LayerNorm([6, 13, 13]), nn.PReLU(),
        nn.Flatten(), nn.Linear(6 * 13 * 13, 5, bias=False),
    ]


def sequence():
    return [
        nn.Conv1d(2, 8, 5, padding=2), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(8, 8, 3, dilation=2), nn.Tanh(),
        nn.Flatten(), nn.Linear(96, 16), nn.BatchNorm1d(16), nn.Sigmoid(), nn.Linear(16, 4),
    ]


NETWORKS = {
    "lenet": (lenet, (1, 28, 28)), "residual": (residual, (3, 16, 16)), "branches": (branches, (4, 6, 6)), "sequence": (sequence, (2, 32)),
}


def network(build):
    stages = [stage if isinstance(stage, tuple) else (str(index), stage) for index, stage in enumerate(build())]
    return nn.Sequential(OrderedDict(stages))


def main(folder):
    torch.set_num_threads(1)
    for name, (build, shape) in NETWORKS.items():
        torch.manual_seed(1)
        net = network(build).eval()
        print(name, net.load_state_dict(load_file(f"{folder}/{name}.safetensors"), strict=True))
        with safe_open(f"{folder}/{name}.safetensors", "pt") as file:
            assert file.metadata()["format"] == "pt" and file.metadata()["classes"].startswith('["class 0", '), file.metadata()
        sample = load_file(f"{folder}/{name}.sample.safetensors")
        with torch.no_grad():
            torch.testing.assert_close(net(sample["x"]), sample["y"], rtol=1e-4, atol=1e-4)

            net = network(build).train()
            for _ in range(3):
                net(torch.randn(16, *shape) * 2 + 1)
            net.eval()
            x = torch.randn(5, *shape)
            save_file(net.state_dict(), f"{folder}/{name}.torch.safetensors", {"format": "pt"})
            save_file({"x": x, "y": net(x)}, f"{folder}/{name}.torch.sample.safetensors")
            half = {key: value.bfloat16() if value.dim() > 1 else value.half() for key, value in net.state_dict().items()}
            save_file(half, f"{folder}/{name}.half.safetensors")


main(sys.argv[1])
