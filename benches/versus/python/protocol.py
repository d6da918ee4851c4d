"""The peers' side of the driver's protocol: see ../peers/common/src/protocol.rs and process.rs beside it."""

import os
import sys
import time
from pathlib import Path

import numpy as np

from inputs import TIMED_RATE

THREADS = int(os.environ.get("PEER_THREADS", "1"))


def timed(work):
    """A repetition that returns its nanoseconds; dropping the result is not counted."""

    def repetition():
        start = time.perf_counter_ns()
        result = work()
        duration = time.perf_counter_ns() - start
        del result
        return duration

    return repetition


def run(prepare, check, inference, training=None):
    """A peer's program: it serves, or prints a first answer, or trains and prints its largest resident memory in KiB.

    `inference(network, samples)` gives a function that returns logits, `training(network, samples, rate)` a step.
    """
    match sys.argv[1:]:
        case []:
            serve(prepare, check)
        case ["answer", network]:
            print(inference(network, 1)())
        case ["steps", network, samples, count]:
            step = training(network, int(samples), TIMED_RATE)
            for _ in range(int(count)):
                step()
            status = Path("/proc/self/status").read_text()
            print(status.split("VmHWM:")[1].split()[0])


def serve(prepare, check):
    """Answers requests: `prepare(case)` gives a repetition, `check(case)` arrays by name; None means not mine."""
    name, repetition = None, None
    print("READY", flush=True)
    for line in sys.stdin:
        request, case, *arguments = line.split()
        try:
            if request == "run":
                if name != case:
                    name, repetition = None, None  # the last case's memory goes before the next one's comes
                    name, repetition = case, prepare(case)
                answer = repeat(repetition, float(arguments[0]), int(arguments[1])) if repetition else "NONE"
            else:
                results = check(case)
                answer = "OK" if results else "NONE"
                for result, array in (results or {}).items():
                    write(Path(arguments[0]), case, result, array)
        except Exception as error:  # whatever it is, the driver is to hear of it
            answer = f"ERR {type(error).__name__} {error}".replace("\n", " ")
        print(answer, flush=True)


def repeat(repetition, seconds, repetitions):
    """Warms up, then repeats for `seconds` and at least `repetitions` times, in at most four times `seconds`."""
    start, warm = time.perf_counter(), 0
    while warm < 2 or time.perf_counter() - start < 0.15 * seconds:
        repetition()
        warm += 1
    nanoseconds, start = [], time.perf_counter()
    while True:
        nanoseconds.append(repetition())
        passed = time.perf_counter() - start
        if passed > seconds and (len(nanoseconds) >= repetitions or passed > 4 * seconds):
            break
    nanoseconds.sort()
    quantiles = (nanoseconds[(len(nanoseconds) - 1) * percent // 100] for percent in range(101))
    return f"OK {len(nanoseconds)} {' '.join(map(str, quantiles))}"


def write(folder, case, name, array):
    folder.mkdir(parents=True, exist_ok=True)
    np.asarray(array, np.float32).tofile(folder / f"{case.replace(':', '_').replace(',', '_').replace('/', 'th')}.{name}.f32")
