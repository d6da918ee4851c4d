"""The peers as processes that are asked in turn."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
REFERENCE = "torch"
OURS = "ours"
THREAD_VARIABLES = ("PEER_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


def commands(work):
    return {
        REFERENCE: [sys.executable, HERE / "peer_torch.py"],
        "ort": [sys.executable, HERE / "peer_ort.py", work / "onnx"],
        OURS: [work / "target/release/peer-shapewright"],
    }


class Peer:
    """A running peer, held to `threads` cores."""

    def __init__(self, command, threads):
        cores = ",".join(map(str, sorted(os.sched_getaffinity(0))[-threads:]))
        environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads))
        self.process = subprocess.Popen(
            ["taskset", "-c", cores, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        if self._answer() != ["READY"]:
            raise RuntimeError(f"{command[-1]} does not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def ask(self, request):
        """The words behind OK, or None where the peer does not have the case."""
        print(request, file=self.process.stdin, flush=True)
        match self._answer():
            case ["OK", *words]:
                return words
            case ["NONE"]:
                return None
            case words:
                raise RuntimeError(f"{request}: {' '.join(words)}")

    def _answer(self):
        for line in self.process.stdout:
            words = line.split()
            if words and words[0] in ("READY", "OK", "NONE", "ERR"):
                return words
        return ["ERR", "the process has ended"]
