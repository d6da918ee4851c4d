"""Writes what tests and documentation read: tiny.safetensors, which says whether an 8×8 picture is dark or light, the same cut off, and normed in three formats."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

torch.manual_seed(1)
net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
net.add_module("out", nn.Linear(18, 2))
optimizer = torch.optim.Adam(net.parameters(), 0.01)
for _ in range(300):
    mean = torch.rand(64, 1, 1, 1)
    pictures = (mean + 0.2 * torch.randn(64, 1, 8, 8)).clamp(0, 1)
    loss = nn.functional.cross_entropy(net((pictures - 0.5) / 0.25), (mean.flatten() > 0.5).long())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
card = {"format": "pt", "classes": '["dark", "light"]', "mean": "[0.5]", "deviation": "[0.25]"}
save_file(net.state_dict(), Path(__file__).with_name("tiny.safetensors"), card)
Path(__file__).with_name("truncated.safetensors").write_bytes(Path(__file__).with_name("tiny.safetensors").read_bytes()[:-8])
print(loss.item())

net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.ReLU(), nn.Linear(2, 2), nn.BatchNorm1d(2))
for _ in range(3):
    net(torch.randn(16, 3) * 2 + 1)
save_file(net.state_dict(), Path(__file__).with_name("normed.safetensors"))

arrays = {name: values.numpy() for name, values in net.state_dict().items()}
np.savez(Path(__file__).with_name("normed.npz"), **arrays)
np.savez_compressed(Path(__file__).with_name("normed_packed.npz"), **arrays)
