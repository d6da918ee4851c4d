"""Compares the peers: versus.py WORKDIR [--seconds S] [--rounds N] [--cases CASE …]

First everything that the peers compute is compared with what PyTorch computes; then every case is timed, the peers in
turn, round after round. Times are written to WORKDIR/versus.json and printed as Markdown tables.
"""

import argparse
import contextlib
import json
import shutil
import sys
from pathlib import Path

import numpy as np

from cases import CHECKED, PEAK, TIMED, flops, title
from peers import OURS, REFERENCE, Peer, commands

TOLERANCE = 1e-4  # of the largest value


def check(work):
    """Every peer's outputs and gradients against the reference's. Returns whether they agree."""
    folder, worst = work / "check", {}
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.ExitStack() as stack:
        running = {name: stack.enter_context(Peer(command, 2)) for name, command in commands(work).items()}
        for case in CHECKED:
            for name, peer in running.items():
                if peer.ask(f"check {case} {folder / name}") is None or name == REFERENCE:
                    continue
                files = results_of(case, folder / name)
                if name == OURS and files != results_of(case, folder / REFERENCE):
                    raise RuntimeError(f"{case}: {name} gives only {files}")
                for file in files:
                    what = name, case.split(":")[0], file.split(".")[-2]
                    difference = compare(folder / REFERENCE / file, folder / name / file)
                    worst[what] = max(worst.get(what, 0.0), difference)
    for what, difference in worst.items():
        print(f"{' '.join(what):20} differs from {REFERENCE} by {difference:.1e} of the largest value", file=sys.stderr)
    return max(worst.values()) <= TOLERANCE


def results_of(case, folder):
    """The names of the files that a peer has written for a case."""
    return sorted(path.name for path in folder.glob(f"{case.replace(':', '_').replace(',', '_')}.*.f32"))


def compare(reference, other):
    """The largest difference of two files of values, as a fraction of the largest value; infinite for NaN."""
    expected, got = (np.fromfile(path, np.float32) for path in (reference, other))
    if got.size != expected.size:
        raise RuntimeError(f"{other}: {got.size} values for {expected.size}")
    return float(np.nan_to_num(np.abs(got - expected).max() / np.abs(expected).max(), nan=np.inf))


def measure(work, cases, threads, seconds, rounds):
    """For each case the nanoseconds of each peer that has it: the median of its best round.

    A round goes through all cases, so what else the machine does for a minute spoils one round and not a case.
    """
    results = {case: {} for case in cases}
    with contextlib.ExitStack() as stack:
        running = {name: stack.enter_context(Peer(command, threads)) for name, command in commands(work).items()}
        for round_ in range(rounds):
            for case in cases:
                # Alternating order: the heat and the cold caches one peer leaves do not always hit the same other.
                for name, peer in sorted(running.items(), reverse=round_ % 2 == 1):
                    answer = peer.ask(f"run {case} {seconds} 7")
                    if answer is not None:
                        results[case].setdefault(name, []).append(int(answer[1:][50]))
    for case, medians in results.items():
        print(threads, case, {name: [time / 1e3 for time in times] for name, times in medians.items()}, file=sys.stderr)
    return {case: {name: min(times) for name, times in medians.items()} for case, medians in results.items()}


def duration(nanoseconds):
    """Three digits."""
    value, unit = (nanoseconds / 1e6, "ms") if nanoseconds >= 1e6 else (nanoseconds / 1e3, "µs")
    return f"{value:.{max(0, 2 - len(str(int(value))) + 1)}f} {unit}"


def table(results, threads):
    """A Markdown table of one thread count."""
    peak = flops(PEAK, threads) / results[PEAK][OURS] if results.get(PEAK) else None
    if peak:
        yield f"Peak on {threads} {'thread' if threads == 1 else 'threads'}: {peak:.0f} GFLOP/s"
        yield ""
    heads = [
        "case",
        "torch",
        "ort",
        "ours",
        "best other ÷ ours",
        "ours, GFLOP/s",
        "ours, of peak",
        "best other, of peak",
    ]
    yield f"| {' | '.join(heads)} |"
    yield f"| --- |{' ---: |' * (len(heads) - 1)}"
    for case, times in results.items():
        if case == PEAK:
            continue
        ours, best = times[OURS], min(time for name, time in times.items() if name != OURS)
        cells = [title(case), *(duration(times[name]) if name in times else "" for name in (REFERENCE, "ort", OURS))]
        cells.append(f"{best / ours:.2f}×")
        work = flops(case, threads)
        cells += [f"{work / ours:.0f}"] if work else [""]
        cells += [f"{work / time / peak:.0%}" if work and peak else "" for time in (ours, best)]
        yield f"| {' | '.join(cells)} |"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--seconds", type=float, default=0.25, help="for a case, a peer and a round")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--cases", nargs="+", default=TIMED)
    options = arguments.parse_args()
    work = options.work.resolve()
    if not check(work):
        sys.exit(f"outputs differ by more than {TOLERANCE} of the largest value")
    results = {}
    for threads in (1, 2):
        results[threads] = measure(work, options.cases, threads, options.seconds, options.rounds)
        (work / "versus.json").write_text(json.dumps(results, indent=1))
    for threads, measured in results.items():
        print(*table(measured, threads), "", sep="\n")


if __name__ == "__main__":
    main()
