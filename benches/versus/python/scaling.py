"""How cost grows with batch and depth, and what a process takes: scaling.py WORKDIR [--peers NAME …] [--parts PART …]

Prints Markdown tables of our cost a sample by batch size and a block by depth, and beside the peers the largest resident
memory of a training process and the time from the start of a process to its exit with a first answer.
"""

import argparse
import itertools
import statistics
import subprocess
import time
from pathlib import Path

from cases import NETWORKS
from peers import OTHERS, OURS, Peer, Program, build, environment, pinned, programs, table

BATCHES = (16, 64, 256, 1024)
DEPTHS = (4, 16, 64)
ROUNDS = 4
TRAINERS = ("torch", "torch-held", "burn", "candle")
STEPS = 10
LAUNCHES = 21
TITLES = OTHERS | {OURS: "ours"}


def best(work, threads, cases):
    """Microseconds of each of our cases: the median of the best round."""
    times = {case: [] for case in cases}
    with Peer(work, OURS, threads) as peer:
        for _ in range(ROUNDS):
            for case in cases:
                times[case].append(peer.time(case, 0.2) / 1e3)
    return {case: min(medians) for case, medians in times.items()}


def show(title, heads, rows):
    print(title, "", *table(heads, rows), "", sep="\n")


def by_batch(work, _names):
    rows = []
    for threads in (1, 2):
        for kind, (name, title) in itertools.product(("train", "infer"), NETWORKS.items()):
            times = best(work, threads, [f"{kind}:{name}:{n}" for n in BATCHES]).values()
            costs = [time / n for n, time in zip(BATCHES, times, strict=True)]
            spread = max(costs) / min(costs) - 1
            rows.append([f"{kind} {title}", str(threads), *(f"{cost:.3g}" for cost in costs), f"{spread:.0%}"])
    show("Cost a sample in µs by batch size", ["case", "threads", *map(str, BATCHES), "dearest over cheapest"], rows)


def by_depth(work, _names):
    rows = []
    for threads in (1, 2):
        steps = [time / 1e3 for time in best(work, threads, [f"train:chain{n}:64" for n in DEPTHS]).values()]
        points = itertools.pairwise(zip(DEPTHS, steps, strict=True))
        added = [(after - before) / (m - n) for (n, before), (m, after) in points]
        rows.append([str(threads), *(f"{step:.2f}" for step in steps), *(f"{cost:.3f}" for cost in added)])
    between = [f"a block more, {n} to {m}" for n, m in itertools.pairwise(DEPTHS)]
    title = "A training step of chains of equal blocks at batch 64, and what each block adds, in ms"
    show(title, ["threads", *(f"{n} blocks" for n in DEPTHS), *between], rows)


def output(work, name, threads, *arguments):
    program = programs(work)[name]
    command = [*pinned(program, threads), *map(str, arguments)]
    return subprocess.run(command, env=environment(work, program, threads), check=True, capture_output=True).stdout


def memory(work, names):
    columns = [(samples, threads) for samples in (64, 256) for threads in (1, 2)]
    rows = []
    for name in (*(name for name in names if name in TRAINERS), OURS):
        peaks = [int(output(work, name, threads, "steps", "D3", samples, STEPS)) / 1024 for samples, threads in columns]
        rows.append([TITLES[name], *(f"{peak:.1f}" for peak in peaks)])
    title = f"Largest resident memory of a process that trains the small VGG for {STEPS} steps, in MiB"
    show(title, ["peer", *(f"batch {samples}, {threads} thr." for samples, threads in columns)], rows)


def launch(work, names):
    """Each in turn, so that what else the machine does hits all."""
    runs = {TITLES[name]: programs(work)[name] for name in (*names, OURS)}
    runs["a process that does nothing"] = Program(["true"])
    runs = {title: ([*run.command, "answer", "D2"], environment(work, run, 1)) for title, run in runs.items()}
    times = {title: [] for title in runs}
    for _ in range(LAUNCHES):
        for title, (command, variables) in runs.items():
            start = time.perf_counter()
            subprocess.run(command, env=variables, check=True, stdout=subprocess.DEVNULL)
            times[title].append((time.perf_counter() - start) * 1e3)
    rows = [[name, f"{statistics.median(taken):.2f}", f"{min(taken):.2f}"] for name, taken in times.items()]
    show("From the start of a process to its exit with a first answer of LeNet-5, in ms", ["peer", "median", "least"], rows)


PARTS = {"batch": by_batch, "depth": by_depth, "memory": memory, "launch": launch}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--peers", nargs="*", choices=OTHERS, default=list(OTHERS), help="beside ours; default: all")
    arguments.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    options = arguments.parse_args()
    work = options.work.resolve()
    names = [name for name in OTHERS if name in options.peers]
    build(work, (OURS, *names))
    for part in options.parts:
        PARTS[part](work, names)


if __name__ == "__main__":
    main()
