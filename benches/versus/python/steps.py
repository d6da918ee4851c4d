"""Where the time of our three training steps goes: steps.py WORKDIR. Needs perf. Prints a Markdown table, one thread."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from cases import NETWORKS
from peers import OURS, Peer, build, environment, pinned, programs, table

# What a symbol is called in the table, by the first pattern that it matches.
PARTS = {
    r"kernels::\w+::(?:x86|other)::\w+::<[\w, ]+ shapewright::kernels::(\w+(?:::\w+)+)": r"kernel `\1`",
    r"kernels::(\w+)": r"around kernels `\1`",
    r"layers::seq": "derivatives of activations",
    r"exec::Derivation": "clearing and adding up gradients",
    r"optim::": "the optimizer",
    r"mem(set|move|cpy)": r"`mem\1`",
}
SECONDS = 3


def part(symbol):
    for pattern, name in PARTS.items():
        if found := re.search(pattern, symbol):
            return found.expand(name)
    return "other"


def profile(work, program, network, milliseconds):
    """The share of each part of a step at batch 64."""
    steps, data = int(SECONDS * 1e3 / milliseconds), work / "perf.data"
    command = [*pinned(program, 1), "steps", network, "64", str(steps)]
    record = ["perf", "record", "--quiet", "--event", "cpu-clock", "--freq", "2000", "--output", data]
    subprocess.run([*record, *command], env=environment(work, program, 1), check=True, stdout=subprocess.DEVNULL)
    report = ["perf", "report", "--input", data, "--stdio", "--no-children", "--sort", "symbol"]
    lines = subprocess.run(report, check=True, capture_output=True, text=True).stdout.splitlines()
    shares = Counter()
    for line in lines:
        if found := re.match(r"\s*([\d.]+)%\s+(.*)", line):
            shares[part(found[2])] += float(found[1]) / 100
    return shares


def step(work, network):
    """Milliseconds of a step at batch 64."""
    with Peer(work, OURS, 1) as peer:
        return min(peer.time(f"train:{network}:64", 0.5) for _ in range(3)) / 1e6


def rows(columns):
    """A row for each part that takes a hundredth of any step, the dearest first."""
    totals = [sum(parts.values()) for parts in columns]
    names = {name for parts, total in zip(columns, totals) for name in parts if parts[name] >= 0.01 * total} - {"other"}
    named = sorted(names, key=lambda name: -max(parts[name] / total for parts, total in zip(columns, totals)))
    for name in named:
        yield [name, *(f"{parts[name]:.2f} ({parts[name] / total:.0%})" for parts, total in zip(columns, totals))]
    yield ["other", *(f"{total - sum(parts[name] for name in named):.2f}" for parts, total in zip(columns, totals))]
    yield ["all", *(f"{total:.2f}" for total in totals)]


def main():
    work = Path(sys.argv[1]).resolve() / "profile"  # its builds are its own
    # Symbols that tell which kernel a generic function runs; the code is the same.
    build(work, [OURS], "-C symbol-mangling-version=v0")
    program = programs(work)[OURS]
    columns = []
    for network in NETWORKS:
        milliseconds = step(work, network)
        shares = profile(work, program, network, milliseconds)
        columns.append(Counter({name: share * milliseconds for name, share in shares.items()}))
    print(*table(["part of a step, in ms", *NETWORKS.values()], rows(columns)), sep="\n")


if __name__ == "__main__":
    main()
