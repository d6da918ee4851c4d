"""The peers as processes that are asked in turn."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
OURS = "ours"
REFERENCE = "torch"
CEILING = "peak"
OTHERS = {"torch": "torch", "torch-held": "torch (held)", "ort": "ort", "burn": "Burn", "candle": "candle", "tract": "tract"}
THREAD_VARIABLES = ("PEER_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")

# glibc's malloc gives no block back to the system, so that the next step finds its memory mapped already.
HELD = {"MALLOC_MMAP_THRESHOLD_": "1073741824", "MALLOC_TRIM_THRESHOLD_": "4294967296"}

# What is known to be wrong in a peer, by peer, kind of case and result. The work is the same, so its times are shown, marked.
KNOWN = {
    ("candle", "pool", "dx"): "candle's gradient of max pooling is a quarter of the right one",
    ("candle", "train", "loss"): "candle's gradient of max pooling is a quarter of the right one",
}


@dataclass
class Program:
    command: list
    environment: dict = field(default_factory=dict)


def programs(work):
    """The program of each peer by its name."""
    torch = [sys.executable, HERE / "peer_torch.py"]
    rust = {name: Program([work / "target/release" / package(name)]) for name in PACKAGES}
    return rust | {
        "torch": Program(torch),
        "torch-held": Program(torch, HELD),
        "ort": Program([sys.executable, HERE / "peer_ort.py"]),
    }


# The peers that are written in Rust, by the ends of their packages' names.
PACKAGES = {OURS: "shapewright", CEILING: "peak", "burn": "burn", "candle": "candle", "tract": "tract"}


def package(name):
    return f"peer-{PACKAGES[name]}"


def build(work, names, flags=""):
    """Builds those of the peers that are written in Rust: plain release builds, no target-cpu, unless asked no flags.

    One at a time: built together, peers would be given each other's features of the crates they share.
    """
    environment = os.environ | {"RUSTFLAGS": flags}
    for name in names:
        if name in PACKAGES:
            command = ["cargo", "build", "--release", "--quiet", "-p", package(name), "--target-dir", work / "target"]
            subprocess.run(command, cwd=HERE.parent / "peers", env=environment, check=True)


def environment(work, program, threads):
    """The environment in which a program keeps to `threads` threads."""
    threads = dict.fromkeys(THREAD_VARIABLES, str(threads))
    return os.environ | threads | {"PEER_MODELS": str(work / "onnx")} | program.environment


def pinned(program, threads):
    """The command that holds a program to `threads` cores."""
    cores = ",".join(map(str, sorted(os.sched_getaffinity(0))[-threads:]))
    return ["taskset", "-c", cores, *program.command]


class Peer:
    """A running peer."""

    def __init__(self, work, name, threads):
        self.name, program = name, programs(work)[name]
        self.process = subprocess.Popen(
            pinned(program, threads),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(work, program, threads),
        )
        if self._answer() != ["READY"]:
            raise RuntimeError(f"{name} does not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def time(self, case, seconds):
        """The nanoseconds of the median repetition, or None where the peer does not have the case."""
        answer = self.ask(f"run {case} {seconds} 7")
        return answer and int(answer[1:][50])

    def ask(self, request):
        """The words behind OK, or None where the peer does not have the case."""
        print(request, file=self.process.stdin, flush=True)
        match self._answer():
            case ["OK", *words]:
                return words
            case ["NONE"]:
                return None
            case words:
                raise RuntimeError(f"{self.name}: {request}: {' '.join(words)}")

    def _answer(self):
        for line in self.process.stdout:
            words = line.split()
            if words and words[0] in ("READY", "OK", "NONE", "ERR"):
                return words
        return ["ERR", "the process has ended"]


def table(heads, rows):
    """The lines of a Markdown table, all columns but the first to the right."""
    yield f"| {' | '.join(heads)} |"
    yield f"| --- |{' ---: |' * (len(heads) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
