#!/usr/bin/env python3
"""Prints what compile.sh has measured in each LIBRARY/times here: table.py LIBRARY …"""

import statistics
import sys
from collections import defaultdict

LIBRARIES = {"shapewright": "Shapewright", "dfdx": "dfdx", "candle": "candle", "burn": "Burn"}
NETWORKS = {"lenet": "LeNet", "resnet18": "ResNet-18", "chain200": "200 layers"}


def read(library):
    """What was measured, with the median of what was measured several times."""
    figures = defaultdict(list)
    for line in open(f"{library}/times"):
        network, what, value = line.split()
        figures[network, what].append(float(value))
    return {key: statistics.median(values) for key, values in figures.items()}


def row(cells):
    print("|", " | ".join(cells), "|")


def seconds(value):
    return "–" if value is None else f"{value:.2g} s" if value < 10 else f"{value:.0f} s"


libraries = {library: read(library) for library in sys.argv[1:]}
row(["", *[LIBRARIES[library] for library in libraries]])
row(["---", *["---:"] * len(libraries)])
row(["crates", *[f"{figures['all', 'crates']:.0f}" for figures in libraries.values()]])
for command, what in {"check": "`cargo check`", "build": "`cargo build --release`"}.items():
    for network, name in NETWORKS.items():
        for state, when in {"clean": "from nothing", "own": "its own crate", "edit": "a layer edited"}.items():
            if any((network, f"{command}-{state}") in figures for figures in libraries.values()):
                times = [seconds(figures.get((network, f"{command}-{state}"))) for figures in libraries.values()]
                row([f"{what}, {name}, {when}", *times])
for network, name in NETWORKS.items():
    sizes = [figures.get((network, "bytes")) for figures in libraries.values()]
    row([f"stripped binary, {name}", *["–" if size is None else f"{size / 1e6:.2f} MB" for size in sizes]])
