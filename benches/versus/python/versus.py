"""Compares the peers: versus.py WORKDIR [--peers NAME …] [--cases CASE …] [--seconds S] [--rounds N]

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

from cases import PEAK, TIMED, checked, flops, title
from peers import CEILING, KNOWN, OTHERS, OURS, REFERENCE, Peer, build, table

TOLERANCE = 1e-4  # of the largest value
MARK = "†"


def check(work, names, cases):
    """Every peer's outputs and gradients against the reference's. Returns whether they agree."""
    folder, worst = work / "check", {}
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(Peer(work, name, 2)) for name in (REFERENCE, OURS, *names)]
        for case in checked(cases):
            for peer in running:
                name = peer.name
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
        known = f": known, {KNOWN[what]}" if what in KNOWN else ""
        by = f"differs from {REFERENCE} by {difference:.1e} of the largest value"
        print(f"{' '.join(what):24} {by}{known}", file=sys.stderr)
    return all(difference <= TOLERANCE for what, difference in worst.items() if what not in KNOWN)


def results_of(case, folder):
    """The names of the files that a peer has written for a case."""
    return sorted(path.name for path in folder.glob(f"{case.replace(':', '_').replace(',', '_').replace('/', 'th')}.*.f32"))


def compare(reference, other):
    """The largest difference of two files of values, as a fraction of the largest value; infinite for NaN."""
    expected, got = (np.fromfile(path, np.float32) for path in (reference, other))
    if got.size != expected.size:
        raise RuntimeError(f"{other}: {got.size} values for {expected.size}")
    return float(np.nan_to_num(np.abs(got - expected).max() / np.abs(expected).max(), nan=np.inf))


def measure(work, names, cases, threads, seconds, rounds):
    """For each case the nanoseconds of each peer that has it: the median of its best round.

    A round goes through all cases, so what else the machine does for a minute spoils one round and not a case.
    """
    results = {case: {} for case in cases}
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(Peer(work, name, threads)) for name in (CEILING, OURS, *names)]
        for round_ in range(rounds):
            for case in cases:
                # Alternating order: the heat and the cold caches one peer leaves do not always hit the same other.
                for peer in running[:: -1 if round_ % 2 else 1]:
                    time = peer.time(case, seconds)
                    if time is not None:
                        results[case].setdefault(peer.name, []).append(time)
    for case, medians in results.items():
        print(threads, case, {name: [time / 1e3 for time in times] for name, times in medians.items()}, file=sys.stderr)
    return {case: {name: min(times) for name, times in medians.items()} for case, medians in results.items()}


def duration(nanoseconds):
    """Three digits."""
    value, unit = (nanoseconds / 1e6, "ms") if nanoseconds >= 1e6 else (nanoseconds / 1e3, "µs")
    return f"{value:.{max(0, 2 - len(str(int(value))) + 1)}f} {unit}"


def known(name, case):
    """What a peer is known to get wrong in a case."""
    what = {"pool_bwd": ("pool", "dx"), "train": ("train", "loss")}.get(case.split(":")[0], ())
    return KNOWN.get((name, *what))


def report(results, names, threads):
    """The lines of a Markdown table of one thread count, and of what must be said to it."""
    peak = flops(PEAK, threads) / results[PEAK][CEILING] if results.get(PEAK) else None
    if peak:
        yield f"Peak on {threads} {'thread' if threads == 1 else 'threads'}: {peak:.0f} GFLOP/s"
        yield ""
    shares = ["best other ÷ ours", "ours, GFLOP/s", "ours, of peak", "best other, of peak"]
    heads = ["case", *(OTHERS[name] for name in names), "ours", *shares]
    rows = []
    for case, times in results.items():
        if case == PEAK:
            continue
        cells = [title(case)]
        for name in (*names, OURS):
            cells.append(duration(times[name]) + (f" {MARK}" if known(name, case) else "") if name in times else "")
        ours, best = times[OURS], min((time for name, time in times.items() if name != OURS), default=None)
        work = flops(case, threads)
        cells += [f"{best / ours:.2f}×" if best else "", f"{work / ours:.0f}" if work else ""]
        cells += [f"{work / time / peak:.0%}" if work and peak and time else "" for time in (ours, best)]
        rows.append(cells)
    yield from table(heads, rows)
    for what in sorted({known(name, case) for case, times in results.items() for name in times} - {None}):
        yield ""
        yield f"{MARK} {what}."


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--peers", nargs="+", choices=OTHERS, default=list(OTHERS), help="beside ours; default: all")
    arguments.add_argument("--cases", nargs="+", default=TIMED)
    arguments.add_argument("--seconds", type=float, default=0.25, help="for each case, peer and round")
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    work = options.work.resolve()
    names = [name for name in OTHERS if name in options.peers]
    build(work, (OURS, CEILING, *names))
    if not check(work, [name for name in names if name != REFERENCE], options.cases):
        sys.exit(f"outputs differ by more than {TOLERANCE} of the largest value")
    results = {}
    for threads in (1, 2):
        results[threads] = measure(work, names, options.cases, threads, options.seconds, options.rounds)
        (work / "versus.json").write_text(json.dumps(results, indent=1))
    for threads, measured in results.items():
        print(*report(measured, names, threads), "", sep="\n")


if __name__ == "__main__":
    main()
